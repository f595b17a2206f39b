"""What of a pool is shown, and who is counted among its recipients: nothing that tells of one person."""

import datetime as dt
from dataclasses import replace

import pytest

from ocello.domain.common.errors import Unavailable
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.message import Mailbox, Recipient
from ocello.domain.tracking.loads import LOAD_CLASSES, Load
from ocello.domain.tracking.pools import Pool, forgets, pool_of
from ocello.services.sending.deliver import deliver
from ocello.services.sending.send import send
from ocello.services.sending.track import instrument
from ocello.services.statistics.pools import PooledMail, PoolFigures
from tests import fakes
from tests.fakes.engagement.statistics import MemoryPoolStore
from tests.fakes.engagement.tracking import MESSAGE
from tests.fakes.world import KEYRING, USER

KEY = b"s" * 32
POOL = Pool("41e9c8e9-a5a3-1d53-3eb3-e7e10c507426", "2026-W48")  # 23 to 29 November
MONDAY = int(dt.datetime(2026, 11, 30, tzinfo=dt.UTC).timestamp() * 1000)  # after it
DAY_MS = 86_400_000


def a_pool(people=20, pool=POOL, **loads):
    store = MemoryPoolStore()
    for number in range(people):
        store.add_recipient(pool, str(number))
    for by in LOAD_CLASSES:
        store.counters[Load(pool.id, "2026-11-24", "open", by)] = loads.get(by, 0)
    return store


def shown(store, now=MONDAY, before=None):
    return PoolFigures(store, lambda: now).page(before).pools


def test_a_pool_is_shown_when_its_week_is_over_and_not_before():
    store = a_pool(person=30)
    assert shown(store, MONDAY - 1) == ()
    assert [(each.week, each.recipients, each.person) for each in shown(store)] == [("2026-W48", 20, 30)]


def test_a_pool_of_fewer_than_twenty_people_is_not_shown():
    assert shown(a_pool(people=19, person=30)) == ()


def test_counts_below_five_are_not_told_from_each_other_nor_from_none():
    (pool,) = shown(a_pool(person=5, machine=4))
    assert (pool.person, pool.machine, pool.unknown) == (5, None, None)


def test_loads_of_today_are_not_shown_so_that_nobody_can_watch_one_come():
    store = a_pool(person=30)
    store.counters[Load(POOL.id, "2026-12-02", "open", "person")] = 1
    wednesday = MONDAY + 2 * DAY_MS
    assert shown(store, wednesday)[0].person == 30
    assert shown(store, wednesday + DAY_MS)[0].person == 31


def test_pools_are_shown_for_25_months_and_half_a_year_to_a_page():
    store = a_pool(person=30)
    pages, before = [], None
    while True:
        page = PoolFigures(store, lambda: MONDAY + 700 * DAY_MS).page(before)
        pages.append(page)
        before = page.before
        if before is None:
            break
    assert [len(page.pools) for page in pages] == [0, 0, 0, 1, 0]
    assert shown(store, MONDAY + 760 * DAY_MS) == ()


# --- recipients ---------------------------------------------------------------------------------------------------------


def note(store, *addresses, message=MESSAGE):
    for address in addresses:
        PooledMail(store, KEYRING, KEY).note(message, Recipient(0, Mailbox(address), "to"))


def test_a_person_who_gets_two_mails_of_a_week_is_one_recipient_whatever_the_spelling():
    store = MemoryPoolStore()
    note(store, "ann@customer.test", "Ann@Customer.Test", "bob@customer.test")
    ((pool, digests),) = store.recipients.items()
    assert pool == pool_of(KEYRING, MESSAGE.created_at)
    assert len(digests) == 2
    assert not any("ann" in each for each in digests)


def test_a_persons_digest_of_one_week_does_not_lead_to_that_of_another():
    store = MemoryPoolStore()
    note(store, "ann@customer.test")
    note(store, "ann@customer.test", message=replace(MESSAGE, created_at=MESSAGE.created_at + 7 * DAY_MS))
    one, other = store.recipients.values()
    assert not one & other


def test_who_the_recipients_were_is_forgotten_two_weeks_after_the_week():
    assert forgets("2026-W48") * 1000 == MONDAY + 14 * DAY_MS


class FailingPools(MemoryPoolStore):
    def add_recipient(self, pool, digest):
        raise Unavailable("the table does not answer")


DRAFT = Draft(
    to=("ann@customer.test", "yes@customer.test", "no@customer.test"),
    subject="Offer",
    track=Track(opens=True, clicks=True),
)


def deliver_all(store, html="<p>x</p>", text=None):
    """Send a mail under the Italian rules to somebody unknown, a consenting and a refusing person; return the statuses."""
    sending = fakes.sending_ports(USER)
    pooled = PooledMail(store, KEYRING, KEY)
    decisions = fakes.decisions("it-284-2026", "", sending.clock)
    decisions.say("yes@customer.test", "granted", "granted")
    decisions.say("no@customer.test", "refused", "refused")
    sending = replace(sending, decisions=decisions, pools=pooled)
    delivery = replace(fakes.delivery_ports(sending), pools=pooled)
    stored = send(replace(DRAFT, html=html, text=text), USER, None, sending)
    return [deliver(stored.message.id, each.index, delivery).status for each in stored.recipients]


def counted(store):
    return sum(map(len, store.recipients.values()))


def test_only_whose_copy_has_the_pools_pixel_is_a_recipient_of_the_pool():
    store = MemoryPoolStore()
    assert deliver_all(store) == ["sent"] * 3
    assert counted(store) == 1
    store = MemoryPoolStore()
    deliver_all(store, html=None, text="No picture can stand in plain text.")
    assert counted(store) == 0


def test_a_mail_leaves_though_its_pools_recipients_cannot_be_counted():
    assert deliver_all(FailingPools()) == ["sent"] * 3


@pytest.mark.parametrize(("store", "expected"), [(MemoryPoolStore(), 1), (FailingPools(), 0)])
def test_an_instrumented_mail_counts_too(store, expected):
    sending = fakes.sending_ports(USER)
    decisions = fakes.decisions("it-284-2026", "", sending.clock)
    sending = replace(sending, decisions=decisions, pools=PooledMail(store, KEYRING, KEY))
    raw = b"From: rep@example.test\r\nTo: ann@customer.test\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n"
    _, copies = instrument(raw, (), Track(opens=True, clicks=True), USER, sending)
    assert b"/o/" in copies[0][1]
    assert counted(store) == expected
