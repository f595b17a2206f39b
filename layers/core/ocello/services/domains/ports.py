"""What the use cases around recipients' domains need of the world."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from ocello.domain.verdicts.exchangers import Exchange


class MailDomain(NamedTuple):
    """A domain that mail goes to: who takes in its mail (None: not known yet), and when that was found out and asked."""

    name: str
    exchange: Exchange | None = None
    resolved_at: int = 0  # ms; 0: never
    asked_at: int = 0  # ms


class MailDomains(Protocol):
    """Remembers domains."""

    def read(self, names: Collection[str]) -> Mapping[str, MailDomain]:
        """Return what is known of each name; unknown ones are left out. Raises Unavailable."""

    def ask(self, domain: MailDomain, now: int) -> None:
        """Ask that the domain be resolved, which happens elsewhere and soon; nothing if it changed since it was read.

        Raises Unavailable.
        """

    def resolved(self, name: str, exchange: Exchange, now: int) -> None:
        """Remember who takes in a domain's mail. Raises Unavailable."""


class MailExchangers(Protocol):
    """Looks MX records up."""

    def of(self, name: str) -> Sequence[str]:
        """Return the names of the hosts that take in a domain's mail, the preferred first; none if it takes no mail.

        Raises Unavailable where that cannot be found out now.
        """
