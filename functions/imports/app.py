"""Wires the imports function: the import queue in, items out."""

import functools
import os
import time
from typing import Any

from functions.imports.handler import answer
from functions.imports.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.aws.sqs_imports import SqsImportQueue
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.crm.imports import DynamoImportStore
from ocello.adapters.dynamodb.crm.items import DynamoItemStore
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.services.items.change_items import ItemWriter
from ocello.services.items.imports import ImportRunner

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region)
_queue = SqsImportQueue(_settings.import_queue_url)


def _clock() -> int:
    return time.time_ns() // 1_000_000


_runner = ImportRunner(
    ItemWriter(DynamoItemStore(), DynamoUserStore(), _clock),
    DynamoImportStore(),
    _queue,
    S3MailStore(_settings.mail_bucket),
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take one batch of the queue."""
    advance = functools.partial(_runner.advance, left=context.get_remaining_time_in_millis)
    return answer(event, advance, _queue, _clock)
