"""Tokens: the signed text in a tracking address. docs/contract.md defines every byte, since sent mail cannot be recalled.

New mail gets format 2, `base64url(head ‖ iv ‖ secret ‖ target)`. Its secret part is encrypted, so that nobody else can read
which mail and recipient it belongs to. The iv is computed from all the rest, and so also serves as the signature. Format 1,
`base64url(head ‖ body ‖ tag)`, is only verified.
A token holds all that an answer needs, so that no answer waits for a database.
The hot function imports this module: it uses the standard library only, and little of it.
"""

import binascii
import hmac
import struct
from collections import namedtuple

from ocello.domain.common.errors import BadToken

OPEN, CLICK, PRIVACY = "o", "c", "p"
AGGREGATE = 1  # a flag of format 1: record nothing that identifies a recipient
ASK = 2  # a flag: read the consent gate before anything is recorded
POOLED = 4  # a flag: one token for all mail of a week
GRANTS = 8  # a flag of a privacy page's token: it may also give consent
EVERYONE = 0xFFFF  # the recipient in aggregate mode and of a pool
SEVERAL = 0xFFFE  # from this value on, the token is shared by several recipients
MAX_TARGET = 1500  # bytes of UTF-8

_CHECK = 16  # bytes of a tag and of an iv
_HEAD_1 = struct.Struct(">BcBB16sHI")
_LINK_1 = struct.Struct(">H")
_HEAD = struct.Struct(">BcB")
_SECRET = struct.Struct(">B16sHIH")  # flags, message, recipient, issued at, link
_BEGINS = {OPEN: b"\x02o", CLICK: b"\x02c", PRIVACY: b"\x02p"}
_HEAD_SIZE, _SECRET_SIZE = _HEAD.size, _SECRET.size
_KNOWN = _HEAD_SIZE + _CHECK  # bytes in clear before the secret part
_CLEAR = _KNOWN + _SECRET_SIZE  # where a click's target begins
_SPARE = 8 * (32 - _SECRET_SIZE)  # bits of a SHA-256 digest that the secret part does not use
_LONGEST = 4 * (_CLEAR + MAX_TARGET) // 3 + 4  # characters; of both formats
_SHORTEST_SECRET = 32  # characters: 128 bits even where they are hexadecimal
# Characters that some mail programs add to the end of a link, plain and as browsers encode them.
_MARKS = tuple(".,;:!?)]>'\"/_*~")
_ENCODED_MARKS = frozenset(f"%{ord(mark):02X}" for mark in _MARKS)
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/", b"+/\0\0")

Token = namedtuple(  # noqa: PYI024 — typing's import would cost the hot function 3 ms
    "Token", "purpose message recipient issued_at flags link target", defaults=(0, None, None)
)
Token.__doc__ = """What a token says.

`purpose` is OPEN, CLICK or PRIVACY; `message` the message's UUID in canonical text; `recipient` its index (0 to 65534,
or EVERYONE); `issued_at` seconds since 1970; `flags` those above, or-ed; `link` (index) and `target` (address) of a
click, None otherwise.
"""


class Keyring:
    """Signing secrets by key id: `newest` signs, all verify."""

    __slots__ = ("derived", "newest", "secrets")

    def __init__(self, newest: int, secrets: dict[int, bytes]) -> None:
        self.newest = newest
        self.secrets = secrets
        # Of format 2, by key id: the key of the check, and the one that hides the secret part.
        self.derived = {
            key: (
                hmac.digest(secret, b"ocello token 2 mac", "sha256"),
                hmac.digest(secret, b"ocello token 2 enc", "sha256"),
            )
            for key, secret in secrets.items()
        }

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Parse `id:secret,id:secret…`: the first signs, all verify; ids 0–255, secrets of 32 characters or more.

        Raise ValueError, whose text says what is wrong and shows no secret.
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


def sign_token(keyring: Keyring, token: Token) -> str:
    """Return the text of `token` in format 2, signed by the newest key. Raise ValueError if it could not be verified later."""
    target = b""
    if token.flags & AGGREGATE:
        raise ValueError("aggregate tokens are no longer written")
    if token.purpose == CLICK:
        target = token.target.encode()
        if not may_redirect_to(token.target) or len(target) > MAX_TARGET:
            raise ValueError("a click needs an http or https target of at most 1,500 bytes")
    head = _HEAD.pack(2, token.purpose.encode(), keyring.newest)
    message = bytes.fromhex(token.message.replace("-", ""))
    plain = _SECRET.pack(token.flags, message, token.recipient, token.issued_at, token.link or 0)
    mac, enc = keyring.derived[keyring.newest]
    check = hmac.digest(mac, head + plain + target, "sha256")[:_CHECK]
    signed = head + check + _masked(enc, head + check, plain) + target
    return binascii.b2a_base64(signed, newline=False).translate(_TO_URL).rstrip(b"=").decode()


