"""Measures an inbox page among 100,000 messages against one among 100, on DynamoDB Local: read units and time.

Run it as `python -m infra.tools.dynamodb_local -- python tests/bench/inbox.py [messages]`. Printed only.
"""

import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from ocello.adapters.dynamodb import models  # noqa: E402 — after the path
from ocello.adapters.dynamodb.messages.engagements import DynamoEngagements  # noqa: E402 — after the path
from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore, entry_row, lines_for  # noqa: E402 — after the path
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore  # noqa: E402 — after the path
from ocello.adapters.no_mail import NoMailStore  # noqa: E402 — after the path
from ocello.domain.common import ids  # noqa: E402 — after the path
from ocello.domain.messages import inbox as rules  # noqa: E402 — after the path
from ocello.domain.messages.inbox import ConversationEntry  # noqa: E402 — after the path
from ocello.domain.messages.message import Mailbox, Message, Recipient  # noqa: E402 — after the path
from ocello.services.inbox.inbox import InboxReader  # noqa: E402 — after the path
from tests.tables import make_table  # noqa: E402 — after the path

NOW = 1_790_000_000_000
PAGES = 60
NAMES = ("all", "tracked", "unopened")


class Units:
    """Counts calls, and the read units that the database reports."""

    def __init__(self, client):
        self.calls, self.read = 0, 0.0
        self._call = client._make_api_call
        client._make_api_call = self._count

    def _count(self, name, arguments):
        answer = self._call(name, {**arguments, "ReturnConsumedCapacity": "TOTAL"})
        consumed = answer.get("ConsumedCapacity", [])
        self.calls += 1
        if name in ("BatchGetItem", "GetItem", "Query"):
            self.read += sum(one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed]))
        return answer


def fill(owner, count):
    """Write the inbox's own rows of `count` conversations, in batches."""
    with models.Row.batch_write() as batch:
        for number in range(count):
            identifier = ids.uuid7(NOW + number * 1000, number.to_bytes(10, "big"))
            message = Message(
                id=identifier, owner=owner, message_id=f"<{identifier}@x>", conversation_id=identifier,
                sender=Mailbox("rep@example.test"), subject=f"Offer {number} to a customer", created_at=NOW,
                track_opens=True, track_clicks=True,
            )  # fmt: skip
            recipient = Recipient(0, Mailbox(f"buyer{number}@customer{number % 500}.test"), "to")
            entry = ConversationEntry(identifier, (rules.line_of(message, [recipient]),), 1)
            batch.save(entry_row(owner, entry, 1))
            for line in lines_for(owner, entry, rules.lists_of(entry), rules.search_words(message, [recipient])[:2], 1):
                batch.save(line)


def measure(owner, units):
    """Read pages of several lists; return units and milliseconds of one, the median."""
    store, messages, engagements = DynamoInboxStore(), DynamoMessageStore(NoMailStore()), DynamoEngagements()
    took, read = [], []
    for number in range(PAGES):
        before, started = units.read, time.perf_counter()
        page = InboxReader(store, messages, engagements, lambda: NOW).read(owner, NAMES[number % 3], 25, None)
        took.append((time.perf_counter() - started) * 1000)
        read.append(units.read - before)
        assert len(page.items) == 25
    return statistics.median(read), statistics.median(took)


def main():
    """Fill two inboxes in one table, and measure them in turns."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    os.environ.update(AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")
    models.bind(make_table("AppTable")["TableName"], "eu-south-1", os.environ["DYNAMODB_LOCAL_URL"])
    fill("small", 100)
    fill("large", many)
    units = Units(models.connection().client)
    measure("small", units)
    small, large = measure("small", units), measure("large", units)
    for name, (read, took) in ((f"a page among {100:,}", small), (f"a page among {many:,}", large)):
        print(f"{name:28} {read:6.1f} read units   {took:7.1f} ms")
    print(f"{'ratio':28} {large[0] / small[0]:6.2f}              {large[1] / small[1]:7.2f}")


if __name__ == "__main__":
    main()
