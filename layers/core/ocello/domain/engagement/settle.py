"""Settles hits into the engagement row, so that the row is a function of the set of hits and of what was known beside them.

The row carries what a pass over the message's hits remembers (see `verdicts.judge`). A hit that comes in order, or nearly,
is taken into the row alone: no other hit is read. A hit that is *late* means: make the row anew from all hits.
"""

from collections.abc import Iterable, Sequence

from ocello.domain.engagement.counters import OWN_LINKS, CountedHit, Tally, room
from ocello.domain.engagement.row import Known, SettledRow, entry_of
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.judge import Pass
from ocello.domain.verdicts.traces import HitPlace, place_of, trace_of


def is_late(row: SettledRow, place: HitPlace) -> bool:
    """Return whether a hit at `place` is in the row's tally already, or would change a verdict that is."""
    return _pass_of(row).is_late(place)


def take(row: SettledRow | None, hits: Iterable[Hit], context: Context) -> SettledRow | None:
    """Take hits into a row, in any order; those that it knows already change nothing. None: one of them is late."""
    found = sorted(hits, key=place_of)
    if row is None:
        row = SettledRow(context.rules, context.link_count, found[0].at, 0, _known(context))
    one, tally, total, first, fresh = _pass_of(row), row.tally, row.total, row.first, False
    for hit in found:
        place = place_of(hit)
        if one.knows(place):
            continue
        if one.is_late(place):
            return None
        settled = one.take(trace_of(hit, context))
        first = min(first, hit.at)
        fresh = True
        if settled:
            tally = tally.copy() if tally is row.tally else tally
            for each in settled:
                tally.add(entry_of(each))
            total += len(settled)
    if not fresh:
        return row
    rest = tuple(one.rest())
    tally = tally.copy() if tally is row.tally else tally
    _fit(tally, [entry_of(each) for each in rest])
    windows = () if one.watermark is None else one.repeats.open_at(one.watermark.at)
    return SettledRow(
        row.rules, row.link_count, first, total, _known(context), one.watermark, one.edge, tally, rest, windows
    )


def _pass_of(row: SettledRow) -> Pass:
    pending = [each.trace.copy() for each in row.pending]
    return Pass(row.link_count, pending, row.windows, row.watermark, row.edge)


def _known(context: Context) -> Known:
    return Known(dict(context.copies), context.sessions)


def _fit(tally: Tally, tail: Sequence[CountedHit]) -> None:
    """Let go of the dates for which there is no room, counting the people and links of the tail too."""
    people = tally.people.keys() | {entry.recipient for entry in tail}
    links = tally.links.keys() | {entry.link for entry in tail if entry.link is not None and entry.link < OWN_LINKS}
    tally.fit(room(len(people), len(links)))


def rebuild(pages: Iterable[Sequence[Hit]], context: Context) -> SettledRow | None:
    """Make the row from all hits, page by page in their order; what is held of them is bounded."""
    row: SettledRow | None = None
    held: list[Hit] = []  # of one millisecond, whose order is that of places, not of the table
    for page in pages:
        held += page
        if not held:
            continue
        complete = [hit for hit in held if hit.at < held[-1].at]
        if complete:
            row = take(row, complete, context)
            held = held[len(complete) :]
    return take(row, held, context) if held else row


__all__ = ["is_late", "place_of", "rebuild", "take"]
