"""Times: milliseconds since 1970 inside Ocello, RFC 3339 in UTC with milliseconds outside."""

import datetime as dt

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DAY_MS = 86_400_000


def rfc3339(at_ms: int) -> str:
    """Return `at_ms` (milliseconds since 1970) as RFC 3339 in UTC with three decimals."""
    return (_EPOCH + dt.timedelta(milliseconds=at_ms)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"


def day_of(at_ms: int) -> str:
    """Return the UTC day of `at_ms`, as YYYY-MM-DD."""
    return rfc3339(at_ms)[:10]


def day_start(day: str) -> int:
    """Return the first millisecond of `day` (YYYY-MM-DD, UTC). Raise ValueError if it is not a day in this form."""
    if len(day) != len("2026-01-01"):
        raise ValueError(day)
    return int((dt.datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=dt.UTC) - _EPOCH).total_seconds()) * 1000


def milliseconds(text: str) -> int | None:
    """Return the milliseconds since 1970 of an RFC 3339 time with its zone; None for any other text."""
    if not text.isascii() or len(text) < len("2026-01-01T00:00:00Z") or text[10] not in "Tt ":
        return None
    try:
        read = dt.datetime.fromisoformat(text.upper())
        return None if read.tzinfo is None else (read - _EPOCH) // dt.timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None
