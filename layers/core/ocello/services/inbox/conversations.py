"""Reads mail as a user may see it: the owner sees all of it, others what is shared with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocello.domain.common.errors import NotFound
from ocello.domain.crm.items import MessageLink
from ocello.domain.messages import visibility
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.users import User
from ocello.services.common.ports import Page
from ocello.services.items.items import ItemReader, as_seen, seen
from ocello.services.sending.ports import MessageStore, StoredMessage

_CHUNK = 100
_LOOKS = 20  # reads at most to find what one person may see of one conversation


@dataclass(frozen=True, slots=True)
class MailReader:
    """Reads messages and conversations as a user may see them."""

    messages: MessageStore
    items: ItemReader

    def read(self, user: User, message: str) -> StoredMessage:
        """Return a message that a user may see: the user's own, or one shared with the user. Raises NotFound for any other."""
        stored = self.messages.load(message)
        if stored is None:
            raise NotFound("no such message")
        known = {} if stored.message.owner == user.id else self.items.items.several(stored.message.items)
        if not visibility.sees_message(user, stored.message, known):
            raise NotFound("no such message")
        return as_seen(user, stored)

    def visible(self, user: User, conversation: str, most: int, upto: str | None) -> Sequence[MessageLink]:
        """Return the ids of a conversation's messages that a user may see, newest first, none newer than `upto`."""
        found: list[MessageLink] = []
        before = None if upto is None else f"{upto}~"  # `~` sorts after all that follows an id: the message is included
        for _ in range(_LOOKS):
            looked = self.items.linked.of_conversation(conversation, _CHUNK, before)
            found += seen(user, looked, self.items.items)
            if len(looked) < _CHUNK or len(found) >= most:
                break
            before = looked[-1].id
        return found[:most]

    def load(self, user: User, links: Sequence[MessageLink]) -> Sequence[StoredMessage]:
        """Return whole messages as a user may see them, without those that the user may not see any more.

        A list may be older than its messages; what is decided by is each message's own row.
        """
        there = [stored for each in links if (stored := self.messages.load(each.id)) is not None]
        allowed = {message.id for message in seen(user, [stored.message for stored in there], self.items.items)}
        return [as_seen(user, stored) for stored in there if stored.message.id in allowed]

    def of_item(self, user: User, ref: ItemRef, limit: int, cursor: str | None) -> Page[StoredMessage]:
        """Return a page of an item's messages, each as a user may see it, newest first. Raises NotFound and Invalid."""
        links = self.items.messages_of(user, ref, limit, cursor)
        return Page(tuple(self.load(user, links.items)), links.next)

    def read_own(self, user: User, message: str) -> StoredMessage:
        """Return one of the user's own messages. Raises NotFound for any other, whether it exists or not."""
        stored = self.messages.load(message)
        if stored is None or stored.message.owner != user.id:
            raise NotFound("no such message")
        return stored
