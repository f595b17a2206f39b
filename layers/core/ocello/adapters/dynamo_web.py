"""Sessions, preferences and contacts of the web application in the app table."""

from typing import cast

from pynamodb.exceptions import DoesNotExist, PutError

from ocello.adapters import keys, models
from ocello.adapters.faults import unavailable
from ocello.adapters.models_web import ContactsRow, PreferencesRow, SessionRow
from ocello.domain.contacts import Contacts
from ocello.domain.messages import Mailbox
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
        return Preferences(cast("Language", row.language), row.zone, cast("Theme", row.theme), row.signature)

    @unavailable
    def write(self, user: str, preferences: Preferences) -> None:
        """Write a user's preferences."""
        PreferencesRow(
            *keys.preferences(user),
            language=preferences.language,
            zone=preferences.zone,
            theme=preferences.theme,
            signature=preferences.signature,
        ).save()


class DynamoContactStore:
    """ContactStore."""

    @unavailable
    def read(self, owner: str) -> Contacts:
        """Return a user's contacts; of a user without any, none."""
        try:
            row = ContactsRow.get(*keys.contacts(owner), consistent_read=True)
        except DoesNotExist:
            return Contacts()
        people = cast("list[tuple[str, str]]", row.people)
        return Contacts(tuple(Mailbox(address, name) for address, name in people), row.up_to, int(row.version))

    @unavailable
    def write(self, owner: str, known: Contacts) -> bool:
        """Write contacts over the version before theirs; False where that is not the present one."""
        people = [[each.address, each.name] for each in known.people]
        row = ContactsRow(*keys.contacts(owner), up_to=known.up_to, version=known.version, people=people)
        first = known.version == 1
        try:
            row.save(models.Row.pk.does_not_exist() if first else ContactsRow.version == known.version - 1)
        except PutError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
        return True
