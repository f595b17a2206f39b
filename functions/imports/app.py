"""Wires the imports function: the import queue in, items out."""

import functools
import os
import time
from typing import Any

from functions.imports import door
from functions.imports.settings import Settings
from ocello import settings
from ocello.adapters import lines, models
from ocello.adapters.dynamo_imports import DynamoImportStore
from ocello.adapters.dynamo_items import DynamoItemStore
from ocello.adapters.dynamo_people import DynamoUserStore
from ocello.adapters.s3_mail import S3MailStore
from ocello.adapters.sqs_imports import SqsImportQueue
from ocello.services.imports import advance

_settings = settings.read(Settings, os.environ)
lines.bind(_settings.stack_name)
models.bind(_settings.app_table, _settings.aws_region)
_queue = SqsImportQueue(_settings.import_queue_url)


def _clock() -> int:
    return time.time_ns() // 1_000_000


_advance = functools.partial(
    advance,
    items=DynamoItemStore(),
    users=DynamoUserStore(),
    mail=S3MailStore(_settings.mail_bucket),
    imports_=DynamoImportStore(),
    queue=_queue,
    clock=_clock,
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take one batch of the queue."""
    advance_ = functools.partial(_advance, left=context.get_remaining_time_in_millis)
    return door.answer(event, advance_, _queue, _clock)
