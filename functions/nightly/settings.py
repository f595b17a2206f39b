"""The settings of the nightly function."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The table with the ledger, the bucket that keeps its signed heads, and the key that signs them.

    By `subject_key` people are found, by `key_arn` their keys are sealed.
    """

    app_table: str
    mail_bucket: str
    ledger_key_arn: str
    subject_key: str
    key_arn: str
    aws_region: str
    stack_name: str = ""
