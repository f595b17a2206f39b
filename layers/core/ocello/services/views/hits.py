"""Lists a message's hits for those who may see them, on pages and in the API."""

from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.people.users import User
from ocello.domain.verdicts.context import Context
from ocello.services.engagement.hits import JudgedHit, context_of, list_hits, shows_hit
from ocello.services.engagement.ports import HitReader
from ocello.services.inbox.conversations import MailReader
from ocello.services.sending.ports import StoredMessage


class HitPage(NamedTuple):
    """A message, and a page of those of its hits that the user may see, oldest first; `next` continues it."""

    stored: StoredMessage
    items: tuple[JudgedHit, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class MessageHits:
    """Lists hits of messages; `judging` holds what verdicts need besides what is known of the message."""

    mail: MailReader
    hits: HitReader
    judging: Context

    def page(self, user: User, message: str, limit: int, cursor: str | None) -> HitPage:
        """Return a page of up to `limit` hits. Raises NotFound, and Invalid for a cursor that is none."""
        stored = self.mail.read(user, message)
        found = list_hits(message, context_of(stored, self.judging), limit, cursor, self.hits)
        return HitPage(stored, tuple(each for each in found.items if shows_hit(user.id, stored, each.hit)), found.next)
