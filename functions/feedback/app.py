"""Wires the feedback function: SES's publishing in, by EventBridge; recipients' statuses out."""

import os
import time
from typing import Any

from functions.feedback.handler import answer
from functions.feedback.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.people.suppressions import DynamoSuppressionList
from ocello.adapters.no_mail import NoMailStore

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region)
_messages = DynamoMessageStore(NoMailStore())
_recipients = DynamoRecipientStore()
_suppressions = DynamoSuppressionList()


def handler(event: dict[str, Any], _context: object) -> None:
    """Take one message of SES's publishing."""
    answer(event, _settings.aws_region, _messages, _recipients, _suppressions, lambda: time.time_ns() // 1_000_000)
