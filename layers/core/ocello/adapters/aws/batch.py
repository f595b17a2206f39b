"""Takes the records of one batch of a queue or a stream one by one, and reports those that must come again.

The answer is what Lambda calls a partial batch response (ReportBatchItemFailures):
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

from collections.abc import Callable
from typing import Any

type Record = dict[str, Any]


def take_queue(event: dict[str, Any], take: Callable[[Record], None]) -> dict[str, Any]:
    """Hand each message of an SQS batch to `take`; report those for which it raised, by their `messageId`."""
    return _take(event, take, lambda record: record["messageId"])


def take_stream(event: dict[str, Any], take: Callable[[Record], None]) -> dict[str, Any]:
    """Hand each change of a DynamoDB stream's batch to `take`; report those for which it raised, by `SequenceNumber`."""
    return _take(event, take, lambda record: record["dynamodb"]["SequenceNumber"])


def _take(event: dict[str, Any], take: Callable[[Record], None], identifier: Callable[[Record], str]) -> dict[str, Any]:
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            take(record)
        except Exception:  # noqa: BLE001 — whatever is wrong with one record, the others are taken and it comes again
            failed.append({"itemIdentifier": identifier(record)})
    return {"batchItemFailures": failed}
