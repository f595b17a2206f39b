"""Identifiers: UUIDv7 (RFC 9562, section 5.7), so that sorting by id sorts by time."""

import re

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def uuid7(at_ms: int, random_bytes: bytes) -> str:
    """Return a UUIDv7 in canonical form, made of milliseconds since 1970 and at least 10 random bytes."""
    return _format(at_ms, int.from_bytes(random_bytes[:10], "big"))


def _format(at_ms: int, bits: int) -> str:
    value = (at_ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (bits >> 62 & 0xFFF) << 64
    value |= 0x2 << 62 | (bits & (1 << 62) - 1)
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def time_of(identifier: str) -> int:
    """Return the time of a UUIDv7 in canonical form, in milliseconds since 1970."""
    return int(identifier.replace("-", ""), 16) >> 80


def first_at(at_ms: int) -> str:
    """Return the smallest UUIDv7 of a millisecond: a bound for ranges, never an id."""
    return _format(at_ms, 0)


def last_at(at_ms: int) -> str:
    """Return the largest UUIDv7 of a millisecond: a bound for ranges, never an id."""
    return _format(at_ms, (1 << 80) - 1)


def is_id(text: str) -> bool:
    """Return whether `text` is the canonical form of a UUID."""
    return _CANONICAL.fullmatch(text) is not None
