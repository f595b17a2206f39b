"""Wires the lookups function: the look-up queue in, what is known of mail domains out."""

import functools
import os
from typing import Any

from functions.lookups.handler import answer
from functions.lookups.settings import Settings
from ocello import settings
from ocello.services.domains.forecast import resolve
from ocello.wiring.cold import Wiring

_wiring = Wiring(settings.read(Settings, os.environ), os.environ)
_resolve = functools.partial(
    resolve, exchangers=_wiring.mail_exchangers, domains=_wiring.mail_domains, clock=_wiring.clock
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one batch of the queue."""
    return answer(event, _resolve, _wiring.clock)
