"""Wires the nightly function."""

import os

from functions.nightly.handler import answer
from functions.nightly.settings import Settings
from ocello import settings
from ocello.wiring.consent import ConsentWiring

_settings = settings.read(Settings, os.environ)
_wiring = ConsentWiring(_settings, os.environ)
_daily, _unanswered = _wiring.daily_head, _wiring.unanswered


def handler(_event: object, _context: object) -> None:
    """Do the night's work once."""
    answer(_daily, _unanswered)
