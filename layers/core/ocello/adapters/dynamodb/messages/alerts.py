"""Alert rows in the app table, as the alerts function writes them."""

from typing import Literal

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.messages.alerts import Alert


def _key(alert: Alert) -> keys.Key:
    return keys.alert(alert.owner, alert.at, alert.message, alert.mark)


class DynamoAlertStore:
    """AlertStore: an alert's key is made of its message and hit."""

    @unavailable
    def state(self, alert: Alert) -> Literal["absent", "standing", "withdrawn"]:
        """Return the state of an alert by a consistent read."""
        try:
            row = models.AlertRow.get(*_key(alert), consistent_read=True)
        except models.AlertRow.DoesNotExist:
            return "absent"
        return "withdrawn" if row.withdrawn else "standing"

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
        }
        models.AlertRow(*_key(alert), detail=detail, withdrawn=withdrawn).save()

    @unavailable
    def remove(self, alert: Alert) -> None:
        """Delete an alert's row, if it exists."""
        models.AlertRow(*_key(alert), detail={}).delete()
