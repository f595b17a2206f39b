"""Alerts and statistics, as JSON."""

from typing import Annotated

from pydantic import Field

from functions.api.schemas.base import Answer, Request, Time
from ocello.domain.messages.alerts import AlertKind
from ocello.services.alerts.ports import ShownState


class AlertMessage(Answer):
    """The message that an alert is about."""

    id: str
    subject: str


class Alert(Answer):
    """Someone opened a message, clicked in it or answered it, or a copy of it did not arrive."""

    id: str
    kind: AlertKind
    at: Time
    message: AlertMessage
    recipient: str
    link: str | None
    state: ShownState


class Alerts(Answer):
    """A page of alerts, newest first."""

    items: list[Alert]
    next: str | None


class ReadUpTo(Request):
    """The newest alert that was read."""

    up_to: Annotated[str, Field(min_length=1, max_length=200, json_schema_extra={"format": "alert"})]


class Mute(Answer):
    """Whether the alerts of a message are muted."""

    muted: bool


class Figures(Answer):
    """Messages sent, tracked, and of those sent: opened and clicked at any time since."""

    sent: int
    tracked: int
    opened: int
    clicked: int


class Day(Figures):
    """A UTC day's figures."""

    day: str


class Stats(Answer):
    """Figures per day, oldest first, and in all."""

    from_: Annotated[str, Field(alias="from")]
    to: str
    days: list[Day]
    total: Figures
