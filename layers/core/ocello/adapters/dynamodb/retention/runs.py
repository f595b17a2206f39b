"""How far a night's work has come, and what it is to look at, in the app table."""

from collections.abc import Sequence
from typing import Any, cast

from pynamodb.exceptions import DoesNotExist

from ocello.adapters.dynamodb import retention_keys as keys
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.retention import DueRow, RetentionRunRow
from ocello.domain.retention.log import Deleted, RetentionRun, Stage


class DynamoRetentionStore:
    """RetentionStore."""

    @unavailable
    def run(self) -> RetentionRun | None:
        """Return the newest run by a consistent read."""
        try:
            row = RetentionRunRow.get(*keys.RETENTION_RUN, consistent_read=True)
        except DoesNotExist:
            return None
        deleted = Deleted(**cast("dict[str, Any]", row.deleted))
        # What rows of earlier commits do not have is 0.
        counted, counting, looked = (int(each or 0) for each in (row.counted, row.counting, row.looked))
        stage = cast("Stage", row.stage)
        return RetentionRun(int(row.day), int(row.began), stage, row.cursor, deleted, counted, counting, looked)

    @unavailable
    def save(self, run: RetentionRun) -> None:
        """Write how far a run has come."""
        RetentionRunRow(
            *keys.RETENTION_RUN,
            day=run.day,
            began=run.began,
            stage=run.stage,
            cursor=run.cursor,
            deleted=run.deleted._asdict(),
            counted=run.counted,
            counting=run.counting,
            looked=run.looked,
        ).save()

    @unavailable
    def note_due(self, message: str, day: int) -> None:
        """Note that a message is to be looked at."""
        DueRow(*keys.due(message, day)).save()

    @unavailable
    def due(self, until: int, limit: int) -> Sequence[tuple[str, int]]:
        """Return the earliest notes up to a day."""
        found = DueRow.query(keys.DUE, DueRow.sk.between(*keys.due_until(until)), limit=limit, consistent_read=True)
        return [keys.due_parts(row.sk) for row in found]

    @unavailable
    def done(self, message: str, day: int) -> None:
        """Delete a note."""
        DueRow(*keys.due(message, day)).delete()
