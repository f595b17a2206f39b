"""Opaque cursors: a sort key, dressed so that nobody builds on its form and a list takes back only its own."""

import base64
import binascii
import hashlib

from ocello.domain.common.errors import Invalid


def dress(partition: str, sort: str) -> str:
    """Make the cursor that continues the list `partition` after `sort`."""
    check = hashlib.sha256(f"{partition}\n{sort}".encode()).digest()[:6]
    return base64.urlsafe_b64encode(check + sort.encode()).rstrip(b"=").decode()


def undress(partition: str, cursor: str | None) -> str | None:
    """Return the sort key inside `cursor`. Raises Invalid for a cursor that the list `partition` did not give."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        sort = raw[6:].decode()
    except (binascii.Error, ValueError):
        raise Invalid("cursor", "not a cursor of this list") from None
    if dress(partition, sort) != cursor:
        raise Invalid("cursor", "not a cursor of this list")
    return sort
