"""Wires the feedback function: SES's publishing in, by EventBridge; recipients' statuses out."""

import os
from typing import Any

from functions.feedback.handler import answer
from functions.feedback.settings import Settings
from ocello import settings
from ocello.adapters.no_mail import NoMailStore
from ocello.wiring.storage import StorageWiring

_settings = settings.read(Settings, os.environ)
_wiring = StorageWiring(_settings, os.environ, mail=NoMailStore())
_messages, _recipients, _suppressions = _wiring.messages, _wiring.recipients, _wiring.suppressions


def handler(event: dict[str, Any], _context: object) -> None:
    """Take one message of SES's publishing."""
    answer(event, _settings.aws_region, _messages, _recipients, _suppressions, _wiring.clock)
