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

    def mark_asked(self, domain: MailDomain, now: int) -> bool:
        """Remember that a look-up was asked for; False if somebody else asked since `domain` was read.

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


class LookupQueue(Protocol):
    """Hands work to the function that asks the world's servers."""

    def look_up(self, name: str) -> None:
        """Let a domain be looked up, soon and elsewhere. Raises Unavailable."""
