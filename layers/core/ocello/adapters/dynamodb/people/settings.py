"""Users' settings in the app table."""

from typing import cast

from pynamodb.expressions.update import Action

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.people.users import TrackingSettings


class DynamoSettingsStore:
    """SettingsStore."""

    @unavailable
    def read(self, user: str) -> TrackingSettings:
        """Return a user's settings, or the defaults."""
        try:
            row = models.SettingsRow.get(*keys.settings(user), consistent_read=True)
        except models.SettingsRow.DoesNotExist:
            return TrackingSettings()
        never_track = tuple(cast("list[str]", row.never_track or ()))
        if row.alerts is None:  # only the domains were ever written
            return TrackingSettings(never_track=never_track)
        return TrackingSettings(
            track_opens=row.track_opens,
            track_clicks=row.track_clicks,
            alerts=row.alerts,
            mail_alerts=row.mail_alerts,
            never_track=never_track,
        )

    @unavailable
    def save_switches(self, user: str, settings: TrackingSettings) -> None:
        """Write a user's switches; keep the domains."""
        row = models.SettingsRow
        actions: list[Action] = [
            models.kind_of(row),
            row.track_opens.set(settings.track_opens),
            row.track_clicks.set(settings.track_clicks),
            row.alerts.set(settings.alerts),
        ]
        row(*keys.settings(user)).update(actions)

    @unavailable
    def save_never_track(self, user: str, domains: tuple[str, ...]) -> None:
        """Write the domains that a user never tracks; keep the switches."""
        row = models.SettingsRow
        row(*keys.settings(user)).update([models.kind_of(row), row.never_track.set(list(domains))])
