"""Measures the statistics page on DynamoDB Local: calls, read units and time, of a person's mail and of a team of 20.

Run it as `python -m infra.tools.dynamodb_local -- python tests/bench/stats.py`. Printed only. Not named `statistics.py`:
a program's own folder comes first where Python looks for the standard library's module of that name.
"""

import os
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from functions.web.door import Door  # noqa: E402 — after the path
from functions.web.routes import ROUTES  # noqa: E402 — after the path
from ocello.adapters import keys, models  # noqa: E402 — after the path
from ocello.adapters.dynamo_days import DynamoDayStats  # noqa: E402 — after the path
from ocello.adapters.dynamo_looks import DynamoMessageLooks  # noqa: E402 — after the path
from ocello.adapters.dynamo_messages import DynamoMessageStore  # noqa: E402 — after the path
from ocello.adapters.no_mail import NoMailStore  # noqa: E402 — after the path
from ocello.domain import ids, row  # noqa: E402 — after the path
from ocello.domain.messages import Link, Mailbox, Message, Recipient, Report  # noqa: E402 — after the path
from ocello.domain.people import User  # noqa: E402 — after the path
from ocello.domain.row import Place, Row  # noqa: E402 — after the path
from ocello.domain.tally import Entry, Outcome  # noqa: E402 — after the path
from ocello.domain.times import DAY_MS, day_of  # noqa: E402 — after the path
from ocello.services.ports import StoredMessage  # noqa: E402 — after the path
from tests.bench.inbox import Units  # noqa: E402 — after the path
from tests.dynamodb.conftest import make_table  # noqa: E402 — after the path
from tests.fakes_web import REP, Stage  # noqa: E402 — after the path

SPAN = 30  # days, as the page shows unless told
TIMES = 5  # a page is asked for again and again; the best counts
MEMBERS = 20


def fill(store, owner, mails, first, last, chance):
    """Write tracked mails made from `first` to `last`, of which some were opened, some clicked, some seen by machines."""
    with models.Row.batch_write() as batch:
        for _ in range(mails):
            stored = _mail(owner, chance.randrange(first, last), chance)
            for each in store.rows(stored):
                batch.save(each)
            entries = tuple(_hits(stored, chance))
            if entries:
                packed = row.pack(Row(1, 3, entries[0].at, Place(entries[-1].at, "request"), tail=entries))
                batch.save(models.EngagementRow(*keys.engagement(stored.message.id), row=packed, version=1))


def _mail(owner, at, chance):
    identifier = ids.uuid7(at, chance.randbytes(10))
    message = Message(
        id=identifier, owner=owner, message_id=f"<{identifier}@example.test>", conversation_id=identifier,
        sender=Mailbox("rep@example.test", "Rosa Rep"), subject="An offer to a customer", created_at=at,
        track_opens=True, track_clicks=True,
    )  # fmt: skip
    recipients = tuple(
        Recipient(index, Mailbox(f"buyer{index}@customer.test"), "to", "sent")
        for index in range(chance.choice((1, 1, 1, 2, 4)))
    )
    links = tuple(Link(index, f"https://example.com/{index}?{identifier}", "the offer") for index in range(3))
    return StoredMessage(message, recipients, Report(links), None)


def _hits(stored, chance):
    """Make hits of about half of the recipients, in the order of time."""
    at = stored.message.created_at
    for recipient in stored.recipients:
        fate = chance.random()
        at += chance.randrange(DAY_MS)
        if fate < 0.45:
            yield Entry(at, "open", recipient.index, None, Outcome.COUNTED)
        if fate < 0.15:
            yield Entry(at + 9_000, "click", recipient.index, 0, Outcome.COUNTED)
        if 0.45 <= fate < 0.6:
            yield Entry(at, "open", recipient.index, None, Outcome.MACHINE)


def measure(units, work, times=TIMES):
    """Do some work several times; give the calls and read units of one time, its milliseconds, and ours of them."""
    took, ours = [], []
    for _ in range(times):
        before, started, busy = (units.calls, units.read), time.perf_counter(), time.process_time()
        work()
        took.append((time.perf_counter() - started) * 1000)
        ours.append((time.process_time() - busy) * 1000)
    return units.calls - before[0], units.read - before[1], min(took), min(ours)


def say(name, figures):
    """Print one line."""
    calls, read, took, ours = figures
    print(f"{name:60} {calls:4.0f} calls {read:7.1f} read units {took:8.1f} ms, {ours:7.1f} of our own CPU")


def main():
    """Fill one table with a person's year and a team's month, and ask for pages."""
    os.environ.update(AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")
    models.bind(make_table("AppTable")["TableName"], "eu-south-1", os.environ["DYNAMODB_LOCAL_URL"])
    store, chance, stage = DynamoMessageStore(NoMailStore()), random.Random(7), Stage()
    house = stage.house._replace(days=store, kept_days=DynamoDayStats(), looks=DynamoMessageLooks(NoMailStore()))
    stage.door = Door(ROUTES, house)
    now = stage.clock.now
    span = (now // DAY_MS + 1 - SPAN) * DAY_MS
    fill(store, REP.id, 300, span, now, chance)
    fill(store, REP.id, 4_700, span - 330 * DAY_MS, span, chance)
    for number in range(MEMBERS - 1):
        member = User(f"member-{number}", f"m{number:02d}@example.test", given_groups=("sales",))
        stage.users.create(member)
        fill(store, member.id, 300, span, now, chance)
    rep = stage.browser(REP)
    units = Units(models.connection().client)

    def page(query=""):
        answer = rep.get(f"/app/statistics{query}")
        assert answer.status == 200

    def one_by_one():
        found = models.Row.by_gsi2.query(
            keys.tracked_messages(REP.id),
            models.Gsi2.gsi2sk.between(ids.first_at(span), ids.last_at(now)),
            scan_index_forward=False,
            limit=301,
            page_size=301,
        )
        return [store.load(each.id) for each in found]

    house.looks.newest([REP.id], span, now + 1, 1)  # connects
    say(
        "300 mails looked at closely, in batches",
        measure(units, lambda: house.looks.newest([REP.id], span, now + 1, 301)),
    )
    say("the same, a query for each mail", measure(units, one_by_one))
    say("a page of 30 days with 300 mails among 5,000, the first time", measure(units, page, 1))
    say("the same again", measure(units, page))
    year = f"?from={day_of(now - 359 * DAY_MS)}&to={day_of(now)}"
    say("a page of 360 days with 5,000 mails, the first time", measure(units, lambda: page(year), 1))
    say("the same again", measure(units, lambda: page(year)))
    stage.users.update(replace(REP, given_groups=("leads", "sales")))
    team = "?group=sales"
    say(
        f"a page of 30 days of {MEMBERS} members with 300 mails each, the first time",
        measure(units, lambda: page(team), 1),
    )
    say("the same again", measure(units, lambda: page(team)))


if __name__ == "__main__":
    main()
