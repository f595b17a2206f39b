"""The settings of the subjects function."""

from typing import NamedTuple

from ocello.domain.consent.rules import RulesName


class Settings(NamedTuple):
    """The two tables, the bucket, the queue, the keys, and the rules by which a refusal is named."""

    hits_table: str
    app_table: str
    mail_bucket: str
    subject_queue_url: str
    subject_key: str
    key_arn: str
    tracking_rules: RulesName
    aws_region: str
    own_networks: str = ""
    stack_name: str = ""
