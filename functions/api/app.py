"""Wires the JSON API: HTTP requests of the app origin in, answers out."""

import os
import secrets
import time
from typing import Any

from functions.api.context import ApiContext
from functions.api.handler import answer
from functions.api.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.adapters.aws.kms_seal import KmsSeal
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.aws.secrets import SecretsManagerStore
from ocello.adapters.aws.sqs_delivery import SqsDeliveryQueue
from ocello.adapters.aws.sqs_imports import SqsImportQueue
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.crm.imports import DynamoImportStore
from ocello.adapters.dynamodb.crm.items import DynamoItemStore
from ocello.adapters.dynamodb.messages.alert_panel import DynamoAlertPanel
from ocello.adapters.dynamodb.messages.conversations import DynamoConversations
from ocello.adapters.dynamodb.messages.days import DynamoDayStats
from ocello.adapters.dynamodb.messages.engagements import DynamoEngagements
from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore
from ocello.adapters.dynamodb.messages.links import DynamoLinkedMessages
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.dynamodb.people.api_keys import DynamoApiKeyStore
from ocello.adapters.dynamodb.people.settings import DynamoSettingsStore
from ocello.adapters.dynamodb.people.suppressions import DynamoSuppressionList
from ocello.adapters.dynamodb.people.trail import DynamoTrail
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.adapters.dynamodb.sending.own_users import DynamoOwnUsers
from ocello.adapters.dynamodb.sending.send_counts import DynamoSendCounts
from ocello.adapters.hot.dynamodb import DynamoClient
from ocello.adapters.hot.settle_store import DynamoHitReader
from ocello.adapters.networks.builtin import class_of
from ocello.adapters.oidc.cognito_directory import CognitoDirectory
from ocello.adapters.oidc.tokens import KeySet, OidcVerifier
from ocello.domain.common.hosts import domains
from ocello.domain.tracking.tokens import Keyring
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.sources import networks_of
from ocello.services.accounts.passwords import Passwords
from ocello.services.people.authenticate import AdmissionPolicy, Authenticator
from ocello.services.sending.outgoing import SendingPorts, Tracker
from ocello.services.sending.pace import LimitedPace

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region)


def _clock() -> int:
    return time.time_ns() // 1_000_000


def _several(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


_mail = S3MailStore(_settings.mail_bucket)
_messages = DynamoMessageStore(_mail)
_users, _keys = DynamoUserStore(), DynamoApiKeyStore()
_accounts, _user_settings = DynamoAccountStore(), DynamoSettingsStore()
_ports = ApiContext(
    clock=_clock,
    random_bytes=secrets.token_bytes,
    sending=SendingPorts(
        messages=_messages,
        recipients=DynamoRecipientStore(),
        conversations=DynamoConversations(),
        mail=_mail,
        queue=SqsDeliveryQueue(_settings.delivery_queue_url),
        accounts=_accounts,
        settings=_user_settings,
        items=DynamoItemStore(),
        tracker=Tracker(
            Keyring.parse(_settings.token_keys),
            _settings.tracking_origin,
            plain_text=_settings.track_plain_text,
            leave_address_text=_settings.leave_address_text,
            excluded_domains=domains(_settings.excluded_domains),
        ),
        clock=_clock,
        random_bytes=secrets.token_bytes,
        own_users=None if _settings.track_own_users else DynamoOwnUsers(),
        pace=LimitedPace(
            {"send": _settings.sends_a_minute, "track": _settings.tracks_a_minute}, DynamoSendCounts(), _clock
        ),
    ),
    days=_messages,
    suppressions=DynamoSuppressionList(),
    users=_users,
    settings=_user_settings,
    accounts=_accounts,
    passwords=Passwords(KmsSeal(_settings.key_arn), SecretsManagerStore()),
    directory=CognitoDirectory(_settings.user_pool) if _settings.user_pool else None,
    trail=DynamoTrail(),
    keys=_keys,
    alerts=DynamoAlertPanel(),
    kept_days=DynamoDayStats(),
    hits=DynamoHitReader(DynamoClient.from_environment(os.environ), _settings.hits_table),
    linked=DynamoLinkedMessages(),
    engagements=DynamoEngagements(),
    inbox=DynamoInboxStore(),
    imports=DynamoImportStore(),
    import_queue=SqsImportQueue(_settings.import_queue_url),
    judging=Context(own=networks_of("OWN_NETWORKS", _settings.own_networks), class_of=class_of),
)
_authenticator = Authenticator(
    OidcVerifier(_settings.oidc_issuer, _settings.oidc_audience, KeySet(_settings.oidc_jwks_url, _clock), _clock),
    _users,
    _keys,
    AdmissionPolicy(
        domains(_settings.oidc_allowed_domains),
        _several(_settings.oidc_allowed_groups),
        _settings.admin_group,
    ),
    _clock,
    secrets.token_bytes,
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request."""
    return answer(event, _authenticator, _ports)
