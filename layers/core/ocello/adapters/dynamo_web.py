"""Sessions and preferences of the web application in the app table."""

from typing import cast

from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action

from ocello.adapters import keys
from ocello.adapters.faults import unavailable
from ocello.adapters.models_web import PreferencesRow, SessionRow
from ocello.domain.preferences import Language, Preferences, Theme
from ocello.domain.sessions import Session, ends_at


class DynamoSessionStore:
    """SessionStore. The table forgets by itself what is over."""

    @unavailable
    def get(self, digest: str) -> Session | None:
        """Read a session."""
        try:
            row = SessionRow.get(*keys.session(digest), consistent_read=True)
        except DoesNotExist:
            return None
        times = int(row.created_at), int(row.renewed_at), int(row.seen_at)
        return Session(digest, row.user, row.csrf, *times, row.sealed or b"", row.replaced)

    @unavailable
    def put(self, session: Session) -> None:
        """Write a session."""
        row = SessionRow(
            *keys.session(session.digest),
            user=session.user,
            csrf=session.csrf,
            created_at=session.created_at,
            renewed_at=session.renewed_at,
            seen_at=session.seen_at,
            replaced=session.replaced,
            ttl=ends_at(session) // 1000 + 1,
        )
        if session.sealed:
            row.sealed = session.sealed
        row.save()

    @unavailable
    def delete(self, digest: str) -> None:
        """Forget a session."""
        SessionRow(*keys.session(digest)).delete()


class DynamoPreferenceStore:
    """PreferenceStore."""

    @unavailable
    def read(self, user: str) -> Preferences:
        """Read a user's preferences; a user without any has the defaults."""
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
        )

    @unavailable
    def write(self, user: str, preferences: Preferences) -> None:
        """Write a user's preferences."""
        PreferencesRow(
            *keys.preferences(user),
            language=preferences.language,
            zone=preferences.zone,
            theme=preferences.theme,
            signature=preferences.signature,
            browser_language=preferences.browser_language,
        ).save()

    @unavailable
    def remember_browser_language(self, user: str, language: Language) -> None:
        """Remember what a user's browser wished for, and change no other preference."""
        actions: list[Action] = [
            PreferencesRow.cls.set(PreferencesRow),  # an update may make the row
            PreferencesRow.zone.set(PreferencesRow.zone | ""),  # a new row knows no zone; one without it means UTC
            PreferencesRow.browser_language.set(language),
        ]
        PreferencesRow(*keys.preferences(user)).update(actions)
