"""The settings of the replay function."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The two tables, and for how many days hits are kept."""

    hits_table: str
    app_table: str
    hit_ttl_days: int
    stack_name: str = ""
