"""What the withdrawals function is told by its environment."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The two tables and the queue. The team's own networks are comma-separated; `subject_key` is the key of digests."""

    hits_table: str
    app_table: str
    withdrawal_queue_url: str
    subject_key: str
    key_arn: str
    aws_region: str
    own_networks: str = ""
    stack_name: str = ""
