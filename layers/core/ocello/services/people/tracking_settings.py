"""Changes what a user tracks, whether alerts ring, and the domains that are never tracked."""

from dataclasses import dataclass, replace

from ocello.domain.common.errors import Conflict
from ocello.domain.messages import exceptions
from ocello.domain.people.users import TrackingSettings, User
from ocello.services.accounts.ports import AccountStore
from ocello.services.people.ports import SettingsStore


@dataclass(frozen=True, slots=True)
class TrackingSettingsUpdate:
    """New values of the three switches and of the domains that are never tracked; None leaves the domains as they are."""

    track_opens: bool
    track_clicks: bool
    alerts: bool
    never_track: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SettingsEditor:
    """Changes users' settings."""

    settings: SettingsStore
    accounts: AccountStore

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
        )
        self.settings.save_switches(user.id, after)
        if domains != now.never_track:
            self.settings.save_never_track(user.id, domains)
        return after
