"""Counts judged hits, in their order, for a message, its recipients and its links, and says which ring an alert.

Everything here grows with the hits alone and is bounded by constants: a message's counters fit in the packed engagement row.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from ocello.domain.verdicts.outcomes import Outcome

MESSAGE_TIMES = 100
RECIPIENT_TIMES = 5
OWN_LINKS = 256  # links with an index from here on count for message and recipient, and have no counters of their own
RING_SLOTS = 64  # links with an index from here on share one slot: a recipient's first click on any of them rings
ROW_BYTES = 3968  # of the packed row: with key and version its item then takes four write units at most
RINGS = 32  # the newest alerts that the outbox keeps
PAUSE_MS = 30 * 60_000  # an open rings if none of its recipient counted for so long before it
PLACES, PLACES_MS = 3, 86_400_000  # so many pairs of client and network within a day: read in several places
PLACED = 12  # people hit; beyond, neither places nor which clusters were unsure are remembered
UNSURE = 3  # alerts on strong evidence of none: so many clusters may ring for one link, or for opens within PAUSE_MS
TAKEN = 6  # clusters that are remembered of one recipient

HitKind = Literal["open", "click"]


class CountedHit(NamedTuple):
    """A hit after judging, without what made the judgement. `at` is in milliseconds; opens have no link.

    A `folded` hit repeats one before it (see `repeats`): it adds to no counter, has no date and rings nothing. An open
    that counts keeps its recipient's further opens silent for PAUSE_MS, folded or not.
    """

    at: int
    kind: HitKind
    recipient: int
    link: int | None
    outcome: Outcome
    folded: bool = False
    where: int = 0  # a digest of client and network; 0: they tell nothing of who reads
    cluster: int = 0  # digests of the source (0: none), and in the low 16 bits of network and agent: see `together`

    @property
    def name(self) -> tuple[int, str]:
        """Return the name of the alert that it would ring."""
        return Ring(self.at, self.kind, self.recipient, self.link, sure=False).name


class Ring(NamedTuple):
    """An alert in the outbox: the counted hit that rings; `sure` on strong evidence. Sorts by time."""

    at: int
    kind: HitKind
    recipient: int
    link: int | None
    sure: bool

    @property
    def mark(self) -> str:
        """Name the hit within its message, together with `at`: no two alerts of a message share both."""
        return f"o{self.recipient}" if self.link is None else f"c{self.recipient}.{self.link}"

    @staticmethod
    def recipient_of(mark: str) -> int:
        """Return which recipient's hit a mark names."""
        return int(mark[1:].partition(".")[0])

    @property
    def name(self) -> tuple[int, str]:
        """Return what tells it from all other alerts of its message, sure or not."""
        return self.at, self.mark


@dataclass(slots=True)
class Count:
    """Hits of one kind: how many count, how many are machines', how many unknown; dates of those that count."""

    count: int = 0
    machine: int = 0
    unknown: int = 0
    first: int | None = None  # ms; None with a count where the row had no room for it
    last: int | None = None
    times: list[int] = field(default_factory=list)  # the latest, oldest first

    def add(self, entry: CountedHit, keep: int) -> None:
        """Count one more, not older than any before; remember at most `keep` times."""
        if entry.outcome is Outcome.MACHINE:
            self.machine += 1
        elif entry.outcome is Outcome.UNKNOWN:
            self.unknown += 1
        else:
            if self.count == 0:
                self.first = entry.at
            self.count += 1
            self.last = entry.at
            if keep:
                self.times.append(entry.at)
                self.trim(keep)

    def trim(self, keep: int) -> None:
        """Let go of all but the latest `keep` times."""
        del self.times[: max(0, len(self.times) - keep)]

    def copy(self) -> "Count":
        """Copy it, so that adding to one leaves the other alone."""
        return Count(self.count, self.machine, self.unknown, self.first, self.last, self.times.copy())


class Taken(NamedTuple):
    """A place that a hit without strong evidence took: of opens (slot 0) or of clicks on a link (slot: its index + 1)."""

    slot: int
    cluster: int
    at: int  # ms, of the cluster's latest hit there


