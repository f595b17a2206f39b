"""Writes hits from exported log lines into the hits table, idempotently: what neither table nor queue took is not lost.

    make replay-logs TABLE=hits-table APP_TABLE=app-table FILE=lines.json

Reads plain JSON lines, lines with a time before the JSON (an export to S3), and the JSON that
`aws logs filter-log-events` prints. Lines without a hit are passed over; a hit that cannot be written is named by its
line's number, and the program ends with 1.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ocello.adapters import hit_item
from ocello.adapters.dynamo_client import DynamoClient
from ocello.adapters.hit_sinks import LAST_RESORT, DynamoConsentGate, DynamoHitSink
from ocello.domain.errors import OcelloError
from ocello.domain.hits import Hit
from ocello.services.replay import furthest_back, replay


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Give each log line with its number, from plain lines or from the answer of `filter-log-events`."""
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
    """Give the hit that a log line carries, None for any other line. Raises ValueError for one that is damaged."""
    start = line.find("{")
    if start < 0 or LAST_RESORT not in line:
        return None
    record = json.loads(line[start:])
    if not isinstance(record, dict) or record.get("message") != LAST_RESORT:
        return None
    try:
        return hit_item.from_item(record["hit"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("the hit in it is damaged") from error


def main() -> int:
    """Replay what the arguments name; give 1 where a hit could not be written."""
    parser = argparse.ArgumentParser(prog="make replay-logs", description=__doc__.partition("\n")[0])
    parser.add_argument("file", nargs="?", default="-", help="exported log lines; - for standard input")
    parser.add_argument("--table", required=True, help="the hits table")
    parser.add_argument("--app-table", required=True, help="the app table, for the consent gate")
    parser.add_argument("--hit-ttl-days", type=int, default=400, help="days that a hit lives, as the stack has it")
    chosen = parser.parse_args()
    text = sys.stdin.read() if chosen.file == "-" else Path(chosen.file).read_text(encoding="utf-8", errors="replace")
    try:
        client = DynamoClient.from_environment(os.environ)
    except KeyError as missing:
        give = '`eval "$(aws configure export-credentials --format env)"` sets the credentials'
        parser.error(f"{missing.args[0]} is not set in the environment; {give}")
    table = DynamoHitSink(client, chosen.table, chosen.hit_ttl_days * 86_400)
    gate = DynamoConsentGate(client, chosen.app_table)
    counts = {"written": 0, "silent": 0, "refused": 0}
    for number, line in lines_of(text):
        try:
            hit = hit_in(line)
            if hit is not None:
                now = time.time_ns() // 1_000_000
                counts[replay(hit, table, gate, now, furthest_back(chosen.hit_ttl_days))] += 1
        except (ValueError, OcelloError) as error:
            counts["refused"] += 1
            print(f"line {number}: {error}", file=sys.stderr)
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    return 1 if counts["refused"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
