"""The log of deletions in the app table."""

from typing import Any, cast

from ocello.adapters.dynamodb import paging
from ocello.adapters.dynamodb import retention_keys as keys
from ocello.adapters.dynamodb.conditions import Attempt, absent
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.retention import DeletionRow
from ocello.domain.retention.log import Deleted, Deletion, DeletionKind
from ocello.services.common.ports import Page


class DynamoDeletionLog:
    """DeletionLog."""

    @unavailable
    def add(self, entry: Deletion) -> None:
        """Write an entry, if it is not there."""
        row = DeletionRow(
            keys.DELETIONS,
            keys.deletion_sort(entry.began, entry.subject),
            at=entry.at,
            kind=entry.kind,
            began=entry.began,
            subject=entry.subject,
            reason=entry.reason,
            deleted=entry.deleted._asdict(),
        )
        with Attempt():
            row.save(absent())

    @unavailable
    def page(self, limit: int, cursor: str | None) -> Page[Deletion]:
        """Return a page of entries, newest first."""
        row = DeletionRow
        rows, following = paging.read(row.query, keys.DELETIONS, row.sk, limit, cursor, newest_first=True)
        return Page(tuple(map(_entry, rows)), following)


def _entry(row: DeletionRow) -> Deletion:
    return Deletion(
        at=int(row.at),
        kind=cast("DeletionKind", row.kind),
        deleted=Deleted(**cast("dict[str, Any]", row.deleted)),
        began=int(row.began),
        subject=row.subject,
        reason=row.reason,
    )
