"""Reads the engagement rows of many messages, a hundred at a time."""

from collections.abc import Iterable, Mapping, Sequence

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.engagement import summary
from ocello.domain.engagement.summary import Engagement


def engagements_of(messages: Iterable[str]) -> dict[str, Engagement]:
    """Return the engagement of messages by their ids; messages without any hit are left out."""
    wanted = {keys.engagement(message): message for message in messages}
    rows = models.EngagementRow.batch_get([tuple(key) for key in wanted])
    return {wanted[keys.Key(row.pk, row.sk)]: summary.unpack(row.row) for row in rows}


class DynamoEngagements:
    """Engagements."""

    @unavailable
    def of(self, messages: Sequence[str]) -> Mapping[str, Engagement]:
        """Return the engagement of messages by their ids."""
        return engagements_of(messages)
