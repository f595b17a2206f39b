"""Alert rows in the app table, as the alerts function writes them."""

from typing import Any, cast

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.messages.alerts import Alert
from ocello.services.alerts.ports import KeptAlert
from ocello.services.common.ports import Page


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

    @unavailable
    def standing(self, owner: str, since: int, limit: int, cursor: str | None) -> Page[Alert]:
        """List an owner's alerts that are not withdrawn, newest first, by consistent reads."""
        row, partition = models.AlertRow, keys.alerts(owner)
        name = f"standing of {owner}"
        last = paging.decode(name, cursor) or keys.LAST
        found = row.query(
            partition,
            row.sk.between(keys.alert(owner, since, "", "").sk, last),
            consistent_read=True,
            scan_index_forward=False,
            limit=limit + 2,  # the bounds hold the one that was shown last
            page_size=limit + 2,
        )
        page, following = paging.cut(name, [each for each in found if each.sk != last], limit, lambda each: each.sk)
        return Page(tuple(_alert(owner, each) for each in page if not each.withdrawn), following)


def _alert(owner: str, row: models.AlertRow) -> Alert:
    detail = cast("dict[str, Any]", row.detail)
    return Alert(
        owner=owner,
        message=detail["message"],
        at=int(detail["at"]),
        mark=row.sk.rpartition("#")[2],
        kind=detail["kind"],
        subject=detail["subject"],
        recipient=detail["recipient"],
        link=detail["link"],
        name=detail.get("name", ""),
        silent=detail.get("silent", ""),
        stopped=detail.get("stopped", False),
    )
