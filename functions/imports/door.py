"""Answers a batch of the import queue: each record takes one import a stretch further."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from ocello.adapters import sqs_imports
from ocello.adapters.lines import Figure, write_line
from ocello.domain.imports import Import
from ocello.services.ports import Clock

Advance = Callable[[str, str], Import | None]


def answer(event: dict[str, Any], advance: Advance, clock: Clock) -> dict[str, Any]:
    """Take imports further; give the records that must come again (ReportBatchItemFailures)."""
    steps: list[Import] = []

    def take_record(record: SQSRecord) -> None:
        made = advance(*sqs_imports.read(record.body))
        if made is not None:
            steps.append(made)

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    response = process_partial_response(event, take_record, processor)
    faults = len(response["batchItemFailures"])
    done = sum(made.status == "done" for made in steps)
    write_line("imports advanced", clock(), {"ImportFaults": Figure(faults)}, steps=len(steps), done=done)
    return dict(response)
