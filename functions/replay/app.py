"""Wires the replay function: the spill queue in, the hits table out."""

import os
import time
from typing import Any

from functions.replay import door
from functions.replay.settings import Settings
from ocello import settings
from ocello.adapters import lines
from ocello.adapters.dynamo_client import DynamoClient
from ocello.adapters.hit_sinks import DynamoConsentGate, DynamoHitSink

_settings = settings.read(Settings, os.environ)
lines.bind(_settings.stack_name)
_client = DynamoClient.from_environment(os.environ)
_table = DynamoHitSink(_client, _settings.hits_table, _settings.hit_ttl_days * 86_400)
_gate = DynamoConsentGate(_client, _settings.app_table)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Replay one batch of the spill queue."""
    return door.answer(event, _table, _gate, _settings.hit_ttl_days, lambda: time.time_ns() // 1_000_000)
