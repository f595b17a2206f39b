"""Wires the refresh function: published lists in, the bucket's table of networks out."""

import os
import time

from functions.refresh.handler import answer
from functions.refresh.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.networks.builtin import builtin
from ocello.adapters.networks.https_lists import HttpsLists

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
_lists = HttpsLists()
_store = S3MailStore(_settings.mail_bucket)
_builtin = builtin()


def handler(_event: object, _context: object) -> None:
    """Refresh once."""
    answer(_lists, _store, _builtin, lambda: time.time_ns() // 1_000_000)
