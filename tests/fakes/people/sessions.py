"""Sessions of the web application in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ocello.domain.common.errors import Unavailable
from ocello.domain.people.sessions import Session
from ocello.services.people.ports import KnownSources


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

    def save_sources(self, session: Session) -> None:
        present = self.sessions.get(session.digest)
        if present is not None and not present.replaced:
            self.sessions[session.digest] = replace(present, sources=session.sources)

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


@dataclass
class MemorySignInSources:
    """SignInSources, which counts its writes, and can be down."""

    known: dict[str, KnownSources] = field(default_factory=dict)
    writes: int = 0
    down: bool = False
    meanwhile: Callable[[], object] | None = None  # what somebody else does before the next write

    def read(self, user: str) -> KnownSources:
        if self.down:
            raise Unavailable("database: down")
        return self.known.get(user, KnownSources())

    def write(self, user: str, known: KnownSources) -> bool:
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()
        if self.known.get(user, KnownSources()).version != known.version - 1:
            return False
        self.known[user] = known
        self.writes += 1
        return True
