"""Processes the records of one batch of a queue or a stream one by one, and reports those to be delivered again.

The result is Lambda's partial batch response (ReportBatchItemFailures):
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

from collections.abc import Callable
from typing import Any

type Record = dict[str, Any]


def take_queue(event: dict[str, Any], take: Callable[[Record], None]) -> dict[str, Any]:
    """Call `take` with each message of an SQS batch; report those for which it raised, by `messageId`."""
    return _take(event, take, lambda record: record["messageId"])


def take_stream(event: dict[str, Any], take: Callable[[Record], None]) -> dict[str, Any]:
    """Call `take` with each change of a DynamoDB stream's batch; report those for which it raised, by `SequenceNumber`."""
    return _take(event, take, lambda record: record["dynamodb"]["SequenceNumber"])


def _take(event: dict[str, Any], take: Callable[[Record], None], identifier: Callable[[Record], str]) -> dict[str, Any]:
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            take(record)
        except Exception:  # noqa: BLE001 — a record that fails is delivered again, and must not stop the others
            failed.append({"itemIdentifier": identifier(record)})
    return {"batchItemFailures": failed}
