"""Lets the owner of a sent message change who may see it, and to which items it is linked."""

from dataclasses import dataclass, replace

from ocello.domain.common.errors import Conflict, NotFound, Unavailable
from ocello.domain.messages.message import Message
from ocello.domain.messages.sharing import SharingUpdate, apply_update, check
from ocello.domain.people.audit import AuditEntry, new_entry
from ocello.domain.people.users import User
from ocello.services.common.ports import Clock
from ocello.services.inbox import inbox
from ocello.services.inbox.ports import InboxStore
from ocello.services.items.ports import ItemStore, LinkedMessages
from ocello.services.sending.ports import MessageStore, StoredMessage

_TRIES = 4  # to change a message that somebody else changes at the same time


@dataclass(frozen=True, slots=True)
class MessageSharing:
    """Changes who sees a message, in every store that holds it."""

    messages: MessageStore
    items: ItemStore
    linked: LinkedMessages
    inbox: InboxStore
    clock: Clock

    def share(self, user: User, message: str, update: SharingUpdate, version: int | None = None) -> StoredMessage:
        """Apply an owner's changes to a message, and return it as it then is.

        `version` is the one that the owner saw, if that matters. The message and all rows by which items and its
        conversation find it change in one write, and the owner's inbox right after. Repeating an update corrects an
        inbox that was not reached. Raises NotFound if the message is not the user's own, Invalid, Conflict if `version`
        is outdated, Unavailable.
        """
        for _ in range(_TRIES):
            stored = self.messages.load(message)
            if stored is None or stored.message.owner != user.id:
                raise NotFound("no such message")
            before = stored.message
            check(update, before.items)
            known = self.items.several({*before.items, *(update.items or ())})
            after = apply_update(before, stored.recipients, update, user, known, self.clock())
            if after is not before and version is not None and version != before.version:
                raise Conflict("this mail was changed meanwhile: look at it again")
            entries = [] if after.visibility == before.visibility else [_audit_entry(user, before, after, self.clock())]
            if after is before or self.linked.change(before, after, stored.recipients, entries):
                inbox.refresh_items(user.id, before.conversation_id, message, messages=self.messages, store=self.inbox)
                return replace(stored, message=after)
        raise Unavailable("the message is changing too fast")


def _audit_entry(user: User, before: Message, after: Message, now: int) -> AuditEntry:
    return new_entry(now, user, "mail.visibility", before.id, before.visibility, after.visibility)
