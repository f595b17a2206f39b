"""Muted mails in the app table."""

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt, present
from ocello.adapters.dynamodb.errors import unavailable


class DynamoMutes:
    """Mutes: a word of the message's own row."""

    @unavailable
    def mute(self, message: str, *, muted: bool) -> None:
        """Mute a mail, or end that; one that is gone stays so."""
        row = models.MessageRow
        with Attempt():
            row(*keys.message(message)).update([row.muted.set(muted)], present())
