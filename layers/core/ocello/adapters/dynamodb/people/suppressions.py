"""Suppressed addresses in the app table."""

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt, absent
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.people.trail import delete_noted
from ocello.domain.messages.delivery import COMPLAINT
from ocello.domain.people.audit import AuditEntry


class DynamoSuppressionList:
    """SuppressionList; addresses are compared in lower case."""

    @unavailable
    def reason(self, address: str) -> str | None:
        """Return the reason why `address` is suppressed, or None."""
        try:
            return models.SuppressionRow.get(*keys.suppression(address.lower()), consistent_read=True).reason
        except models.SuppressionRow.DoesNotExist:
            return None

    @unavailable
    def add(self, address: str, reason: str, now: int) -> None:
        """Suppress `address`; the reason *complaint* is never replaced."""
        row = models.SuppressionRow(*keys.suppression(address.lower()), reason=reason, at=now)
        with Attempt():
            row.save(None if reason == COMPLAINT else absent())

    @unavailable
    def remove(self, address: str, reason: str, note: AuditEntry) -> bool:
        """Allow `address` again, and add a note; return False if it is not suppressed for `reason`."""
        row = models.SuppressionRow(*keys.suppression(address.lower()))
        return delete_noted(row, models.SuppressionRow.reason == reason, note)
