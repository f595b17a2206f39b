"""Settles hits into the engagement row, so that the row is a function of the set of hits and of nothing else.

A message's hits, sorted by place, stand in blocks of BLOCK. A hit is judged beside the hits of its own block and both
neighbouring ones (of which its verdict needs those within the horizon). The oldest hits are folded once nothing but a
*late* hit can change their verdicts: those a day older than the newest and, where there are many, whole blocks before.
So what must be read and judged for one more hit is bounded. A late hit means: make the row anew from all hits.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ocello.domain.engagement.counters import OWN_LINKS, CountedHit, Tally, room, whole
from ocello.domain.engagement.row import HitPosition, SettledRow
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.correlation import HORIZON_MS
from ocello.domain.verdicts.judge import judge
from ocello.domain.verdicts.repeats import Counted, Repeats, Window, floods
from ocello.domain.verdicts.verdict import Context, Reason, Verdict

BLOCK = 32
OPEN_BLOCKS = 2  # complete blocks that are not folded by count; at least 1, for a folded hit's context to be complete
TRAIL_MS = 86_400_000  # how long a verdict may change


def place_of(hit: Hit) -> HitPosition:
    """Return a hit's place among its message's hits."""
    return HitPosition(hit.at, hit.request)


class Judged(NamedTuple):
    """What is thought of a hit beside its neighbours, and in what flood of hits it stands, if in one."""

    verdict: Verdict
    flood: Reason | None


def count_from(
    hits: Sequence[Hit], position: int, wanted: range, context: Context, repeats: Repeats
) -> Iterable[Counted]:
    """Judge the `wanted` hits as `judge_from` does and fold their repeats, one by one; `repeats` took all before them."""
    judged = judge_from(hits, position, wanted, context)
    for place, (verdict, flood) in zip(wanted, judged, strict=True):
        yield repeats.take(hits[place - position], verdict, flood)


def judge_from(hits: Sequence[Hit], position: int, wanted: range, context: Context) -> list[Judged]:
    """Judge hits by their blocks. `hits` are consecutive, the first at `position`; `wanted` are positions too."""
    found: list[Judged] = []
    end = position + len(hits)
    for block in range(wanted.start // BLOCK, -(-wanted.stop // BLOCK)):
        low, high = max(position, (block - 1) * BLOCK), min(end, (block + 2) * BLOCK)
        first, last = max(wanted.start, block * BLOCK), min(wanted.stop, (block + 1) * BLOCK)
        near = hits[low - position : high - position]
        places, flooded = range(first - low, last - low), floods(near)
        found += [
            Judged(verdict, flooded.get(place))
            for place, verdict in zip(places, judge(near, context, places), strict=True)
        ]
    return found


def lower_bound(row: SettledRow) -> HitPosition | None:
    """Say from which place on hits must be read to settle more of them; None: from the first."""
    if row.watermark is None:
        return None
    return row.start or HitPosition(row.watermark.at - HORIZON_MS, "")


def is_late(row: SettledRow, place: HitPosition) -> bool:
    """Return whether a hit at `place` is folded already, or would change a verdict that is."""
    if row.watermark is None or place.at > row.watermark.at + HORIZON_MS:
        return False
    return place <= row.watermark or row.edge is None or place <= row.edge


def settle(row: SettledRow | None, hits: Sequence[Hit], context: Context) -> SettledRow | None:
    """Return the row of all hits: those that `row` knows, and `hits`, which are all from its lower bound on, sorted.

    None of the hits that are new to the row may be late. Hits of the row's tail that are missing have expired: what the
    row says of them stands.
    """
    if row is None:
        if not hits:
            return None
        row = SettledRow(context.rules, context.link_count, hits[0].at, place_of(hits[0]))
    elif sum(1 for hit in hits if _above(row, hit) and place_of(hit) <= row.newest) < len(row.tail):
        if not hits or place_of(hits[-1]) <= row.newest:
            return row
        row = _closed(row)
    return _advance(row, hits, context)


def _above(row: SettledRow, hit: Hit) -> bool:
    return row.watermark is None or place_of(hit) > row.watermark


def _closed(row: SettledRow) -> SettledRow:
    """Fold all that the row knows."""
    tally = whole(row.tally, row.tail)
    tally.fit(room(len(tally.people), len(tally.links)))
    return SettledRow(row.rules, row.link_count, row.first, row.newest, row.total, row.newest, tally=tally)


def _advance(row: SettledRow, hits: Sequence[Hit], context: Context) -> SettledRow:
    below = sum(1 for hit in hits if not _above(row, hit))
    position, total = row.folded - below, row.folded + len(hits) - below
    if total == row.folded:
        return row
    first = hits[0].at if row.watermark is None else row.first
    newest = place_of(hits[-1])
    old = sum(1 for hit in hits[below:] if hit.at < newest.at - TRAIL_MS)
    folded = max(row.folded + old, BLOCK * (total // BLOCK - OPEN_BLOCKS))
    cut = folded - row.folded
    entries, windows = _entries(hits, position, range(row.folded, total), context, row, cut)
    tally, tail = whole(row.tally, entries[:cut]), tuple(entries[cut:])
    _fit(tally, tail)
    watermark = place_of(hits[folded - 1 - position]) if cut > 0 else row.watermark
    start, edge = _bounds(hits, position, folded, watermark)
    return SettledRow(row.rules, row.link_count, first, newest, folded, watermark, start, edge, tally, tail, windows)


def _entries(
    hits: Sequence[Hit], position: int, wanted: range, context: Context, row: SettledRow, cut: int
) -> tuple[list[CountedHit], tuple[Window, ...]]:
    """Make the entries of the `wanted` hits, and give the windows of repeats that are open after the first `cut` of them."""
    repeats, windows, entries = Repeats(row.windows), row.windows, list[CountedHit]()
    counted = count_from(hits, position, wanted, context._replace(link_count=row.link_count), repeats)
    for place, (verdict, folded) in zip(wanted, counted, strict=True):
        hit = hits[place - position]
        entries.append(CountedHit(hit.at, hit.kind, hit.recipient, hit.link, verdict.outcome, folded))
        if len(entries) == cut:
            windows = repeats.open_at(hit.at)
    return entries, windows


def _fit(tally: Tally, tail: Sequence[CountedHit]) -> None:
    """Let go of the dates for which there is no room, counting the people and links of the tail too."""
    people = tally.people.keys() | {entry.recipient for entry in tail}
    links = tally.links.keys() | {entry.link for entry in tail if entry.link is not None and entry.link < OWN_LINKS}
    tally.fit(room(len(people), len(links)))


def _bounds(
    hits: Sequence[Hit], position: int, folded: int, watermark: HitPosition | None
) -> tuple[HitPosition | None, HitPosition | None]:
    """Say where context begins for hits above the watermark, and ends for those below; None where time alone bounds."""
    if watermark is None:
        return None, None
    start = _place_at(hits, BLOCK * (folded // BLOCK - 1) - position)
    edge = _place_at(hits, BLOCK * ((folded - 1) // BLOCK + 2) - 1 - position)
    return (
        start if start is not None and start.at >= watermark.at - HORIZON_MS else None,
        edge if edge is not None and edge.at <= watermark.at + HORIZON_MS else None,
    )


def _place_at(hits: Sequence[Hit], index: int) -> HitPosition | None:
    return place_of(hits[index]) if 0 <= index < len(hits) else None


def rebuild(pages: Iterable[Sequence[Hit]], context: Context) -> SettledRow | None:
    """Make the row from all hits, page by page in their order; what is held of them is bounded."""
    row: SettledRow | None = None
    held: list[Hit] = []
    for page in pages:
        held += page
        row = settle(row, held, context)
        bound = None if row is None else lower_bound(row)
        if bound is not None:
            held = [hit for hit in held if place_of(hit) >= bound]
    return row
