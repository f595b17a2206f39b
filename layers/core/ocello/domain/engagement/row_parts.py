"""The parts of a packed engagement row: hits that are pending, windows of repeats, and the counters."""

import struct
from collections.abc import Iterable, Sequence

from ocello.domain.engagement.counters import Count, Counters, Person, Ring, Taken
from ocello.domain.engagement.packing import Reader, Writer
from ocello.domain.verdicts.judge import Judgement
from ocello.domain.verdicts.outcomes import Outcome
from ocello.domain.verdicts.repeats import Counted, Key, Mark, Window
from ocello.domain.verdicts.traces import REQUEST_BITS, HitPlace, Trace, Who

_TIMED = (Mark.READING, Mark.SAME)  # windows whose `second` is a time


# When and which request; its evidence; recipient, link (0: none), source, network, agent; outcome, flooded, folded, click.
_TRACE = struct.Struct("<QQHHHHHB")
# Outcome and mark; recipient, link, who; how long ago it began; what `second` is, or how long after that.
_WINDOW = struct.Struct("<BHHHII")
_REQUEST = (1 << REQUEST_BITS) - 1


def write_pending(out: Writer, pending: Sequence[Judgement], first: int, *, figures: bool = False) -> None:
    """Append pending hits, with the figures of their findings where a list of reasons goes on from them."""
    out.records([_packed(trace, counted, first) for trace, counted in pending])
    for trace, _ in pending if figures else ():
        out.number(len(trace.figures))
        for bit, (number, minus_span, one_source) in trace.figures.items():
            out.number(bit.bit_length())
            out.number(number << 1 | one_source)
            out.number(-minus_span)


def _packed(trace: Trace, counted: Counted, first: int) -> bytes:
    """Pack a pending hit, unless that was done and nothing has changed since."""
    match trace.packed:
        case (mask, judged, since, bytes(packed)) if mask == trace.mask and judged is counted and since == first:
            return packed
    packed = _pack_trace(trace, counted, first)
    trace.packed = trace.mask, counted, first, packed
    return packed


def _pack_trace(trace: Trace, counted: Counted, first: int) -> bytes:
    at, request = trace.place
    source, network, agent = trace.who
    _, outcome, folded, flooded = counted
    return _TRACE.pack(
        at - first << REQUEST_BITS | request,
        trace.mask,
        trace.recipient,
        0 if trace.link is None else trace.link + 1,
        source,
        network,
        agent,
        outcome << 3 | flooded << 2 | folded << 1 | (trace.kind == "click"),
    )


def read_pending(data: Reader, first: int, *, figures: bool = False) -> tuple[Judgement, ...]:
    """Read pending hits. Raises ValueError for bytes that are none."""
    found: list[Judgement] = []
    for place, mask, recipient, link, source, network, agent, bits in data.records(_TRACE):
        trace = Trace(
            HitPlace(first + (place >> REQUEST_BITS), place & _REQUEST),
            "click" if bits & 1 else "open",
            recipient,
            link - 1 if link else None,
            Who(source, network, agent),
            mask,
        )
        found.append(Judgement(trace, Counted(mask, Outcome(bits >> 3 & 3), bool(bits & 2), bool(bits & 4))))
    for trace, _ in found if figures else ():
        for _ in range(data.number()):
            bit, number = 1 << data.number() - 1, data.number()
            trace.figures[bit] = number >> 1, -data.number(), bool(number & 1)
    return tuple(found)


def write_windows(out: Writer, windows: Iterable[Window], now: int) -> None:
    """Append windows of repeats, open at `now`."""
    out.records(
        [
            _WINDOW.pack(
                outcome << 3 | mark, recipient, link, who, now - began, second - began if mark in _TIMED else second
            )
            for (mark, recipient, link, who, outcome), began, second in windows
        ]
    )


def read_windows(data: Reader, now: int) -> tuple[Window, ...]:
    """Read windows of repeats. Raises ValueError for bytes that are none."""
    found: list[Window] = []
    for bits, recipient, link, who, ago, second in data.records(_WINDOW):
        mark, began = Mark(bits & 7), now - ago
        found.append(
            Window(Key(mark, recipient, link, who, bits >> 3), began, began + second if mark in _TIMED else second)
        )
    return tuple(found)


