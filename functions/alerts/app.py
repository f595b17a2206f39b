"""Wires the alerts function: the app table's stream and the alert queue in; alert rows, a bus and mail out."""

import os
import time
from typing import Any

from functions.alerts import door
from functions.alerts.settings import Settings
from ocello import settings
from ocello.adapters import aws_clients, lines, models
from ocello.adapters.alert_channels import BusChannel, MailChannel, SqsNoticeQueue
from ocello.adapters.dynamo_alerts import DynamoAlertStore
from ocello.adapters.dynamo_days import DynamoDayStats
from ocello.adapters.dynamo_inbox import DynamoInboxStore
from ocello.adapters.dynamo_messages import DynamoMessageStore
from ocello.adapters.dynamo_people import DynamoSettingsStore
from ocello.adapters.dynamo_users import DynamoUserStore
from ocello.adapters.dynamo_web import DynamoPreferenceStore
from ocello.adapters.no_mail import NoMailStore
from ocello.services.alert import Ports
from ocello.services.ports_alert import Channel, ChannelName

_settings = settings.read(Settings, os.environ)
lines.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region, _settings.aws_endpoint_url or None)
_channels: dict[ChannelName, Channel] = {}
if _settings.event_bus:
    _channels["bus"] = BusChannel(aws_clients.client("events"), _settings.event_bus)
if _settings.alert_sender:
    _channels["mail"] = MailChannel(
        aws_clients.client("sesv2"),
        DynamoUserStore(),
        DynamoPreferenceStore(),
        _settings.alert_sender,
        _settings.app_origin,
        _settings.ses_configuration_set,
    )
_ports = Ports(
    messages=DynamoMessageStore(NoMailStore()),
    settings=DynamoSettingsStore(),
    alerts=DynamoAlertStore(),
    queue=SqsNoticeQueue(aws_clients.client("sqs"), _settings.alert_queue_url),
    days=DynamoDayStats(),
    inbox=DynamoInboxStore(),
    external=frozenset(_channels),
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one batch of the stream or of the queue."""
    return door.answer(event, _ports, _channels, lambda: time.time_ns() // 1_000_000)
