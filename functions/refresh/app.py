"""Wires the refresh function, which makes the bucket's table of networks from published lists."""

import os

from functions.refresh.handler import answer
from functions.refresh.settings import Settings
from ocello import settings
from ocello.adapters import metrics
from ocello.wiring.storage import BucketWiring

_settings = settings.read(Settings, os.environ)
metrics.bind(_settings.stack_name)
_wiring = BucketWiring(_settings, os.environ)
_lists, _store, _builtin = _wiring.network_lists, _wiring.mail, _wiring.builtin_networks


def handler(_event: object, _context: object) -> None:
    """Refresh the table once."""
    answer(_lists, _store, _builtin, _wiring.clock)
