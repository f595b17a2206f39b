"""The settings of the subjects function."""

from typing import NamedTuple

from ocello.domain.consent.rules import RulesName


class Settings(NamedTuple):
    """The two tables, the bucket, the queue, the keys, the rules by which a refusal is named, and how mail leaves."""

    hits_table: str
    app_table: str
    mail_bucket: str
    subject_queue_url: str
    token_keys: str
    subject_key: str
    key_arn: str
    tracking_rules: RulesName
    tracking_origin: str
    aws_region: str
    ses_configuration_set: str = ""
    smtp_allow_private: bool = False
    own_networks: str = ""
    stack_name: str = ""
