"""Answers a batch of the spill queue: hits are written unless they are there already, loads of pooled pixels are added.

If one fails, the others do not.
"""

import json
from typing import TYPE_CHECKING, Any

from ocello.adapters.aws.batch import Record, take_queue
from ocello.adapters.hot import hit_item, load_sinks
from ocello.adapters.metrics import Figure, write_line
from ocello.domain.common.errors import Invalid
from ocello.domain.tracking.loads import Load
from ocello.services.common.ports import Clock
from ocello.services.engagement.replay import Replayed, SpilledLoads, furthest_back, replay, replay_load

if TYPE_CHECKING:
    from ocello.services.engagement.record import ConsentGate, HitSink


def answer(
    event: dict[str, Any],
    table: "HitSink",
    gate: "ConsentGate",
    loads: SpilledLoads,
    hit_ttl_days: int,
    clock: Clock,
) -> dict[str, Any]:
    """Replay a batch; return the ids of the messages that must come again (ReportBatchItemFailures)."""
    outcomes: dict[str, int] = {}

    def replayed(record: Record) -> Replayed:
        try:
            item = json.loads(record["body"])
            spilled = load_sinks.from_item(item) if "pool" in item else hit_item.from_item(item)
        except (KeyError, ValueError, TypeError, AttributeError):
            raise Invalid("body", "neither a hit nor a load") from None
        if isinstance(spilled, Load):
            return replay_load(spilled, record["messageId"], loads, clock())
        return replay(spilled, table, gate, clock(), furthest_back(hit_ttl_days))

    def replay_record(record: Record) -> None:
        outcome = replayed(record)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    response = take_queue(event, replay_record)
    failed = len(response["batchItemFailures"])
    write_line("hits replayed", clock(), {"ReplayFailures": Figure(failed)}, **outcomes)
    return response
