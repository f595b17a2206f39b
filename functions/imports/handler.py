"""Answers a batch of the import queue: each record continues one import, as long as there is time."""

from collections.abc import Callable
from typing import Any

from ocello.adapters.aws import sqs_imports
from ocello.adapters.aws.batch import Record, take_queue
from ocello.adapters.metrics import Figure, write_line
from ocello.domain.common.errors import Unavailable
from ocello.domain.imports.imports import Import
from ocello.services.common.ports import Clock
from ocello.services.imports.ports import ImportQueue

Advance = Callable[[str, str], Import | None]
AGAIN_S = 600  # until the next try; the queue's own pause is longer than an hour, because a call takes a quarter of one


def answer(event: dict[str, Any], advance: Advance, queue: ImportQueue, clock: Clock) -> dict[str, Any]:
    """Continue imports; return the records that must come again (ReportBatchItemFailures)."""
    steps: list[Import] = []

    def take_record(record: Record) -> None:
        try:
            made = advance(*sqs_imports.parse(record["body"]))
        except Unavailable:
            queue.redeliver_after(record["receiptHandle"], AGAIN_S)
            raise
        if made is not None:
            steps.append(made)

    response = take_queue(event, take_record)
    faults = len(response["batchItemFailures"])
    done = sum(made.status == "done" for made in steps)
    write_line("imports advanced", clock(), {"ImportFaults": Figure(faults)}, steps=len(steps), done=done)
    return response
