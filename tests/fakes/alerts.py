"""Alerts in memory."""

from dataclasses import dataclass, field, replace

from ocello.domain.common.errors import Invalid
from ocello.services.alerts.ports import ShownAlert
from ocello.services.common.ports import Page
from tests.fakes.world import paged


@dataclass
class MemoryAlertPanel:
    """AlertPanel."""

    alerts: dict[str, list[ShownAlert]] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[ShownAlert]:
        newest = sorted(self.alerts.get(owner, ()), key=lambda alert: alert.id, reverse=True)
        mark = self.read.get(owner, "")
        shown = [replace(a, state="read") if a.state == "new" and a.id <= mark else a for a in newest]
        return paged(shown, limit, cursor, lambda alert: alert.id)

    def follow(self, owner: str, alert: str) -> str | None:
        rows = self.alerts.get(owner, [])
        place = next((place for place, each in enumerate(rows) if each.id == alert), None)
        if place is None:
            return None
        if rows[place].state == "new":
            rows[place] = replace(rows[place], state="read")
        return rows[place].message

    def read_up_to(self, owner: str, alert: str) -> None:
        if all(alert != each.id for each in self.alerts.get(owner, ())):
            raise Invalid("up_to", "is no alert's id")
        self.read[owner] = max(alert, self.read.get(owner, ""))
