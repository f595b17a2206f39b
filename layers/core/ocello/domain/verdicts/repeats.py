"""Tells which hits repeat an earlier one, so that a reading counts once however often its pixel is loaded.

A pass over one message's judged hits in their order. What it remembers is bounded, and can be kept and taken up again:
the engagement row keeps it for the hits that are folded into its counters, a list of hits for the pages before.
Hits of many people under one token (recipients from tokens.SEVERAL on) repeat nothing.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from ocello.domain.tracking.tokens import SEVERAL
from ocello.domain.verdicts.clusters import FLOOD_MS, together
from ocello.domain.verdicts.evidence import BIT, mask_of
from ocello.domain.verdicts.outcomes import Outcome
from ocello.domain.verdicts.traces import Trace
from ocello.domain.verdicts.verdict import Weighed, weigh

SAME_MS = 2_000  # one recipient, kind, link, source and agent: one hit
READING_GAP_MS, READING_MS = 300_000, 1_800_000  # opens with less between them are one reading, so long at most
CLICK_MS = 30_000  # the same link from another network, so soon after a person's click
PIXEL_MS = 90_000  # between a scanner's links and its picture
MOST_WINDOWS = 32  # remembered at once; beyond, those that were touched longest ago are forgotten


class Mark(IntEnum):
    """What a window is of."""

    READING = 0  # opens: when it began, when it was last seen
    SAME = 1  # clicks: when it began
    PERSON = 2  # a person's latest click on a link: when, and the network's digest
    FLOOD = 3  # when it was last seen, and whether an open (1) and a click (2) of it were
    SCAN = 4  # a scanner's latest click: when; `who` is its source


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
            case Mark.SCAN:
                return now - self.first <= PIXEL_MS
        return now - self.first <= FLOOD_MS


class Counted(NamedTuple):
    """What a hit comes to, and whether it is folded into one before it. `mask`: its evidence with all that was found."""

    mask: int
    outcome: Outcome
    folded: bool
    flooded: bool = False  # a hit of a flood that is not the first of its kind: a bot's


class Repeats:
    """What is remembered of the hits that were taken."""

    def __init__(self, windows: Iterable[Window] = ()) -> None:
        """Take up what was remembered before; nothing at a message's first hit."""
        self._windows = {window.key: window for window in windows}

    def copy(self) -> "Repeats":
        """Copy it."""
        made = Repeats()
        made._windows = dict(self._windows)
        return made

    def take(self, trace: Trace, later: Iterable[Trace]) -> Counted:
        """Take the next hit. `later` are clicks of the same recipient after it, as far as they are known."""
        mask, weighed = trace.mask, weigh(trace.mask)
        if trace.recipient >= SEVERAL:
            return Counted(mask, weighed.outcome, folded=False)
        flooded = bool(mask & BIT["flood"]) and not self._leads(trace)
        if flooded and weighed.outcome is not Outcome.MACHINE and weighed.verdict.kind != "self":
            return Counted(mask, Outcome.MACHINE, self._folds(trace, Outcome.MACHINE), flooded=True)
        if not weighed.protected and weighed.outcome is not Outcome.MACHINE:
            mask |= self._beside(trace, weighed, later)
            weighed = weigh(mask)
        if trace.kind == "click" and trace.who.network:
            self._remember(trace, mask, weighed)
        return Counted(mask, weighed.outcome, self._folds(trace, weighed.outcome))

    def _beside(self, trace: Trace, weighed: Weighed, later: Iterable[Trace]) -> int:
        """Say what the verdicts on other hits tell of one: a scan at a person's click, or a scanner's picture."""
        if trace.kind == "click":
            return BIT["time_of_click"] if self._follows(trace, weighed) else 0
        scan = Key(Mark.SCAN, trace.recipient, who=trace.who.source)
        scanned = trace.who.network != 0 and self._open(scan, trace.place.at) is not None
        return BIT["scanner_open"] if scanned or _before_scan(trace, later) else 0

    def _remember(self, trace: Trace, mask: int, weighed: Weighed) -> None:
        """Remember a person's click, and a scanner's."""
        if weighed.outcome.counts:
            key = Key(Mark.PERSON, trace.recipient, trace.link or 0)
            self._keep(Window(key, trace.place.at, _rounded(weighed) << _NETWORK_BITS | trace.who.network))
        elif mask & _SCANS and weighed.outcome is Outcome.MACHINE:
            self._keep(Window(Key(Mark.SCAN, trace.recipient, who=trace.who.source), trace.place.at, 0))

    def open_at(self, now: int) -> tuple[Window, ...]:
        """Return the windows that hits after `now` may fall into, in a fixed order."""
        return tuple(sorted(window for window in self._windows.values() if window.open_at(now)))

    def _leads(self, trace: Trace) -> bool:
        """Return whether a hit of a flood is the flood's first of its kind."""
        key, kind = Key(Mark.FLOOD, trace.recipient), 2 if trace.kind == "click" else 1
        before = self._open(key, trace.place.at)
        seen = 0 if before is None else before.second
        self._keep(Window(key, trace.place.at, seen | kind))
        return not seen & kind

    def _follows(self, trace: Trace, weighed: Weighed) -> bool:
        """Return whether a click follows a person's on the same link, from another network, and looks no surer."""
        before = self._open(Key(Mark.PERSON, trace.recipient, trace.link or 0), trace.place.at)
        if before is None or not trace.who.network:
            return False
        odds, network = divmod(before.second, 1 << _NETWORK_BITS)
        return network != trace.who.network and _rounded(weighed) <= odds

    def _folds(self, trace: Trace, outcome: Outcome) -> bool:
        """Return whether a hit falls into a window of hits that came to the same: no machine takes in a person's hit."""
        if not trace.who.source:
            return False
        came_to = Outcome.COUNTED if outcome.counts else outcome
        mark = Mark.SAME if trace.kind == "click" else Mark.READING
        who = (trace.who.source << 4 ^ trace.who.agent) & 0xFFFF
        key = Key(mark, trace.recipient, trace.link or 0, who, came_to)
        at = trace.place.at
        before = self._open(key, at)
        if before is None:
            self._keep(Window(key, at, at))
            return False
        if mark is Mark.READING:
            self._keep(before._replace(second=at))
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


_NETWORK_BITS = 12
_SCANS = mask_of("burst", "sweep")


def _rounded(weighed: Weighed) -> int:
    """Give the odds of a hit that counts in tenths, so that they can be packed."""
    return max(0, round(10 * weighed.odds))


def _before_scan(trace: Trace, later: Iterable[Trace]) -> bool:
    """Return whether a burst came from where a picture was loaded just before."""
    for other in later:
        if other.place.at - trace.place.at > PIXEL_MS:
            break
        if other.mask & _SCANS and together(trace, other) and weigh(other.mask).outcome is Outcome.MACHINE:
            return True
    return False
