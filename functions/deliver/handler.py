"""Answers a batch of the delivery queue. Each record is one copy, tried at most once; if one fails, the others do not."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from ocello.adapters.aws import sqs_delivery
from ocello.adapters.aws.batch import Record, take_queue
from ocello.adapters.metrics import Figure, write_line
from ocello.services.common.ports import Clock
from ocello.services.sending.deliver import Delivered, QueueDelivery
from ocello.services.sending.ports import DeliveryQueue

Deliver = Callable[[str, int, QueueDelivery], Delivered]


class ComesAgain(Exception):  # noqa: N818 — not an error: it leaves a record in its queue
    """The copy's queue message must stay: the copy is being sent, or will be tried later."""


def answer(event: dict[str, Any], deliver: Deliver, queue: DeliveryQueue, clock: Clock) -> dict[str, Any]:
    """Deliver a batch; return the records that must come again (ReportBatchItemFailures), each after its own pause."""
    came_to: Counter[str] = Counter()

    def deliver_record(record: Record) -> None:
        delivery = sqs_delivery.parse(record["body"])
        delivered = deliver(delivery.message, delivery.recipient, _queue_delivery(record))
        came_to[delivered.status or "nothing"] += 1
        if delivered.again_in is not None:
            queue.redeliver_after(record["receiptHandle"], delivered.again_in)
            raise ComesAgain

    response = take_queue(event, deliver_record)
    records = len(event["Records"])
    figures = {
        "CopiesSent": Figure(came_to["sent"]),
        "CopiesFailed": Figure(came_to["failed"]),
        "CopiesUnknown": Figure(came_to["unknown"]),
        "CopiesPostponed": Figure(came_to["queued"]),
        "DeliveryFaults": Figure(records - came_to.total()),
    }
    write_line("copies delivered", clock(), figures, records=records)
    return response


def _queue_delivery(record: Record) -> QueueDelivery:
    """Return how the queue delivers a record: how often, and when it was queued."""
    said = record["attributes"]
    return QueueDelivery(int(said.get("ApproximateReceiveCount", 1)), int(said.get("SentTimestamp", 0)))
