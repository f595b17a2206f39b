"""Verifies the tokens of an OpenID Connect provider against its published keys."""

import json
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ocello.domain.common.errors import Unauthenticated, Unavailable
from ocello.services.common.ports import Clock
from ocello.services.people.ports import Claims

if TYPE_CHECKING:
    from jwt import PyJWK

TIMEOUT_SECONDS = 2.0
KEEP_MS = 3_600_000  # for this time a key set is used without a new request
PAUSE_MS = 30_000  # the shortest time between two requests, even if tokens name unknown keys
LEEWAY_SECONDS = 10
MOST_BYTES = 200_000
_LOCAL = ("127.0.0.1", "localhost", "::1")


def fetch(address: str) -> bytes:
    """Return the key set at `address`, which must be https, except on this machine. Raise OSError."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise OSError("the key set's address must be https")
    with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 — scheme checked above # nosec B310
        content: bytes = answer.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError("the key set is too large")
    return content


class KeySet:
    """A provider's published signing keys, fetched when needed and cached for an hour."""

    def __init__(self, address: str, clock: Clock, get: Callable[[str], bytes] = fetch) -> None:
        self._address, self._clock, self._get = address, clock, get
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at: int | None = None
        self._asked_at: int | None = None

    def find(self, kid: str) -> "PyJWK | None":
        """Return the key with the id `kid`, or None. Raise Unavailable if no key set can be fetched."""
        now = self._clock()
        stale = self._fetched_at is None or now - self._fetched_at > KEEP_MS
        rested = self._asked_at is None or now - self._asked_at > PAUSE_MS
        if self._fetched_at is None or ((stale or kid not in self._keys) and rested):
            self._refresh(now)
        return self._keys.get(kid)

    def _refresh(self, now: int) -> None:
        from jwt import PyJWK  # noqa: PLC0415 — cryptography takes 60 ms to import, and a request with an API key needs none of it
        from jwt.exceptions import PyJWTError  # noqa: PLC0415 — the same

        self._asked_at = now
        try:
            published = json.loads(self._get(self._address))["keys"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            if self._fetched_at is None:
                raise Unavailable("the identity provider's keys cannot be had") from error
            return  # an old key set is better than none
        keys: dict[str, PyJWK] = {}
        for entry in published:
            if entry.get("kty") == "RSA" and entry.get("use", "sig") == "sig":
                try:
                    keys[str(entry["kid"])] = PyJWK(entry, algorithm="RS256")
                except (PyJWTError, KeyError, ValueError):
                    continue  # ignore a key that cannot be parsed
        self._keys, self._fetched_at = keys, now


class OidcVerifier:
    """SignInVerifier: RS256 only, of one issuer, for one client."""

    def __init__(self, issuer: str, audience: str, keys: KeySet, clock: Clock) -> None:
        self._issuer, self._audience, self._keys, self._clock = issuer, audience, keys, clock

    def verify(self, token: str) -> Claims:
        """Return the claims of a token that is valid. Raise Unauthenticated or Unavailable."""
        claims = self._claims(token)
        use: Literal["id", "access"] = "access" if claims.get("token_use") == "access" else "id"
        if use == "access":
            meant_for_us = claims.get("client_id") == self._audience
        else:
            stated = claims.get("aud")
            meant_for_us = stated == self._audience or (isinstance(stated, list) and self._audience in stated)
        if not meant_for_us or claims.get("token_use", "id") not in ("id", "access"):
            raise Unauthenticated("this token was issued for something else")
        verified = claims.get("email_verified") in (True, "true")
        address = _text(claims, "email").lower() if use == "id" and verified else ""
        groups = claims.get("cognito:groups", claims.get("groups"))
        named = tuple(sorted(str(group) for group in groups)) if isinstance(groups, list) else ()
        issued = claims.get("iat")
        issued_at = int(issued) * 1000 if isinstance(issued, int | float) else 0
        return Claims(self._issuer, _text(claims, "sub"), use, address, _text(claims, "name"), named, issued_at)

    def _claims(self, token: str) -> Mapping[str, Any]:
        import jwt  # noqa: PLC0415 — cryptography takes 60 ms to import, and a request with an API key needs none of it

        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
                raise Unauthenticated("this token cannot be verified")
            key = self._keys.find(header["kid"])
            if key is None:
                raise Unauthenticated("this token cannot be verified")
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={
                    "require": ["exp", "iss", "sub"],
                    "verify_aud": False,  # an access token has none; `verify` checks both kinds
                    "verify_exp": False,  # checked below by our own clock
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError:
            raise Unauthenticated("this token cannot be verified") from None
        self._check_times(claims)
        return claims

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._clock() // 1000
        try:
            expires, starts = int(claims["exp"]), int(claims.get("nbf", 0))
        except (TypeError, ValueError, OverflowError):
            raise Unauthenticated("this token cannot be verified") from None
        if now >= expires + LEEWAY_SECONDS:
            raise Unauthenticated("this token has expired")
        if now < starts - LEEWAY_SECONDS:
            raise Unauthenticated("this token is not valid yet")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
