"""Answers a batch of the spill queue: each hit is written unless it is there already. If one fails, the others do not."""

import json
from typing import TYPE_CHECKING, Any

from ocello.adapters.aws.batch import Record, take_queue
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
    """Replay a batch; return the ids of the messages that must come again (ReportBatchItemFailures)."""
    outcomes: dict[str, int] = {}

    def replay_record(record: Record) -> None:
        try:
            hit = hit_item.from_item(json.loads(record["body"]))
        except (KeyError, ValueError, TypeError, AttributeError):
            raise Invalid("body", "not a hit") from None
        outcome = replay(hit, table, gate, clock(), furthest_back(hit_ttl_days))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    response = take_queue(event, replay_record)
    failed = len(response["batchItemFailures"])
    write_line("hits replayed", clock(), {"ReplayFailures": Figure(failed)}, **outcomes)
    return response
