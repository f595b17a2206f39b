"""Wires the feedback function, which receives SES's events by EventBridge and updates recipients' statuses."""

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
    """Handle one event of SES."""
    answer(event, _settings.aws_region, _messages, _recipients, _suppressions, _wiring.clock)
