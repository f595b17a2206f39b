"""Wires the withdrawals function: the withdrawal queue in; closed copies, and lines of the ledger out."""

import functools
import os
from typing import Any

from functions.withdrawals.handler import answer
from functions.withdrawals.settings import Settings
from ocello import settings
from ocello.adapters.no_mail import NoMailStore
from ocello.wiring.cold import Wiring

_wiring = Wiring(settings.read(Settings, os.environ), os.environ, mail=NoMailStore())
_withdrawals, _statements = _wiring.withdrawals, _wiring.statements


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one batch of the queue."""
    go_on = functools.partial(_withdrawals.go_on, left=context.get_remaining_time_in_millis)
    return answer(event, go_on, _statements.recorded, _wiring.clock)