def _write_target(out: Writer, recipient: int, link: int | None, *, click: bool) -> None:
    out.number((recipient + 1) & 0xFFFF)  # 0xFFFF, everyone, becomes 0
    if click:
        out.maybe(link)


def _read_target(data: Reader, *, click: bool) -> tuple[int, int | None]:
    return (data.number() - 1) & 0xFFFF, data.maybe() if click else None


def write_counters(out: Writer, counters: Counters, first: int) -> None:
    """Append counters; dates are counted from `first`."""
    _write_count(out, counters.opens, first)
    _write_count(out, counters.clicks, first)
    out.number(len(counters.people))
    for index in sorted(counters.people):
        person = counters.people[index]
        out.number((index + 1) & 0xFFFF)
        _write_count(out, person.opens, first)
        _write_count(out, person.clicks, first)
        out.maybe(None if person.seen is None else person.seen - first)
        out.number(person.slots << 3 | person.spread << 2 | len(person.places))
        for where, at in person.places:
            out.number(where)
            out.number(at - first)
        _write_taken(out, person, first)
    out.number(len(counters.links))
    before = 0
    for index in sorted(counters.links):
        out.number(index - before)
        before = index
        _write_count(out, counters.links[index], first)
    out.number(len(counters.rings))
    at = first
    for ring in counters.rings:
        out.number((ring.at - at) << 2 | ring.sure << 1 | (ring.kind == "click"))
        at = ring.at
        _write_target(out, ring.recipient, ring.link, click=ring.kind == "click")


def _write_taken(out: Writer, person: Person, first: int) -> None:
    """Append what hits took, on strong evidence and without."""
    out.maybe(None if person.sure_seen is None or person.seen is None else person.seen - person.sure_seen)
    out.number(person.sure_slots)
    out.number(len(person.taken))
    for slot, cluster, at in person.taken:
        out.number(slot)
        out.number(cluster)
        out.number(at - first)


def _read_taken(data: Reader, person: Person, first: int) -> None:
    since, person.sure_slots = data.maybe(), data.number()
    person.sure_seen = None if since is None or person.seen is None else person.seen - since
    person.taken = [Taken(data.number(), data.number(), first + data.number()) for _ in range(data.number())]


def read_counters(data: Reader, first: int, *, taken: bool) -> Counters:
    """Read counters, with what unsure hits took if it is there. Raises ValueError for bytes that are none."""
    counters = Counters(_read_count(data, first), _read_count(data, first))
    for _ in range(data.number()):
        index = (data.number() - 1) & 0xFFFF
        opens, clicks, seen = _read_count(data, first), _read_count(data, first), data.maybe()
        bits = data.number()
        places = [(data.number(), first + data.number()) for _ in range(bits & 3)]
        seen_at = None if seen is None else first + seen
        person = Person(opens, clicks, seen_at, bits >> 3, places=places, spread=bool(bits & 4))
        if taken:
            _read_taken(data, person, first)
        counters.people[index] = person
    index = 0
    for _ in range(data.number()):
        index += data.number()
        counters.links[index] = _read_count(data, first)
    at = first
    for _ in range(data.number()):
        bits = data.number()
        at += bits >> 2
        click = bool(bits & 1)
        recipient, link = _read_target(data, click=click)
        counters.rings.append(Ring(at, "click" if click else "open", recipient, link, bool(bits & 2)))
    return counters


def _write_count(out: Writer, count: Count, first: int) -> None:
    """Write a count; its last date is the last of its times, its first the first of them where none is missing."""
    out.number(count.count << 2 | bool(count.unknown) << 1 | bool(count.machine))
    for number in (count.machine, count.unknown):
        if number:
            out.number(number)
    if not count.count:
        return
    out.rising(count.times, first)
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
    count.times = data.rising(first)
    count.first = count.times[0] if count.times else None
    if len(count.times) < count.count:
        offset = data.maybe()
        count.first = None if offset is None else first + offset
    if count.times:
        count.last = count.times[-1]
    elif count.first is not None:
        count.last = count.first + data.number()
    return count