@dataclass(slots=True)
class Person:
    """What one recipient did, and what has been rung for it."""

    opens: Count = field(default_factory=Count)
    clicks: Count = field(default_factory=Count)
    seen: int | None = None  # when an open of this recipient last counted, folded or not, ms
    slots: int = 0  # bit n: a click on link n counted
    sure_seen: int | None = None  # when an open last counted on strong evidence, ms
    sure_slots: int = 0  # bit n: a click on link n counted on strong evidence
    taken: list[Taken] = field(default_factory=list)  # by hits without, oldest first
    places: list[tuple[int, int]] = field(
        default_factory=list
    )  # the last two: digest, and when last seen; oldest first
    spread: bool = False  # read in several places

    def copy(self) -> "Person":
        """Copy it."""
        return replace(
            self,
            opens=self.opens.copy(),
            clicks=self.clicks.copy(),
            taken=self.taken.copy(),
            places=self.places.copy(),
        )

    def been(self, where: int, at: int) -> None:
        """Note that a hit that counts came from `where`."""
        if self.spread or not where:
            return
        others = [each for each in self.places if each[0] != where and at - each[1] <= PLACES_MS]
        self.spread = len(others) >= PLACES - 1
        self.places = [] if self.spread else [*others, (where, at)][1 - PLACES :]

    def rings(self, entry: CountedHit, *, remember: bool) -> bool:
        """Note a hit that counts, and return whether it takes a place that none took before it.

        A hit on strong evidence takes the place for all, one without for its own cluster alone: a person's hit rings even
        where an unsure one of another cluster rang before it. Where no more is to be remembered, one without rings only
        in a place where nothing counted before.
        """
        sure = entry.outcome is Outcome.SURE
        if entry.kind == "open":
            slot = 0
            self.taken = [each for each in self.taken if each.slot or entry.at - each.at < PAUSE_MS]
            fresh, closed = self._free(self.seen, entry.at), not self._free(self.sure_seen, entry.at)
            self.seen, self.sure_seen = entry.at, entry.at if sure else self.sure_seen
        else:
            slot = min(entry.link or 0, RING_SLOTS) + 1
            bit = 1 << slot - 1
            fresh, closed = not self.slots & bit, bool(self.sure_slots & bit)
            self.slots |= bit
            self.sure_slots |= bit * sure
        there = [each for each in self.taken if each.slot == slot]
        mine = [each for each in there if together(each.cluster, entry.cluster)]
        rings = not closed and not mine and (sure or fresh)
        if sure:
            self.taken = [each for each in self.taken if each.slot != slot or (slot == 0 and each not in mine)]
        elif mine:
            self.taken = [each._replace(at=entry.at) if each in mine else each for each in self.taken]
        elif remember and len(there) < UNSURE and len(self.taken) < TAKEN and not (slot and closed):
            self.taken.append(Taken(slot, entry.cluster, entry.at))
            rings = not closed
        return rings

    @staticmethod
    def _free(before: int | None, at: int) -> bool:
        return before is None or at - before >= PAUSE_MS


@dataclass(slots=True)
class Counters:
    """All that is counted of a run of hits that begins with a message's first."""

    opens: Count = field(default_factory=Count)
    clicks: Count = field(default_factory=Count)
    people: dict[int, Person] = field(default_factory=dict)
    links: dict[int, Count] = field(default_factory=dict)
    rings: list[Ring] = field(default_factory=list)

    def add(self, entry: CountedHit) -> None:
        """Count one more hit, not older than any before, and ring if it is one that rings."""
        person = self.people.setdefault(entry.recipient, Person())
        if entry.outcome.counts and len(self.people) <= PLACED:
            person.been(entry.where, entry.at)
        rings = entry.outcome.counts and person.rings(entry, remember=len(self.people) <= PLACED)
        if entry.folded:
            return
        if entry.kind == "open":
            self.opens.add(entry, MESSAGE_TIMES)
            person.opens.add(entry, RECIPIENT_TIMES)
        else:
            self.clicks.add(entry, MESSAGE_TIMES)
            person.clicks.add(entry, RECIPIENT_TIMES)
            if entry.link is not None and entry.link < OWN_LINKS:
                self.links.setdefault(entry.link, Count()).add(entry, 0)
        if rings:
            self._ring(Ring(entry.at, entry.kind, entry.recipient, entry.link, entry.outcome is Outcome.SURE))

    def _ring(self, ring: Ring) -> None:
        """Add an alert; of two hits of one name, in one millisecond, there is one, sure if either is."""
        for place, each in enumerate(self.rings):
            if each.name == ring.name:
                self.rings[place] = ring._replace(sure=ring.sure or each.sure)
                return
        self.rings.append(ring)
        del self.rings[: max(0, len(self.rings) - RINGS)]

    def copy(self) -> "Counters":
        """Copy it."""
        return Counters(
            self.opens.copy(),
            self.clicks.copy(),
            {index: person.copy() for index, person in self.people.items()},
            {index: count.copy() for index, count in self.links.items()},
            self.rings.copy(),
        )

    def fit(self, room: "Room") -> None:
        """Let go of the dates for which the row has no room."""
        self.opens.trim(room.message_times)
        self.clicks.trim(room.message_times)
        for person in self.people.values():
            person.opens.trim(room.recipient_times)
            person.clicks.trim(room.recipient_times)
            if len(self.people) > PLACED:
                person.places, person.taken = [], []
        if not room.link_dates:
            for count in self.links.values():
                count.first = count.last = None


def whole(counters: Counters, entries: Iterable[CountedHit]) -> Counters:
    """Add entries, in their order, to a copy of counters."""
    every = counters.copy()
    for entry in entries:
        every.add(entry)
    return every


def together(one: int, other: int) -> bool:
    """Return whether two clusters' digests are of one: from one source, or from one network by one agent."""
    return (one ^ other) & 0xFFFF == 0 or (one >> 16 == other >> 16 != 0)


# The packed row's budget in bytes. Times are varints of milliseconds: four or five bytes each.
_ROW, _HEAD, _WINDOWS, _PERSON, _LINK, _TIME = ROW_BYTES, 650, 800, 28, 3.5, 4.2


class Room(NamedTuple):
    """How many dates a row has room for."""

    message_times: int
    recipient_times: int
    link_dates: bool


def room(people: int, links: int) -> Room:
    """Divide the row's 4 KB for a message of which `people` recipients and `links` links were hit.

    Recipients' times go first, then links' dates, then the message's times. Each only ever shrinks as people and links
    grow: a row may be folded on from an earlier one, and be the same as if it had been made at once.
    """
    bare = _ROW - _HEAD - _WINDOWS - people * _PERSON - links * _LINK
    spare = bare - 2 * MESSAGE_TIMES * _TIME - links * 2 * _TIME
    return Room(
        message_times=max(0, min(MESSAGE_TIMES, int(bare / (2 * _TIME)))),
        recipient_times=max(0, min(RECIPIENT_TIMES, int(spare / (2 * _TIME * max(1, people))))),
        link_dates=spare >= 0,
    )
