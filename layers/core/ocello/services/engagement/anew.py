"""Makes engagement rows anew: from what deleted hits made, and from those that are there."""

from ocello.domain.consent.closings import NONE, Closings
from ocello.domain.engagement.row import SettledRow
from ocello.domain.engagement.settle import OpenRow, end_of_base, rebuild
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.traces import place_of
from ocello.services.engagement.ports import HitPosition, HitReader

LAST = "~"  # sorts after every request id


def after_base(base: SettledRow | None) -> HitPosition | None:
    """Return where the hits begin that a row's base does not count."""
    return None if base is None or base.watermark is None else HitPosition(base.watermark.at, "")


def made_anew(
    hits: HitReader, message: str, before: OpenRow | None, newest: int, context: Context, closed: Closings = NONE
) -> OpenRow | None:
    """Return a row made anew from all hits up to `newest` (ms), and from what deleted ones made; None without any."""
    base = None if before is None else before.beginning()
    pages = hits.pages(message, after_base(base), HitPosition(newest, LAST))
    return rebuild(pages, context, closed if before is None else before.closed, base)


def with_base(hits: HitReader, message: str, row: OpenRow, before: int, judged_by: Context) -> OpenRow | None:
    """Return a row whose base counts its hits before `before` (ms); None where there are none but those it has.

    They are judged by what the row knows. `row` is of no use afterwards.
    """
    old, base, known = row.extent, row.beginning(), row.known
    context = judged_by._replace(
        link_count=row.link_count, copies=known.copies, sessions=known.sessions, networks=known.networks
    )
    since = None if base is None else base.watermark
    pages = hits.pages(message, after_base(base), None)
    end = end_of_base((hit for page in pages for hit in page if since is None or place_of(hit) > since), before)
    kept = None if end is None else made_anew(hits, message, row, end, context)
    if kept is None:
        return None
    kept.close()
    made = made_anew(hits, message, kept, old.newest, context)
    if made is not None and made.extent.covers(old):
        return made
    row.close()  # hits of it were deleted before: all that it says stands
    return row
