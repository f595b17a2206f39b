"""Signs people in and out of the web application, and renews their sessions."""

import base64
import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from ocello.domain.common.errors import Forbidden, Unauthenticated, Unavailable
from ocello.domain.people import sessions
from ocello.domain.people.sessions import Session
from ocello.domain.people.users import User
from ocello.domain.verdicts.signed_in import seen
from ocello.services.common.ports import Clock, RandomBytes
from ocello.services.people.authenticate import Authenticator
from ocello.services.people.ports import (
    KnownSources,
    Seal,
    SessionStore,
    SignInProvider,
    SignInSources,
    Tokens,
    UserStore,
)

_TRIES = 3  # of writing sources that another request of the same user writes too


class PendingSignIn(NamedTuple):
    """A sign-in that the provider has not answered yet: where the browser is sent, and what it must bring back."""

    address: str
    state: str
    nonce: str
    verifier: str


class AuthenticatedSession(NamedTuple):
    """The user of a session; `name` is the session's new name if the cookie must be set again, otherwise empty."""

    user: User
    session: Session
    name: str = ""


@dataclass(frozen=True, slots=True)
class WebSignIn:
    """Signs people in and out.

    `source_of` digests a client's address, 0 for one that tells nothing; `is_shared` says whether many people share one.
    """

    provider: SignInProvider
    authenticator: Authenticator
    users: UserStore
    sessions: SessionStore
    sources: SignInSources
    source_of: Callable[[str], int]
    is_shared: Callable[[str], bool]
    seal: Seal
    clock: Clock
    random_bytes: RandomBytes

    def begin(self) -> PendingSignIn:
        """Start a sign-in."""
        state, nonce, verifier = self._name(), self._name(), self._name()
        return PendingSignIn(self.provider.address_to_sign_in(state, nonce, verifier), state, nonce, verifier)

    def complete(self, pending: PendingSignIn, state: str, code: str, address: str) -> AuthenticatedSession:
        """Finish a sign-in from `address`.

        Raises Unauthenticated if it is not the one begun, Forbidden if the person may not come in.
        """
        if not hmac.compare_digest(pending.state.encode(), state.encode()):
            raise Unauthenticated("this sign-in was not begun here: please try again")
        tokens = self.provider.redeem(code, pending.verifier)
        user = self._person(tokens)
        if not hmac.compare_digest(self.provider.nonce_of(tokens.identity).encode(), pending.nonce.encode()):
            raise Unauthenticated("this sign-in was not begun here: please try again")
        now, name = max(self.clock(), user.signed_out_at + 1), self._name()
        session = Session(sessions.digest_of(name), user.id, self._name(), now, now, now)
        session = replace(session, sealed=self.seal.close(name, tokens.refresh))
        self.sessions.begin(session)
        return AuthenticatedSession(user, self._noted(session, address), name)

    def authenticate(self, name: str, address: str, *, active: bool) -> AuthenticatedSession:
        """Return the user of the session `name`, used from `address`, of which a digest is noted where it is new.

        `active` is False for a request that a script makes, which does not keep a session alive. Raises Unauthenticated
        if the session is unknown or over, and Forbidden if the user was disabled.
        """
        found = self._authenticated(name, active=active)
        return found._replace(session=self._noted(found.session, address))

    def _authenticated(self, name: str, *, active: bool) -> AuthenticatedSession:
        now = self.clock()
        session = self.sessions.get(sessions.digest_of(name)) if name else None
        if session is None or sessions.is_over(session, now):
            raise Unauthenticated("please sign in")
        user = self.users.get(session.user)
        if user is None:
            raise Unauthenticated("please sign in")
        if user.disabled:
            self.sessions.delete(session.digest)
            raise Forbidden("this user was disabled by an administrator")
        if session.created_at <= user.signed_out_at:
            self.sessions.delete(session.digest)
            raise Unauthenticated("please sign in")
        if active and sessions.is_due(session, now):
            return self._renew(session, name, user)
        if active and not session.replaced and now >= session.seen_at + sessions.NOTE_MS:
            session = replace(session, seen_at=now)
            self.sessions.save_last_use(session)
        return AuthenticatedSession(user, session)

    def sign_out(self, name: str) -> str:
        """End a session, and return the address at which the provider's session ends."""
        if name:
            self.sessions.delete(sessions.digest_of(name))
        return self.provider.address_to_sign_out()

    def _renew(self, session: Session, name: str, user: User) -> AuthenticatedSession:
        """Return the session under a new name, if the provider still knows the person."""
        refresh = self.seal.open(name, session.sealed)
        if refresh:
            try:
                tokens = self.provider.refresh(refresh)
                user = self._person(tokens) if tokens.identity else user
            except (Unauthenticated, Forbidden):
                self.sessions.delete(session.digest)
                raise
            refresh = tokens.refresh or refresh
        now, fresh = self.clock(), self._name()
        renewed = replace(
            session,
            digest=sessions.digest_of(fresh),
            renewed_at=now,
            seen_at=now,
            sealed=self.seal.close(fresh, refresh),
            sources=(),
        )
        if self.sessions.rename(replace(session, replaced=True, seen_at=now, sealed=b""), renewed):
            return AuthenticatedSession(user, renewed, fresh)
        kept = self.sessions.get(session.digest)  # another request renewed the session, or it was ended meanwhile
        if kept is None:
            raise Unauthenticated("please sign in")
        return AuthenticatedSession(user, kept)

    def _noted(self, session: Session, address: str) -> Session:
        """Note from where a session is used, once for each place and name. No page fails where that cannot be written."""
        source = self.source_of(address)
        if not source or session.replaced or source in session.sources:
            return session
        if len(session.sources) >= sessions.MOST_SOURCES:
            return session
        with suppress(Unavailable):
            if self.is_shared(address) or self._see(session.user, source):
                session = replace(session, sources=(*session.sources, source))
                self.sessions.save_sources(session)
        return session

    def _see(self, user: str, source: int) -> bool:
        """Add to a user's sources; False where others were too quick each time, and the next request tries again."""
        for _ in range(_TRIES):
            known = self.sources.read(user)
            if self.sources.write(user, KnownSources(seen(known.sources, source, self.clock()), known.version + 1)):
                return True
        return False

    def _person(self, tokens: Tokens) -> User:
        return self.authenticator.authenticate(f"Bearer {tokens.identity}").user

    def _name(self) -> str:
        return base64.urlsafe_b64encode(self.random_bytes(sessions.NAME_BYTES)).rstrip(b"=").decode()
