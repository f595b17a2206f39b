"""Looks up MX records by dnspython: https://dnspython.readthedocs.io/en/stable/resolver-class.html."""

from collections.abc import Sequence

import dns.exception
import dns.resolver

from ocello.domain.common.errors import Unavailable

_SECONDS = 5.0  # for one domain, all servers and tries together
_MOST = 16  # hosts that are used


class DnsMailExchangers:
    """MailExchangers: asks the system's name servers, and caches their answers for as long as they allow."""

    def __init__(self, resolver: dns.resolver.Resolver | None = None) -> None:
        """Ask `resolver`. The default is made at the first look-up, so that a system without name servers fails only then."""
        self._resolver = resolver

    def of(self, name: str) -> Sequence[str]:
        """Return the hosts that receive a domain's mail, the preferred first.

        A domain without MX records receives mail at its own address if it has one (RFC 5321, 5.1).
        """
        try:
            if self._resolver is None:
                self._resolver = dns.resolver.Resolver()
            return self._hosts(self._resolver, name)
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong):
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise Unavailable(f"DNS: {type(error).__name__}") from error

    def _hosts(self, resolver: dns.resolver.Resolver, name: str) -> Sequence[str]:
        answer = resolver.resolve(f"{name}.", "MX", lifetime=_SECONDS, raise_on_no_answer=False)
        records = sorted(answer.rrset or (), key=lambda record: record.preference)
        if records:
            return [record.exchange.to_text(omit_final_dot=True) for record in records[:_MOST]]
        for kind in ("A", "AAAA"):
            if resolver.resolve(f"{name}.", kind, lifetime=_SECONDS, raise_on_no_answer=False).rrset:
                return (name,)
        return ()
