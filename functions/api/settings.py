"""The settings of the JSON API."""

from typing import NamedTuple

from ocello.domain.consent.rules import RulesName
from ocello.domain.mail.rewriting import AddressText


class Settings(NamedTuple):
    """Settings of the JSON API. Lists are comma-separated."""

    app_table: str
    hits_table: str
    mail_bucket: str
    delivery_queue_url: str
    import_queue_url: str
    lookup_queue_url: str
    subject_queue_url: str
    withdrawal_queue_url: str
    token_keys: str
    subject_key: str
    tracking_rules: RulesName
    tracking_origin: str
    oidc_issuer: str
    oidc_audience: str
    oidc_jwks_url: str
    key_arn: str
    proof_key_arn: str
    aws_region: str
    oidc_allowed_domains: str = ""
    oidc_allowed_groups: str = ""
    admin_group: str = "admins"
    user_pool: str = ""  # empty if the identity provider is not the stack's own
    excluded_domains: str = ""
    own_networks: str = ""
    leave_address_text: AddressText = "auto"
    track_plain_text: bool = False
    stack_name: str = ""
    workspace_country: str = ""
    track_own_users: bool = False
    sends_a_minute: int = 300
    tracks_a_minute: int = 1_200
