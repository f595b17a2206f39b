"""Lists a message's raw hits with their verdicts, the same verdicts that its engagement row counts."""

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ocello.domain.common.errors import Invalid
from ocello.domain.engagement.packing import Reader, Writer
from ocello.domain.engagement.row import Known
from ocello.domain.engagement.row_parts import read_pending, read_windows, write_pending, write_windows
from ocello.domain.messages.visibility import shown_recipients
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.judge import Judgement, Pass, judged
from ocello.domain.verdicts.traces import HitPlace, Trace, place_of, trace_of
from ocello.domain.verdicts.verdict import Verdict
from ocello.services.engagement.ports import HitPosition, HitReader
from ocello.services.sending.ports import StoredMessage

_START = HitPlace(0, 0)  # before every hit


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


@dataclass(slots=True)
class _Course:
    """How far a list has come: the pass over the hits, what it settled and no page showed, and the last hit shown."""

    one: Pass
    ready: list[Judgement] = field(default_factory=list)
    taken: HitPlace = _START
    shown: HitPlace = _START

    def kept(self) -> list[Trace]:
        """Return the hits that were taken and may be shown yet."""
        return [*(each.trace for each in self.ready), *self.one.pending]


def list_hits(message: str, context: Context, limit: int, cursor: str | None, hits: HitReader) -> JudgedPage:
    """List up to `limit` hits of a message. Raises Invalid for a cursor that is none, and Unavailable.

    A verdict may depend on hits after it, so the list reads ahead; a cursor says what is remembered of what was read.
    """
    course = _Course(Pass(context.link_count)) if cursor is None else _parse(cursor, context)
    kept = {each.place for each in course.kept()}
    first = HitPosition(min((place.at for place in kept), default=course.taken.at), "")
    found, ended = dict[HitPlace, Hit](), True
    for hit in _in_order(hits.pages(message, None if cursor is None else first, None)):
        place = place_of(hit)
        if place > course.taken:
            if len(course.ready) > limit:
                ended = False
                break
            course.ready += course.one.take(trace_of(hit, context))
            course.taken = place
            found[place] = hit
        elif place in kept:
            found[place] = hit
    every = [*course.ready, *(course.one.rest() if ended else ())]
    left = [each for each in every if each.trace.place > course.shown]
    items = [JudgedHit(found[each.trace.place], *judged(each)) for each in left[:limit] if each.trace.place in found]
    if len(left) <= limit:
        return JudgedPage(tuple(items), None)
    course.shown = left[limit - 1].trace.place
    course.ready = [each for each in course.ready if each.trace.place > course.shown]
    return JudgedPage(tuple(items), _serialize(course))


def _in_order(pages: Iterable[Sequence[Hit]]) -> Iterator[Hit]:
    """Yield hits in the order of judging, which differs from the table's within a millisecond."""
    held: list[Hit] = []
    for page in pages:
        for hit in page:
            if held and hit.at != held[0].at:
                yield from sorted(held, key=place_of)
                held = []
            held.append(hit)
    yield from sorted(held, key=place_of)


def context_of(stored: StoredMessage, base: Context) -> Context:
    """Say beside what a message's hits were judged; `base` holds the team's own networks and the classes of networks."""
    known = Known() if stored.engagement is None else stored.engagement.known
    return base._replace(link_count=len(stored.report.links), copies=known.copies, sessions=known.sessions)


def shows_hit(viewer: str, stored: StoredMessage, hit: Hit) -> bool:
    """Return whether the user `viewer`, who sees the message, may see a hit: those of Bcc are its owner's alone."""
    shown = shown_recipients(viewer, stored.message.owner, stored.recipients)
    return viewer == stored.message.owner or hit.recipient not in {r.index for r in stored.recipients} - {
        recipient.index for recipient in shown
    }


def _serialize(course: _Course) -> str:
    out, one = Writer(), course.one
    first = min((each.place.at for each in course.kept()), default=course.taken.at)
    out.number(first)
    for place in (course.taken, course.shown, one.watermark or _START, one.edge or _START):
        out.number(place.at)
        out.number(place.request)
    if one.watermark is not None:
        write_windows(out, one.repeats.open_at(one.watermark.at), one.watermark.at)
    write_pending(out, [_as_judged(each) for each in course.ready], first, figures=True)
    write_pending(out, one.rest(), first, figures=True)
    return base64.urlsafe_b64encode(out.sealed()).rstrip(b"=").decode()


def _as_judged(found: Judgement) -> Judgement:
    """Return a settled hit with all of its evidence in the trace, which is what a cursor keeps."""
    trace = found.trace.copy()
    trace.mask = found.counted.mask
    return found._replace(trace=trace)


def _parse(cursor: str, context: Context) -> _Course:
    try:
        if not re.fullmatch(r"[\w-]{1,6000}", cursor, re.ASCII):
            raise ValueError("not written here")  # noqa: TRY301 — as all that is wrong with a cursor
        data = Reader(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        first = data.number()
        taken, shown, watermark, edge = (HitPlace(data.number(), data.number()) for _ in range(4))
        known = watermark != _START
        windows = read_windows(data, watermark.at) if known else ()
        ready = read_pending(data, first, figures=True)
        pending = [each.trace for each in read_pending(data, first, figures=True)]
    except ValueError:
        raise Invalid("cursor", "not a cursor of this list") from None
    one = Pass(context.link_count, pending, windows, watermark if known else None, edge if known else None)
    return _Course(one, list(ready), taken, shown)
