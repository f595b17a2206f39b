"""Answers a batch of the withdrawal queue: each record goes on with one withdrawal, as long as there is time."""

from collections.abc import Callable
from typing import Any

from ocello.adapters.aws import sqs_withdrawals
from ocello.adapters.aws.batch import Record, take_queue
from ocello.adapters.metrics import Figure, write_line
from ocello.services.common.ports import Clock

GoOn = Callable[[str, int], bool]


def answer(event: dict[str, Any], go_on: GoOn, clock: Clock) -> dict[str, Any]:
    """Go on with withdrawals; return the records that must come again (ReportBatchItemFailures)."""
    ended: list[int] = []  # how long each took that reached every copy, ms

    def take_record(record: Record) -> None:
        subject, at = sqs_withdrawals.parse(record["body"])
        if go_on(subject, at):
            ended.append(clock() - at)

    response = take_queue(event, take_record)
    failed = len(response["batchItemFailures"])
    figures = {"WithdrawalFailures": Figure(failed), "WithdrawalTime": Figure(ended, "Milliseconds")}
    write_line("withdrawals gone on with", clock(), figures, records=len(event["Records"]), ended=len(ended))
    return response
