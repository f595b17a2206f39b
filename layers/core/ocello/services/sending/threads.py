"""Puts a mail into its conversation: that of whichever mail it names, or of others that name the same one."""

from collections.abc import Sequence
from typing import NamedTuple

from ocello.domain.mail import threads
from ocello.domain.messages.message import Recipient
from ocello.services.sending.outgoing import SendingPorts
from ocello.services.sending.ports import Conversations

_HEARD = 10  # recipients whose transport's own id of a mail a reply to it names


class ThreadPlace(NamedTuple):
    """Where a mail stands: its conversation, and the ids above it, oldest first."""

    conversation: str
    references: tuple[str, ...]


def join(owner: str, ids: Sequence[str], own: str, conversations: Conversations) -> str:
    """Return the conversation of the first of `ids` (nearest first) that is known, else `own`, a new one's name.

    Ids that are not known yet belong to it from now on. They are claimed from the root on, so that of two mails that
    come at once, and name one unknown mail, the second joins the first.
    """
    known = conversations.find(owner, ids) if ids else {}
    conversation = next((known[each].conversation for each in ids if each in known), None)
    for each in reversed(ids):
        if each not in known:
            stands = conversations.claim(owner, each, conversation or own)
            conversation = conversation or stands
    return conversation or own


def answer(owner: str, parent: str, own: str, sending: SendingPorts) -> ThreadPlace:
    """Place a mail written here: a reply to the mail whose Message-ID is `parent`, or none where that is empty.

    A parent of ours hands its thread down; of any other only its id is known.
    """
    if not parent:
        return ThreadPlace(own, ())
    known = sending.conversations.find(owner, [parent]).get(parent)
    if known is None:
        return ThreadPlace(sending.conversations.claim(owner, parent, own), (parent,))
    stored = sending.messages.load(known.message) if known.message else None
    if stored is None or stored.message.owner != owner:
        return ThreadPlace(known.conversation, (parent,))
    references = threads.chain(stored.message.references, _heard_as(stored.recipients), parent)
    return ThreadPlace(known.conversation, references)


def _heard_as(recipients: Sequence[Recipient]) -> tuple[str, ...]:
    """Return the ids under which recipients really got a mail, of those that all of them may know of: no Bcc."""
    return tuple(each.provider_message_id for each in recipients if each.provider_message_id and each.kind != "bcc")[
        :_HEARD
    ]
