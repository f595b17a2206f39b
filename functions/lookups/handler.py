"""Answers a batch of the look-up queue: each record names a domain, and who takes in its mail is asked of DNS."""

from collections.abc import Callable
from typing import Any

from ocello.adapters.aws import sqs_lookups
from ocello.adapters.aws.batch import Record, take_queue
from ocello.adapters.metrics import Figure, write_line
from ocello.services.common.ports import Clock


def answer(event: dict[str, Any], resolve: Callable[[str], bool], clock: Clock) -> dict[str, Any]:
    """Look domains up; return the records that must come again (ReportBatchItemFailures)."""
    answered: list[bool] = []

    def take_record(record: Record) -> None:
        answered.append(resolve(sqs_lookups.parse(record["body"])))

    response = take_queue(event, take_record)
    failed = len(response["batchItemFailures"])
    figures = {"LookupFailures": Figure(failed)}
    write_line("domains looked up", clock(), figures, records=len(event["Records"]), answered=sum(answered))
    return response
