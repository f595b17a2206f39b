"""The ports of statistics: the messages of a day, stored figures of past days, and samples of tracked mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ocello.domain.engagement.statistics import CountedMail, Figures
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import Link, Message
from ocello.domain.tracking.loads import LoadClass
from ocello.domain.tracking.pools import Pool
from ocello.services.common.ports import Page


class MessageDays(Protocol):
    """Messages by the day they were sent, for statistics."""

    def between(self, owner: str, first_ms: int, end_ms: int) -> Sequence[CountedMail]:
        """Return what statistics count of all messages made in [first_ms, end_ms)."""

    def before(self, owner: str, identifier: str | None, limit: int) -> Sequence[Message]:
        """Return an owner's newest messages, or those before one, newest first."""


@dataclass(frozen=True, slots=True)
class StoredDay:
    """What is stored of a day: its figures, if any, and a generation, which increases when something behind them changes."""

    generation: int
    figures: Figures | None


class FoundPool(NamedTuple):
    """A pool, and how many people its mail went to."""

    pool: Pool
    recipients: int


class PoolStore(Protocol):
    """Pools, their recipients' number and their counters."""

    def add_recipient(self, pool: Pool, digest: str) -> None:
        """Count a recipient of a pool, who is known by a digest until `pools.forgets`, once. Raises Unavailable."""

    def between(self, first: str, last: str) -> Sequence[FoundPool]:
        """Return the pools of the ISO weeks from `first` to `last`, both included, newest first. Raises Unavailable."""

    def loads(self, pool: str, last_day: str) -> Mapping[LoadClass, int]:
        """Add up a pool's loads of all days to `last_day` (YYYY-MM-DD, included). Raises Unavailable."""


class ModeDay(NamedTuple):
    """How many copies left on a UTC day (YYYY-MM-DD), by the counters of `domain.consent.ladder`; none is left out as 0."""

    day: str
    counts: Mapping[str, int]


class ModeCounts(Protocol):
    """Counts of how copies were tracked, by day."""

    def add(self, day: str, counters: Sequence[str]) -> None:
        """Add one to each counter of a day. Raises Unavailable; Uncertain where it may have been added."""


class ModeDays(Protocol):
    """Those counts, as they are read."""

    def page(self, limit: int, cursor: str | None) -> Page[ModeDay]:
        """List days, newest first. Raises Invalid for a cursor that this list did not give, and Unavailable."""


class DayStats(Protocol):
    """Figures of past days, stored until something behind them changes."""

    def between(self, owner: str, first: str, last: str) -> Mapping[str, StoredDay]:
        """Return what is stored of the days from `first` to `last`, both included; days without anything are left out."""

    def keep(self, owner: str, days: Mapping[str, StoredDay]) -> None:
        """Store days' figures if the generation of each is still the given one (0: none yet); otherwise perhaps store none."""

    def forget(self, owner: str, day: str) -> None:
        """Increase a day's generation and delete its figures."""


@dataclass(frozen=True, slots=True)
class TrackedSample:
    """A tracked message with its recipients and links, for statistics.

    `left` are the indexes of recipients whose copy was sent and tells of opens, as far as that decides anything
    (`insight.undecided`); `links` is filled if one of them was clicked.
    """

    message: Message
    engagement: Engagement
    recipients: int
    left: frozenset[int]
    links: tuple[Link, ...]


class TrackedSamples(Protocol):
    """Samples of tracked messages, many at a time."""

    def newest(self, owners: Sequence[str], first_ms: int, end_ms: int, limit: int) -> Sequence[TrackedSample]:
        """Return the newest `limit` tracked messages of each owner made in [first_ms, end_ms)."""
