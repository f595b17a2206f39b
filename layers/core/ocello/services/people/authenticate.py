"""Finds out who sent a request, from its Authorization header, and creates a person's user at the first sign-in."""

import hashlib
from dataclasses import dataclass, replace

from ocello.domain.common import hosts
from ocello.domain.common.errors import Forbidden, Unauthenticated, Unavailable
from ocello.domain.common.ids import uuid7
from ocello.domain.common.times import DAY_MS
from ocello.domain.mail import addresses
from ocello.domain.people import api_keys
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import SCOPES, Principal, User
from ocello.services.common.ports import Clock, RandomBytes
from ocello.services.people.ports import ApiKeyStore, Claims, SignInVerifier, UserStore
from ocello.services.people.users import TRIES

LONGEST_TOKEN = 8_192  # characters; API Gateway accepts 10,240 bytes of headers in all


@dataclass(frozen=True, slots=True)
class AdmissionPolicy:
    """Who may sign in without an invitation, and which group makes a person an administrator."""

    domains: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    admin_group: str = "admins"

    def lets_in(self, claims: Claims) -> bool:
        """Return whether someone becomes a user by signing in. Administrators always do: they invite the others."""
        known = hosts.normalized(claims.address.rpartition("@")[2]) in self.domains
        return known or not {*self.groups, self.admin_group}.isdisjoint(claims.groups)


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Finds out who sent a request."""

    verifier: SignInVerifier
    users: UserStore
    keys: ApiKeyStore
    admission: AdmissionPolicy
    clock: Clock
    random_bytes: RandomBytes

    def authenticate(self, header: str) -> Principal:
        """Return who sent `Authorization: header`.

        Raises Unauthenticated if nobody known sent it, Forbidden if the person may not come in, and Unavailable if the
        issuer's keys cannot be fetched.
        """
        token = _bearer(header)
        principal = self._by_key(token) if token.startswith(api_keys.PREFIX) else self._by_sign_in(token)
        if principal.user.disabled:
            raise Forbidden("this user was disabled by an administrator")
        return principal

    def _by_key(self, text: str) -> Principal:
        user_id, key_id = api_keys.parse(text)
        key = self.keys.get(user_id, key_id)
        if key is None or not api_keys.matches_digest(text, key.digest):
            raise Unauthenticated("no such API key")
        user = self.users.get(user_id)
        if user is None:
            raise Unauthenticated("no such API key")
        now = self.clock()
        if key.expires_at and now >= key.expires_at:
            raise Unauthenticated("this API key has expired")
        if now // DAY_MS > key.last_used_at // DAY_MS:
            self.keys.touch(user_id, key_id, now)
        return Principal(user, frozenset(key.scopes), by_key=True, key=key.id)

    def _by_sign_in(self, token: str) -> Principal:
        claims = self.verifier.verify(token)
        claims = replace(claims, name=_shown(claims.name))
        identity = hashlib.sha256(f"{claims.issuer}\n{claims.subject}".encode()).hexdigest()
        user = self.users.by_identity(identity)
        if user is None:
            user = self._admit(claims)
            self.users.bind(identity, user.id)
        user = self._current(user, claims)
        if user.signed_out_at and not user.disabled and claims.issued_at <= user.signed_out_at:
            raise Unauthenticated("this sign-in was ended: please sign in again")
        return Principal(user, frozenset(SCOPES), by_key=False)

    def _admit(self, claims: Claims) -> User:
        """Return the invited user of a first sign-in, or create one if domain or group allow it."""
        if claims.use == "access":
            raise Forbidden("nobody has signed in with this account yet: sign in with an ID token first")
        if not claims.address:
            raise Forbidden("the identity provider has not verified this account's e-mail address")
        invited = self.users.by_address(claims.address)
        if invited is not None:
            return invited
        if not self.admission.lets_in(claims):
            raise Forbidden("this account was not invited: ask an administrator")
        now = self.clock()
        user = User(uuid7(now, self.random_bytes(10)), claims.address, claims.name, created_at=now)
        if self.users.create(user, new_entry(now, user, "user.joined", user.address)):
            return user
        return (
            self.users.by_address(claims.address) or user
        )  # two first sign-ins at once: the other one created the user

    def _current(self, user: User, claims: Claims) -> User:
        """Update a user with what the identity provider says of the person now, and return the user.

        If an administrator changes the user at the same moment, the administrator's change is kept, and this sign-in
        sees it.
        """
        admin = self.admission.admin_group in claims.groups
        for _ in range(TRIES):
            current = replace(
                user,
                groups=claims.groups,
                admin=admin,
                name=user.name or claims.name,
                invited=user.invited and user.disabled,
            )
            if current == user:
                return current
            said = new_entry(
                self.clock(),
                user,
                "user.administrator",
                user.address,
                *("yes" if is_ else "no" for is_ in (user.admin, admin)),
            )
            if self.users.change(user, current, [said] if user.admin != admin else []):
                return replace(current, version=user.version + 1)
            user = self.users.get(user.id) or user
        raise Unavailable("the user is changing too fast")


def _shown(name: str) -> str:
    """Return a name that is safe to show in pages and mails. Nothing is refused: who signs in cannot correct the name."""
    printable = "".join(char if char.isprintable() else " " for char in addresses.remove_bidi_controls(name))
    return " ".join(printable.split())


def _bearer(header: str) -> str:
    """Return the token of an Authorization header (RFC 6750, section 2.1)."""
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or not token.isascii() or len(token) > LONGEST_TOKEN:
        raise Unauthenticated("send `Authorization: Bearer` with an OIDC token or an API key")
    return token
