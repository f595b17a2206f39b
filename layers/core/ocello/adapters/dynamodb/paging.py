"""Cuts lists into pages.

A cursor is opaque: an encoded sort key. Nobody should rely on its form, and a list accepts only its own cursors.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ocello.domain.common.errors import Invalid


def encode(name: str, sort: str) -> str:
    """Return the cursor that continues the list `name` after `sort`."""
    check = hashlib.sha256(f"{name}\n{sort}".encode()).digest()[:6]
    return base64.urlsafe_b64encode(check + sort.encode()).rstrip(b"=").decode()


def decode(name: str, cursor: str | None) -> str | None:
    """Return the sort key in `cursor`. Raise Invalid if the cursor is not from the list `name`."""
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
    """Return the first `limit` of a list's rows, and the next cursor; one more row must have been read."""
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
    """Return one page of a partition: its rows, and the next cursor.

    `sort` is the sort key attribute of the table or index, `name` the name of the list, by default the partition.
    Raise Invalid if the cursor is not from this list.
    """
    name = name or partition
    after = decode(name, cursor)
    condition = None if after is None else sort < after if newest_first else sort > after
    rows = list(query(partition, condition, scan_index_forward=not newest_first, limit=limit + 1, page_size=limit + 1))
    return cut(name, rows, limit, lambda row: str(getattr(row, sort.attr_name)))
