"""Wires the deliver function, which sends copies from the delivery queue by SES or SMTP."""

import os
from typing import Any

from functions.deliver.handler import answer
from functions.deliver.settings import Settings
from ocello import settings
from ocello.services.sending.deliver import Delivered, QueueDelivery, deliver
from ocello.wiring.cold import Wiring

_wiring = Wiring(settings.read(Settings, os.environ), os.environ)
_ports, _queue = _wiring.delivery, _wiring.delivery_queue


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Deliver one batch of the queue."""

    def tried(message: str, index: int, queue_delivery: QueueDelivery) -> Delivered:
        return deliver(message, index, _ports, queue_delivery)

    return answer(event, tried, _queue, _wiring.clock)
