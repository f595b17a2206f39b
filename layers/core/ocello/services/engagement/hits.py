"""Lists a message's raw hits with their verdicts, the same verdicts that its engagement row counts."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocello.domain.common.errors import Invalid
from ocello.domain.engagement.packing import Reader, Writer
from ocello.domain.engagement.row import HitPosition, read_windows, write_windows
from ocello.domain.engagement.settle import BLOCK, count_from, place_of
from ocello.domain.messages.visibility import shown_recipients
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.repeats import Repeats, Window
from ocello.domain.verdicts.verdict import Context, Verdict
from ocello.services.engagement.ports import HitReader
from ocello.services.sending.ports import StoredMessage


@dataclass(frozen=True, slots=True)
class JudgedHit:
    """A hit and what is thought of it."""

    hit: Hit
    verdict: Verdict
    folded: bool = False  # it repeats one before it, and adds to no counter


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """A page of hits, oldest first; `next` (to be made opaque by whoever shows it) continues it, None at the end."""

    items: tuple[JudgedHit, ...]
    next: str | None


def list_hits(message: str, context: Context, limit: int, cursor: str | None, hits: HitReader) -> JudgedPage:
    """List up to `limit` hits of a message. Raises Invalid for a cursor that is none, and Unavailable.

    Verdicts depend on a hit's block, so a cursor says at which position the list continues, and with which place the
    block before it begins; and which windows of repeats are open there.
    """
    position, windows, first = (0, (), None) if cursor is None else _parsed(cursor)
    begin = max(0, BLOCK * (position // BLOCK - 1))
    enough = position + limit + 2 * BLOCK - begin  # the page, and all that is context of its last hit
    read: list[Hit] = []
    for page in hits.pages(message, first, None):
        read += page
        if len(read) >= enough:
            break
    stop = min(position + limit, begin + len(read))
    repeats = Repeats(windows)
    shown = read[position - begin : stop - begin]
    counted = list(count_from(read, begin, range(position, stop), context, repeats))
    more = begin + len(read) > stop
    now = read[stop - begin].at if more else 0
    after = max(0, BLOCK * (stop // BLOCK - 1))
    return JudgedPage(
        tuple(JudgedHit(hit, *found) for hit, found in zip(shown, counted, strict=True)),
        _spelled(stop, repeats.open_at(now), now, place_of(read[after - begin])) if more else None,
    )


def shows_hit(viewer: str, stored: StoredMessage, hit: Hit) -> bool:
    """Return whether the user `viewer`, who sees the message, may see a hit: those of Bcc are its owner's alone."""
    shown = shown_recipients(viewer, stored.message.owner, stored.recipients)
    return viewer == stored.message.owner or hit.recipient not in {r.index for r in stored.recipients} - {
        recipient.index for recipient in shown
    }


def _spelled(position: int, windows: Sequence[Window], now: int, place: HitPosition) -> str:
    out = Writer()
    out.number(now)
    write_windows(out, windows, now)
    packed = base64.urlsafe_b64encode(out.sealed()).rstrip(b"=").decode()
    return f"{position}.{packed}.{place.at}.{place.request}"


def _parsed(cursor: str) -> tuple[int, tuple[Window, ...], HitPosition]:
    parts = re.fullmatch(r"(\d{1,9})\.([\w-]{1,4000})\.(\d{1,13})\.(.*)", cursor, re.ASCII | re.DOTALL)
    try:
        packed = base64.urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4)) if parts else b""
        data = Reader(packed)
        windows = read_windows(data, data.number())
    except ValueError:
        parts = None
    if parts is None:
        raise Invalid("cursor", "not a cursor of this list")
    return int(parts[1]), windows, HitPosition(int(parts[3]), parts[4])
