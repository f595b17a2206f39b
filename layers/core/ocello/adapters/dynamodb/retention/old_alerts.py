"""Deletes alerts that were kept long enough."""

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable


class DynamoOldAlerts:
    """OldAlerts: an alert's sort key begins with the time of its hit."""

    @unavailable
    def delete_before(self, owner: str, before: int, limit: int) -> int:
        """Delete up to `limit` of an owner's oldest alerts, and return how many."""
        row = models.AlertRow
        found = list(row.query(keys.alerts(owner), row.sk < keys.alert(owner, before, "", "").sk, limit=limit))
        with models.Row.batch_write() as batch:
            for each in found:
                batch.delete(each)
        return len(found)
