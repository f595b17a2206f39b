"""Wires the deliver function: the delivery queue in, copies out by SES or SMTP."""

import functools
import os
import time
from typing import Any

from functions.deliver.handler import answer
from functions.deliver.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.adapters.aws.kms_seal import KmsSeal
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.aws.secrets import SecretsManagerStore
from ocello.adapters.aws.sqs_delivery import SqsDeliveryQueue
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.messages.conversations import DynamoConversations
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.dynamodb.people.suppressions import DynamoSuppressionList
from ocello.adapters.dynamodb.sending.places import DynamoSendingPlaces
from ocello.adapters.dynamodb.sending.server_records import DynamoServerRecords
from ocello.adapters.ses.transport import SesTransport
from ocello.adapters.smtp.transport import SmtpTransport
from ocello.domain.common.hosts import domains
from ocello.domain.messages.servers import shares_of
from ocello.domain.tracking.tokens import Keyring
from ocello.services.accounts import passwords
from ocello.services.sending.deliver import Delivered, DeliveryPorts, Handed, deliver
from ocello.services.sending.outgoing import Tracker
from ocello.services.sending.turns import FairTurns

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region)
_bucket = S3MailStore(_settings.mail_bucket)
_queue = SqsDeliveryQueue(_settings.delivery_queue_url)


def _clock() -> int:
    return time.time_ns() // 1_000_000


_accounts = DynamoAccountStore()
_password_of = functools.partial(
    passwords.use,
    passwords=passwords.Passwords(KmsSeal(_settings.key_arn), SecretsManagerStore()),
    accounts=_accounts,
)
_ports = DeliveryPorts(
    messages=DynamoMessageStore(_bucket),
    recipients=DynamoRecipientStore(),
    conversations=DynamoConversations(),
    mail=_bucket,
    accounts=_accounts,
    suppressions=DynamoSuppressionList(),
    transports={
        "ses": SesTransport(_settings.ses_configuration_set, _settings.aws_region),
        "smtp": SmtpTransport(_password_of, allow_private=_settings.smtp_allow_private),
    },
    tracker=Tracker(
        Keyring.parse(_settings.token_keys),
        _settings.tracking_origin,
        plain_text=_settings.track_plain_text,
        leave_address_text=_settings.leave_address_text,
        excluded_domains=domains(_settings.excluded_domains),
    ),
    clock=_clock,
    turns=FairTurns(DynamoSendingPlaces(), DynamoServerRecords(), shares_of(_settings.copies_at_once), _clock),
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Deliver one batch of the queue."""

    def tried(message: str, index: int, handed: Handed) -> Delivered:
        return deliver(message, index, _ports, handed)

    return answer(event, tried, _queue, _clock)
