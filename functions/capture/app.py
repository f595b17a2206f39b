"""Wires the capture function; makes no call at start."""

import json
import os
import sys
import time

from functions.capture import handler as origin
from functions.capture import pages
from functions.capture.settings import Settings
from ocello import settings
from ocello.adapters.hot.aws_http import Connection
from ocello.adapters.hot.dynamodb import DynamoClient
from ocello.adapters.hot.figures import namespace
from ocello.adapters.hot.hit_sinks import DynamoConsentGate, DynamoHitSink, LogHitSink, SqsHitSink
from ocello.domain.tracking.tokens import Keyring
from ocello.services.engagement.record import LEFT_OUT, LOGGED, SPILLED, STORED, Recorder

_told = settings.read(Settings, os.environ)
_METRICS = [
    {
        "Namespace": namespace(_told.stack_name),
        "Dimensions": [[]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in ("Opens", "Clicks", "Spills", "Lost", "LeftOut")],
    }
]


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _note(kind: str, outcome: str, seconds: float) -> None:
    """Write the request's one line, in CloudWatch's embedded metric format where there is something to count."""
    line: dict[str, object] = {
        "level": "INFO",
        "message": "request answered",
        "kind": kind,
        "outcome": outcome,
        "ms": round(seconds * 1000, 1),
    }
    lost = outcome == LOGGED or outcome.startswith("fault")  # in a log line, until it is brought back
    kept = lost or outcome in (STORED, SPILLED)
    if kept or outcome == LEFT_OUT:
        line |= {
            "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": _METRICS},
            "Opens": int(kept and kind == "open"),
            "Clicks": int(kept and kind == "click"),
            "Spills": int(kept and outcome != STORED),
            "Lost": int(lost),
            "LeftOut": int(not kept),
        }
    _write(json.dumps(line, separators=(",", ":")))


def _wire(told: Settings) -> origin.TrackingHandler:
    client = DynamoClient.from_environment(os.environ)
    queue = Connection.from_environment("sqs", os.environ, "AWS_ENDPOINT_URL_SQS")
    ttl = told.hit_ttl_days * 86_400
    recorder = Recorder(
        DynamoHitSink(client, told.hits_table, ttl),
        DynamoConsentGate(client, told.app_table),
        SqsHitSink(queue, told.spill_queue_url, ttl),
        LogHitSink(_write, ttl),
        time.monotonic,
    )
    try:
        keyring = Keyring.parse(told.token_keys)
    except ValueError as error:
        raise settings.SettingsError(f"TOKEN_KEYS: {error}") from None
    return origin.TrackingHandler(
        keyring,
        recorder,
        origin.denied(told.denied_messages, told.denied_hosts),
        told.client_address_header,
        pages.about(told.operator_name, told.operator_contact),
        time.monotonic,
        _note,
    )


_door = _wire(_told)


def handler(event: object, context: object) -> dict[str, object]:
    """Answer one request to the tracking origin."""
    if _told.aws_sam_local and isinstance(event, dict):
        # `sam local` gives all requests the id and the time of its own start: hits would be taken for repetitions.
        own = {"requestId": getattr(context, "aws_request_id", ""), "timeEpoch": time.time_ns() // 1_000_000}
        event = event | {"requestContext": event.get("requestContext", {}) | own}
    return _door.answer(event)
