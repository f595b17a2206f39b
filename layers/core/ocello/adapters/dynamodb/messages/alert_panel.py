"""A user's alerts in the app table, as the panel lists them."""

from typing import Any, cast

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.conditions import Attempt, present
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.common.errors import Invalid
from ocello.domain.messages.alerts import UNSEEN
from ocello.services.alerts.ports import ShownAlert
from ocello.services.common.ports import Page


class DynamoAlertPanel:
    """AlertPanel: newest first. One mark for each user, which never moves back, divides read from unread alerts."""

    @unavailable
    def page(self, owner: str, limit: int, cursor: str | None) -> Page[ShownAlert]:
        """Return a page of an owner's alerts, newest first."""
        partition = keys.alerts(owner)
        row = models.AlertRow
        rows, following = paging.read(row.query, partition, row.sk, limit, cursor, newest_first=True)
        read_to = self._read_to(owner)
        return Page(tuple(_shown(row, read_to) for row in rows), following)

    @unavailable
    def mark_read(self, owner: str, alert: str) -> str | None:
        """Mark one alert as read by its owner, and return its message."""
        try:
            row = models.AlertRow.get(keys.alerts(owner), _sort_in("alert", owner, alert))
        except models.AlertRow.DoesNotExist:
            return None
        with Attempt() as attempt:
            row.update(actions=[models.AlertRow.followed.set(True)], condition=present())
        return str(cast("dict[str, Any]", row.detail)["message"]) if attempt.succeeded else None

    @unavailable
    def mark_read_up_to(self, owner: str, alert: str) -> None:
        """Mark all alerts up to `alert` as read by their owner."""
        sort = _sort_in("up_to", owner, alert)
        row = models.AlertsReadRow(*keys.alerts_read(owner), up_to=sort)
        with Attempt():
            row.save(models.AlertsReadRow.up_to.does_not_exist() | (models.AlertsReadRow.up_to < sort))

    @staticmethod
    def _read_to(owner: str) -> str:
        try:
            return models.AlertsReadRow.get(*keys.alerts_read(owner), consistent_read=True).up_to
        except models.AlertsReadRow.DoesNotExist:
            return ""


def _sort_in(field: str, owner: str, alert: str) -> str:
    """Return the sort key in an alert's id. Raise Invalid if it is not an id, or another owner's."""
    try:
        return paging.decode(keys.alerts(owner), alert) or ""
    except Invalid:
        raise Invalid(field, "is no alert's id") from None


def _shown(row: models.AlertRow, read_to: str) -> ShownAlert:
    detail = cast("dict[str, Any]", row.detail)
    silent = detail.get("silent", "")
    read = row.followed or row.sk <= read_to or silent in UNSEEN
    return ShownAlert(
        id=paging.encode(row.pk, row.sk),
        kind=detail["kind"],
        at=int(detail["at"]),
        message=detail["message"],
        subject=detail["subject"],
        recipient=detail["recipient"],
        link=detail["link"],
        state="withdrawn" if row.withdrawn else "read" if read else "new",
        name=detail.get("name", ""),
        silent=silent,
        stopped=detail.get("stopped", False),
    )
