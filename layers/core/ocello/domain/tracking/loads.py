"""A load: one request for a pool's pixel, as far as it is kept. It tells of no reader, mail, client or hour.

Capture imports this module at the first such request; it uses the standard library only, and little of it.
"""

import datetime as dt
import re
from typing import Literal, NamedTuple, get_args

LoadKind = Literal["open"]
LoadClass = Literal["person", "machine", "unknown"]
LOAD_KINDS: tuple[LoadKind, ...] = get_args(LoadKind)
LOAD_CLASSES: tuple[LoadClass, ...] = get_args(LoadClass)
KEPT_DAYS = 760  # 25 months
_DAY_SECONDS = 86_400
_EPOCH = dt.date(1970, 1, 1).toordinal()
_POOL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Load(NamedTuple):
    """One load: its pool's id, its UTC day (YYYY-MM-DD), what was loaded, and who loaded it, as far as is known."""

    pool: str
    day: str
    kind: LoadKind
    by: LoadClass


def checked(load: Load) -> Load:
    """Return a load that was read from a queue or a log. Raise ValueError if it is none."""
    dt.date.fromisoformat(load.day)
    if not _POOL.fullmatch(load.pool) or load.kind not in LOAD_KINDS or load.by not in LOAD_CLASSES:
        raise ValueError("not a load")
    return load


def expires(day: str) -> int:
    """Return when what was counted on a day is deleted, in seconds since 1970: at a midnight. Raise ValueError."""
    return (dt.date.fromisoformat(day).toordinal() - _EPOCH + KEPT_DAYS) * _DAY_SECONDS
