"""Signs tokens of format 1, as the first releases did; they must verify for ever, because mail with them was sent."""

import base64
import hashlib
import hmac
import struct


def spell(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign_1(keyring, token):
    """Return a token by docs/contract.md's table of format 1, without the code under test."""
    body = bytes([1]) + token.purpose.encode() + bytes([keyring.newest, token.flags])
    body += bytes.fromhex(token.message.replace("-", ""))
    body += struct.pack(">HI", 0xFFFF if token.flags & 1 else token.recipient, token.issued_at)
    if token.purpose == "c":
        body += struct.pack(">H", token.link) + token.target.encode()
    return spell(body + hmac.new(keyring.secrets[keyring.newest], body, hashlib.sha256).digest()[:16])
