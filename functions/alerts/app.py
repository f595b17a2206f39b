"""Wires the alerts function: the app table's stream and the alert queue in; alert rows, a bus and mail out."""

import os
import time
from typing import Any

from functions.alerts.handler import answer
from functions.alerts.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.adapters.aws import clients
from ocello.adapters.aws.alert_channels import BusChannel, MailChannel, SqsNoticeQueue
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.messages.alerts import DynamoAlertStore
from ocello.adapters.dynamodb.messages.days import DynamoDayStats
from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.people.preferences import DynamoPreferenceStore
from ocello.adapters.dynamodb.people.settings import DynamoSettingsStore
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.adapters.no_mail import NoMailStore
from ocello.services.alerts.alert import AlertPorts
from ocello.services.alerts.ports import Channel, ChannelName

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region, _settings.aws_endpoint_url or None)
_channels: dict[ChannelName, Channel] = {}
if _settings.event_bus:
    _channels["bus"] = BusChannel(clients.client("events"), _settings.event_bus)
if _settings.alert_sender:
    _channels["mail"] = MailChannel(
        clients.client("sesv2"),
        DynamoUserStore(),
        DynamoPreferenceStore(),
        _settings.alert_sender,
        _settings.app_origin,
        _settings.ses_configuration_set,
    )
_ports = AlertPorts(
    messages=DynamoMessageStore(NoMailStore()),
    settings=DynamoSettingsStore(),
    alerts=DynamoAlertStore(),
    queue=SqsNoticeQueue(clients.client("sqs"), _settings.alert_queue_url),
    days=DynamoDayStats(),
    inbox=DynamoInboxStore(),
    external=frozenset(_channels),
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one batch of the stream or of the queue."""
    return answer(event, _ports, _channels, lambda: time.time_ns() // 1_000_000)
