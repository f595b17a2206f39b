"""The conversations of Message-IDs in the app table."""

import hashlib
from collections.abc import Mapping, Sequence

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt, absent
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.messages.message import Message
from ocello.services.sending.ports import KnownId


def digest_of(text: str) -> str:
    """Return the digest of a text of any length and characters, for use in a key."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def conversation_row(message: Message) -> models.ConversationRow:
    """Return the row of a message's own Message-ID, which is written with the message."""
    return _row(message.owner, message.message_id, KnownId(message.conversation_id, message.id))


def _row(owner: str, message_id: str, known: KnownId) -> models.ConversationRow:
    key = keys.conversation(owner, digest_of(message_id))
    return models.ConversationRow(*key, conversation=known.conversation, message=known.message)


class DynamoConversations:
    """Conversations."""

    @unavailable
    def find(self, owner: str, message_ids: Sequence[str]) -> Mapping[str, KnownId]:
        """Return what is known about Message-IDs in an owner's mail."""
        wanted = {keys.conversation(owner, digest_of(each)): each for each in message_ids}
        rows = models.ConversationRow.batch_get([tuple(key) for key in wanted], consistent_read=True)
        return {wanted[keys.Key(row.pk, row.sk)]: KnownId(row.conversation, row.message) for row in rows}

    @unavailable
    def claim(self, owner: str, message_id: str, conversation: str) -> str:
        """Assign a Message-ID to a conversation unless it has one; return the conversation that it belongs to."""
        row = _row(owner, message_id, KnownId(conversation))
        with Attempt() as attempt:
            row.save(absent())
        if attempt.succeeded:
            return conversation
        return models.ConversationRow.get(row.pk, row.sk, consistent_read=True).conversation

    @unavailable
    def remember(self, owner: str, message_id: str, known: KnownId) -> None:
        """Store that a Message-ID belongs to one of our messages."""
        _row(owner, message_id, known).save()
