"""Judges the hits of every message anew, by the rules of this version: for a stack whose history older rules judged.

    make rejudge

for the stack of production; STACK=… names another one, REGION=… where it is. RATE=20 messages are judged a second at most. By
default those that other rules judged; ALL=1 judges all. It says how far it is, and may be stopped at any time: where it
stopped stands in STATE (.local/rejudge-STACK.json), and the next run goes on from there. Alerts, lists and statistics follow the
rows by themselves: newer rules withdraw alerts, and ring none for hits older than a day.
"""

import argparse
import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from infra.tools.operate.deployed import PRODUCTION
from infra.tools.operate.replay_logs import environment
from ocello.adapters.dynamodb import keys
from ocello.adapters.hot.aws_http import Connection
from ocello.adapters.hot.dynamodb import DynamoClient
from ocello.adapters.hot.settle_store import DynamoEngagementStore, DynamoHitReader, DynamoSurroundings
from ocello.adapters.networks.builtin import class_of
from ocello.domain.common.errors import OcelloError
from ocello.domain.engagement.summary import unpack
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.sources import networks_of
from ocello.services.engagement.settle import Judge

EVERY = 100  # messages between two lines of progress, and between two notes of how far it is

type Json = dict[str, Any]


class Stack(NamedTuple):
    """Where a stack keeps its hits and rows, and which networks are its own."""

    hits_table: str
    app_table: str
    own_networks: str


def stack_of(cloudformation: Any, name: str) -> Stack:
    """Read a deployed stack's own words. Raises botocore's ClientError where it is not there."""
    (told,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in told["Outputs"]}
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in told["Parameters"]}
    return Stack(outputs["HitsTable"], outputs["AppTable"], parameters.get("OwnNetworks", ""))


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


def rows(client: DynamoClient, table: str, after: Json | None) -> Iterator[tuple[str, int, Json]]:
    """Yield each engagement row's message and rules, and its key, which a later run may go on after."""
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
                yield message, unpack(base64.b64decode(item["row"]["B"])).rules, key
        after = answer.get("LastEvaluatedKey")
        if after is None:
            return


def rejudge(
    found: Iterator[tuple[str, int, Json]],
    judge: Judge,
    state: State,
    *,
    rate: float,
    every: bool,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Judge messages anew, `rate` a second at most; those alone that other rules judged, if not `every`."""
    begun, judged = clock(), 0
    for place, (message, rules, key) in enumerate(found, 1):
        if every or rules != judge.base.rules:
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
    parser = argparse.ArgumentParser(prog="make rejudge", description=__doc__.partition("\n")[0])
    parser.add_argument("--stack", default=PRODUCTION, help=f"the stack's name, {PRODUCTION} if not given")
    parser.add_argument("--region", help="where it is deployed; the environment's or profile's if not given")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second at most")
    parser.add_argument("--state", type=Path, help="the file that says how far it is")
    parser.add_argument("--all", action="store_true", help="judge those too that these rules judged")
    chosen = parser.parse_args()
    if chosen.rate <= 0:
        parser.error("the rate must be above 0")
    session = boto3.Session(region_name=chosen.region)
    try:
        stack = stack_of(session.client("cloudformation"), chosen.stack)
        told = environment(session)
    except NoRegionError:
        parser.error("no region is known: give REGION=…")
    except (BotoCoreError, ClientError) as error:
        parser.error(f"the stack {chosen.stack} cannot be read: {error}")
    state = State(chosen.state or Path(".local") / f"rejudge-{chosen.stack}.json")
    with closing(Connection.from_environment("dynamodb", told, "AWS_ENDPOINT_URL_DYNAMODB")) as connection:
        client = DynamoClient(connection)
        judge = Judge(
            DynamoHitReader(client, stack.hits_table),
            DynamoEngagementStore(client, stack.app_table),
            DynamoSurroundings(client, stack.app_table),
            Context(own=networks_of("OWN_NETWORKS", stack.own_networks), class_of=class_of),
        )
        rejudge(rows(client, stack.app_table, state.after), judge, state, rate=chosen.rate, every=chosen.all)
    print(_said(state.counts))
    return 1 if state.counts.get("failed") else 0


if __name__ == "__main__":
    raise SystemExit(main())
