"""Tokens of format 1: the signed text in a tracking address. docs/contract.md fixes every byte; sent mail cannot be recalled.

A token is `base64url(head ‖ body ‖ tag)`. It holds all that an answer needs, so that none waits for a database.
Standard library only, and little of it: the hot function imports this.
"""

import binascii
import hmac
import struct
from collections import namedtuple

from ocello.domain.common.errors import BadToken

OPEN, CLICK, PRIVACY = "o", "c", "p"
AGGREGATE, ASK = 1, 2  # flags: record nothing that tells recipients apart; look at the consent gate first
EVERYONE = 0xFFFF  # the recipient in aggregate mode
SEVERAL = 0xFFFE  # from here on a recipient is no single person: many share the token
MAX_TARGET = 1500  # bytes of UTF-8

_VERSION = 1
_TAG = 16
_HEAD = struct.Struct(">BcBB16sHI")
_LINK = struct.Struct(">H")
_LONGEST = 4 * (_HEAD.size + _LINK.size + MAX_TARGET + _TAG) // 3 + 4  # characters
_SHORTEST_SECRET = 32  # characters: 128 bits even where they are hexadecimal
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/", b"+/\0\0")

Token = namedtuple(  # noqa: PYI024 — typing's import would cost the hot function 3 ms
    "Token", "purpose message recipient issued_at flags link target", defaults=(0, None, None)
)
Token.__doc__ = """What a token says.

`purpose` is OPEN, CLICK or PRIVACY; `message` the message's UUID in canonical text; `recipient` its index (0 to 65534,
or EVERYONE); `issued_at` seconds since 1970; `flags` AGGREGATE and ASK or-ed; `link` (index) and `target` (address) of a
click, None otherwise.
"""


class Keyring:
    """Signing secrets by key id: `newest` signs, all verify."""

    __slots__ = ("newest", "secrets")

    def __init__(self, newest: int, secrets: dict[int, bytes]) -> None:
        self.newest = newest
        self.secrets = secrets

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read `id:secret,id:secret…`: the first signs, all verify; ids 0–255, secrets of 32 characters or more.

        Raises ValueError that says what is wrong and shows no secret.
        """
        secrets: dict[int, bytes] = {}
        for place, entry in enumerate(part for part in text.split(",") if part.strip()):
            number, colon, secret = entry.strip().partition(":")
            if not colon or not number.isdecimal() or not 0 <= int(number) <= 0xFF:
                raise ValueError(f"key {place + 1} does not begin with an id from 0 to 255 and a colon")
            if len(secret) < _SHORTEST_SECRET:
                raise ValueError(f"key {place + 1} has fewer than {_SHORTEST_SECRET} characters")
            if int(number) in secrets:
                raise ValueError(f"key id {int(number)} is given twice")
            secrets[int(number)] = secret.encode()
        if not secrets:
            raise ValueError("there is no key")
        return cls(next(iter(secrets)), secrets)


def _tag(secret: bytes, data: bytes) -> bytes:
    return hmac.digest(secret, data, "sha256")[:_TAG]


def sign(keyring: Keyring, token: Token) -> str:
    """Spell `token`, signed with the newest key. Raises ValueError for a token that could not be read back."""
    message = bytes.fromhex(token.message.replace("-", ""))
    body = b""
    if token.purpose == CLICK:
        target = token.target.encode()
        if not follows(token.target) or len(target) > MAX_TARGET:
            raise ValueError("a click needs an http or https target of at most 1,500 bytes")
        body = _LINK.pack(token.link) + target
    head = _HEAD.pack(
        _VERSION,
        token.purpose.encode(),
        keyring.newest,
        token.flags,
        message,
        EVERYONE if token.flags & AGGREGATE else token.recipient,
        token.issued_at,
    )
    signed = head + body + _tag(keyring.secrets[keyring.newest], head + body)
    return binascii.b2a_base64(signed, newline=False).translate(_TO_URL).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """Decode canonical, unpadded base64url; anything else is a bad token."""
    if len(text) > _LONGEST or not text.isascii():
        raise BadToken
    try:
        padded = text.encode().translate(_FROM_URL) + b"=" * (-len(text) % 4)
        raw = binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:  # binascii.Error is one
        raise BadToken from None
    if binascii.b2a_base64(raw, newline=False).translate(_TO_URL).rstrip(b"=") != text.encode():
        raise BadToken  # another spelling of the same bytes
    return raw


def verify(keyring: Keyring, text: str, purpose: str) -> Token:
    """Read a token of `purpose`. Raises BadToken for anything that this keyring did not sign for it."""
    raw = _decoded(text)
    if len(raw) < _HEAD.size + _TAG:
        raise BadToken
    version, kind, key, flags, message, recipient, issued_at = _HEAD.unpack_from(raw)
    secret = keyring.secrets.get(key)
    if version != _VERSION or secret is None or kind != purpose.encode():
        raise BadToken
    if not hmac.compare_digest(_tag(secret, raw[:-_TAG]), raw[-_TAG:]):
        raise BadToken
    body = raw[_HEAD.size : -_TAG]
    link, target = _click(body) if purpose == CLICK else (None, None)
    if purpose != CLICK and body:
        raise BadToken
    digits = message.hex()
    identifier = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return Token(purpose, identifier, recipient, issued_at, flags, link, target)


def _click(body: bytes) -> tuple[int, str]:
    if not _LINK.size < len(body) <= _LINK.size + MAX_TARGET:
        raise BadToken
    try:
        target = body[_LINK.size :].decode()
    except UnicodeDecodeError:
        raise BadToken from None
    if not follows(target):
        raise BadToken
    return _LINK.unpack_from(body)[0], target


def follows(target: str) -> bool:
    """Return whether a redirect to `target` is one we make: http or https, with something after it."""
    scheme, colon, rest = target.partition(":")
    return bool(colon) and scheme.lower() in ("http", "https") and bool(rest.strip("/\\"))
