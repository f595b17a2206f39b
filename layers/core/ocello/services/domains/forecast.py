"""Returns at once what can be known of mail to an address, and requests a look-up of what is not known yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.errors import Invalid, Unavailable
from ocello.domain.common.hosts import ascii_form
from ocello.domain.mail.addresses import domain_of
from ocello.domain.people.accounts import plain_address
from ocello.domain.verdicts.exchangers import Exchange, Forecast, exchange_of, forecast_of, well_known
from ocello.services.common.ports import Clock
from ocello.services.domains.ports import LookupQueue, MailDomain, MailDomains, MailExchangers

FRESH_MS = 7 * 86_400_000  # how long an answer of DNS is used
MOST_DOMAINS = 20  # of one mail that get a forecast
ASK_AGAIN_MS = 10 * 60_000  # how long to wait before an unanswered question is asked again


class AddressForecast(NamedTuple):
    """What can be known of mail to one address."""

    address: str
    domain: str
    exchange: Exchange | None
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class MailForecasts:
    """Forecasts what can be known of mail."""

    domains: MailDomains
    lookups: LookupQueue
    clock: Clock

    def forecast(self, address: str) -> AddressForecast:
        """Return the forecast of one address. Raises Invalid, Unavailable."""
        plain = plain_address("address", address)
        found = self.forecasts([plain])
        if plain not in found:
            raise Invalid("address", "must be a plain e-mail address")
        return found[plain]

    def forecasts(self, addresses: Collection[str]) -> Mapping[str, AddressForecast]:
        """Return the forecast of each address that has a valid domain; leave out the others. Raises Unavailable."""
        domain_by = {address: name for address in addresses if (name := mail_domain(address))}
        known = self.known(frozenset(domain_by.values()))
        return {
            address: AddressForecast(address, name, domain.exchange, forecast_of(domain.exchange, domain.history))
            for address, name in domain_by.items()
            for domain in (known[name],)
        }

    def by_domain(self, addresses: Sequence[str]) -> tuple[AddressForecast, ...]:
        """Return one forecast for each domain of the addresses, at most MOST_DOMAINS; none if they cannot be read.

        A missing forecast must not stop anybody from writing a mail.
        """
        one_each = {mail_domain(address): address for address in reversed(addresses)}
        some = [one_each[name] for name in sorted(one_each) if name][:MOST_DOMAINS]
        try:
            return tuple(self.forecasts(some).values())
        except Unavailable:
            return ()

    def known(self, names: Collection[str]) -> Mapping[str, MailDomain]:
        """Return what is known of each domain, and request a look-up of unknown or outdated ones. Raises Unavailable."""
        now = self.clock()
        known = {name: MailDomain(name, exchange) for name in names if (exchange := well_known(name)) is not None}
        others = [name for name in names if name not in known]
        found = self.domains.read(others)
        for domain in (found.get(name, MailDomain(name)) for name in others):
            known[domain.name] = domain
            if is_due(domain, now) and self.domains.mark_asked(domain, now):
                self.lookups.look_up(domain.name)
        return known


def mail_domain(address: str) -> str:
    """Return the domain of an address in its ASCII form; empty if it has none."""
    return ascii_form(domain_of(address).lower())


def is_due(domain: MailDomain, now: int) -> bool:
    """Return whether a domain should be looked up: what is known of it is old, and no look-up was requested just now."""
    return now - domain.resolved_at >= FRESH_MS and now - domain.asked_at >= ASK_AGAIN_MS


def resolve(name: str, exchangers: MailExchangers, domains: MailDomains, clock: Clock) -> bool:
    """Look up which host receives a domain's mail, and store it. Raises Unavailable.

    Return False if DNS did not answer: what was known stays, and the next forecast requests the look-up again.
    """
    try:
        hosts = exchangers.of(name)
    except Unavailable:
        return False
    domains.resolved(name, exchange_of(hosts), clock())
    return True