def _masked(enc: bytes, known: bytes, text: bytes) -> bytes:
    """Encrypt or decrypt the secret part: both are an XOR with a digest of the unencrypted bytes before it."""
    stream = int.from_bytes(hmac.digest(enc, known, "sha256")) >> _SPARE
    return (stream ^ int.from_bytes(text)).to_bytes(_SECRET_SIZE)


def _decoded(text: str) -> bytes:
    """Decode canonical base64url without padding. Raise BadToken for any other text."""
    if len(text) > _LONGEST or not text.isascii():
        raise BadToken
    try:
        padded = text.encode().translate(_FROM_URL) + b"=" * (-len(text) % 4)
        raw = binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:  # binascii.Error is one
        raise BadToken from None
    if binascii.b2a_base64(raw, newline=False).translate(_TO_URL).rstrip(b"=") != text.encode():
        raise BadToken  # the same bytes, encoded in another way
    return raw


def verify(keyring: Keyring, text: str, purpose: str) -> Token:
    """Return the token that `text` holds. Raise BadToken unless this keyring signed it for `purpose`."""
    raw = _decoded(text)
    if raw[:1] == b"\x01":
        return _verify_1(keyring, raw, purpose)
    if len(raw) < _CLEAR or raw[:2] != _BEGINS.get(purpose) or raw[2] not in keyring.derived:
        raise BadToken
    mac, enc = keyring.derived[raw[2]]
    known = raw[:_KNOWN]
    plain = _masked(enc, known, raw[_KNOWN:_CLEAR])
    check = hmac.digest(mac, raw[:_HEAD_SIZE] + plain + raw[_CLEAR:], "sha256")
    if not hmac.compare_digest(check[:_CHECK], known[_HEAD_SIZE:]):
        raise BadToken
    flags, message, recipient, issued_at, link = _SECRET.unpack(plain)
    if purpose == CLICK:
        return Token(purpose, _uuid(message), recipient, issued_at, flags, link, _target(raw[_CLEAR:]))
    if link or len(raw) > _CLEAR:
        raise BadToken
    return Token(purpose, _uuid(message), recipient, issued_at, flags)


def verify_in_path(keyring: Keyring, text: str, purpose: str) -> Token:
    """Return the token at the end of a path, verified as it is, or without one mark at its end. Raise BadToken."""
    try:
        return verify(keyring, text, purpose)
    except BadToken:
        alone = _without_mark(text)
        if not alone:
            raise
        return verify(keyring, alone, purpose)


def _without_mark(text: str) -> str:
    """Return `text` without one such character at its end; '' if there is none.

    API Gateway decodes a path, other servers do not.
    """
    if text.endswith(_MARKS):
        return text[:-1]
    return text[:-3] if text[-3:].upper() in _ENCODED_MARKS else ""


def _verify_1(keyring: Keyring, raw: bytes, purpose: str) -> Token:
    if len(raw) < _HEAD_1.size + _CHECK:
        raise BadToken
    _, kind, key, flags, message, recipient, issued_at = _HEAD_1.unpack_from(raw)
    secret = keyring.secrets.get(key)
    if secret is None or kind != purpose.encode():
        raise BadToken
    if not hmac.compare_digest(hmac.digest(secret, raw[:-_CHECK], "sha256")[:_CHECK], raw[-_CHECK:]):
        raise BadToken
    body = raw[_HEAD_1.size : -_CHECK]
    if purpose == CLICK:
        if len(body) < _LINK_1.size:
            raise BadToken
        link = _LINK_1.unpack_from(body)[0]
        return Token(purpose, _uuid(message), recipient, issued_at, flags, link, _target(body[_LINK_1.size :]))
    if body:
        raise BadToken
    return Token(purpose, _uuid(message), recipient, issued_at, flags)


def _uuid(message: bytes) -> str:
    digits = message.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _target(data: bytes) -> str:
    if len(data) > MAX_TARGET:
        raise BadToken
    try:
        target = data.decode()
    except UnicodeDecodeError:
        raise BadToken from None
    if not may_redirect_to(target):
        raise BadToken
    return target


def may_redirect_to(target: str) -> bool:
    """Return whether a click may redirect to `target`: an http or https address that is not empty."""
    scheme, colon, rest = target.partition(":")
    return bool(colon) and scheme.lower() in ("http", "https") and bool(rest.strip("/\\"))
