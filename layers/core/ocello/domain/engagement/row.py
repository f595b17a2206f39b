"""The engagement row and its packed form: the one place that knows the order of its bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ocello.domain.engagement.counters import Count, CountedHit, Outcome, Person, Ring, Tally
from ocello.domain.engagement.packing import Reader, Writer
from ocello.domain.verdicts.repeats import Key, Mark, Window

_FORMAT = 3
_UNFOLDED = 2  # the format before, which knew no repeats
_UNSURE = 1  # the one before that, which did not say of an alert whether it was sure: it rang at once


class HitPosition(NamedTuple):
    """Where a hit stands among a message's hits: milliseconds, then the gateway's request id."""

    at: int
    request: str


@dataclass(frozen=True, slots=True)
class SettledRow:
    """A function of the set of a message's hits (and of the rules' version and the number of links, constant for it).

    The older hits are folded into a tally; the newer ones, the tail, are kept one by one, as judged.
    """

    rules: int  # version of the rules that judged
    link_count: int  # how many links the message has
    first: int  # ms of the oldest hit, whatever its verdict
    newest: HitPosition
    folded: int = 0  # how many hits are in the tally
    watermark: HitPosition | None = None  # the newest folded hit; None while nothing is folded
    start: HitPosition | None = (
        None  # the oldest possible context of a hit above the watermark; None: bound by time alone
    )
    edge: HitPosition | None = None  # the newest possible context of a folded hit; None: bound by time alone
    tally: Tally = field(default_factory=Tally)
    tail: tuple[CountedHit, ...] = ()
    windows: tuple[Window, ...] = ()  # of repeats, open at the watermark

    @property
    def total(self) -> int:
        """Count all hits, folded or not."""
        return self.folded + len(self.tail)


def pack(row: SettledRow) -> bytes:
    """Pack a row; the same bytes for the same row."""
    out = Writer()
    out.number(_FORMAT)
    out.number(row.rules)
    out.number(row.link_count)
    out.number(row.first)
    out.number(row.folded)
    for place in (row.newest, row.watermark, row.start, row.edge):
        out.maybe(None if place is None else place.at - row.first)
        if place is not None:
            out.text(place.request)
    if row.folded and row.watermark is not None:
        _write_tally(out, row.tally, row.first)
        write_windows(out, row.windows, row.watermark.at)
    out.number(len(row.tail))
    before = row.first
    for entry in row.tail:
        bits = entry.folded << 3 | entry.outcome << 1 | (entry.kind == "click")
        out.number((entry.at - before) << 4 | bits)
        before = entry.at
        _write_target(out, entry.recipient, entry.link, click=entry.kind == "click")
    return out.sealed()


def unpack(packed: bytes) -> SettledRow:
    """Return back the row that was packed. Raises ValueError for bytes that are none."""
    data = Reader(packed)
    written = data.number()
    if written not in (_UNSURE, _UNFOLDED, _FORMAT):
        raise ValueError("a packed row of another format")
    rules, link_count, first, folded = (data.number() for _ in range(4))
    places: list[HitPosition | None] = []
    for _ in range(4):
        at = data.maybe()
        places.append(None if at is None else HitPosition(first + at, data.text()))
    newest, watermark, start, edge = places
    if newest is None:
        raise ValueError("a packed row without hits")
    tally = _read_tally(data, first, told=written != _UNSURE) if folded else Tally()
    repeats = written == _FORMAT  # the formats before it kept one bit less of each entry, and no windows
    windows = read_windows(data, watermark.at) if watermark is not None and repeats else ()
    tail: list[CountedHit] = []
    before = first
    for _ in range(data.number()):
        bits = data.number()
        before += bits >> (4 if repeats else 3)
        click = bool(bits & 1)
        recipient, link = _read_target(data, click=click)
        tail.append(
            CountedHit(
                before,
                "click" if click else "open",
                recipient,
                link,
                Outcome(bits >> 1 & 3),
                repeats and bool(bits & 8),
            )
        )
    return SettledRow(rules, link_count, first, newest, folded, watermark, start, edge, tally, tuple(tail), windows)


def write_windows(out: Writer, windows: Sequence[Window], now: int) -> None:
    """Append windows of repeats, open at `now`."""
    out.number(len(windows))
    for key, began, second in windows:
        out.number(key.outcome << 2 | key.mark)
        out.number(key.recipient)
        if key.mark in (Mark.SAME, Mark.PERSON):
            out.number(key.link)
        if key.mark in (Mark.READING, Mark.SAME):
            out.number(key.who)
        out.number(now - began)
        if key.mark is not Mark.SAME:
            out.number(second - began if key.mark is Mark.READING else second)


def read_windows(data: Reader, now: int) -> tuple[Window, ...]:
    """Read windows of repeats. Raises ValueError for bytes that are none."""
    found: list[Window] = []
    for _ in range(data.number()):
        bits = data.number()
        mark, recipient = Mark(bits & 3), data.number()
        link = data.number() if mark in (Mark.SAME, Mark.PERSON) else 0
        who = data.number() if mark in (Mark.READING, Mark.SAME) else 0
        began = now - data.number()
        second = began if mark is Mark.SAME else data.number() + (began if mark is Mark.READING else 0)
        found.append(Window(Key(mark, recipient, link, who, bits >> 2), began, second))
    return tuple(found)


def _write_target(out: Writer, recipient: int, link: int | None, *, click: bool) -> None:
    out.number((recipient + 1) & 0xFFFF)  # 0xFFFF, everyone, becomes 0
    if click:
        out.maybe(link)


def _read_target(data: Reader, *, click: bool) -> tuple[int, int | None]:
    return (data.number() - 1) & 0xFFFF, data.maybe() if click else None


def _write_tally(out: Writer, tally: Tally, first: int) -> None:
    _write_count(out, tally.opens, first)
    _write_count(out, tally.clicks, first)
    out.number(len(tally.people))
    for index in sorted(tally.people):
        person = tally.people[index]
        out.number((index + 1) & 0xFFFF)
        _write_count(out, person.opens, first)
        _write_count(out, person.clicks, first)
        out.maybe(None if person.rung is None else person.rung - first)
        out.number(person.slots)
    out.number(len(tally.links))
    before = 0
    for index in sorted(tally.links):
        out.number(index - before)
        before = index
        _write_count(out, tally.links[index], first)
    out.number(len(tally.rings))
    at = first
    for ring in tally.rings:
        out.number((ring.at - at) << 2 | ring.sure << 1 | (ring.kind == "click"))
        at = ring.at
        _write_target(out, ring.recipient, ring.link, click=ring.kind == "click")


def _read_tally(data: Reader, first: int, *, told: bool) -> Tally:
    tally = Tally(_read_count(data, first), _read_count(data, first))
    for _ in range(data.number()):
        index = (data.number() - 1) & 0xFFFF
        opens, clicks, rung = _read_count(data, first), _read_count(data, first), data.maybe()
        tally.people[index] = Person(opens, clicks, None if rung is None else first + rung, data.number())
    index = 0
    for _ in range(data.number()):
        index += data.number()
        tally.links[index] = _read_count(data, first)
    at = first
    for _ in range(data.number()):
        bits = data.number()
        at += bits >> (2 if told else 1)
        click, sure = bool(bits & 1), not told or bool(bits & 2)
        recipient, link = _read_target(data, click=click)
        tally.rings.append(Ring(at, "click" if click else "open", recipient, link, sure))
    return tally


def _write_count(out: Writer, count: Count, first: int) -> None:
    """Write a count; its last date is the last of its times, its first the first of them where none is missing."""
    out.number(count.count << 2 | bool(count.unknown) << 1 | bool(count.machine))
    for number in (count.machine, count.unknown):
        if number:
            out.number(number)
    if not count.count:
        return
    out.number(len(count.times))
    before = first
    for at in count.times:
        out.number(at - before)
        before = at
    if len(count.times) < count.count:
        out.maybe(None if count.first is None else count.first - first)
    if not count.times and count.first is not None and count.last is not None:
        out.number(count.last - count.first)


def _read_count(data: Reader, first: int) -> Count:
    bits = data.number()
    machine = data.number() if bits & 1 else 0
    unknown = data.number() if bits & 2 else 0
    count = Count(bits >> 2, machine, unknown)
    if not count.count:
        return count
    at = first
    for _ in range(data.number()):
        at += data.number()
        count.times.append(at)
    count.first = count.times[0] if count.times else None
    if len(count.times) < count.count:
        offset = data.maybe()
        count.first = None if offset is None else first + offset
    if count.times:
        count.last = count.times[-1]
    elif count.first is not None:
        count.last = count.first + data.number()
    return count
