"""The ports of fair sending: places that are shared, what is known of servers, how much is sent, who is one of us."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ocello.domain.servers import ServerRecord

SendKind = Literal["send", "track"]


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places of `name`, held until it is given back or its time is over."""

    name: str
    number: int
    until: int  # ms


class Places(Protocol):
    """Numbered places, each held by one at a time, whoever asks from wherever."""

    def take(self, name: str, count: int, now: int, until: int) -> Place | None:
        """Take one of `count` places of `name` that nobody holds at `now`, or none. Raises Unavailable."""

    def give_back(self, place: Place) -> None:
        """Let go of a place, unless its time was over and another holds it. Raises Unavailable."""


class ServerRecords(Protocol):
    """What is known of mail servers."""

    def read(self, server: str) -> ServerRecord:
        """Read what is known of a server. Raises Unavailable."""

    def write(self, server: str, record: ServerRecord, now: int) -> None:
        """Write what is known of a server; it may be forgotten when it says nothing any more. Raises Unavailable."""


class SendCounts(Protocol):
    """How often each person and key has sent in a minute."""

    def count(self, who: str, kind: SendKind, minute: int, most: int) -> bool:
        """Count one more, unless `most` were counted in that minute; tell whether it was. Raises Unavailable."""


class OwnUsers(Protocol):
    """The people who use this installation."""

    def among(self, addresses: Sequence[str]) -> frozenset[str]:
        """Give those of `addresses`, in lower case, at which a user signs in or was invited, and is not disabled."""
