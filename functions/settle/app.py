"""Wires the settle function: the stream of the hits table in, engagement rows out."""

import os
import time
from typing import Any

from functions.settle.handler import answer
from functions.settle.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.adapters.hot.dynamodb import DynamoClient
from ocello.adapters.hot.s3 import BucketReader
from ocello.adapters.hot.settle_store import DynamoEngagementStore, DynamoHitReader, DynamoSurroundings
from ocello.adapters.networks.bucket import FreshNetworks
from ocello.adapters.networks.builtin import builtin
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.networks import Networks
from ocello.domain.verdicts.sources import networks_of
from ocello.services.engagement.settle import Judge

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
_client = DynamoClient.from_environment(os.environ)
_hits = DynamoHitReader(_client, _settings.hits_table)
_engagement = DynamoEngagementStore(_client, _settings.app_table)
_surroundings = DynamoSurroundings(_client, _settings.app_table)
_context = Context(own=networks_of("OWN_NETWORKS", _settings.own_networks))


def _now() -> int:
    return time.time_ns() // 1_000_000


def _note(table: Networks) -> None:
    """Say how old the bucket's table is, so that an alarm rings where nothing refreshes it."""
    age = {"NetworksAge": metrics.Figure(table.days_old(_now()))}
    metrics.write_line("networks read", _now(), age, version=table.version)


_bucket = BucketReader.from_environment(_settings.mail_bucket, os.environ)
_networks = FreshNetworks(_bucket, builtin(), time.monotonic, _note)


def handler(event: dict[str, Any], _lambda: object) -> dict[str, Any]:
    """Settle one batch of the stream, all of it by one table of networks."""
    networks = _networks.current()
    context = _context._replace(class_of=networks.class_of)
    return answer(event, Judge(_hits, _engagement, _surroundings, context), _now, networks.version)
