"""Shows an administrator what was recorded of one mail, and nothing of what the mail says or to whom it went."""

from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common import ids
from ocello.domain.common.errors import NotFound
from ocello.domain.consent.networks import cut
from ocello.domain.tracking.tokens import EVERYONE
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.evidence import VerdictKind
from ocello.services.engagement import hits as judging
from ocello.services.engagement.ports import HitReader
from ocello.services.sending.ports import MessageStore

_PAGE = 50


class RecordedHit(NamedTuple):
    """One hit: its time, what it is of, the recipient's number from 1 (None: not told apart), network and verdict."""

    at: int
    kind: str
    recipient: int | None
    network: str
    verdict: VerdictKind


class RecordedPage(NamedTuple):
    """A page of hits, oldest first; `next` continues it."""

    rows: tuple[RecordedHit, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class RecordedMail:
    """What was recorded of mails, for administrators."""

    messages: MessageStore
    hits: HitReader
    judged_by: Context

    def page(self, message: str, cursor: str | None) -> RecordedPage:
        """List what was recorded of a message. Raises NotFound, and Invalid for a cursor that is none."""
        stored = self.messages.load(message) if ids.is_id(message) else None
        if stored is None:
            raise NotFound("no such message")
        context = judging.context_of(stored, self.judged_by)
        page = judging.list_hits(message, context, _PAGE, cursor, self.hits)
        rows = tuple(
            RecordedHit(
                each.hit.at,
                each.hit.kind,
                None if each.hit.recipient == EVERYONE else each.hit.recipient + 1,
                cut(each.hit.address),
                each.verdict.kind,
            )
            for each in page.items
        )
        return RecordedPage(rows, page.next)
