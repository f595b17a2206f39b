"""Sessions, preferences and contacts of the web application in the app table."""

from typing import cast

from pynamodb.exceptions import DoesNotExist, PutError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models_web import ContactsRow, PreferencesRow, SessionRow
from ocello.adapters.dynamodb.people.trail import was_lost
from ocello.domain.messages.message import Mailbox
from ocello.domain.people.contacts import Contacts
from ocello.domain.people.preferences import Language, Preferences, Theme
from ocello.domain.people.sessions import Session, ends_at


def _ttl(session: Session) -> int:
    return ends_at(session) // 1000 + 1


def _session_row(session: Session) -> SessionRow:
    row = SessionRow(
        *keys.session(session.digest),
        user=session.user,
        csrf=session.csrf,
        created_at=session.created_at,
        renewed_at=session.renewed_at,
        seen_at=session.seen_at,
        replaced=session.replaced,
        ttl=_ttl(session),
    )
    if session.sealed:
        row.sealed = session.sealed
    return row


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
    def begin(self, session: Session) -> None:
        """Write a new session."""
        _session_row(session).save(SessionRow.pk.does_not_exist())

    @unavailable
    def note(self, session: Session) -> None:
        """Note when a session was last used; nothing where it is over: it must not come back."""
        try:
            SessionRow(*keys.session(session.digest)).update(
                [SessionRow.seen_at.set(session.seen_at), SessionRow.ttl.set(_ttl(session))],
                SessionRow.pk.exists() & (SessionRow.replaced == False),  # noqa: E712 — a condition
            )
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    @unavailable
    def rename(self, before: Session, after: Session) -> bool:
        """Write a session under its new name, and that the old one is replaced; False where it is gone or was already."""
        stands = SessionRow.pk.exists() & (SessionRow.replaced == False)  # noqa: E712 — a condition
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.save(_session_row(before), stands)
                transaction.save(_session_row(after), SessionRow.pk.does_not_exist())
        except TransactWriteError as error:
            if was_lost(error):
                return False
            raise
        return True

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
    def choose(self, user: str, preferences: Preferences) -> None:
        """Write a user's language, zone and theme; the signature stays."""
        language = PreferencesRow.language.set(preferences.language)
        self._set(
            user, [language, PreferencesRow.zone.set(preferences.zone), PreferencesRow.theme.set(preferences.theme)]
        )

    @unavailable
    def sign(self, user: str, signature: str) -> None:
        """Write a user's signature; the rest stays."""
        self._set(user, [PreferencesRow.signature.set(signature)], zone="")

    @unavailable
    def settle_zone(self, user: str, zone: str) -> None:
        """Write a user's zone where none is known; the rest stays."""
        unknown = PreferencesRow.zone.does_not_exist() | (PreferencesRow.zone == "")
        try:
            self._set(user, [PreferencesRow.zone.set(zone)], condition=unknown)
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    @unavailable
    def remember_browser_language(self, user: str, language: Language) -> None:
        """Remember what a user's browser wished for, and change no other preference."""
        self._set(user, [PreferencesRow.browser_language.set(language)], zone="")

    @staticmethod
    def _set(user: str, actions: list[Action], *, zone: str | None = None, condition: Condition | None = None) -> None:
        """Update the row, which may not be there; without a zone said, it is not known rather than the model's default."""
        if zone is not None:
            actions = [*actions, PreferencesRow.zone.set(PreferencesRow.zone | zone)]
        PreferencesRow(*keys.preferences(user)).update([PreferencesRow.cls.set(PreferencesRow), *actions], condition)


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
