"""The signed value in the form of a recipient's page: it shows that a page of ours, opened by the same link, sent the request.

It holds the time at which the page was made, and is good for a day. It is of no use for another link.
"""

import base64
import binascii
import hmac
import struct

from ocello.domain.tracking.tokens import Keyring, Token

GOOD_FOR = 86_400  # seconds
_HEAD = struct.Struct(">BI")  # the key's id, the page's time in seconds
_CHECK = 16  # bytes
_PURPOSE = b"ocello privacy form 1"


def sign_form(keyring: Keyring, token: Token, now: int) -> str:
    """Return the value for a page that is made now (seconds since 1970)."""
    head = _HEAD.pack(keyring.newest, now)
    return base64.urlsafe_b64encode(head + _check(keyring, head, token)).decode().rstrip("=")


def is_form_of(keyring: Keyring, value: str, token: Token, now: int) -> bool:
    """Return whether a value is that of a page which `token` opened, not more than a day ago."""
    try:
        raw = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    head, check = raw[: _HEAD.size], raw[_HEAD.size :]
    if len(check) != _CHECK or head[0] not in keyring.secrets:
        return False
    _, made = _HEAD.unpack(head)
    return hmac.compare_digest(check, _check(keyring, head, token)) and 0 <= now - made <= GOOD_FOR


def _check(keyring: Keyring, head: bytes, token: Token) -> bytes:
    """Return the check of a value: it covers everything that the token says."""
    key = hmac.digest(keyring.secrets[head[0]], _PURPOSE, "sha256")
    said = f"{token.purpose} {token.message} {token.recipient} {token.issued_at} {token.flags}"
    return hmac.digest(key, head + said.encode(), "sha256")[:_CHECK]
