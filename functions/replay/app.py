"""Wires the replay function, which brings hits and loads back from the spill queue."""

import os
from typing import Any

from functions.replay.handler import answer
from functions.replay.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.wiring.hot import HotWiring

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
_wiring = HotWiring(_settings, os.environ)
_table, _gate, _loads = _wiring.hit_sink, _wiring.consent_gate, _wiring.load_sink


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Replay one batch of the spill queue."""
    return answer(event, _table, _gate, _loads, _settings.hit_ttl_days, _wiring.clock)
