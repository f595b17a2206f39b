"""Users' settings in the app table."""

from dataclasses import replace
from typing import cast

from pynamodb.expressions.update import Action

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.people.ringing import AlertChoice, QuietHours
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
        quiet = cast("list[int]", row.quiet_hours or ())
        read = TrackingSettings(
            never_track=tuple(cast("list[str]", row.never_track or ())),
            alert_choice=cast("AlertChoice", row.alert_choice),
            quiet_hours=QuietHours(*map(int, quiet)) if quiet else None,
        )
        if row.alerts is None:  # the switches were never written
            return read
        return replace(
            read,
            track_opens=row.track_opens,
            track_clicks=row.track_clicks,
            alerts=row.alerts,
            mail_alerts=row.mail_alerts,
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

    @unavailable
    def choose_alerts(self, user: str, choice: AlertChoice, quiet: QuietHours | None) -> None:
        """Write which alerts a user is told of, and when, and nothing else of the settings."""
        row = models.SettingsRow
        hours = row.quiet_hours.remove() if quiet is None else row.quiet_hours.set([quiet.start, quiet.end])
        row(*keys.settings(user)).update([models.kind_of(row), row.alert_choice.set(choice), hours])
