"""Wires the web application: a browser's requests in, pages out."""

import os
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from functions.web.door import Door
from functions.web.house import House
from functions.web.pages import signing
from functions.web.routes import ROUTES
from functions.web.settings import Settings
from ocello import settings
from ocello.adapters import lines, models
from ocello.adapters.account_probe import ServerProbe
from ocello.adapters.dynamo_alerts import DynamoAlertPanel
from ocello.adapters.dynamo_client import DynamoClient
from ocello.adapters.dynamo_conversations import DynamoConversations
from ocello.adapters.dynamo_days import DynamoDayStats
from ocello.adapters.dynamo_imports import DynamoImportStore
from ocello.adapters.dynamo_inbox import DynamoDraftStore, DynamoEngagements, DynamoInboxStore
from ocello.adapters.dynamo_items import DynamoItemStore
from ocello.adapters.dynamo_links import DynamoLinkedMessages
from ocello.adapters.dynamo_looks import DynamoMessageLooks
from ocello.adapters.dynamo_messages import DynamoMessageStore
from ocello.adapters.dynamo_own_users import DynamoOwnUsers
from ocello.adapters.dynamo_people import DynamoAccountStore, DynamoApiKeyStore, DynamoSettingsStore, DynamoUserStore
from ocello.adapters.dynamo_recipients import DynamoRecipientStore
from ocello.adapters.dynamo_settle import DynamoHitReader
from ocello.adapters.dynamo_turns import DynamoSendCounts
from ocello.adapters.dynamo_web import DynamoPreferenceStore, DynamoSessionStore
from ocello.adapters.lines import write_line
from ocello.adapters.oidc import KeySet, OidcVerifier
from ocello.adapters.s3_mail import S3MailStore
from ocello.adapters.sealing import AesSeal
from ocello.adapters.secrets import SecretsManagerStore
from ocello.adapters.sign_in_provider import OidcProvider
from ocello.adapters.sqs_delivery import SqsDeliveryQueue
from ocello.adapters.sqs_imports import SqsImportQueue
from ocello.domain.hosts import domains
from ocello.domain.sources import networks_of
from ocello.domain.tokens import Keyring
from ocello.services.authenticate import Admission, Doorkeeper
from ocello.services.outgoing import PostOffice, Tracker
from ocello.services.pace import LimitedPace
from ocello.services.sign_in import Entrance

_settings = settings.read(Settings, os.environ)
lines.bind(_settings.stack_name)
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
    home=f"{_settings.app_origin}{signing.HOME}",
    callback=f"{_settings.app_origin}{signing.CALLBACK}",
)
_doorkeeper = Doorkeeper(
    OidcVerifier(_settings.oidc_issuer, _settings.oidc_audience, KeySet(_settings.oidc_jwks_url, _clock), _clock),
    _users,
    _keys,
    Admission(
        domains(_settings.oidc_allowed_domains),
        _several(_settings.oidc_allowed_groups),
        _settings.admin_group,
    ),
    _clock,
    secrets.token_bytes,
)
_house = House(
    entrance=Entrance(_provider, _doorkeeper, _users, DynamoSessionStore(), AesSeal(), _clock, secrets.token_bytes),
    post=PostOffice(
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
        chance=secrets.token_bytes,
        own_users=None if _settings.track_own_users else DynamoOwnUsers(),
        pace=LimitedPace({"send": _settings.sends_a_minute}, DynamoSendCounts(), _clock),
    ),
    users=_users,
    settings=_user_settings,
    accounts=_accounts,
    secrets=SecretsManagerStore(),
    keys=_keys,
    alerts=DynamoAlertPanel(),
    days=_messages,
    kept_days=DynamoDayStats(),
    looks=DynamoMessageLooks(_mail),
    hits=DynamoHitReader(DynamoClient.from_environment(os.environ), _settings.hits_table),
    preferences=DynamoPreferenceStore(),
    inbox=DynamoInboxStore(),
    engagements=DynamoEngagements(),
    linked=DynamoLinkedMessages(),
    imports=DynamoImportStore(),
    import_queue=SqsImportQueue(_settings.import_queue_url),
    drafts=DynamoDraftStore(),
    probe=ServerProbe(allow_private=_settings.smtp_allow_private),
    clock=_clock,
    chance=secrets.token_bytes,
    own_networks=networks_of("OWN_NETWORKS", _settings.own_networks),
    app_origin=_settings.app_origin,
    form_targets=tuple(dict.fromkeys((_origin(_settings.oidc_authorize_url), _origin(_settings.oidc_logout_url)))),
    secret_prefix=_settings.secret_prefix,
    cookie_key=signing.key_of(_settings.token_keys),
)
_door = Door(ROUTES, _house)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request, and note that it was answered: the method and the status, nothing else."""
    answer = _door.answer(event)
    write_line("web", _clock(), {}, method=event["requestContext"]["http"]["method"], status=answer["statusCode"])
    return answer
