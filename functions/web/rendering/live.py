"""The parts that an open page has to refresh, with a version: they are sent again only if they changed."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple


class Watched(NamedTuple):
    """What a page shows: the fields by which it asks for it, its version, and how to render what replaces it."""

    fields: tuple[tuple[str, str], ...]
    version: str
    render: Callable[[], str]


def version_of(values: object) -> str:
    """Return a text that names the present state of values."""
    return hashlib.sha256(repr(values).encode("utf-8", "replace")).hexdigest()[:16]
