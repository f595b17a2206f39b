"""What the light bulb and the panel behind it show of a user's alerts."""

from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.people.users import User
from ocello.services.alerts.ports import AlertPanel, ShownAlert
from ocello.services.common.ports import Page
from ocello.services.people.ports import SettingsStore

SHOWN = 30  # alerts on a page of the panel, and the most that the bulb counts


class News(NamedTuple):
    """How many alerts are new, when the newest came (ms; 0: none is new), and the alert to tell of, if any."""

    new: int
    at: int
    newest: ShownAlert | None


class PanelView(NamedTuple):
    """A page of alerts, the newest first, and whether the user wants alerts."""

    page: Page[ShownAlert]
    on: bool


@dataclass(frozen=True, slots=True)
class AlertViews:
    """What users see of their alerts."""

    alerts: AlertPanel
    settings: SettingsStore

    def news(self, user: User, since: int | None) -> News:
        """Return what is new; `since` (ms) is when the newest came that a page has shown, None if it has shown nothing.

        Only a new alert is told of: a withdrawal, or reading in another window, moves an earlier alert to the top.
        """
        page = self.alerts.page(user.id, SHOWN, None)
        new = [alert for alert in page.items if alert.state == "new"]
        loud = next((alert for alert in new if not alert.silent), None)
        rings = loud is not None and since is not None and loud.at > since
        return News(len(new), new[0].at if new else 0, loud if rings else None)

    def panel(self, user: User, cursor: str | None) -> PanelView:
        """Return a page of the panel. Raises Invalid for a bad cursor."""
        return PanelView(self.alerts.page(user.id, SHOWN, cursor), self.settings.read(user.id).alerts)
