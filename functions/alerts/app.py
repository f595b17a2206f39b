"""Wires the alerts function: the app table's stream and the alert queue in; alert rows, a bus and mail out."""

import os
from typing import Any

from functions.alerts.handler import answer
from functions.alerts.settings import Settings
from ocello import settings
from ocello.adapters.no_mail import NoMailStore
from ocello.wiring.cold import Wiring

_wiring = Wiring(settings.read(Settings, os.environ), os.environ, mail=NoMailStore())
_ports, _channels = _wiring.alerting, _wiring.channels


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one batch of the stream or of the queue."""
    return answer(event, _ports, _channels, _wiring.clock)
