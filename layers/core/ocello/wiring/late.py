"""Contexts of which each field is made when it is first asked for, as a wiring makes its parts.

A page or a route needs few of the ports that all of them need together, and importing them takes longer than most requests.
"""

import dataclasses
from collections.abc import Callable
from functools import cached_property
from typing import cast


def late[C](context: type[C], **makers: Callable[[], object]) -> C:
    """Return a context, which is a frozen dataclass; a maker makes the field of its name, once.

    Raise TypeError if they are not exactly the fields.
    """
    fields = {each.name for each in dataclasses.fields(context)}  # type: ignore[arg-type]  # its bound is the library's own
    if fields != makers.keys():
        raise TypeError(f"{context.__name__}: not exactly its fields: {', '.join(sorted(fields ^ makers.keys()))}")
    made_late = {name: _property(make) for name, make in makers.items()}
    return cast("C", object.__new__(type(context.__name__, (context,), made_late)))


def _property(make: Callable[[], object]) -> cached_property[object]:
    return cached_property(lambda _context: make())
