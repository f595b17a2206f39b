"""The settings of the deliver function."""

from typing import NamedTuple

from ocello.domain.consent.rules import RulesName
from ocello.domain.mail.rewriting import AddressText


class Settings(NamedTuple):
    """Settings of the deliver function.

    `excluded_domains` is comma-separated; tokens.Keyring describes `token_keys`. `copies_at_once` is how many instances
    of this function may run at the same time.
    """

    app_table: str
    mail_bucket: str
    delivery_queue_url: str
    lookup_queue_url: str
    token_keys: str
    subject_key: str
    tracking_rules: RulesName
    tracking_origin: str
    key_arn: str
    aws_region: str
    ses_configuration_set: str = ""
    excluded_domains: str = ""
    leave_address_text: AddressText = "auto"
    track_plain_text: bool = False
    smtp_allow_private: bool = False
    stack_name: str = ""
    workspace_country: str = ""
    copies_at_once: int = 10
