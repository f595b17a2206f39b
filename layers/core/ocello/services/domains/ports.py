"""The ports of the use cases around recipients' domains."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from ocello.domain.verdicts.context import DomainHistory
from ocello.domain.verdicts.exchangers import NOTHING_LEARNED, Exchange


class MailDomain(NamedTuple):
    """A domain that mail goes to.

    Who receives its mail (None: not known yet), when that was found, when it was requested; and what was learned of scanners.
    """

    name: str
    exchange: Exchange | None = None
    resolved_at: int = 0  # ms; 0: never
    asked_at: int = 0  # ms
    history: DomainHistory = NOTHING_LEARNED


class MailDomains(Protocol):
    """Stores what is known of domains."""

    def read(self, names: Collection[str]) -> Mapping[str, MailDomain]:
        """Return what is known of each name; unknown ones are left out. Raises Unavailable."""

    def mark_asked(self, domain: MailDomain, now: int) -> bool:
        """Record that a look-up was requested. Raises Unavailable.

        Return False if somebody else requested one since `domain` was read.
        """

    def resolved(self, name: str, exchange: Exchange, now: int) -> None:
        """Store which host receives a domain's mail. Raises Unavailable."""


class MailExchangers(Protocol):
    """Looks up MX records."""

    def of(self, name: str) -> Sequence[str]:
        """Return the hosts that receive a domain's mail, the preferred one first; none if it takes no mail.

        Raises Unavailable if that cannot be found out now.
        """


class LookupQueue(Protocol):
    """Hands look-ups to the function that asks DNS."""

    def look_up(self, name: str) -> None:
        """Request a look-up of a domain. Raises Unavailable."""
