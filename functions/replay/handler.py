"""Answers a batch of the spill queue: each hit is written if it is not there; one that fails, fails alone."""

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from ocello.adapters.hot import hit_item
from ocello.adapters.metrics import Figure, write_line
from ocello.domain.common.errors import Invalid
from ocello.services.common.ports import Clock
from ocello.services.engagement.replay import furthest_back, replay

if TYPE_CHECKING:
    from ocello.services.engagement.record import ConsentGate, HitSink


def answer(
    event: dict[str, Any], table: "HitSink", gate: "ConsentGate", hit_ttl_days: int, clock: Clock
) -> dict[str, Any]:
    """Replay a batch; give the ids of those messages that must come again (ReportBatchItemFailures)."""
    outcomes: dict[str, int] = {}

    def replay_record(record: SQSRecord) -> None:
        try:
            hit = hit_item.from_item(json.loads(record.body))
        except (KeyError, ValueError, TypeError, AttributeError):
            raise Invalid("body", "not a hit") from None
        outcome = replay(hit, table, gate, clock(), furthest_back(hit_ttl_days))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    response = process_partial_response(event, replay_record, processor)
    failed = len(response["batchItemFailures"])
    write_line("hits replayed", clock(), {"ReplayFailures": Figure(failed)}, **outcomes)
    return dict(response)
