"""Answers a batch of the withdrawal queue: goes on with withdrawals, and records statements that waited for the database."""

from collections.abc import Callable
from typing import Any

from ocello.adapters.aws import sqs_withdrawals
from ocello.adapters.aws.batch import Record, take_queue
from ocello.adapters.metrics import Figure, write_line
from ocello.services.common.ports import Clock
from ocello.services.consent.ports import Statement

GoOn = Callable[[str, int], bool]


def answer(event: dict[str, Any], go_on: GoOn, record: Callable[[Statement], object], clock: Clock) -> dict[str, Any]:
    """Take each record; return those that must come again (ReportBatchItemFailures)."""
    ended: list[int] = []  # how long each took that reached every copy, ms
    recorded: list[Statement] = []

    def take_record(each: Record) -> None:
        read = sqs_withdrawals.parse(each["body"])
        if isinstance(read, Statement):
            record(read)
            recorded.append(read)
        elif go_on(*read):
            ended.append(clock() - read[1])

    response = take_queue(event, take_record)
    failed = len(response["batchItemFailures"])
    figures = {"WithdrawalFailures": Figure(failed), "WithdrawalTime": Figure(ended, "Milliseconds")}
    facts = {"records": len(event["Records"]), "ended": len(ended), "recorded": len(recorded)}
    write_line("withdrawals gone on with", clock(), figures, **facts)
    return response
