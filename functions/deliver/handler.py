"""Answers a batch of the delivery queue: each record is one copy, tried at most once, and fails alone."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from ocello.adapters.aws import sqs_delivery
from ocello.adapters.metrics import Figure, write_line
from ocello.services.common.ports import Clock
from ocello.services.sending.deliver import Delivered, Handed
from ocello.services.sending.ports import DeliveryQueue

Deliver = Callable[[str, int, Handed], Delivered]


class ComesAgain(Exception):  # noqa: N818 — no failure: the way to leave a record in its queue
    """A copy whose queue message has to stay: it is being sent, or will be tried later."""


def answer(event: dict[str, Any], deliver: Deliver, queue: DeliveryQueue, clock: Clock) -> dict[str, Any]:
    """Deliver a batch; give the records that must come again (ReportBatchItemFailures), each after its own pause."""
    came_to: Counter[str] = Counter()

    def deliver_record(record: SQSRecord) -> None:
        delivery = sqs_delivery.read(record.body)
        delivered = deliver(delivery.message, delivery.recipient, _handed(record))
        came_to[delivered.status or "nothing"] += 1
        if delivered.again_in is not None:
            queue.postpone(record.receipt_handle, delivered.again_in)
            raise ComesAgain

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    response = process_partial_response(event, deliver_record, processor)
    records = len(event["Records"])
    figures = {
        "CopiesSent": Figure(came_to["sent"]),
        "CopiesFailed": Figure(came_to["failed"]),
        "CopiesUnknown": Figure(came_to["unknown"]),
        "CopiesPostponed": Figure(came_to["queued"]),
        "DeliveryFaults": Figure(records - came_to.total()),
    }
    write_line("copies delivered", clock(), figures, records=records)
    return dict(response)


def _handed(record: SQSRecord) -> Handed:
    """Read what the queue says of how it hands a record out."""
    said = record.raw_event["attributes"]
    return Handed(int(said.get("ApproximateReceiveCount", 1)), int(said.get("SentTimestamp", 0)))
