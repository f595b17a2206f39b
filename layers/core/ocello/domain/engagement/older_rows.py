"""Reads engagement rows as earlier releases packed them (formats 1 to 3): what they say stands until they are judged anew."""

from ocello.domain.engagement.counters import Count, CountedHit, Counters, Person, Ring, whole
from ocello.domain.engagement.packing import Reader
from ocello.domain.verdicts.outcomes import Outcome

_REPEATS = 3  # knows repeats
_TOLD = 2  # says of an alert whether it was sure; before it, each rang at once
FORMATS = (1, 2, 3)


def read_older(data: Reader, written: int) -> tuple[int, int, int, int, int, Counters]:
    """Read a row of an earlier format: rules, links, the first and newest hits' times, how many hits, all counted."""
    rules, link_count, first, folded = (data.number() for _ in range(4))
    places: list[int | None] = []
    for _ in range(4):
        at = data.maybe()
        places.append(at)
        if at is not None:
            data.text()
    newest, watermark = places[:2]
    if newest is None:
        raise ValueError("a packed row without hits")
    counters = _read_counters(data, first, told=written >= _TOLD) if folded else Counters()
    if watermark is not None and written >= _REPEATS:
        _skip_windows(data)
    tail: list[CountedHit] = []
    before = first
    for _ in range(data.number()):
        bits = data.number()
        before += bits >> (4 if written >= _REPEATS else 3)
        click = bool(bits & 1)
        target = _read_target(data, click=click)
        folds = written >= _REPEATS and bool(bits & 8)
        tail.append(CountedHit(before, "click" if click else "open", *target, Outcome(bits >> 1 & 3), folds))
    return rules, link_count, first, first + newest, folded + len(tail), whole(counters, tail)


def _skip_windows(data: Reader) -> None:
    reading, same, person = 0, 1, 2
    for _ in range(data.number()):
        mark = data.number() & 3
        data.number()
        for present in (mark in (same, person), mark in (reading, same), True, mark != same):
            if present:
                data.number()


def _read_target(data: Reader, *, click: bool) -> tuple[int, int | None]:
    return (data.number() - 1) & 0xFFFF, data.maybe() if click else None


def _read_counters(data: Reader, first: int, *, told: bool) -> Counters:
    counters = Counters(_read_count(data, first), _read_count(data, first))
    for _ in range(data.number()):
        index = (data.number() - 1) & 0xFFFF
        opens, clicks, rung = _read_count(data, first), _read_count(data, first), data.maybe()
        counters.people[index] = Person(opens, clicks, None if rung is None else first + rung, data.number())
    index = 0
    for _ in range(data.number()):
        index += data.number()
        counters.links[index] = _read_count(data, first)
    at = first
    for _ in range(data.number()):
        bits = data.number()
        at += bits >> (2 if told else 1)
        click, sure = bool(bits & 1), not told or bool(bits & 2)
        recipient, link = _read_target(data, click=click)
        counters.rings.append(Ring(at, "click" if click else "open", recipient, link, sure))
    return counters


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
