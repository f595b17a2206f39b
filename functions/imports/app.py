"""Wires the imports function, which writes what bulk imports hold, from the import queue."""

import functools
import os
from typing import Any

from functions.imports.handler import answer
from functions.imports.settings import Settings
from ocello import settings
from ocello.services.imports.imports import ImportRunner
from ocello.wiring.cold import Wiring

_wiring = Wiring(settings.read(Settings, os.environ), os.environ)
_runner = ImportRunner(
    _wiring.line_writer, _wiring.users, _wiring.imports, _wiring.import_queue, _wiring.mail, _wiring.clock
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle one batch of the queue."""
    advance = functools.partial(_runner.advance, left=context.get_remaining_time_in_millis)
    return answer(event, advance, _wiring.import_queue, _wiring.clock)
