"""Measures settling on DynamoDB Local: hits a second a core, and units for one open, from the database's own figures.

Run it as `python -m infra.tools.dynamodb_local -- python tests/bench/settle.py`. Printed only; nothing is asserted.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from ocello.adapters.dynamodb import keys  # noqa: E402 — after the path
from ocello.adapters.hot import hit_item  # noqa: E402 — after the path
from tests.dynamodb.test_settle import Metered, Stack, some_hits  # noqa: E402 — after the path
from tests.fakes.engagement.settling import a_hit  # noqa: E402 — after the path
from tests.tables import make_table  # noqa: E402 — after the path

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


def main():
    """Measure a first open of many messages, a busy message hit by hit, and the same in batches."""
    measure("one open each of 400 messages", [[a_hit(message=message)] for message in OTHERS])
    busy = some_hits(1000, 1)
    measure("one message, 1,000 hits, one by one", [[hit] for hit in busy])
    measure("one message, 1,000 hits, 25 at once", [busy[start : start + 25] for start in range(0, 1000, 25)])


if __name__ == "__main__":
    main()
