"""Users' preferences in the app table."""

from typing import cast

from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.people import PreferencesRow
from ocello.domain.people.preferences import Language, Preferences, Theme


class DynamoPreferenceStore:
    """PreferenceStore."""

    @unavailable
    def read(self, user: str) -> Preferences:
        """Return a user's preferences, or the defaults."""
        try:
            row = PreferencesRow.get(*keys.preferences(user), consistent_read=True)
        except DoesNotExist:
            return Preferences()
        return Preferences(
            language=cast("Language", row.language),
            zone=row.zone,
            theme=cast("Theme", row.theme),
            signature=row.signature,
            browser_language=cast("Language", row.browser_language),
            shortcuts=row.shortcuts is not False,
        )

    @unavailable
    def save_choices(self, user: str, preferences: Preferences) -> None:
        """Write a user's language, zone, theme and shortcuts; keep the signature."""
        self._set(
            user,
            [
                PreferencesRow.language.set(preferences.language),
                PreferencesRow.zone.set(preferences.zone),
                PreferencesRow.theme.set(preferences.theme),
                PreferencesRow.shortcuts.set(preferences.shortcuts),
            ],
        )

    @unavailable
    def save_signature(self, user: str, signature: str) -> None:
        """Write a user's signature; keep the rest."""
        self._set(user, [PreferencesRow.signature.set(signature)], zone="")

    @unavailable
    def save_zone_if_unknown(self, user: str, zone: str) -> None:
        """Write a user's zone if none is known; keep the rest."""
        unknown = PreferencesRow.zone.does_not_exist() | (PreferencesRow.zone == "")
        with Attempt():
            self._set(user, [PreferencesRow.zone.set(zone)], condition=unknown)

    @unavailable
    def remember_browser_language(self, user: str, language: Language) -> None:
        """Write the language of a user's browser; keep the rest."""
        self._set(user, [PreferencesRow.browser_language.set(language)], zone="")

    @staticmethod
    def _set(user: str, actions: list[Action], *, zone: str | None = None, condition: Condition | None = None) -> None:
        """Update or create the row. A row without a zone gets `zone`, so that the model's default is never read as chosen."""
        if zone is not None:
            actions = [*actions, PreferencesRow.zone.set(PreferencesRow.zone | zone)]
        PreferencesRow(*keys.preferences(user)).update([models.kind_of(PreferencesRow), *actions], condition)
