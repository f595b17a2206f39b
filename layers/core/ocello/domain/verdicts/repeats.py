"""Tells which hits repeat an earlier one, so that a reading counts once however often its pixel is loaded.

A pass over one message's judged hits in their order. What it remembers is bounded, and can be kept and taken up again:
the engagement row keeps it for the hits that are folded into its tally, a list of hits for the pages before.
Hits of many people under one token (recipients from tokens.SEVERAL on) repeat nothing.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from ocello.domain.engagement.counters import Outcome
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import SEVERAL
from ocello.domain.verdicts.sources import network_of, source_of
from ocello.domain.verdicts.verdict import Reason, Verdict, verdict_of

SAME_MS = 2_000  # one recipient, kind, link, source and agent: one hit
READING_GAP_MS, READING_MS = 300_000, 1_800_000  # opens with less between them are one reading, so long at most
CLICK_MS = 30_000  # the same link from another network, so soon after a person's click
FLOOD_HITS, FLOOD_MS = 20, 10_000  # more hits than that of one recipient
MOST_WINDOWS = 32  # remembered at once; beyond, those that were touched longest ago are forgotten


class Mark(IntEnum):
    """What a window is of."""

    READING = 0  # opens: when it began, when it was last seen
    SAME = 1  # clicks: when it began
    PERSON = 2  # a person's latest click on a link: when, and the network's digest
    FLOOD = 3  # when it was last seen, and whether an open (1) and a click (2) of it were


class Key(NamedTuple):
    """Which hits a window takes in: `who` is a short digest of source and agent, `outcome` what the hits came to."""

    mark: Mark
    recipient: int
    link: int = 0
    who: int = 0
    outcome: int = 0


class Window(NamedTuple):
    """A window that later hits may fall into. What `first` and `second` are, Mark says."""

    key: Key
    first: int
    second: int

    @property
    def touched(self) -> int:
        """Say when it was last touched, in ms."""
        return self.second if self.key.mark is Mark.READING else self.first

    def open_at(self, now: int) -> bool:
        """Return whether a hit at `now`, not earlier than any in it, would fall into it."""
        match self.key.mark:
            case Mark.READING:
                return now - self.second < READING_GAP_MS and now - self.first <= READING_MS
            case Mark.SAME:
                return now - self.first <= SAME_MS
            case Mark.PERSON:
                return now - self.first <= CLICK_MS
        return now - self.first <= FLOOD_MS


class Counted(NamedTuple):
    """A hit's verdict among those before it; a folded hit keeps it, and adds to no counter."""

    verdict: Verdict
    folded: bool


class Repeats:
    """A pass over a message's hits, from its first or from where an earlier pass left `windows`."""

    def __init__(self, windows: Iterable[Window] = ()) -> None:
        self._windows = {window.key: window for window in windows}

    def take(self, hit: Hit, verdict: Verdict, flood: Reason | None) -> Counted:
        """Take the next hit, judged alone and beside its neighbours; `flood` says in what flood it stands, if in one."""
        if hit.recipient >= SEVERAL:
            return Counted(verdict, folded=False)
        if (
            flood is not None
            and not self._leads(hit)
            and verdict.outcome is not Outcome.MACHINE
            and verdict.kind != "self"
        ):
            verdict = Verdict("bot", 0.9, (flood,))
        if hit.kind == "click" and verdict.outcome.counts and self._scans(hit):
            verdict = verdict_of("scanner", 0.75, "time_of_click")
        return Counted(verdict, self._folds(hit, verdict.outcome))

    def open_at(self, now: int) -> tuple[Window, ...]:
        """Return the windows that hits after `now` may fall into, in a fixed order."""
        return tuple(sorted(window for window in self._windows.values() if window.open_at(now)))

    def _leads(self, hit: Hit) -> bool:
        """Return whether a hit of a flood is the flood's first of its kind."""
        key, kind = Key(Mark.FLOOD, hit.recipient), 2 if hit.kind == "click" else 1
        before = self._open(key, hit.at)
        seen = 0 if before is None else before.second
        self._keep(Window(key, hit.at, seen | kind))
        return not seen & kind

    def _scans(self, hit: Hit) -> bool:
        """Return whether a click that would count follows a person's on the same link, from another network."""
        network = network_of(hit.address)
        if network is None:
            return False
        key, mine = Key(Mark.PERSON, hit.recipient, hit.link or 0), _digest(network)
        before = self._open(key, hit.at)
        if before is not None and before.second != mine:
            return True
        self._keep(Window(key, hit.at, mine))
        return False

    def _folds(self, hit: Hit, outcome: Outcome) -> bool:
        """Return whether a hit falls into a window of hits that came to the same: no machine takes in a person's hit."""
        source = source_of(hit.address) or hit.address
        if not source:
            return False
        came_to = Outcome.COUNTED if outcome.counts else outcome
        mark = Mark.SAME if hit.kind == "click" else Mark.READING
        key = Key(mark, hit.recipient, hit.link or 0, _digest(f"{source}\n{hit.agent}"), came_to)
        before = self._open(key, hit.at)
        if before is None:
            self._keep(Window(key, hit.at, hit.at))
            return False
        if mark is Mark.READING:
            self._keep(before._replace(second=hit.at))
        return True

    def _open(self, key: Key, now: int) -> Window | None:
        window = self._windows.get(key)
        return window if window is not None and window.open_at(now) else None

    def _keep(self, window: Window) -> None:
        self._windows[window.key] = window
        if len(self._windows) > MOST_WINDOWS:
            self._windows = {key: each for key, each in self._windows.items() if each.open_at(window.touched)}
            while len(self._windows) > MOST_WINDOWS:
                del self._windows[min(self._windows.values(), key=lambda each: (each.touched, each.key)).key]


def _digest(text: str) -> int:
    """Tell texts apart, and too short to find again what it was made of: rows are kept for longer than addresses."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) & 0xFFFF


def floods(hits: Sequence[Hit]) -> dict[int, Reason]:
    """Say which places of one message's `hits`, sorted by time, stand in a flood: how many hits in how many ms."""
    if len(hits) <= FLOOD_HITS:
        return {}
    found: dict[int, tuple[int, int]] = {}
    for places in _by_recipient(hits):
        end = 0
        for begin, first in enumerate(places):
            while end < len(places) and hits[places[end]].at - hits[first].at <= FLOOD_MS:
                end += 1
            if end - begin > FLOOD_HITS:
                seen = (end - begin, hits[first].at - hits[places[end - 1]].at)
                for place in places[begin:end]:
                    found[place] = max(found.get(place, seen), seen)
    return {place: Reason("flood", number, -minus_span) for place, (number, minus_span) in found.items()}


def _by_recipient(hits: Sequence[Hit]) -> Iterator[list[int]]:
    found: dict[int, list[int]] = {}
    for place, hit in enumerate(hits):
        found.setdefault(hit.recipient, []).append(place)
    yield from (places for places in found.values() if len(places) > FLOOD_HITS)
