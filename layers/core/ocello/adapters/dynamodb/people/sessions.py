"""Sessions of the web application in the app table."""

from typing import cast

from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt, absent, present
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.people import SessionRow
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
        sources=list(session.sources),
        ttl=_ttl(session),
    )
    if session.sealed:
        row.sealed = session.sealed
    return row


def _stands() -> Condition:
    stands: Condition = present() & (SessionRow.replaced == False)  # noqa: E712 — a condition
    return stands


class DynamoSessionStore:
    """SessionStore. DynamoDB deletes ended sessions by their TTL."""

    @unavailable
    def get(self, digest: str) -> Session | None:
        """Return a session, or None."""
        try:
            row = SessionRow.get(*keys.session(digest), consistent_read=True)
        except DoesNotExist:
            return None
        return Session(
            digest=digest,
            user=row.user,
            csrf=row.csrf,
            created_at=int(row.created_at),
            renewed_at=int(row.renewed_at),
            seen_at=int(row.seen_at),
            sealed=row.sealed or b"",
            replaced=row.replaced,
            sources=tuple(cast("list[int]", row.sources)),
        )

    @unavailable
    def begin(self, session: Session) -> None:
        """Write a new session."""
        _session_row(session).save(absent())

    @unavailable
    def save_last_use(self, session: Session) -> None:
        """Store when a session was last used; do nothing if it was deleted or replaced, so that it is not created again."""
        with Attempt():
            SessionRow(*keys.session(session.digest)).update(
                [SessionRow.seen_at.set(session.seen_at), SessionRow.ttl.set(_ttl(session))], _stands()
            )

    @unavailable
    def save_sources(self, session: Session) -> None:
        """Store from where a session was used; do nothing if it was deleted or replaced."""
        with Attempt():
            SessionRow(*keys.session(session.digest)).update([SessionRow.sources.set(list(session.sources))], _stands())

    @unavailable
    def rename(self, before: Session, after: Session) -> bool:
        """Write a session under its new name and mark the old one as replaced; return False if that is deleted or replaced."""
        with Attempt() as attempt, models.transaction() as transaction:
            transaction.save(_session_row(before), _stands())
            transaction.save(_session_row(after), absent())
        return attempt.succeeded

    @unavailable
    def delete(self, digest: str) -> None:
        """Delete a session."""
        SessionRow(*keys.session(digest)).delete()
