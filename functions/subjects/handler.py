"""Answers a batch of the subject queue: goes on with requests to export or erase what is held of people."""

from collections.abc import Callable
from typing import Any

from ocello.adapters.aws import sqs_subjects
from ocello.adapters.aws.batch import Record, take_queue
from ocello.adapters.metrics import Figure, write_line
from ocello.domain.retention.jobs import SubjectJob
from ocello.services.common.ports import Clock

MOST_TRIES = 8  # after which the queue gives a message up: see its maxReceiveCount


def answer(
    event: dict[str, Any], advance: Callable[[str], SubjectJob | None], give_up: Callable[[str], None], clock: Clock
) -> dict[str, Any]:
    """Take each record; return those that must come again (ReportBatchItemFailures).

    At the last try the job is said to have failed.
    """
    made: list[SubjectJob] = []

    def take_record(record: Record) -> None:
        identifier = sqs_subjects.parse(record["body"])
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
    write_line("subjects", clock(), {"SubjectFaults": Figure(faults)}, records=len(event["Records"]), **facts)
    return response
