"""What a page that stays open shows of the world, told by a version: the page asks for it anew only where it changed."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple


class Watched(NamedTuple):
    """What a page shows: the fields by which it asks, its version, and how to spell what takes the place of it."""

    fields: tuple[tuple[str, str], ...]
    version: str
    render: Callable[[], str]


def version_of(values: object) -> str:
    """Name the present state of values."""
    return hashlib.sha256(repr(values).encode("utf-8", "replace")).hexdigest()[:16]
