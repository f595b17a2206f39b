"""What the lookups function is told by its environment."""

from typing import NamedTuple


class Settings(NamedTuple):
    """Settings of the lookups function."""

    app_table: str
    aws_region: str
    stack_name: str = ""
