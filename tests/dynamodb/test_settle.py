"""What settling relies on: conditional writes under threads, the stream's failure contract, constant capacity."""

import base64
import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from functions.alerts import handler as alerts_handler
from functions.settle.handler import answer
from ocello.adapters.hot import hit_item
from ocello.adapters.hot.settle_store import DynamoEngagementStore, DynamoHitStore, DynamoSurroundings
from ocello.adapters.hot.withdrawals import DynamoWithdrawalStore
from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement import row
from ocello.domain.engagement.settle import rebuild
from ocello.domain.tracking.hits import KEPT_HEADERS, MAX_AGENT, MAX_HEADER, MAX_REQUEST
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.traces import place_of
from ocello.services.alerts.alert import AlertPorts
from ocello.services.consent.under_way import ListUnderWay
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.settle import Judge, Settled
from tests.fakes.engagement.settling import BORN, CHROME, MESSAGE, MemorySurroundings, a_hit
from tests.fakes.messages import MemoryMessageStore
from tests.tables import boto, small_client

OTHER = "0199a000-0000-7000-8000-00000000000f"


class Metered:
    """The small client, which adds up the units that DynamoDB reports."""

    def __init__(self):
        self.client, self.read, self.written = small_client(), 0.0, 0.0

    def call(self, operation, request):
        answered = self.client.call(operation, {**request, "ReturnConsumedCapacity": "TOTAL"})
        self._add(operation, answered)
        return answered

    def of(self, client):
        """Add up the units of botocore's `client` too."""
        call = client._make_api_call

        def metered(operation, request):
            answered = call(operation, {**request, "ReturnConsumedCapacity": "TOTAL"})
            self._add(operation, answered)
            return answered

        client._make_api_call = metered

    def _add(self, operation, answered):
        found = answered.get("ConsumedCapacity", [])
        units = sum(each["CapacityUnits"] for each in (found if isinstance(found, list) else [found]))
        if operation in ("Scan", "Query", "GetItem", "BatchGetItem", "TransactGetItems"):
            self.read += units
        else:
            self.written += units


class Stack:
    """Both tables, as settle sees them."""

    def __init__(self, hits_table, app_table, client=None, page_size=None, seconds=lambda: 0.0):
        client = client or small_client()
        self.client = client
        self.table = hits_table["TableName"]
        self.hits = DynamoHitStore(client, self.table, page_size)
        self.engagement = DynamoEngagementStore(client, app_table["TableName"])
        self.surroundings = DynamoSurroundings(client, app_table["TableName"])
        self.under_way = ListUnderWay(DynamoWithdrawalStore(client, app_table["TableName"]), seconds)
        self.judge = Judge(self.hits, self.engagement, self.surroundings, Context(), self.under_way)

    def put(self, *hits):
        for hit in hits:
            self.client.call("PutItem", {"TableName": self.table, "Item": hit_item.to_item(hit, 86_400)})

    def settle(self, *hits):
        return self.judge.settle(hits[0].message, hits)


def some_hits(count, seed, message=MESSAGE, span=600_000):
    rng = random.Random(seed)
    kinds = ["open", "click"]
    return [
        a_hit(
            place * span // count,
            f"{seed}-{place:04}",
            rng.choice(kinds),
            rng.randrange(4),
            rng.randrange(9),
            message=message,
        )
        for place in range(count)
    ]


def test_the_longest_hit_costs_one_write_unit(hits_table):
    client = Metered()
    headers = dict.fromkeys(KEPT_HEADERS, "é" * MAX_HEADER)
    hit = a_hit(0, "r" * MAX_REQUEST, "click", 0xFFFF, 0xFFFF, method="HEAD", agent="🙂" * MAX_AGENT, headers=headers)
    long = hit._replace(address="2001:db8:ffff:ffff:ffff:ffff:192.168.100.200", flags=3)
    Stack(hits_table, hits_table, client).put(long)
    assert client.written == 1
    item = hit_item.to_item(long, 86_400)
    item["ua"]["S"] += "A" * 60
    client.call("PutItem", {"TableName": hits_table["TableName"], "Item": item})
    assert client.written == 1 + 2, "the bound is one that DynamoDB counts by"


def at_once(hits):
    return rebuild([sorted(hits, key=place_of)], Context(0)).row()


def told_by(packed):
    """Read a row without what was known beside its hits: how often that was asked for depends on who asked first."""
    return replace(row.unpack(packed), known=row.Known())


def test_settlers_at_once_give_the_one_right_row(hits_table, app_table):
    found = some_hits(120, 1)
    Stack(hits_table, app_table).put(*found)
    batches = [found[start : start + 10] for start in range(0, 120, 10)]

    def work(batch):
        stack = Stack(hits_table, app_table)
        for _ in range(20):  # as often as the stream would send the record again
            try:
                return stack.settle(*batch)
            except Unavailable:
                continue
        return None

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(work, batches))
    assert None not in outcomes
    stored = Stack(hits_table, app_table).engagement.read(MESSAGE)
    assert told_by(stored.packed) == told_by(row.pack(at_once(found)))
    assert stored.version == sum(outcome is not Settled.UNCHANGED for outcome in outcomes)


