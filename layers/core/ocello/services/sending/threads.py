"""Puts a mail into its conversation: that of the mails it refers to, or of others that refer to the same mail."""

from collections.abc import Sequence
from typing import NamedTuple

from ocello.domain.mail import threads
from ocello.domain.messages.message import Recipient
from ocello.services.sending.outgoing import SendingPorts
from ocello.services.sending.ports import Conversations

_HEARD = 10  # recipients whose provider's id of a mail is named in a reply to it


class ThreadPlace(NamedTuple):
    """Where a mail belongs: its conversation, and the ids of the mails before it, oldest first."""

    conversation: str
    references: tuple[str, ...]


def join(owner: str, ids: Sequence[str], own: str, conversations: Conversations) -> str:
    """Return the conversation of the first known id of `ids` (nearest first), or a new one named `own`.

    Unknown ids belong to it from now on. They are claimed from the root on. So if two mails that refer to the same
    unknown mail come at once, the second joins the first.
    """
    known = conversations.find(owner, ids) if ids else {}
    conversation = next((known[each].conversation for each in ids if each in known), None)
    for each in reversed(ids):
        if each not in known:
            stands = conversations.claim(owner, each, conversation or own)
            conversation = conversation or stands
    return conversation or own


def answer(owner: str, parent: str, own: str, sending: SendingPorts) -> ThreadPlace:
    """Return the place of a mail written here: a reply to the mail whose Message-ID is `parent`, or a new thread if empty.

    A parent of ours passes its thread on; of any other only its id is known.
    """
    if not parent:
        return ThreadPlace(own, ())
    known = sending.conversations.find(owner, [parent]).get(parent)
    if known is None:
        return ThreadPlace(sending.conversations.claim(owner, parent, own), (parent,))
    stored = sending.messages.load(known.message) if known.message else None
    if stored is None or stored.message.owner != owner:
        return ThreadPlace(known.conversation, (parent,))
    references = threads.build_references(stored.message.references, _provider_message_ids(stored.recipients), parent)
    return ThreadPlace(known.conversation, references)


def _provider_message_ids(recipients: Sequence[Recipient]) -> tuple[str, ...]:
    """Return the ids under which recipients really got a mail, without those of Bcc, which others must not know of."""
    return tuple(each.provider_message_id for each in recipients if each.provider_message_id and each.kind != "bcc")[
        :_HEARD
    ]
