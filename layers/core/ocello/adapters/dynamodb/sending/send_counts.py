"""Counts of what is sent in a minute, in the app table."""

from pynamodb.attributes import NumberAttribute

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt
from ocello.adapters.dynamodb.errors import unavailable
from ocello.services.sending.ports import SendKind

_KEPT_MINUTES = 60


class SendCountRow(models.Row, discriminator="SendCount"):
    """The count of what somebody sent in a minute."""

    sent = NumberAttribute(default=0)


class DynamoSendCounts:
    """SendCounts: one conditional write counts one."""

    @unavailable
    def count(self, who: str, kind: SendKind, minute: int, most: int) -> bool:
        """Count one more, unless there are `most` in that minute; return whether it was counted."""
        row = SendCountRow(*keys.sends(who, kind, minute))
        with Attempt() as attempt:
            row.update(
                [SendCountRow.sent.add(1), SendCountRow.ttl.set((minute + _KEPT_MINUTES) * 60)],
                SendCountRow.sent.does_not_exist() | (SendCountRow.sent < most),
            )
        return attempt.succeeded
