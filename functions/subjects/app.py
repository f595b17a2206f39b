"""Wires the subjects function: the subject queue in; exports in the bucket, erasures, and mails out."""

import functools
import os
from typing import Any

from functions.subjects.handler import answer
from functions.subjects.settings import Settings
from ocello import settings
from ocello.wiring.cold import Wiring

_wiring = Wiring(settings.read(Settings, os.environ), os.environ)
_runner, _mails = _wiring.subject_runner, _wiring.rights_mails


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one batch of the queue."""
    advance = functools.partial(_runner.advance, left=context.get_remaining_time_in_millis)
    return answer(event, advance, _runner.give_up, _mails.send, _wiring.clock)
