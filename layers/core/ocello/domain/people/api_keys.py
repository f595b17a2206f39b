"""The text of an API key: `ock_` and 48 bytes in base64url, which hold the ids of the user and the key, and the secret.

The two ids are in it so that one read finds the key. Only a digest of the whole text is stored.
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
LONGEST_NAME = 100  # characters of what its user calls it
_USER_BYTES = 16


class KeyReference(NamedTuple):
    """The ids in the text of an API key: the user's, and that of one of the user's keys."""

    user: str
    key: str


def encode(user: str, random_bytes: bytes) -> tuple[str, str]:
    """Return a new key's id and its text, made of the user's id and ID_BYTES + SECRET_BYTES random bytes."""
    raw = uuid.UUID(user).bytes + random_bytes[: ID_BYTES + SECRET_BYTES]
    return random_bytes[:ID_BYTES].hex(), PREFIX + base64.urlsafe_b64encode(raw).decode()


def parse(text: str) -> KeyReference:
    """Return the ids in `text`, without checking its secret. Raise Unauthenticated if it is not the text of an API key."""
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX).encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Unauthenticated("no such API key") from None
    if not text.startswith(PREFIX) or len(raw) != _USER_BYTES + ID_BYTES + SECRET_BYTES:
        raise Unauthenticated("no such API key")
    return KeyReference(str(uuid.UUID(bytes=raw[:_USER_BYTES])), raw[_USER_BYTES : _USER_BYTES + ID_BYTES].hex())


def digest_of(text: str) -> str:
    """Return the digest that is stored for a key. Its secret is 24 random bytes, so that plain SHA-256 is enough."""
    return hashlib.sha256(text.encode()).hexdigest()


def matches_digest(text: str, digest: str) -> bool:
    """Return whether a key has the stored digest, compared in constant time."""
    return hmac.compare_digest(digest_of(text), digest)
