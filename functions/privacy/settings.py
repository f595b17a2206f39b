"""The settings of the privacy function."""

from typing import NamedTuple

from ocello.domain.consent.rules import RulesName


class Settings(NamedTuple):
    """Settings of the recipient's page; `client_address_header` is a trusted proxy's header or ''."""

    hits_table: str
    app_table: str
    token_keys: str
    subject_key: str
    key_arn: str
    withdrawal_queue_url: str
    subject_queue_url: str
    mail_bucket: str
    hit_ttl_days: int
    engagement_days: int
    tracking_rules: RulesName
    aws_region: str
    own_networks: str = ""
    client_address_header: str = ""
    operator_name: str = ""
    operator_contact: str = ""
    stack_name: str = ""
