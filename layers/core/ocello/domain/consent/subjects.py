"""Names the person behind an address without the address: its *subject*, a keyed digest.

Rows about a person are found by it. The key belongs to the stack and never changes: with another one nothing that was
kept before could be found.
"""

import base64
import hashlib
import hmac
import re
import unicodedata

from ocello.domain.common import hosts

LEAST_KEY = 32  # bytes: as many as the digest has, RFC 2104, section 3
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')  # RFC 5322, section 3.2.4
_PLAIN = re.compile(r"[^\s()<>\[\]:;@\\,\".]+(?:\.[^\s()<>\[\]:;@\\,\".]+)*")  # what needs no quotation marks


def key_of(text: str) -> bytes:
    """Read the key of subjects. Raises ValueError where it is too short to be one."""
    key = text.encode()
    if len(key) < LEAST_KEY:
        raise ValueError(f"has fewer than {LEAST_KEY} characters")
    return key


def subject_of(address: str, key: bytes) -> str:
    """Return the subject of an address, 43 characters: HMAC-SHA-256 of its normalised form, in base64url."""
    digest = hmac.digest(key, normalised(address).encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def normalised(address: str) -> str:
    """Return the one spelling of an address: lower case, composed letters, the host in ASCII without its final dot.

    Quotation marks that are not needed go. Dots and what follows a plus stay: elsewhere than at some providers they
    make another mailbox, whose reader has consented to nothing.
    """
    local, _, domain = address.strip().rpartition("@")
    return f"{_local(local)}@{hosts.normalized(domain)}"


def _local(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        plain = re.sub(r"\\(.)", r"\1", quoted[1])
        text = plain if _PLAIN.fullmatch(plain) else text
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def masked(address: str) -> str:
    """Return an address as its owner recognises it and others do not: `a***@e***.it`."""
    local, _, domain = address.rpartition("@")
    name, dot, last = domain.rpartition(".")
    return f"{local[:1]}***@{name[:1]}***{dot}{last}"
