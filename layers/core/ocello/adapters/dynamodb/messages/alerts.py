"""Alert rows in the app table, as the alerts function writes them."""

from typing import Any, cast

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.messages.alerts import Alert
from ocello.services.alerts.ports import KeptAlert


def _key(alert: Alert) -> keys.Key:
    return keys.alert(alert.owner, alert.at, alert.message, alert.mark)


class DynamoAlertStore:
    """AlertStore: an alert's key is made of its message and hit."""

    @unavailable
    def kept(self, alert: Alert) -> KeptAlert | None:
        """Read the row of an alert by a consistent read; None if there is none."""
        try:
            row = models.AlertRow.get(*_key(alert), consistent_read=True)
        except models.AlertRow.DoesNotExist:
            return None
        return KeptAlert(row.withdrawn, cast("dict[str, Any]", row.detail).get("silent", ""))

    @unavailable
    def put(self, alert: Alert, *, withdrawn: bool) -> None:
        """Write an alert's row, replacing any older one."""
        detail = {
            "kind": alert.kind,
            "at": alert.at,
            "message": alert.message,
            "subject": alert.subject,
            "recipient": alert.recipient,
            "link": alert.link,
            "name": alert.name,
            "silent": alert.silent,
            "stopped": alert.stopped,
        }
        models.AlertRow(*_key(alert), detail=detail, withdrawn=withdrawn).save()

    @unavailable
    def remove(self, alert: Alert) -> None:
        """Delete an alert's row, if it exists."""
        models.AlertRow(*_key(alert), detail={}).delete()
