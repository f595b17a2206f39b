"""Writes hits from exported log lines into the hits table: hits that neither table nor queue had accepted are not lost.

    make replay-logs FILE=lines.json

This uses the production stack; STACK=… names another one, REGION=… its region. The names of the tables, and how long a
hit is kept, are read from the stack, so that a replayed hit expires when it would have expired. Running it again
changes nothing.

It reads plain JSON lines, lines with a time before the JSON (an export to S3), and the JSON that `aws logs filter-log-
events` prints. Lines without a hit are skipped. For a hit that cannot be written, the line's number is printed, and the
exit code is 1.

Loads of pooled pixels are added only with LOADS=1: adding them a second time counts them twice, so do it once for each log.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import boto3

from infra.tools.operate import deployed
from ocello.adapters.hot import hit_item, hit_sinks, load_sinks
from ocello.adapters.hot.aws_http import Connection
from ocello.adapters.hot.dynamodb import DynamoClient
from ocello.adapters.hot.hit_sinks import DynamoConsentGate, DynamoHitSink
from ocello.adapters.hot.load_sinks import DynamoLoadSink
from ocello.domain.common.errors import OcelloError
from ocello.domain.tracking.hits import Hit, seconds_to_live
from ocello.domain.tracking.loads import Load
from ocello.services.engagement.replay import furthest_back, replay, replay_load

_NAME = 36  # characters: the longest token of a DynamoDB transaction


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Return each log line with its number, from plain lines or from the answer of `filter-log-events`."""
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if isinstance(whole, dict) and isinstance(whole.get("events"), list):
        for number, entry in enumerate(whole["events"], 1):
            yield number, str(entry.get("message", "")) if isinstance(entry, dict) else ""
    else:
        yield from enumerate(text.splitlines(), 1)


def hit_in(line: str) -> Hit | None:
    """Return the hit in a log line, None if it has none. Raises ValueError for a damaged one."""
    record = _record(line, hit_sinks.LAST_RESORT)
    try:
        return None if record is None else hit_item.from_item(record["hit"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("the hit in it is damaged") from error


def load_in(line: str) -> Load | None:
    """Return the load in a log line, None if it has none. Raises ValueError for a damaged one."""
    record = _record(line, load_sinks.LAST_RESORT)
    try:
        return None if record is None else load_sinks.from_item(record["load"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("the load in it is damaged") from error


def _record(line: str, message: str) -> dict[str, Any] | None:
    """Return what a log line with this message holds, None for another line. Raises ValueError for JSON that is cut."""
    start = line.find("{")
    if start < 0 or message not in line:
        return None
    record = json.loads(line[start:])
    return record if isinstance(record, dict) and record.get("message") == message else None


class Stack(NamedTuple):
    """Where a stack keeps its hits and consent gates, and for how many days a hit is kept."""

    hits_table: str
    app_table: str
    hit_ttl_days: int


def stack_of(cloudformation: Any, name: str) -> Stack:
    """Return a deployed stack's tables and retention. Raises botocore's ClientError if there is no such stack."""
    outputs, parameters = deployed.read(cloudformation, name)
    return Stack(outputs["HitsTable"], outputs["AppTable"], int(parameters["HitTtlDays"]))


def main() -> int:
    """Replay what the arguments name; return 1 if a hit could not be written."""
    parser = deployed.command("make replay-logs", __doc__)
    parser.add_argument("file", nargs="?", default="-", help="exported log lines; - for standard input")
    parser.add_argument("--loads", action="store_true", help="add loads of pooled pixels too: once for each log")
    chosen = parser.parse_args()
    session = boto3.Session(region_name=chosen.region)
    with deployed.ending(parser, chosen.stack):
        stack = stack_of(session.client("cloudformation"), chosen.stack)
        variables = deployed.environment(session)
    text = sys.stdin.read() if chosen.file == "-" else Path(chosen.file).read_text(encoding="utf-8", errors="replace")
    with closing(Connection.from_environment("dynamodb", variables, "AWS_ENDPOINT_URL_DYNAMODB")) as connection:
        counts = replayed(text, stack, DynamoClient(connection), with_loads=chosen.loads)
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    return 1 if counts["refused"] else 0


def replayed(text: str, stack: Stack, client: DynamoClient, *, with_loads: bool = False) -> dict[str, int]:
    """Write the hits of log lines into a stack's hits table, and add loads if wanted; return how many had which outcome."""
    table = DynamoHitSink(client, stack.hits_table, seconds_to_live(stack.hit_ttl_days))
    gate = DynamoConsentGate(client, stack.app_table)
    loads = DynamoLoadSink(client, stack.app_table)
    counts = Counter({"written": 0, "silent": 0, "refused": 0})
    for number, line in lines_of(text):
        try:
            hit = hit_in(line)
            load = load_in(line)
            now = time.time_ns() // 1_000_000
            if load is not None:
                name = sha256(f"{number} {line}".encode()).hexdigest()[:_NAME]
                counts[replay_load(load, name, loads, now) if with_loads else "loads left"] += 1
            if hit is not None:
                counts[replay(hit, table, gate, now, furthest_back(stack.hit_ttl_days))] += 1
        except (ValueError, OcelloError) as error:
            counts["refused"] += 1
            print(f"line {number}: {error}", file=sys.stderr)
    return counts


if __name__ == "__main__":
    raise SystemExit(main())
