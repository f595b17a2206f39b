"""What a page that stays open has to refresh, with a version: the page is sent it again only where that changed."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple


class Watched(NamedTuple):
    """What a page shows: the fields by which it asks for it, its version, and how to render what replaces it."""

    fields: tuple[tuple[str, str], ...]
    version: str
    render: Callable[[], str]


def version_of(values: object) -> str:
    """Name the present state of values."""
    return hashlib.sha256(repr(values).encode("utf-8", "replace")).hexdigest()[:16]
