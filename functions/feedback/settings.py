"""What the feedback function is told by its environment."""

from typing import NamedTuple


class Settings(NamedTuple):
    """Settings of the feedback function."""

    app_table: str
    aws_region: str
    stack_name: str = ""
