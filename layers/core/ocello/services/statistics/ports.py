"""The ports of statistics: the messages of a day, figures kept of closed days, and a close look at tracked mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocello.domain.engagement.statistics import Figures
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import Link, Message


class MessageDays(Protocol):
    """Messages by the day they were made, for statistics."""

    def between(self, owner: str, first_ms: int, end_ms: int) -> Sequence[tuple[Message, Engagement | None]]:
        """Return all messages made in [first_ms, end_ms) with their engagement."""

    def before(self, owner: str, identifier: str | None, limit: int) -> Sequence[Message]:
        """Return an owner's newest messages, or those before one, newest first."""


@dataclass(frozen=True, slots=True)
class StoredDay:
    """What is kept of a day: a generation that each change behind the figures raises, and the figures, if any."""

    generation: int
    figures: Figures | None


class DayStats(Protocol):
    """Figures of days that are over, kept until something behind them changes."""

    def between(self, owner: str, first: str, last: str) -> Mapping[str, StoredDay]:
        """Return what is stored of the days from `first` to `last`, both included; other days are left out."""

    def keep(self, owner: str, days: Mapping[str, StoredDay]) -> None:
        """Keep days' figures if the generation of each is still the given one (0: none yet); else perhaps none of them."""

    def forget(self, owner: str, day: str) -> None:
        """Raise a day's generation and delete its figures."""


@dataclass(frozen=True, slots=True)
class TrackedSample:
    """A tracked message looked at closely, for statistics.

    `left` are the indexes of recipients whose copy left us, as far as that decides anything (`insight.undecided`);
    `links` are there if one of them was clicked.
    """

    message: Message
    engagement: Engagement
    recipients: int
    left: frozenset[int]
    links: tuple[Link, ...]


class TrackedSamples(Protocol):
    """Tracked messages looked at closely, many at a time."""

    def newest(self, owners: Sequence[str], first_ms: int, end_ms: int, limit: int) -> Sequence[TrackedSample]:
        """Return the newest `limit` tracked messages of each owner made in [first_ms, end_ms)."""
