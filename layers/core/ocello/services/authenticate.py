"""Tells who asks, from the one header that says so, and makes a person's user at the first sign-in."""

import hashlib
from dataclasses import dataclass, replace

from ocello.domain import apikeys, hosts
from ocello.domain.errors import Forbidden, Unauthenticated
from ocello.domain.ids import uuid7
from ocello.domain.people import SCOPES, Principal, User
from ocello.domain.times import DAY_MS
from ocello.services.ports import ApiKeyStore, Chance, Claims, Clock, SignInVerifier, UserStore

LONGEST_TOKEN = 8_192  # characters; API Gateway takes 10,240 bytes of headers in all


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may come in without an invitation, and which group makes an administrator."""

    domains: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    admin_group: str = "admins"


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Authenticates with the stores it was given."""

    verifier: SignInVerifier
    users: UserStore
    keys: ApiKeyStore
    admission: Admission
    clock: Clock
    chance: Chance

    def authenticate(self, header: str) -> Principal:
        """Tell who sent `Authorization: header`.

        Raises Unauthenticated where nobody known did, Forbidden where someone did who may not come in, and
        Unavailable where the issuer's keys cannot be had.
        """
        token = _bearer(header)
        principal = self._by_key(token) if token.startswith(apikeys.PREFIX) else self._by_sign_in(token)
        if principal.user.disabled:
            raise Forbidden("this user was disabled by an administrator")
        return principal

    def _by_key(self, text: str) -> Principal:
        user_id, key_id = apikeys.parse(text)
        key = self.keys.get(user_id, key_id)
        if key is None or not apikeys.fits(text, key.digest):
            raise Unauthenticated("no such API key")
        user = self.users.get(user_id)
        if user is None:
            raise Unauthenticated("no such API key")
        now = self.clock()
        if now // DAY_MS > key.last_used_at // DAY_MS:
            self.keys.touch(user_id, key_id, now)
        return Principal(user, frozenset(key.scopes), by_key=True, key=key.id)

    def _by_sign_in(self, token: str) -> Principal:
        claims = self.verifier.verify(token)
        identity = hashlib.sha256(f"{claims.issuer}\n{claims.subject}".encode()).hexdigest()
        user = self.users.by_identity(identity)
        if user is None:
            user = self._admit(claims)
            self.users.bind(identity, user.id)
        return Principal(self._current(user, claims), frozenset(SCOPES), by_key=False)

    def _admit(self, claims: Claims) -> User:
        """Find the invited user of a first sign-in, or make one where domain or group allow it."""
        if claims.use == "access":
            raise Forbidden("nobody has signed in with this account yet: sign in with an ID token first")
        if not claims.address:
            raise Forbidden("the identity provider has not verified this account's e-mail address")
        invited = self.users.by_address(claims.address)
        if invited is not None:
            return invited
        domain = hosts.compared(claims.address.rpartition("@")[2])
        if domain not in self.admission.domains and self.admission.groups.isdisjoint(claims.groups):
            raise Forbidden("this account was not invited: ask an administrator")
        now = self.clock()
        user = User(uuid7(now, self.chance(10)), claims.address, claims.name, created_at=now)
        if self.users.create(user):
            return user
        return self.users.by_address(claims.address) or user  # two first sign-ins at once: the other one made it

    def _current(self, user: User, claims: Claims) -> User:
        """Take over what the identity provider says of a person now; it is asked, not remembered."""
        admin = self.admission.admin_group in claims.groups
        current = replace(user, groups=claims.groups, admin=admin, name=user.name or claims.name)
        if current != user:
            self.users.update(current)
        return current


def _bearer(header: str) -> str:
    """Take the token out of an Authorization header (RFC 6750, section 2.1)."""
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or not token.isascii() or len(token) > LONGEST_TOKEN:
        raise Unauthenticated("send `Authorization: Bearer` with an OIDC token or an API key")
    return token
