"""Wires the retention function, which cuts addresses short and deletes what was kept long enough."""

import os
from typing import Any

from functions.retention.handler import answer
from functions.retention.settings import Settings
from ocello import settings
from ocello.adapters.no_mail import NoMailStore
from ocello.wiring.retention import RetentionWiring

_wiring = RetentionWiring(settings.read(Settings, os.environ), os.environ, mail=NoMailStore())
_retention = _wiring.retention


def handler(_event: object, context: Any) -> None:
    """Go on with the day's work; classes of networks are those of the newest table, as when hits are judged."""
    table = _wiring.newest_networks.current()
    judge = _retention.judge
    judge.base = judge.base._replace(class_of=table.class_of, networks=table.version)
    answer(_retention, context.get_remaining_time_in_millis)
