"""Suppressed addresses in the app table."""

from typing import Any

from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.people.trail import note as add_notes
from ocello.adapters.dynamodb.people.trail import was_lost
from ocello.domain.messages.delivery import COMPLAINT
from ocello.domain.people.audit import AuditEntry

_CONDITION = "ConditionalCheckFailedException"


class DynamoSuppressionList:
    """SuppressionList; addresses are compared in lower case."""

    @unavailable
    def reason(self, address: str) -> str | None:
        """Say why `address` is suppressed, or None."""
        try:
            return models.SuppressionRow.get(*keys.suppression(address.lower()), consistent_read=True).reason
        except models.SuppressionRow.DoesNotExist:
            return None

    @unavailable
    def add(self, address: str, reason: str, now: int) -> None:
        """Suppress `address`; a complaint stays a complaint."""
        row = models.SuppressionRow(*keys.suppression(address.lower()), reason=reason, at=now)
        try:
            row.save(None if reason == COMPLAINT else models.Row.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code != _CONDITION:
                raise

    @unavailable
    def remove(self, address: str, reason: str, note: AuditEntry) -> bool:
        """Allow `address` again, and note it; False where it is not suppressed for `reason`."""
        row = models.SuppressionRow(*keys.suppression(address.lower()))
        return _delete_noted(row, models.SuppressionRow.reason == reason, note)


def _delete_noted(row: models.Row, expected: Any, note: AuditEntry) -> bool:
    try:
        with TransactWrite(connection=models.connection()) as transaction:
            transaction.delete(row, expected)
            add_notes(transaction, [note])
    except TransactWriteError as error:
        if was_lost(error):
            return False
        raise
    return True
