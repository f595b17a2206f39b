"""What the settle function is told by its environment."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The two tables; hits live so many days. The team's own networks are comma-separated."""

    hits_table: str
    app_table: str
    hit_ttl_days: int
    own_networks: str = ""
    stack_name: str = ""
