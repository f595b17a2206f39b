"""Changes what a user tracks, which alerts ring and when, and the domains that are never tracked."""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from ocello.domain.common.errors import Conflict
from ocello.domain.messages import exceptions
from ocello.domain.people.ringing import AlertChoice, QuietHours
from ocello.domain.people.users import Account, TrackingSettings, User
from ocello.services.accounts.ports import AccountStore
from ocello.services.people.ports import SettingsStore


@dataclass(frozen=True, slots=True)
class TrackingSettingsUpdate:
    """New values of the three switches, of the domains that are never tracked, and of the alerts that ring.

    None leaves domains and choice as they are; `same` leaves the quiet hours as they are, and None ends them.
    """

    track_opens: bool
    track_clicks: bool
    alerts: bool
    never_track: tuple[str, ...] | None = None
    alert_choice: AlertChoice | None = None
    quiet_hours: QuietHours | Literal["same"] | None = "same"


class SettingsView(NamedTuple):
    """A user's settings, and the accounts that the user may send from."""

    settings: TrackingSettings
    connected: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class SettingsEditor:
    """Reads and changes users' settings."""

    settings: SettingsStore
    accounts: AccountStore

    def view(self, user: User) -> SettingsView:
        """Return what the page of a user's settings shows."""
        connected = (account for account in self.accounts.of(user.id) if account.verified)
        return SettingsView(self.settings.read(user.id), tuple(connected))

    def update(self, user: User, update: TrackingSettingsUpdate) -> TrackingSettings:
        """Write a user's settings, and return them as they are stored.

        Raises Conflict if tracking is switched on without a connected account, and Invalid for a text that is not a
        domain.
        """
        now = self.settings.read(user.id)
        turned_on = (update.track_opens and not now.track_opens) or (update.track_clicks and not now.track_clicks)
        if turned_on and not any(account.verified for account in self.accounts.of(user.id)):
            raise Conflict(
                "connect a sending account first: tracking can be switched on only for mail that you can send"
            )
        wanted = now.never_track if update.never_track is None else update.never_track
        domains = exceptions.domains("never_track", wanted)
        after = replace(
            now,
            track_opens=update.track_opens,
            track_clicks=update.track_clicks,
            alerts=update.alerts,
            never_track=domains,
            alert_choice=update.alert_choice or now.alert_choice,
            quiet_hours=now.quiet_hours if update.quiet_hours == "same" else update.quiet_hours,
        )
        self.settings.save_switches(user.id, after)
        if domains != now.never_track:
            self.settings.save_never_track(user.id, domains)
        if (after.alert_choice, after.quiet_hours) != (now.alert_choice, now.quiet_hours):
            self.choose_alerts(user, after.alert_choice, after.quiet_hours)
        return after

    def choose_alerts(self, user: User, choice: AlertChoice, quiet: QuietHours | None) -> None:
        """Write which alerts a user is told of, and in which hours of none."""
        self.settings.choose_alerts(user.id, choice, quiet)
