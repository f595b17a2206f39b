"""The settings of the web application."""

from typing import NamedTuple

from ocello.domain.consent.rules import RulesName
from ocello.domain.mail.rewriting import AddressText


class Settings(NamedTuple):
    """Settings of the web application. Lists are comma-separated.

    The provider's addresses are separate settings because a function may reach them under other names than a browser.
    """

    app_table: str
    hits_table: str
    mail_bucket: str
    delivery_queue_url: str
    import_queue_url: str
    lookup_queue_url: str
    withdrawal_queue_url: str
    subject_queue_url: str
    token_keys: str
    subject_key: str
    tracking_rules: RulesName
    tracking_origin: str
    app_origin: str
    oidc_issuer: str
    oidc_audience: str
    oidc_jwks_url: str
    oidc_authorize_url: str
    oidc_token_url: str
    oidc_logout_url: str
    key_arn: str
    proof_key_arn: str
    hit_ttl_days: int
    engagement_days: int
    aws_region: str
    oidc_client_secret: str = ""
    oidc_allowed_domains: str = ""
    oidc_allowed_groups: str = ""
    admin_group: str = "admins"
    operator_name: str = ""
    operator_contact: str = ""
    user_pool: str = ""  # empty if the identity provider is not the stack's own
    excluded_domains: str = ""
    own_networks: str = ""
    leave_address_text: AddressText = "auto"
    track_plain_text: bool = False
    track_own_users: bool = False
    sends_a_minute: int = 300
    smtp_allow_private: bool = False
    client_address_header: str = ""  # a trusted proxy's; empty: none
    stack_name: str = ""
    workspace_country: str = ""
