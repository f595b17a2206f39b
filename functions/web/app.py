"""Wires the web application: a browser's requests in, pages out."""

import os
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from functions.web.context import WebContext
from functions.web.handler import WebHandler
from functions.web.pages import sign_in
from functions.web.routes import ROUTES
from functions.web.settings import Settings
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
from ocello.adapters.dynamodb.messages.drafts import DynamoDraftStore
from ocello.adapters.dynamodb.messages.engagements import DynamoEngagements
from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore
from ocello.adapters.dynamodb.messages.links import DynamoLinkedMessages
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.messages.tracked_samples import DynamoTrackedSamples
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.dynamodb.people.api_keys import DynamoApiKeyStore
from ocello.adapters.dynamodb.people.contacts import DynamoContactStore
from ocello.adapters.dynamodb.people.preferences import DynamoPreferenceStore
from ocello.adapters.dynamodb.people.sessions import DynamoSessionStore
from ocello.adapters.dynamodb.people.settings import DynamoSettingsStore
from ocello.adapters.dynamodb.people.trail import DynamoTrail
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.adapters.dynamodb.sending.own_users import DynamoOwnUsers
from ocello.adapters.dynamodb.sending.send_counts import DynamoSendCounts
from ocello.adapters.hot.dynamodb import DynamoClient
from ocello.adapters.hot.settle_store import DynamoHitReader
from ocello.adapters.metrics import write_line
from ocello.adapters.networks.builtin import class_of
from ocello.adapters.oidc.cognito_directory import CognitoDirectory
from ocello.adapters.oidc.sealing import AesSeal
from ocello.adapters.oidc.sign_in_provider import OidcProvider
from ocello.adapters.oidc.tokens import KeySet, OidcVerifier
from ocello.adapters.smtp.account_probe import ServerProbe
from ocello.domain.common.hosts import domains
from ocello.domain.tracking.tokens import Keyring
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.sources import networks_of
from ocello.services.accounts.passwords import Passwords
from ocello.services.people.authenticate import AdmissionPolicy, Authenticator
from ocello.services.people.sign_in import WebSignIn
from ocello.services.sending.outgoing import SendingPorts, Tracker
from ocello.services.sending.pace import LimitedPace

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region)


def _clock() -> int:
    return time.time_ns() // 1_000_000


def _several(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


_mail = S3MailStore(_settings.mail_bucket)
_messages = DynamoMessageStore(_mail)
_users, _keys = DynamoUserStore(), DynamoApiKeyStore()
_accounts, _user_settings = DynamoAccountStore(), DynamoSettingsStore()
_provider = OidcProvider(
    _settings.oidc_audience,
    _settings.oidc_client_secret,
    authorize_url=_settings.oidc_authorize_url,
    token_url=_settings.oidc_token_url,
    logout_url=_settings.oidc_logout_url,
    home=f"{_settings.app_origin}{sign_in.HOME}",
    callback=f"{_settings.app_origin}{sign_in.CALLBACK}",
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
_context = WebContext(
    web_sign_in=WebSignIn(
        _provider, _authenticator, _users, DynamoSessionStore(), AesSeal(), _clock, secrets.token_bytes
    ),
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
        pace=LimitedPace({"send": _settings.sends_a_minute}, DynamoSendCounts(), _clock),
    ),
    users=_users,
    settings=_user_settings,
    accounts=_accounts,
    passwords=Passwords(KmsSeal(_settings.key_arn), SecretsManagerStore()),
    directory=CognitoDirectory(_settings.user_pool) if _settings.user_pool else None,
    trail=DynamoTrail(),
    keys=_keys,
    alerts=DynamoAlertPanel(),
    days=_messages,
    kept_days=DynamoDayStats(),
    samples=DynamoTrackedSamples(_mail),
    hits=DynamoHitReader(DynamoClient.from_environment(os.environ), _settings.hits_table),
    preferences=DynamoPreferenceStore(),
    inbox=DynamoInboxStore(),
    engagements=DynamoEngagements(),
    linked=DynamoLinkedMessages(),
    imports=DynamoImportStore(),
    import_queue=SqsImportQueue(_settings.import_queue_url),
    drafts=DynamoDraftStore(),
    contacts=DynamoContactStore(),
    probe=ServerProbe(allow_private=_settings.smtp_allow_private),
    clock=_clock,
    random_bytes=secrets.token_bytes,
    judging=Context(own=networks_of("OWN_NETWORKS", _settings.own_networks), class_of=class_of),
    app_origin=_settings.app_origin,
    form_targets=tuple(dict.fromkeys((_origin(_settings.oidc_authorize_url), _origin(_settings.oidc_logout_url)))),
    cookie_key=sign_in.key_of(_settings.token_keys),
)
_door = WebHandler(ROUTES, _context)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request, and log that it was answered: the method and the status, nothing else."""
    answer = _door.answer(event)
    write_line("web", _clock(), {}, method=event["requestContext"]["http"]["method"], status=answer["statusCode"])
    return answer
