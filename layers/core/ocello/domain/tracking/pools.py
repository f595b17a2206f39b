"""Pools: all mail of one ISO week shares one pixel, so that its loads are counted without knowing by whom.

docs/contract.md defines the token's bytes. A pool belongs to the newest key: with a new key a new pool begins, also within a
week. Weeks and days are those of UTC.
"""

import datetime as dt
import hmac
import uuid
from typing import NamedTuple

from ocello.domain.tracking.tokens import EVERYONE, OPEN, POOLED, Keyring, Token

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ID_BYTES = 16
_WEEK_SECONDS = 7 * 86_400


class Pool(NamedTuple):
    """A pool: its id, and its ISO week, as 2026-W48."""

    id: str
    week: str


def week_of(at_ms: int) -> str:
    """Return the ISO week of `at_ms` (milliseconds since 1970), as 2026-W48."""
    year, week, _ = (_EPOCH + dt.timedelta(milliseconds=at_ms)).isocalendar()
    return f"{year:04d}-W{week:02d}"


def week_start(week: str) -> int:
    """Return the first second of an ISO week's Monday, in seconds since 1970. Raise ValueError for any other text."""
    monday = dt.datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=dt.UTC)
    return (monday - _EPOCH) // dt.timedelta(seconds=1)


def forgets(week: str) -> int:
    """Return when it is forgotten who the recipients of a week's pools were: two weeks after its end, in seconds since 1970."""
    return week_start(week) + 3 * _WEEK_SECONDS


def pool_of(keyring: Keyring, at_ms: int) -> Pool:
    """Return the pool of what is sent at `at_ms`."""
    week = week_of(at_ms)
    mac, _ = keyring.derived[keyring.newest]
    return Pool(str(uuid.UUID(bytes=hmac.digest(mac, b"pool" + week.encode(), "sha256")[:_ID_BYTES])), week)


def pool_token(keyring: Keyring, at_ms: int) -> Token:
    """Return the token of the pixel in all pooled mail that is sent in the week of `at_ms`: it names no mail and no reader."""
    pool = pool_of(keyring, at_ms)
    return Token(OPEN, pool.id, EVERYONE, week_start(pool.week), POOLED)
