"""Wires the replay function: the spill queue in, the hits table out."""

import os
import time
from typing import Any

from functions.replay.handler import answer
from functions.replay.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.adapters.hot.dynamodb import DynamoClient
from ocello.adapters.hot.hit_sinks import DynamoConsentGate, DynamoHitSink

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
_client = DynamoClient.from_environment(os.environ)
_table = DynamoHitSink(_client, _settings.hits_table, _settings.hit_ttl_days * 86_400)
_gate = DynamoConsentGate(_client, _settings.app_table)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Replay one batch of the spill queue."""
    return answer(event, _table, _gate, _settings.hit_ttl_days, lambda: time.time_ns() // 1_000_000)