def test_pages_are_all_read(hits_table, app_table):
    found = some_hits(50, 2)
    stack = Stack(hits_table, app_table, page_size=7)
    stack.put(*found)
    stack.settle(found[-1])
    assert stack.judge.rejudge(MESSAGE) is Settled.REBUILT
    assert told_by(stack.engagement.read(MESSAGE).packed) == told_by(row.pack(at_once(found)))


def records_of(table):
    """Return a table's stream records as Lambda delivers them: binary values in base64."""
    streams = boto("dynamodbstreams")
    stream = table["LatestStreamArn"]
    found = []
    for shard in streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            page = streams.get_records(ShardIterator=iterator)
            found += page["Records"]
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return [_as_json(record) for record in found]


def _as_json(value):
    if isinstance(value, dict):
        return {name: _as_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


class Failing:
    """An engagement store that fails a few times for one message."""

    def __init__(self, store, message, times):
        self.store, self.message, self.times = store, message, times

    def read(self, message):
        if message == self.message and self.times:
            self.times -= 1
            raise Unavailable("database: down")
        return self.store.read(message)

    def write(self, message, packed, version):
        return self.store.write(message, packed, version)


def deliver(records, handler):
    """Deliver a shard's records as Lambda does: again from the first failed one on, until none fails."""
    calls = 0
    while records:
        calls += 1
        assert calls < 20
        failed = {failure["itemIdentifier"] for failure in handler({"Records": records})["batchItemFailures"]}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        assert failed <= set(numbers)
        records = records[min((numbers.index(number) for number in failed), default=len(records)) :]
    return calls


@pytest.mark.parametrize("size", [1, 5, 100])
def test_failed_records_come_again_and_the_rows_are_as_if_nothing_had_failed(hits_table, app_table, size):
    mine, theirs = some_hits(20, 3), some_hits(20, 4, OTHER)
    stack = Stack(hits_table, app_table)
    stack.put(*itertools.chain.from_iterable(zip(mine, theirs, strict=True)))
    records = records_of(hits_table)
    assert len(records) == 40
    store = Failing(stack.engagement, OTHER, 2)
    calls = sum(
        deliver(
            records[start : start + size],
            lambda event: answer(
                event, Judge(stack.hits, store, MemorySurroundings(0), Context(), NothingUnderWay()), lambda: BORN
            ),
        )
        for start in range(0, 40, size)
    )
    assert calls == -(-40 // size) + 2
    assert told_by(stack.engagement.read(MESSAGE).packed) == told_by(row.pack(at_once(mine)))
    assert told_by(stack.engagement.read(OTHER).packed) == told_by(row.pack(at_once(theirs)))


def test_the_rows_own_stream_carries_both_images_to_the_alerts(hits_table, app_table, capsys):
    found = [a_hit(n * 300, f"c{n}", "click", link=n) for n in range(3)]
    stack = Stack(hits_table, app_table)
    for hit in found:
        stack.put(hit)
        stack.settle(hit)
    seen = []

    class Messages(MemoryMessageStore):
        def load(self, message):
            seen.append(message)

    ports = AlertPorts(Messages(), None, None, None, None, None, None, frozenset(), NothingUnderWay(), None)
    assert alerts_handler.answer({"Records": records_of(app_table)}, ports, {}, lambda: BORN) == {
        "batchItemFailures": []
    }
    assert seen == [MESSAGE] * 3
    assert '"records":3' in capsys.readouterr().out


def test_what_one_more_hit_costs_does_not_grow_with_those_before_it(hits_table, app_table):
    meter = Metered()
    stack = Stack(hits_table, app_table, meter)
    stack.under_way.closings(MESSAGE)  # once a second, whatever comes: the list of withdrawals under way
    assert meter.read <= 1, "AWS counts one unit for a consistent query that finds nothing, DynamoDB Local none"
    costs = []
    for hit in some_hits(700, 5):
        stack.put(hit)
        meter.read = meter.written = 0.0
        stack.settle(hit)
        costs.append((meter.read, meter.written))
    reads, writes = zip(*costs, strict=True)
    # Once a message: its links, and what is known beside it (the copy, the domain's mail server and its scans, the sender).
    assert reads[0] <= 4.5
    assert max(reads[350:]) <= max(reads[100:350])
    assert max(writes[350:]) <= max(writes[100:350]) <= 2
    assert writes[0] == 1


def test_the_worst_row_takes_four_write_units(hits_table, app_table):
    rng, at, found = random.Random(6), 0, []
    for _ in range(4000):
        at += rng.randrange(1, 20_000_000)
        found.append(
            a_hit(
                at,
                f"{rng.getrandbits(128):032x}",
                rng.choice(["open", "click"]),
                rng.randrange(50),
                rng.randrange(120),
                agent=rng.choice([CHROME, CHROME, "curl/8", ""]),
            )
        )
    meter = Metered()
    Stack(hits_table, app_table, meter).engagement.write(MESSAGE, row.pack(at_once(found)), 0)
    assert 3 <= meter.written <= 4
