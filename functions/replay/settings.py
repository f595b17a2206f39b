"""What the replay function is told by its environment."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The two tables; hits live so many days."""

    hits_table: str
    app_table: str
    hit_ttl_days: int
    stack_name: str = ""
