"""Alerts in memory."""

from dataclasses import dataclass, field, replace

from ocello.domain.common.errors import Invalid
from ocello.domain.messages.alerts import UNSEEN, Alert
from ocello.services.alerts.ports import ShownAlert
from ocello.services.common.ports import Page
from tests.fakes.engagement.settling import MemoryAlertStore
from tests.fakes.world import paged


@dataclass
class MemoryAlertPanel:
    """AlertPanel of alerts that are given to it, and of those of a MemoryAlertStore."""

    alerts: dict[str, list[ShownAlert]] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    store: MemoryAlertStore = field(default_factory=MemoryAlertStore)
    followed: set[tuple[str, str]] = field(default_factory=set)  # owners and ids

    given: set[tuple[str, str]] = field(default_factory=set)  # owners and ids

    def _all(self, owner: str) -> list[ShownAlert]:
        return [
            *self.alerts.get(owner, ()),
            *(_shown(*row) for row in self.store.rows.items() if row[0].owner == owner),
        ]

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[ShownAlert]:
        self.given |= {(owner, each.id) for each in self._all(owner)}
        newest = sorted(self._all(owner), key=lambda alert: alert.id, reverse=True)
        mark = self.read.get(owner, "")
        shown = [
            replace(each, state="read")
            if each.state == "new" and (each.id <= mark or (owner, each.id) in self.followed)
            else each
            for each in newest
        ]
        return paged(shown, limit, cursor, lambda alert: alert.id)

    def _must_be_given(self, field: str, owner: str, alert: str) -> None:
        if (owner, alert) not in self.given:
            raise Invalid(field, "is no alert's id")

    def mark_read(self, owner: str, alert: str) -> str | None:
        found = next((each for each in self._all(owner) if each.id == alert), None)
        if found is None:
            self._must_be_given("alert", owner, alert)
            return None
        self.followed.add((owner, alert))
        return found.message

    def mark_read_up_to(self, owner: str, alert: str) -> None:
        if all(alert != each.id for each in self._all(owner)):
            self._must_be_given("up_to", owner, alert)
        self.read[owner] = max(alert, self.read.get(owner, ""))


def _shown(alert: Alert, withdrawn: bool) -> ShownAlert:
    return ShownAlert(
        id=f"{alert.at:013d}#{alert.message}#{alert.mark}",
        kind=alert.kind,
        at=alert.at,
        message=alert.message,
        subject=alert.subject,
        recipient=alert.recipient,
        link=alert.link,
        state="withdrawn" if withdrawn else "read" if alert.silent in UNSEEN else "new",
        name=alert.name,
        silent=alert.silent,
        stopped=alert.stopped,
    )
