"""Cuts lists into pages.

A cursor is opaque: a sort key, encoded so that nobody builds on its form and a list takes back only its own.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ocello.domain.common.errors import Invalid


def encode(name: str, sort: str) -> str:
    """Make the cursor that continues the list `name` after `sort`."""
    check = hashlib.sha256(f"{name}\n{sort}".encode()).digest()[:6]
    return base64.urlsafe_b64encode(check + sort.encode()).rstrip(b"=").decode()


def decode(name: str, cursor: str | None) -> str | None:
    """Return the sort key inside `cursor`. Raises Invalid for a cursor that the list `name` did not give."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        sort = raw[6:].decode()
    except (binascii.Error, ValueError):
        raise Invalid("cursor", "not a cursor of this list") from None
    if encode(name, sort) != cursor:
        raise Invalid("cursor", "not a cursor of this list")
    return sort


def cut[R](name: str, rows: Sequence[R], limit: int, sort: Callable[[R], str]) -> tuple[Sequence[R], str | None]:
    """Return the first `limit` of a list's rows, of which one more was read, and the cursor of what follows."""
    page = rows[:limit]
    return page, encode(name, sort(page[-1])) if len(rows) > limit else None


def read[R](
    query: Callable[..., Iterable[R]],
    partition: str,
    sort: Any,
    limit: int,
    cursor: str | None,
    *,
    newest_first: bool = False,
    name: str = "",
) -> tuple[Sequence[R], str | None]:
    """Query one page of a partition: its rows, and the cursor of what follows.

    `sort` is the attribute by which the table or index sorts, `name` the list's, if the partition does not name it.
    Raises Invalid for a cursor that the list did not give.
    """
    name = name or partition
    after = decode(name, cursor)
    condition = None if after is None else sort < after if newest_first else sort > after
    rows = list(query(partition, condition, scan_index_forward=not newest_first, limit=limit + 1, page_size=limit + 1))
    return cut(name, rows, limit, lambda row: str(getattr(row, sort.attr_name)))
