"""Reads a conversation as whoever asks may see it: its owner all of it, others what is shared with them, as if alone."""

from collections.abc import Sequence

from ocello.domain.crm.items import MessageLink
from ocello.domain.people.users import User
from ocello.services.items.items import as_seen, seen
from ocello.services.items.ports import ItemStore, LinkedMessages
from ocello.services.sending.ports import MessageStore, StoredMessage

_CHUNK = 100
_LOOKS = 20  # chunks read at most for what one person may see of one conversation


def visible(
    user: User, conversation: str, most: int, upto: str | None, *, index: LinkedMessages, items: ItemStore
) -> Sequence[MessageLink]:
    """Name the messages of a conversation that a user may see, newest first, or those up to the message `upto`."""
    found: list[MessageLink] = []
    before = None if upto is None else f"{upto}~"  # the message itself too: `~` follows whatever an id holds
    for _ in range(_LOOKS):
        looked = index.of_conversation(conversation, _CHUNK, before)
        found += seen(user, looked, items)
        if len(looked) < _CHUNK or len(found) >= most:
            break
        before = looked[-1].id
    return found[:most]


def loaded(
    user: User, messages: Sequence[MessageLink], *, store: MessageStore, items: ItemStore
) -> Sequence[StoredMessage]:
    """Read messages whole, each as a user may see it; what stopped being theirs to see just now is left out.

    A list may lag behind its message; the message's own row never does.
    """
    there = [stored for each in messages if (stored := store.load(each.id)) is not None]
    allowed = {message.id for message in seen(user, [stored.message for stored in there], items)}
    return [as_seen(user, stored) for stored in there if stored.message.id in allowed]
