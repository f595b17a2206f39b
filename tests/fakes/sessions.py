"""Sessions of the web application in memory."""

from dataclasses import dataclass, field


@dataclass
class MemorySessionStore:
    """SessionStore."""

    sessions: dict = field(default_factory=dict)
    meanwhile: object = None  # what somebody else does before the next change

    def get(self, digest):
        return self.sessions.get(digest)

    def begin(self, session):
        self.sessions[session.digest] = session

    def note(self, session):
        self._meanwhile()
        if session.digest in self.sessions and not self.sessions[session.digest].replaced:
            self.sessions[session.digest] = session

    def rename(self, before, after):
        self._meanwhile()
        if before.digest not in self.sessions or self.sessions[before.digest].replaced:
            return False
        self.sessions |= {before.digest: before, after.digest: after}
        return True

    def _meanwhile(self):
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()

    def delete(self, digest):
        self.sessions.pop(digest, None)
