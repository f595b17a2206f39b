"""Judges the hits of every message anew, by the rules of this version: for a stack whose history older rules judged.

    make rejudge

for the stack of production; STACK=… names another one, REGION=… where it is. RATE=20 messages are judged a second at most. By
default those that other rules judged; NETWORKS=1 judges those too that an older table of networks judged, ALL=1 all. It judges
by the newest table, as settling does. It says how far it is, and may be stopped at any time: where it
stopped stands in STATE (.local/rejudge-STACK.json), and the next run goes on from there. Alerts, lists and statistics follow the
rows by themselves: newer rules withdraw alerts, and ring none for hits older than a day.
"""

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3

from infra.tools.operate import deployed
from ocello.adapters.dynamodb import keys
from ocello.adapters.hot.dynamodb import DynamoClient
from ocello.domain.common.errors import OcelloError
from ocello.domain.engagement.summary import unpack
from ocello.services.engagement.settle import Judge
from ocello.wiring.hot import HotWiring

EVERY = 100  # messages between two lines of progress, and between two notes of how far it is

type Json = dict[str, Any]


class State:
    """How far a run came: a file with the key after which it goes on, and what was counted."""

    def __init__(self, path: Path) -> None:
        """Take up an earlier run's state, if its file is there."""
        self._path = path
        stored = json.loads(path.read_text()) if path.exists() else {}
        self.after: Json | None = stored.get("after")
        self.counts: dict[str, int] = stored.get("counts", {})

    def keep(self, after: Json | None) -> None:
        """Note that all up to `after` is done."""
        self.after = after
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps({"after": after, "counts": self.counts}))

    def finish(self) -> None:
        """Forget how far it came: the next run begins anew."""
        self._path.unlink(missing_ok=True)


class Found(NamedTuple):
    """An engagement row: its message, what judged it, and its key, which a later run may go on after."""

    message: str
    rules: int
    networks: str
    key: Json


def rows(client: DynamoClient, table: str, after: Json | None) -> Iterator[Found]:
    """Yield each engagement row of a table."""
    request: Json = {
        "TableName": table,
        "FilterExpression": "sk = :sk",
        "ExpressionAttributeValues": {":sk": {"S": keys.engagement("").sk}},
    }
    while True:
        if after is not None:
            request["ExclusiveStartKey"] = after
        answer = client.call("Scan", request)
        for item in answer["Items"]:
            key = {"pk": item["pk"], "sk": item["sk"]}
            message = keys.engagement_message(item["pk"]["S"], item["sk"]["S"])
            if message is not None:
                row = unpack(base64.b64decode(item["row"]["B"]))
                yield Found(message, row.rules, row.known.networks, key)
        after = answer.get("LastEvaluatedKey")
        if after is None:
            return


def rejudge(
    found: Iterator[Found],
    judge: Judge,
    state: State,
    *,
    rate: float,
    every: bool = False,
    networks: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Judge messages anew, `rate` a second at most: those that other rules judged, and with `networks` an older table.

    With `every`, all of them.
    """
    begun, judged = clock(), 0
    for place, (message, rules, table, key) in enumerate(found, 1):
        if every or rules != judge.base.rules or (networks and table < judge.base.networks):
            sleep(max(0.0, begun + judged / rate - clock()))
            judged += 1
            try:
                came = judge.rejudge(message).value
            except OcelloError as error:
                came = "failed"
                print(f"{message}: {error}", file=sys.stderr)
        else:
            came = "of these rules"
        state.counts[came] = state.counts.get(came, 0) + 1
        if place % EVERY == 0:
            state.keep(key)
            print(_said(state.counts), flush=True)
    state.finish()


def _said(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {came}" for came, count in sorted(counts.items())) or "no message has hits"


def main() -> int:
    """Judge a stack's history anew; give 1 where a message could not be judged."""
    parser = deployed.command("make rejudge", __doc__)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second at most")
    parser.add_argument("--state", type=Path, help="the file that says how far it is")
    parser.add_argument(
        "--networks", action="store_true", help="judge those too that an older table of networks judged"
    )
    parser.add_argument("--all", action="store_true", help="judge those too that these rules judged")
    chosen = parser.parse_args()
    if chosen.rate <= 0:
        parser.error("the rate must be above 0")
    session = boto3.Session(region_name=chosen.region)
    stack, variables = deployed.opened(parser, session, chosen.stack)
    state = State(chosen.state or Path(".local") / f"rejudge-{chosen.stack}.json")
    wiring = HotWiring(stack, variables)
    found = rows(wiring.client, stack.app_table, state.after)
    rejudge(found, wiring.judge(), state, rate=chosen.rate, every=chosen.all, networks=chosen.networks)
    print(_said(state.counts))
    return 1 if state.counts.get("failed") else 0


if __name__ == "__main__":
    raise SystemExit(main())
