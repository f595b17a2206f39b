"""Changes who may see a message that was sent, and to which items it is linked, for its owner."""

from dataclasses import replace

from ocello.domain.common.errors import Conflict, NotFound, Unavailable
from ocello.domain.messages.message import Message
from ocello.domain.messages.sharing import SharingUpdate, changed, check
from ocello.domain.people.audit import AuditEntry, entry
from ocello.domain.people.users import User
from ocello.services.common.ports import Clock
from ocello.services.inbox import inbox
from ocello.services.inbox.ports import InboxStore
from ocello.services.items.ports import ItemStore, LinkedMessages
from ocello.services.sending.ports import MessageStore, StoredMessage

_TRIES = 4  # of changing a message that somebody else changes too


def share(
    user: User,
    message: str,
    wish: SharingUpdate,
    version: int | None = None,
    *,
    messages: MessageStore,
    items: ItemStore,
    index: LinkedMessages,
    lists: InboxStore,
    clock: Clock,
) -> StoredMessage:
    """Change a message as its owner wishes, and give it as it then stands.

    `version` is the one that the owner looked at, where that matters. The message and all rows by which items and its
    conversation find it change at once, the owner's inbox right after; repeating a wish mends an inbox that was not
    reached. Raises NotFound for what is not the user's own, Invalid, Conflict where `version` is outdated, Unavailable.
    """
    for _ in range(_TRIES):
        stored = messages.load(message)
        if stored is None or stored.message.owner != user.id:
            raise NotFound("no such message")
        before = stored.message
        check(wish, before.items)
        known = items.several({*before.items, *(wish.items or ())})
        after = changed(before, stored.recipients, wish, user, known, clock())
        if after is not before and version is not None and version != before.version:
            raise Conflict("this mail was changed meanwhile: look at it again")
        notes = [] if after.visibility == before.visibility else [_note(user, before, after, clock())]
        if after is before or index.change(before, after, stored.recipients, notes):
            inbox.follow(user.id, before.conversation_id, message, messages=messages, store=lists)
            return replace(stored, message=after)
    raise Unavailable("the message is changing too fast")


def _note(user: User, before: Message, after: Message, now: int) -> AuditEntry:
    return entry(now, user, "mail.visibility", before.id, before.visibility, after.visibility)
