"""The engagement row and its packed form: the one place that knows the order of its bytes."""

from dataclasses import dataclass, field

from ocello.domain.consent.closings import Closing, Closings
from ocello.domain.engagement.counters import CountedHit, Counters
from ocello.domain.engagement.older_rows import FORMATS, read_older
from ocello.domain.engagement.packing import Reader, Writer
from ocello.domain.engagement.row_parts import (
    read_counters,
    read_pending,
    read_windows,
    write_counters,
    write_pending,
    write_windows,
)
from ocello.domain.verdicts.clusters import ELSEWHERE
from ocello.domain.verdicts.context import CopyFacts, History
from ocello.domain.verdicts.judge import Judgement
from ocello.domain.verdicts.repeats import Window
from ocello.domain.verdicts.signed_in import SignedIn
from ocello.domain.verdicts.traces import HitPlace, Trace

_FORMAT = 6
_UNTAKEN = 4  # an earlier format, which does not know what unsure hits took
_UNNAMED = 5  # the format before: it does not say which table of networks judged, nor when a source was seen last
ALL = b""  # as the base of a row: all that it counts
_KINDS: tuple[History, ...] = ("", "scanned", "quiet")


@dataclass(frozen=True, slots=True)
class Known:
    """What was known beside the hits when they were judged; kept, so that the row depends on its hits alone.

    `networks` is the version of the oldest table of networks that judged any of them; empty where that is not known.
    """

    copies: dict[int, CopyFacts] = field(default_factory=dict)
    sessions: tuple[SignedIn, ...] = ()
    networks: str = ""


@dataclass(frozen=True, slots=True)
class SettledRow:
    """A function of the set of a message's hits, and of what was `known` beside them.

    The settled hits are in the counters; the newer ones are kept one by one, as far as judging needs them. The `base`
    is the row that the hits made which are deleted by now, packed: what is made anew begins with it. `ALL`: that is this row.
    """

    rules: int  # version of the rules that judged
    link_count: int  # how many links the message has
    first: int  # ms of the oldest hit, whatever its verdict
    total: int  # how many hits the counters have
    known: Known = field(default_factory=Known)
    watermark: HitPlace | None = None  # of the newest settled hit; None while none is
    edge: HitPlace | None = None  # of the hit that settled it
    counters: Counters = field(default_factory=Counters)
    pending: tuple[Judgement, ...] = ()  # with what is thought of them now
    windows: tuple[Window, ...] = ()  # of repeats, open at the watermark
    closed: Closings = field(default_factory=dict)  # of whom no more hits are taken
    base: bytes | None = None  # None: no hit was deleted

    @property
    def count(self) -> int:
        """Count all hits."""
        return self.total + len(self.pending)

    @property
    def newest(self) -> int:
        """Say when the newest hit was (ms)."""
        if self.pending:
            return self.pending[-1].trace.place.at
        return self.first if self.watermark is None else self.watermark.at

    @property
    def tail(self) -> list[CountedHit]:
        """Return the pending hits as they are counted now."""
        return [entry_of(each) for each in self.pending]


def entry_of(found: Judgement) -> CountedHit:
    """Return a judged hit as it is counted."""
    trace, counted = found
    return CountedHit(
        trace.place.at, trace.kind, trace.recipient, trace.link, counted.outcome, counted.folded, *where_of(trace)
    )


def where_of(trace: Trace) -> tuple[int, int]:
    """Return a digest of a hit's client and network (0 where they tell nothing of who reads), and one of its cluster."""
    source, network, agent = trace.who
    if trace.mask & ELSEWHERE:
        return 0, 0
    return (network << 4 ^ agent, source << 16 | network << 4 ^ agent) if network else (0, agent)


