"""The audit trail in the app table. Stores write its entries in the transactions of the changes."""

from collections.abc import Iterable, Sequence
from typing import cast

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.conditions import Attempt
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.people import audit
from ocello.domain.people.audit import KEEP_DAYS, AuditEntry
from ocello.services.common.ports import Page


def add_notes(transaction: TransactWrite, notes: Iterable[AuditEntry], notify: str = "") -> None:
    """Add notes to a transaction, and also to the notes that the user `told` is shown."""
    newest = 0
    for entry in notes:
        transaction.save(_row(keys.TRAIL, entry))
        if notify:
            transaction.save(_row(keys.notices(notify), entry))
        newest = max(newest, entry.at)
    if notify and newest:  # once: a transaction allows one operation for each row
        actions: list[Action] = [models.UserRow.notices_at.set(newest)]
        transaction.update(models.UserRow(*keys.user(notify)), actions, models.UserRow.id.exists())


def delete_noted(row: models.Row, expected: Condition, note: AuditEntry) -> bool:
    """Delete a row and add a note; if the condition `expected` is false, do neither and return False."""
    with Attempt() as attempt, models.transaction() as transaction:
        transaction.delete(row, expected)
        add_notes(transaction, [note])
    return attempt.succeeded


def _row(partition: str, entry: AuditEntry) -> models.AuditRow:
    return models.AuditRow(
        partition,
        entry.id,
        action=entry.action,
        actor=entry.actor,
        target=entry.target,
        before=entry.before,
        after=entry.after,
        by_key=entry.by_key,
        ttl=(entry.at + KEEP_DAYS * DAY_MS) // 1000,
    )


def _entry(row: models.AuditRow) -> AuditEntry:
    return AuditEntry(
        id=row.sk,
        action=cast("audit.Action", row.action),
        actor=row.actor,
        target=row.target,
        before=row.before,
        after=row.after,
        by_key=row.by_key,
    )


class DynamoTrail:
    """Trail."""

    @unavailable
    def page(self, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """Return a page of all entries, newest first."""
        row = models.AuditRow
        rows, following = paging.read(row.query, keys.TRAIL, row.sk, limit, cursor, newest_first=True)
        return Page(tuple(map(_entry, rows)), following)

    @unavailable
    def notices(self, user: str, limit: int) -> Sequence[AuditEntry]:
        """Return the changes by administrators to a user's items, newest first."""
        found = models.AuditRow.query(keys.notices(user), scan_index_forward=False, limit=limit, page_size=limit)
        return [_entry(row) for row in found]
