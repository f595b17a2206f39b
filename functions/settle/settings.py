"""What the settle function is told by its environment."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The two tables. The bucket keeps the table of networks; the team's own are comma-separated.

    `subject_key` is the key of the digests of where users sign in.
    """

    hits_table: str
    app_table: str
    mail_bucket: str
    subject_key: str
    own_networks: str = ""
    stack_name: str = ""
