"""Sessions of the web application in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ocello.domain.people.sessions import Session


@dataclass
class MemorySessionStore:
    """SessionStore."""

    sessions: dict[str, Session] = field(default_factory=dict)
    meanwhile: Callable[[], object] | None = None  # what somebody else does before the next change

    def get(self, digest: str) -> Session | None:
        return self.sessions.get(digest)

    def begin(self, session: Session) -> None:
        self.sessions[session.digest] = session

    def save_last_use(self, session: Session) -> None:
        self._meanwhile()
        present = self.sessions.get(session.digest)
        if present is not None and not present.replaced:
            self.sessions[session.digest] = replace(present, seen_at=session.seen_at)

    def rename(self, before: Session, after: Session) -> bool:
        self._meanwhile()
        if before.digest not in self.sessions or self.sessions[before.digest].replaced:
            return False
        self.sessions |= {before.digest: before, after.digest: after}
        return True

    def _meanwhile(self) -> None:
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()

    def delete(self, digest: str) -> None:
        self.sessions.pop(digest, None)
