"""The settings of the imports function."""

from typing import NamedTuple


class Settings(NamedTuple):
    """Settings of the imports function."""

    app_table: str
    mail_bucket: str
    import_queue_url: str
    withdrawal_queue_url: str
    subject_key: str
    key_arn: str
    aws_region: str
    stack_name: str = ""
