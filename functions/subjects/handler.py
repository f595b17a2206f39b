"""Answers a batch of the subject queue: goes on with requests to export or erase, and writes to who asked."""

from collections.abc import Callable
from typing import Any

from ocello.adapters.aws import sqs_subjects
from ocello.adapters.aws.batch import Record, take_queue
from ocello.adapters.metrics import Figure, write_line
from ocello.domain.retention.jobs import SubjectJob
from ocello.domain.retention.tickets import RightsWish
from ocello.services.common.ports import Clock
from ocello.services.retention.wishes import WishOutcome

MOST_TRIES = 8  # after which the queue gives a message up: see its maxReceiveCount


def answer(
    event: dict[str, Any],
    advance: Callable[[str], SubjectJob | None],
    give_up: Callable[[str], None],
    send: Callable[[RightsWish], WishOutcome],
    clock: Clock,
) -> dict[str, Any]:
    """Take each record; return those that must come again (ReportBatchItemFailures).

    At the last try the job is said to have failed.
    """
    made: list[SubjectJob] = []
    mails: list[WishOutcome] = []

    def take_record(record: Record) -> None:
        identifier = sqs_subjects.parse(record["body"])
        if isinstance(identifier, RightsWish):
            mails.append(send(identifier))
            return
        try:
            job = advance(identifier)
        except Exception:
            if int(record["attributes"]["ApproximateReceiveCount"]) >= MOST_TRIES:
                give_up(identifier)
            raise
        if job is not None:
            made.append(job)

    response = take_queue(event, take_record)
    faults = len(response["batchItemFailures"])
    facts = {"ended": sum(job.state == "done" for job in made), "copies": sum(job.copies for job in made)}
    figures = {"SubjectFaults": Figure(faults)}
    write_line("subjects", clock(), figures, records=len(event["Records"]), mails=",".join(mails), **facts)
    return response
