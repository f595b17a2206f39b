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

from functions.web.handler import WebHandler  # noqa: E402 — after the path
from functions.web.routes import ROUTES  # noqa: E402 — after the path
from ocello.adapters.dynamodb import keys, models  # noqa: E402 — after the path
from ocello.adapters.dynamodb.messages.days import DynamoDayStats  # noqa: E402 — after the path
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore  # noqa: E402 — after the path
from ocello.adapters.dynamodb.messages.tracked_samples import DynamoTrackedSamples  # noqa: E402 — after the path
from ocello.adapters.no_mail import NoMailStore  # noqa: E402 — after the path
from ocello.domain.common import ids  # noqa: E402 — after the path
from ocello.domain.common.times import DAY_MS, day_of  # noqa: E402 — after the path
from ocello.domain.engagement.counters import CountedHit  # noqa: E402 — after the path
from ocello.domain.messages.message import Link, Mailbox, Message, Recipient, Report  # noqa: E402 — after the path
from ocello.domain.people.users import User  # noqa: E402 — after the path
from ocello.domain.verdicts.outcomes import Outcome  # noqa: E402 — after the path
from ocello.services.sending.ports import StoredMessage  # noqa: E402 — after the path
from tests.bench.inbox import Units  # noqa: E402 — after the path
from tests.fakes.engagement.settling import counted_row  # noqa: E402 — after the path
from tests.fakes.web import REP, Stage  # noqa: E402 — after the path
from tests.tables import make_table  # noqa: E402 — after the path

SPAN = 30  # days, as the page shows unless told
TIMES = 5  # each page is requested several times; the fastest counts
MEMBERS = 20


def fill(store, owner, mails, first, last, random_bytes):
    """Write tracked mails made from `first` to `last`, of which some were opened, some clicked, some seen by machines."""
    with models.Row.batch_write() as batch:
        for _ in range(mails):
            stored = _mail(owner, random_bytes.randrange(first, last), random_bytes)
            for each in store.rows(stored):
                batch.save(each)
            entries = tuple(_hits(stored, random_bytes))
            if entries:
                packed = counted_row(3, entries)
                batch.save(models.EngagementRow(*keys.engagement(stored.message.id), row=packed, version=1))


def _mail(owner, at, random_bytes):
    identifier = ids.uuid7(at, random_bytes.randbytes(10))
    message = Message(
        id=identifier, owner=owner, message_id=f"<{identifier}@example.test>", conversation_id=identifier,
        sender=Mailbox("rep@example.test", "Rosa Rep"), subject="An offer to a customer", created_at=at,
        track_opens=True, track_clicks=True,
    )  # fmt: skip
    recipients = tuple(
        Recipient(index, Mailbox(f"buyer{index}@customer.test"), "to", "sent")
        for index in range(random_bytes.choice((1, 1, 1, 2, 4)))
    )
    links = tuple(Link(index, f"https://example.com/{index}?{identifier}", "the offer") for index in range(3))
    return StoredMessage(message, recipients, Report(links), None)


def _hits(stored, random_bytes):
    """Make hits of about half of the recipients, in the order of time."""
    at = stored.message.created_at
    for recipient in stored.recipients:
        fate = random_bytes.random()
        at += random_bytes.randrange(DAY_MS)
        if fate < 0.45:
            yield CountedHit(at, "open", recipient.index, None, Outcome.COUNTED)
        if fate < 0.15:
            yield CountedHit(at + 9_000, "click", recipient.index, 0, Outcome.COUNTED)
        if 0.45 <= fate < 0.6:
            yield CountedHit(at, "open", recipient.index, None, Outcome.MACHINE)


def measure(units, work, times=TIMES):
    """Do some work several times; return the calls, read units and milliseconds of one time, and how many of these are ours."""
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
    store, random_bytes, stage = DynamoMessageStore(NoMailStore()), random.Random(7), Stage()
    context = replace(
        stage.context, days=store, kept_days=DynamoDayStats(), samples=DynamoTrackedSamples(NoMailStore())
    )
    stage.handler = WebHandler(ROUTES, context)
    now = stage.clock.now
    span = (now // DAY_MS + 1 - SPAN) * DAY_MS
    fill(store, REP.id, 300, span, now, random_bytes)
    fill(store, REP.id, 4_700, span - 330 * DAY_MS, span, random_bytes)
    for number in range(MEMBERS - 1):
        member = User(f"member-{number}", f"m{number:02d}@example.test", given_groups=("sales",))
        stage.users.create(member)
        fill(store, member.id, 300, span, now, random_bytes)
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
        return [store.load(each.id) for each in found if isinstance(each, models.MessageRow)]

    context.samples.newest([REP.id], span, now + 1, 1)  # connects
    say(
        "300 mails looked at closely, in batches",
        measure(units, lambda: context.samples.newest([REP.id], span, now + 1, 301)),
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
