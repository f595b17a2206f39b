"""The token in every form, which shows that a page of ours sent the request. It is masked differently in each answer.

If the token were the same in every compressed page, the pages' lengths would reveal it (see `compression`).
"""

import base64
import binascii
import hmac

from ocello.services.common.ports import RandomBytes


def mask(token: str, random_bytes: RandomBytes) -> str:
    """Return a session's token, masked differently each time."""
    plain = token.encode()
    noise = random_bytes(len(plain))
    return base64.urlsafe_b64encode(noise + _mixed(plain, noise)).decode()


def is_of(masked: str, token: str) -> bool:
    """Return whether the token that a form sent is a session's token, masked."""
    try:
        both = base64.urlsafe_b64decode(masked.encode())
    except (binascii.Error, ValueError):
        return False
    half = len(both) // 2
    return bool(token) and hmac.compare_digest(_mixed(both[half:], both[:half]), token.encode())


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))
