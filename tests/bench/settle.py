"""Measures settling on DynamoDB Local: hits a second a core, and units for one open, from the database's own figures.

And retention: what a hit costs from its second day to its last. And withdrawing: how long a request takes with how many
requests to the database, and when every copy of a person is closed. Half of those mails were opened before; the queue's
pause is counted in, and DynamoDB Local answers more slowly than DynamoDB.

Run it as `python -m infra.tools.dynamodb_local -- python tests/bench/settle.py`. Printed only; nothing is asserted.
"""

import os
import sys
import time
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from functions.retention.settings import Settings as RetentionSettings  # noqa: E402 — after the path
from functions.withdrawals.settings import Settings  # noqa: E402 — after the path
from ocello.adapters.dynamodb import keys, models  # noqa: E402 — after the path
from ocello.adapters.hot import hit_item  # noqa: E402 — after the path
from ocello.adapters.hot.aws_http import Connection  # noqa: E402 — after the path
from ocello.adapters.hot.withdrawals import DynamoWithdrawalStore  # noqa: E402 — after the path
from ocello.domain.common import ids  # noqa: E402 — after the path
from ocello.domain.common.times import DAY_MS  # noqa: E402 — after the path
from ocello.domain.consent.modes import Axis  # noqa: E402 — after the path
from ocello.domain.engagement import row  # noqa: E402 — after the path
from ocello.services.consent.ports import SubjectCopy  # noqa: E402 — after the path
from ocello.services.consent.withdraw import PAUSE_S  # noqa: E402 — after the path
from ocello.wiring.cold import Wiring  # noqa: E402 — after the path
from ocello.wiring.retention import RetentionWiring  # noqa: E402 — after the path
from tests.dynamodb.test_settle import Metered, Stack, at_once, some_hits  # noqa: E402 — after the path
from tests.fakes.engagement.settling import a_hit  # noqa: E402 — after the path
from tests.fakes.people.consent import MemoryWithdrawalQueue  # noqa: E402 — after the path
from tests.tables import ENVIRONMENT, LOCAL_URL, make_table, small_client  # noqa: E402 — after the path

PERSON = "A" * 43
BOTH: frozenset[Axis] = frozenset({"opens", "links"})
HOUR = 3_600_000  # ms
OTHERS = [f"0199a000-0000-7000-8000-{number:012x}" for number in range(400)]


def know(client, table, message):
    """Store a message of which all is known that settling asks for: its sender, and its recipient."""
    told = ((keys.message(message), "owner", "u1"), (keys.recipient(message, 0), "address", "buyer@customer.test"))
    for key, name, value in told:
        item = {"pk": {"S": key.pk}, "sk": {"S": key.sk}, name: {"S": value}}
        client.call("PutItem", {"TableName": table, "Item": item})


def measure(name, batches):
    """Put all hits, settle them batch by batch, and print what it took."""
    meter = Metered()
    app = make_table("AppTable")
    stack = Stack(make_table("HitsTable"), app, meter, seconds=time.monotonic)
    for message in {batch[0].message for batch in batches}:
        know(meter.client, app["TableName"], message)
    hits = [hit for batch in batches for hit in batch]
    for hit in hits:
        meter.client.call("PutItem", {"TableName": stack.table, "Item": hit_item.to_item(hit, 86_400)})
    meter.read = meter.written = 0.0
    cpu = time.process_time()
    for batch in batches:
        stack.settle(*batch)
    cpu = time.process_time() - cpu
    print(
        f"{name:44} {len(hits) / cpu:8,.0f} hits/s/core   "
        f"{meter.read / len(hits):6.2f} read units a hit   {meter.written / len(hits):6.2f} write units a hit"
    )


def kept_hits(table, app):
    """Store two hits of each of many messages, seven hours apart, settled; return them."""
    hits = [a_hit(number * 7 * HOUR, f"r{number}", message=message) for message in OTHERS for number in range(2)]
    stack = Stack({"TableName": table}, {"TableName": app}, Metered(), seconds=time.monotonic)
    for message in OTHERS:
        know(stack.client.client, app, message)
    for hit in hits:
        stack.client.client.call("PutItem", {"TableName": table, "Item": hit_item.to_item(hit, 86_400)})
        stack.settle(hit)
    return hits


