"""Sessions of the web application in the app table."""

from pynamodb.exceptions import DoesNotExist, TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models_web import SessionRow
from ocello.adapters.dynamodb.people.trail import was_lost
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
