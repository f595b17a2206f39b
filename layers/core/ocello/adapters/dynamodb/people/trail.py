"""The audit trail in the app table: entries that stores write in the transactions of their changes."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, cast

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.people import audit
from ocello.domain.people.audit import KEEP_DAYS, AuditEntry
from ocello.services.common.ports import Page

_LOST = frozenset({"ConditionalCheckFailed", "TransactionConflict"})  # reasons of a cancelled transaction


def note(transaction: TransactWrite, notes: Iterable[AuditEntry], told: str = "") -> None:
    """Add notes to a transaction; where the user `told` is told of them, also to that user's own."""
    for entry in notes:
        transaction.save(_row(keys.TRAIL, entry))
        if told:
            transaction.save(_row(keys.told(told), entry))
            newest: list[Action] = [models.UserRow.told_at.set(entry.at)]
            transaction.update(models.UserRow(*keys.user(told)), newest, models.UserRow.id.exists())


def was_lost(error: TransactWriteError) -> bool:
    """Return whether a transaction was cancelled because something else stands, or stood in the way at that moment."""
    return bool(_LOST & {reason.code for reason in error.cancellation_reasons if reason is not None})


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
        row.sk, cast("audit.Action", row.action), row.actor, row.target, row.before, row.after, row.by_key
    )


def stands(version: Any, known: int) -> Any:
    """Make the condition that a row still has the version that is known; rows of before there were versions have none."""
    return (version == known) | version.does_not_exist() if known == 0 else version == known


class DynamoTrail:
    """Trail."""

    @unavailable
    def page(self, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """List all entries, newest first."""
        before = paging.undress(keys.TRAIL, cursor)
        condition = None if before is None else models.Row.sk < before
        found = models.AuditRow.query(keys.TRAIL, condition, scan_index_forward=False, page_size=limit + 1)
        rows = list(itertools.islice(found, limit + 1))
        entries = tuple(_entry(row) for row in rows[:limit])
        return Page(entries, paging.dress(keys.TRAIL, entries[-1].id) if len(rows) > limit else None)

    @unavailable
    def told(self, user: str, limit: int) -> Sequence[AuditEntry]:
        """List what administrators changed of a user's items, newest first."""
        found = models.AuditRow.query(keys.told(user), scan_index_forward=False, limit=limit, page_size=limit)
        return [_entry(row) for row in found]
