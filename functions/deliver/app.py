"""Wires the deliver function: the delivery queue in, copies out by SES or SMTP."""

import os
import time
from typing import Any

from functions.deliver import door
from functions.deliver.settings import Settings
from ocello import settings
from ocello.adapters import lines, models
from ocello.adapters.dynamo_conversations import DynamoConversations
from ocello.adapters.dynamo_messages import DynamoMessageStore
from ocello.adapters.dynamo_people import DynamoAccountStore, DynamoSuppressionList
from ocello.adapters.dynamo_recipients import DynamoRecipientStore
from ocello.adapters.dynamo_turns import DynamoPlaces, DynamoServerRecords
from ocello.adapters.s3_mail import S3MailStore
from ocello.adapters.secrets import SecretsManagerStore
from ocello.adapters.ses_transport import SesTransport
from ocello.adapters.smtp_transport import SmtpTransport
from ocello.adapters.sqs_delivery import SqsDeliveryQueue
from ocello.domain.hosts import domains
from ocello.domain.servers import shares_of
from ocello.domain.tokens import Keyring
from ocello.services.deliver import Carrier, Delivered, Handed, deliver
from ocello.services.outgoing import Tracker
from ocello.services.turns import FairTurns

_settings = settings.read(Settings, os.environ)
lines.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region)
_bucket = S3MailStore(_settings.mail_bucket)
_queue = SqsDeliveryQueue(_settings.delivery_queue_url)


def _clock() -> int:
    return time.time_ns() // 1_000_000


_carrier = Carrier(
    messages=DynamoMessageStore(_bucket),
    recipients=DynamoRecipientStore(),
    conversations=DynamoConversations(),
    mail=_bucket,
    accounts=DynamoAccountStore(),
    suppressions=DynamoSuppressionList(),
    transports={
        "ses": SesTransport(_settings.ses_configuration_set, _settings.aws_region),
        "smtp": SmtpTransport(SecretsManagerStore(), allow_private=_settings.smtp_allow_private),
    },
    tracker=Tracker(
        Keyring.parse(_settings.token_keys),
        _settings.tracking_origin,
        plain_text=_settings.track_plain_text,
        leave_address_text=_settings.leave_address_text,
        excluded_domains=domains(_settings.excluded_domains),
    ),
    clock=_clock,
    turns=FairTurns(DynamoPlaces(), DynamoServerRecords(), shares_of(_settings.copies_at_once), _clock),
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Deliver one batch of the queue."""

    def tried(message: str, index: int, handed: Handed) -> Delivered:
        return deliver(message, index, _carrier, handed)

    return door.answer(event, tried, _queue, _clock)