def measure_retention():
    """Let retention work each day of a month, and DynamoDB delete each hit a day before its last; print what that took."""
    table, app = make_table("HitsTable")["TableName"], make_table("AppTable")["TableName"]
    hits = waiting = kept_hits(table, app)
    settings = RetentionSettings(table, app, "", "s" * 32, 30, 396, ENVIRONMENT["AWS_REGION"])
    wiring = RetentionWiring(settings, {**ENVIRONMENT, "AWS_ENDPOINT_URL": LOCAL_URL or ""})
    now, meter = hits[0].at, Metered()
    vars(wiring).update(client=meter, clock=lambda: now)  # parts that it would make itself
    retention = wiring.retention
    meter.of(models.connection().client)
    cpu = time.process_time()
    for _ in range(32):
        now += DAY_MS
        gone = [hit for hit in waiting if hit.at < now - 29 * DAY_MS]
        waiting = waiting[len(gone) :]
        for hit in gone:
            key = keys.hit(hit.message, hit.at, hit.request)
            item = {"pk": {"S": key.pk}, "sk": {"S": key.sk}}
            meter.client.call("DeleteItem", {"TableName": table, "Key": item})
        retention.go_on(lambda: HOUR)
    cpu = (time.process_time() - cpu) * 1000
    print(
        f"{'two hits of each of 400 mails, 32 days':44} {cpu / len(hits):8.1f} ms CPU a hit   "
        f"{meter.read / len(hits):6.2f} read units a hit   {meter.written / len(hits):6.2f} write units a hit"
    )


def measure_withdrawing(copies):
    """Send somebody mail, half of it opened, and let them withdraw."""
    hits, app = make_table("HitsTable")["TableName"], make_table("AppTable")["TableName"]
    settings = Settings(hits, app, "", "s" * 32, "", ENVIRONMENT["AWS_REGION"])
    queue = MemoryWithdrawalQueue()
    wiring = Wiring(settings, {**ENVIRONMENT, "AWS_ENDPOINT_URL": LOCAL_URL or ""}, withdrawal_queue=queue)
    now = wiring.clock() - HOUR
    messages = [ids.uuid7(now + number, bytes(10)) for number in range(copies)]
    wiring.subject_index.add([SubjectCopy(PERSON, message, 0, "u1") for message in messages])
    opened = row.pack(at_once([a_hit()]))
    for message in messages[::2]:
        wiring.engagement.write(message, opened, 0)
    gate, under_way = wiring.consent_gate.closed, DynamoWithdrawalStore(small_client(), app).under_way
    with mock.patch.object(Connection, "call", autospec=True, side_effect=Connection.call) as calls:
        began, cpu = time.monotonic(), time.process_time()
        wiring.withdrawals.close(PERSON, BOTH)
        request, request_cpu, asked = time.monotonic() - began, time.process_time() - cpu, calls.call_count
    left = sum(not gate(message, 0, "open", 2.0) for message in messages)
    done = not under_way()
    ((subject, at, _),) = queue.waiting
    with mock.patch.object(Connection, "call", autospec=True, side_effect=Connection.call) as calls:
        began, cpu = time.monotonic(), time.process_time()
        wiring.withdrawals.go_on(subject, at, lambda: HOUR)
        in_all = request if done else max(request, PAUSE_S) + time.monotonic() - began
    print(
        f"{copies:6,} copies: answered after {request:5.2f} s ({request_cpu:4.2f} s of our own CPU, {asked / copies:4.2f} "
        f"requests a copy), {left} gates left open; the last closed after {in_all:5.1f} s "
        f"({time.process_time() - cpu:4.2f} s, {calls.call_count / copies:4.2f})"
    )


def main():
    """Measure a first open of many messages, a busy message hit by hit, and the same in batches."""
    measure("one open each of 400 messages", [[a_hit(message=message)] for message in OTHERS])
    busy = some_hits(1000, 1)
    measure("one message, 1,000 hits, one by one", [[hit] for hit in busy])
    measure("one message, 1,000 hits, 25 at once", [busy[start : start + 25] for start in range(0, 1000, 25)])
    os.environ.update(ENVIRONMENT)
    measure_retention()
    for copies in (1, 100, 1_000, 5_000):
        measure_withdrawing(copies)


if __name__ == "__main__":
    main()
