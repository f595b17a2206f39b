"""The settings of the feedback function."""

from typing import NamedTuple


class Settings(NamedTuple):
    """Settings of the feedback function."""

    app_table: str
    aws_region: str
    stack_name: str = ""
