"""Wires the settle function: the stream of the hits table in, engagement rows out."""

import os
from typing import Any

from functions.settle.handler import answer
from functions.settle.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.networks import Networks
from ocello.services.engagement.settle import Judge
from ocello.wiring.hot import HotWiring

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
_wiring = HotWiring(_settings, os.environ)
_base = Context(own=_wiring.own_networks, source_key=_wiring.subject_key)
_judge = Judge(_wiring.hits, _wiring.engagement, _wiring.surroundings, _base, _wiring.under_way)


def _note(table: Networks) -> None:
    """Say how old the bucket's table is, so that an alarm rings where nothing refreshes it."""
    now = _wiring.clock()
    metrics.write_line(
        "networks read", now, {"NetworksAge": metrics.Figure(table.days_old(now))}, version=table.version
    )


_networks = _wiring.fresh_networks(_note)


def handler(event: dict[str, Any], _lambda: object) -> dict[str, Any]:
    """Settle one batch of the stream, all of it by one table of networks."""
    networks = _networks.current()
    # One judge: it keeps rows open between batches.
    _judge.base = _base._replace(class_of=networks.class_of, networks=networks.version)
    return answer(event, _judge, _wiring.clock, networks.version)
