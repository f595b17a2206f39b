"""Lists the mail that a team's members shared, as far as the user may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.domain.messages.message import Message
from ocello.domain.people.users import User
from ocello.services.common.ports import Page
from ocello.services.items import items as items_
from ocello.services.items.ports import ItemStore
from ocello.services.sending.ports import MessageStore, StoredMessage
from ocello.services.statistics.ports import MessageDays

MEMBERS = 50  # members whose mail is read
_READ = 100  # messages of one member read for a page
_LOOKS = 5  # rounds of reading for one page


@dataclass(frozen=True, slots=True)
class TeamMail:
    """Lists the shared mail of a team."""

    days: MessageDays
    messages: MessageStore
    items: ItemStore

    def page(self, user: User, members: Sequence[User], limit: int, cursor: str | None) -> Page[StoredMessage]:
        """Return a page of the members' shared messages that a user may see, newest first.

        `cursor` is the id of the message before the page. Raises Invalid for a text that is not an id.
        """
        if cursor is not None and not ids.is_id(cursor):
            raise Invalid("cursor", "not a cursor of this list")
        found: list[Message] = []
        before = cursor
        for _ in range(_LOOKS):
            looked, before = _round(members, before, self.days)
            found += items_.seen(user, [each for each in looked if each.visibility == "shared"], self.items)
            if before is None or len(found) >= limit:
                break
        page = found[:limit]
        loaded = [self.messages.load(message.id) for message in page]
        if len(found) > limit:
            before = page[-1].id
        return Page(tuple(items_.as_seen(user, each) for each in loaded if each is not None), before)


def _round(members: Sequence[User], before: str | None, days: MessageDays) -> tuple[list[Message], str | None]:
    """Return the members' messages from newest to an id down to which none is missing, and that id; None if these are all."""
    read = [days.before(member.id, before, _READ) for member in members[:MEMBERS]]
    floor = max((each[-1].id for each in read if len(each) == _READ), default=None)
    found = [message for each in read for message in each if floor is None or message.id >= floor]
    return sorted(found, key=lambda message: message.id, reverse=True), floor
