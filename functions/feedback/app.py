"""Wires the feedback function: SES's publishing in, by EventBridge; recipients' statuses out."""

import os
import time
from typing import Any

from functions.feedback import door
from functions.feedback.settings import Settings
from ocello import settings
from ocello.adapters import lines, models
from ocello.adapters.dynamo_messages import DynamoMessageStore
from ocello.adapters.dynamo_people import DynamoSuppressionList
from ocello.adapters.dynamo_recipients import DynamoRecipientStore
from ocello.adapters.no_mail import NoMailStore

_settings = settings.read(Settings, os.environ)
lines.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region)
_messages = DynamoMessageStore(NoMailStore())
_recipients = DynamoRecipientStore()
_suppressions = DynamoSuppressionList()


def handler(event: dict[str, Any], _context: object) -> None:
    """Take one message of SES's publishing."""
    door.answer(event, _settings.aws_region, _messages, _recipients, _suppressions, lambda: time.time_ns() // 1_000_000)
