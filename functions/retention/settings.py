"""The settings of the retention function."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The two tables, for how many days hits and what they came to are kept, and what settle is told of judging, too."""

    hits_table: str
    app_table: str
    mail_bucket: str
    subject_key: str
    hit_ttl_days: int
    engagement_days: int
    aws_region: str
    own_networks: str = ""
    stack_name: str = ""
