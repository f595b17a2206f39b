"""The settings of the refresh function."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The bucket that keeps lists and tables."""

    mail_bucket: str
    stack_name: str = ""