def pack(row: SettledRow) -> bytes:
    """Pack a row; the same bytes for the same row."""
    out = Writer()
    for number in (_FORMAT, row.rules, row.link_count, row.first, row.total):
        out.number(number)
    _write_known(out, row.known, row.first)
    for place in (row.watermark, row.edge):
        _write_place(out, place, row.first)
    if row.watermark is not None:
        write_counters(out, row.counters, row.first)
        write_windows(out, row.windows, row.watermark.at)
    write_pending(out, row.pending, row.first)
    if row.closed or row.base is not None:  # else nothing follows, as in rows that know of neither
        _write_closed(out, row.closed)
    if row.base is not None:
        out.blob(row.base)
    return out.sealed()


def unpack(packed: bytes) -> SettledRow:
    """Return back the row that was packed. Raises ValueError for bytes that are none."""
    data = Reader(packed)
    written = data.number()
    if written in FORMATS:
        rules, link_count, first, newest, total, counters = read_older(data, written)
        last = HitPlace(newest, 0)
        return SettledRow(rules, link_count, first, total, watermark=last, edge=last, counters=counters)
    if written not in (_FORMAT, _UNNAMED, _UNTAKEN):
        raise ValueError("a packed row of another format")
    rules, link_count, first, total = (data.number() for _ in range(4))
    known = _read_known(data, first, named=written == _FORMAT)
    watermark, edge = _read_place(data, first), _read_place(data, first)
    counters, windows = Counters(), tuple[Window, ...]()
    if watermark is not None:
        counters, windows = read_counters(data, first, taken=written != _UNTAKEN), read_windows(data, watermark.at)
    pending = read_pending(data, first)
    closed = {} if data.ended else _read_closed(data)
    base = None if data.ended else data.blob()
    return SettledRow(rules, link_count, first, total, known, watermark, edge, counters, pending, windows, closed, base)


def _write_place(out: Writer, place: HitPlace | None, first: int) -> None:
    out.maybe(None if place is None else place.at - first)
    if place is not None:
        out.number(place.request)


def _read_place(data: Reader, first: int) -> HitPlace | None:
    at = data.maybe()
    return None if at is None else HitPlace(first + at, data.number())


def _write_closed(out: Writer, closed: Closings) -> None:
    out.number(len(closed))
    for index in sorted(closed):
        out.number(index)
        for at in closed[index]:
            out.maybe(at)


def _read_closed(data: Reader) -> Closings:
    return {data.number(): Closing(data.maybe(), data.maybe()) for _ in range(data.number())}


def _signed(value: int) -> int:
    """Return a number that may be below 0 as one that is not."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def _unsigned(value: int) -> int:
    return -(value + 1 >> 1) if value & 1 else value >> 1


def _write_known(out: Writer, known: Known, first: int) -> None:
    out.number(len(known.copies))
    for index in sorted(known.copies):
        copy = known.copies[index]
        out.number((index + 1) & 0xFFFF)
        out.maybe(None if copy.delivered_at is None else _signed(first - copy.delivered_at))
        out.number(copy.taught << 5 | _KINDS.index(copy.history) << 3 | copy.final << 2 | bool(copy.mx) << 1 | copy.own)
        if copy.mx:
            out.text(copy.mx)
    out.number(len(known.sessions))
    for session in known.sessions:
        out.number(session.source)
        out.number(_signed(first - session.since))
        out.number(session.until - session.since)
    out.text(known.networks)


def _read_known(data: Reader, first: int, *, named: bool) -> Known:
    copies: dict[int, CopyFacts] = {}
    for _ in range(data.number()):
        index, since = (data.number() - 1) & 0xFFFF, data.maybe()
        bits = data.number()
        mx = data.text() if bits & 2 else ""
        copies[index] = CopyFacts(
            None if since is None else first - _unsigned(since),
            bool(bits & 1),
            mx,
            _KINDS[bits >> 3 & 3],
            bool(bits & 4),
            bits >> 5,
        )
    sessions = list[SignedIn]()
    for _ in range(data.number()):
        source, since = data.number(), first - _unsigned(data.number())
        sessions.append(SignedIn(source, since, since + (data.number() if named else 0)))
    return Known(copies, tuple(sessions), data.text() if named else "")
