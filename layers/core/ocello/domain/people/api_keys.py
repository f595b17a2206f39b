"""The text of an API key: `ock_` and 48 bytes in base64url, which name the user and the key and hold the secret.

The user and the key's id stand in it, so that one read finds the key; what is stored of it is a digest of all of it.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from typing import NamedTuple

from ocello.domain.common.errors import Unauthenticated

PREFIX = "ock_"
ID_BYTES = 8
SECRET_BYTES = 24
_USER_BYTES = 16


class Named(NamedTuple):
    """What an API key's text names: a user's id and the id of one of the user's keys."""

    user: str
    key: str


def encode(user: str, random_bytes: bytes) -> tuple[str, str]:
    """Return a key's id and its text, made of a user's id and ID_BYTES + SECRET_BYTES random bytes."""
    raw = uuid.UUID(user).bytes + random_bytes[: ID_BYTES + SECRET_BYTES]
    return random_bytes[:ID_BYTES].hex(), PREFIX + base64.urlsafe_b64encode(raw).decode()


def parse(text: str) -> Named:
    """Return which key `text` claims to be. Raises Unauthenticated for anything that `encode` cannot have made."""
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX).encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Unauthenticated("no such API key") from None
    if not text.startswith(PREFIX) or len(raw) != _USER_BYTES + ID_BYTES + SECRET_BYTES:
        raise Unauthenticated("no such API key")
    return Named(str(uuid.UUID(bytes=raw[:_USER_BYTES])), raw[_USER_BYTES : _USER_BYTES + ID_BYTES].hex())


def digest_of(text: str) -> str:
    """Return what is stored of a key. Its secret is 24 random bytes, so that a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(text.encode()).hexdigest()


def fits(text: str, digest: str) -> bool:
    """Compare a key with a stored digest, in constant time."""
    return hmac.compare_digest(digest_of(text), digest)
