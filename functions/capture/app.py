"""Wires the capture function. Nothing is requested from the network at the start."""

import functools
import os
import sys
import time

from functions.capture import handler as origin
from functions.capture import pages
from functions.capture.settings import Settings
from ocello import settings
from ocello.adapters.hot.aws_http import encoded
from ocello.adapters.hot.figures import namespace
from ocello.services.engagement.record import LEFT_OUT, LOGGED, SPILLED, STORED
from ocello.wiring.hot import HotWiring

_settings = settings.read(Settings, os.environ)
_METRICS = encoded(
    [
        {
            "Namespace": namespace(_settings.stack_name),
            "Dimensions": [[]],
            "Metrics": [{"Name": name, "Unit": "Count"} for name in ("Opens", "Clicks", "Spills", "Lost", "LeftOut")],
        }
    ]
)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _note(kind: str, outcome: str, seconds: float) -> None:
    """Write the request's log line, in CloudWatch's embedded metric format if it has something to count."""
    figures = ""
    lost = outcome == LOGGED or outcome.startswith("fault")  # kept in a log line until it is replayed
    kept = lost or outcome in (STORED, SPILLED)
    if kept or outcome == LEFT_OUT:
        figures = (
            f',"_aws":{{"Timestamp":{time.time_ns() // 1_000_000},"CloudWatchMetrics":{_METRICS}}}'
            f',"Opens":{int(kept and kind == "open")},"Clicks":{int(kept and kind == "click")}'
            f',"Spills":{int(kept and outcome != STORED)},"Lost":{int(lost)},"LeftOut":{int(not kept)}'
        )
    _write(
        f'{{"level":"INFO","message":"request answered","kind":{encoded(kind)},"outcome":{encoded(outcome)}'
        f',"ms":{seconds * 1000:.1f}{figures}}}'
    )


_wiring = HotWiring(_settings, os.environ)
_handler = origin.TrackingHandler(
    _wiring.keyring,
    _wiring.recorder(_write),
    origin.denied(_settings.denied_messages, _settings.denied_hosts),
    _settings.client_address_header,
    pages.about(_settings.operator_name, _settings.operator_contact),
    time.monotonic,
    _note,
    functools.cache(lambda: _wiring.load_counter(_write)),
)


def handler(event: object, context: object) -> dict[str, object]:
    """Answer one request to the tracking origin."""
    if _settings.aws_sam_local and isinstance(event, dict):
        # `sam local` gives all requests the id and the time of its own start, so their hits would look like repetitions.
        own = {"requestId": getattr(context, "aws_request_id", ""), "timeEpoch": time.time_ns() // 1_000_000}
        event = event | {"requestContext": event.get("requestContext", {}) | own}
    return _handler.answer(event)
