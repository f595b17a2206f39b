"""Wires the privacy function, which answers requests for the recipient's page."""

import os
from typing import Any

from functions.privacy.handler import PrivacyHandler
from functions.privacy.page import Operator
from functions.privacy.settings import Settings
from ocello import settings
from ocello.wiring.cold import Wiring

_settings = settings.read(Settings, os.environ)
_wiring = Wiring(_settings, os.environ)
_handler = PrivacyHandler(
    _wiring.recipient_page,
    _wiring.rights_page,
    _wiring.keyring,
    Operator(_settings.operator_name, _settings.operator_contact, _settings.hit_ttl_days, _settings.engagement_days),
    _settings.client_address_header,
    _wiring.clock,
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request."""
    return _handler.answer(event)
