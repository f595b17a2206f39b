"""Which conversation a Message-ID belongs to, in the app table."""

import hashlib

from ocello.adapters import keys, models
from ocello.adapters.faults import unavailable


def digest_of(text: str) -> str:
    """Name a text of any length and any characters by its digest, for use inside a key."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]


class DynamoConversations:
    """Conversations: which one a Message-ID belongs to."""

    @unavailable
    def find(self, owner: str, message_id: str) -> str | None:
        """Give the conversation of a Message-ID among an owner's mail, or None."""
        try:
            return models.ConversationRow.get(*keys.conversation(owner, digest_of(message_id))).conversation
        except models.ConversationRow.DoesNotExist:
            return None

    @unavailable
    def remember(self, owner: str, message_id: str, conversation: str) -> None:
        """Note that a Message-ID belongs to a conversation."""
        key = keys.conversation(owner, digest_of(message_id))
        models.ConversationRow(key.pk, key.sk, conversation=conversation).save()
