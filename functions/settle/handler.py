"""Answers a batch of the hits table's stream: each message's hits are settled once; a message that fails, fails alone."""

from typing import Any

from ocello.adapters.aws.batch import Record, take_stream
from ocello.adapters.hot import hit_item
from ocello.adapters.metrics import Figure, write_line
from ocello.domain.common.errors import Unavailable
from ocello.domain.tracking.hits import Hit
from ocello.services.common.ports import Clock
from ocello.services.engagement.settle import Judge, Settled

MOST_LAGS = 100  # values of one metric in one line, by CloudWatch's rule


class _Batch:
    """The hits of one batch by message, and what settling each message came to."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.hits: dict[str, list[Hit]] = {}
        self.outcomes: dict[str, Settled | Unavailable] = {}
        for record in records:
            if (hit := _hit(record)) is not None:
                self.hits.setdefault(hit.message, []).append(hit)


def _hit(record: dict[str, Any]) -> Hit | None:
    """Return an inserted hit; None for a removed one, and for one that cannot be read (its own record will say so)."""
    if record.get("eventName") != "INSERT":
        return None
    try:
        return hit_item.from_item(record["dynamodb"]["NewImage"])
    except (KeyError, ValueError, TypeError):
        return None


def answer(
    event: dict[str, Any],
    judge: Judge,
    clock: Clock,
    networks: str = "",
) -> dict[str, Any]:
    """Settle a batch; return the sequence numbers of the records that must come again (ReportBatchItemFailures).

    `networks` is the version of the table by which it judges.
    """
    batch = _Batch(event["Records"])

    def settle_record(record: Record) -> None:
        if record.get("eventName") != "INSERT":
            return
        message = hit_item.from_item(record["dynamodb"]["NewImage"]).message
        if message not in batch.outcomes:
            batch.outcomes[message] = _settled(message)
        if isinstance(outcome := batch.outcomes[message], Unavailable):
            raise outcome

    def _settled(message: str) -> Settled | Unavailable:
        try:
            return judge.settle(message, batch.hits[message])
        except Unavailable as problem:
            return problem

    response = take_stream(event, settle_record)
    _log(batch, len(response["batchItemFailures"]), clock(), networks)
    return response


def _log(batch: _Batch, failed: int, now: int, networks: str) -> None:
    lags = [now - hit.at for hits in batch.hits.values() for hit in hits]
    came_to = [outcome for outcome in batch.outcomes.values() if isinstance(outcome, Settled)]
    write_line(
        "hits settled",
        now,
        {
            "SettleLag": Figure(sorted(lags)[-MOST_LAGS:], "Milliseconds"),
            "HitsSettled": Figure(len(lags)),
            "SettleFailures": Figure(failed),
        },
        messages=len(batch.hits),
        networks=networks,
        **{outcome.value: came_to.count(outcome) for outcome in Settled},
    )
