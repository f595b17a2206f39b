"""With the clock moved: after two days no address, after thirty no hit, after thirteen months nothing of what it came to."""

import json
from dataclasses import replace

import pytest

from functions.retention.handler import answer
from ocello.domain.common import ids
from ocello.domain.common.errors import Unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.consent.closings import Closing
from ocello.domain.engagement.summary import unpack
from ocello.domain.messages.alerts import Alert
from ocello.domain.messages.message import Mailbox, Message, Report
from ocello.domain.retention.log import Deleted
from ocello.domain.retention.periods import ENGAGEMENT_DAYS, Periods
from ocello.domain.tracking.hits import seconds_to_live
from ocello.domain.verdicts.context import Context, CopyFacts
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.settle import Judge, Settled
from ocello.services.retention import retention as work
from ocello.services.retention.retention import Retention
from ocello.services.sending.ports import StoredMessage
from tests import fakes
from tests.fakes.engagement.settling import (
    BORN,
    MESSAGE,
    MemoryAlertStore,
    MemoryEngagementStore,
    MemoryHitStore,
    MemorySurroundings,
    a_hit,
)
from tests.fakes.inbox import MemoryInboxStore
from tests.fakes.messages import filled
from tests.fakes.retention import MemoryDeletionLog, MemoryHitArchive, MemoryOldAlerts, MemoryRetentionStore
from tests.fakes.world import USER, Clock, TimeLeft

HOUR = 3_600_000
OTHER = "0199a000-0000-7000-8000-00000000000f"
HITS = 30


class Kept:
    """A stack's hits and what they came to, its alerts and its log."""

    def __init__(self, days=HITS):
        self.reader, self.rows, self.alerts = MemoryHitStore(), MemoryEngagementStore(), MemoryAlertStore()
        self.store, self.log, self.clock = MemoryRetentionStore(), MemoryDeletionLog(), Clock(BORN)
        self.messages, self.users = fakes.MemoryMessageStore(), fakes.MemoryUserStore()
        self.users.users[USER.id] = USER
        self.judge = Judge(
            self.reader,
            self.rows,
            MemorySurroundings(copies={0: CopyFacts(BORN - DAY_MS)}),
            Context(),
            NothingUnderWay(),
        )
        self.archive = MemoryHitArchive(self.reader)
        self.retention = Retention(
            archive=self.archive,
            hits=self.reader,
            judge=self.judge,
            engagement=self.rows,
            messages=self.messages,
            mails=self.messages,
            inbox=MemoryInboxStore(self.messages),
            users=self.users,
            alerts=MemoryOldAlerts(self.alerts),
            store=self.store,
            log=self.log,
            periods=Periods(days),
            clock=self.clock,
        )

    def hit(self, *args, **other):
        hit = a_hit(*args, **other)
        self.reader.hits.append(hit)
        self.judge.settle(hit.message, [hit])

    def night(self, after, left=None):
        self.clock.now = BORN + after
        return self.retention.go_on(left or TimeLeft())

    def opens(self, message=MESSAGE):
        return unpack(self.rows.rows[message].packed).message_opens.count


def mail(message):
    """Return a mail of the user, as stored."""
    made = Message(
        id=message,
        owner=USER.id,
        message_id=f"<{message}@example.test>",
        conversation_id="c",
        sender=Mailbox("rep@example.test"),
        subject="Offer",
        created_at=ids.time_of(message),
        track_opens=True,
        track_clicks=True,
    )
    return StoredMessage(made, (), Report(()), None)


def gone(kept, first, last):
    """Return the first day after whose run the row is no more."""
    for day in range(first, last):
        kept.night(day * DAY_MS)
        if MESSAGE not in kept.rows.rows:
            return day
    return None


def test_an_address_is_cut_after_two_days_and_not_before():
    kept = Kept()
    kept.hit(address="203.0.113.77")
    kept.night(48 * HOUR)
    assert [hit.address for hit in kept.reader.hits] == ["203.0.113.77"]
    kept.night(3 * DAY_MS)
    assert [hit.address for hit in kept.reader.hits] == ["203.0.113.0/24"]
    assert kept.log.page(9, None).items[0].deleted == Deleted(addresses=1)


def test_with_a_run_each_day_no_address_stands_in_full_after_three_days():
    kept = Kept()
    for hour in range(0, 24 * 9, 5):
        kept.hit(hour * HOUR, f"r{hour}", address=f"203.0.113.{hour % 200}")
        kept.night(hour * HOUR)
        full = [hit for hit in kept.reader.hits if hit.address.count("/") == 0]
        assert all(kept.clock.now - hit.at <= 72 * HOUR for hit in full)


def test_a_hit_is_deleted_after_its_days_and_what_it_came_to_stays():
    kept = Kept()
    kept.hit()
    kept.hit(9 * DAY_MS, "s")
    for day in range(60):
        kept.night(day * DAY_MS)
        there = [hit for hit in (0, 9) if hit > day - HITS - 1]
        assert [(hit.at - BORN) // DAY_MS for hit in kept.reader.hits] == there
        assert kept.opens() == 2
    kept.judge.rejudge(MESSAGE)
    assert kept.opens() == 2
    assert sum(entry.deleted.hits for entry in kept.log.page(99, None).items) == 2


def test_hits_that_dynamodb_deleted_by_their_time_to_live_were_counted_for_good_before():
    kept = Kept()
    kept.hit()
    for day in range(30):
        kept.night(day * DAY_MS)
    kept.reader.hits = []
    kept.hit(40 * DAY_MS, "late")
    kept.judge.rejudge(MESSAGE)
    assert kept.opens() == 2


def test_what_a_hit_came_to_is_counted_for_good_by_one_run_alone(monkeypatch):
    kept, asked = Kept(), []
    monkeypatch.setattr(Judge, "keep_counts", lambda _, message, before: asked.append((message, before)))
    kept.hit()
    for day in range(29):
        kept.night(day * DAY_MS)
    assert asked == [(MESSAGE, BORN + DAY_MS)]
    assert len(kept.store.notes) == 1


def test_with_a_shorter_period_what_hits_came_to_is_counted_before_they_are_deleted():
    kept = Kept(60)
    kept.hit()
    for day in range(40):
        kept.night(day * DAY_MS)
    assert len(kept.reader.hits) == 1
    kept.retention = replace(kept.retention, periods=Periods(HITS))
    kept.night(40 * DAY_MS)
    kept.judge.rejudge(MESSAGE)
    assert (kept.reader.hits, kept.opens()) == ([], 1)


def test_the_database_may_delete_a_hit_a_day_early_after_it_was_counted_and_pages_promise_no_longer():
    may_go = seconds_to_live(HITS) * 1000
    assert may_go == 29 * DAY_MS
    assert Periods(HITS).kept_until(BORN) == BORN + may_go
    counted_a_day_later_at_most = BORN - Periods(HITS).counts_before(BORN) + DAY_MS
    assert counted_a_day_later_at_most < may_go


def test_the_days_of_hits_are_a_parameter():
    kept = Kept(60)
    kept.hit()
    kept.night(60 * DAY_MS)
    assert len(kept.reader.hits) == 1
    kept.night(61 * DAY_MS)
    assert kept.reader.hits == []


def test_what_hits_came_to_is_deleted_thirteen_months_after_the_newest():
    kept = Kept()
    kept.hit()
    kept.hit(50 * DAY_MS, "s")
    gone = None
    for day in range(60 + ENGAGEMENT_DAYS):
        kept.night(day * DAY_MS)
        if MESSAGE not in kept.rows.rows:
            gone = day
            break
    assert gone is not None
    assert 50 + ENGAGEMENT_DAYS < gone <= 50 + ENGAGEMENT_DAYS + 2
    assert kept.log.page(1, None).items[0].deleted == Deleted(engagement=1)
    kept.night((gone + 3) * DAY_MS)
    assert kept.store.notes == set()


def test_a_row_whose_hits_were_gone_before_any_run_is_deleted_thirteen_months_after_the_newest():
    kept = Kept()
    filled(kept.messages, mail(MESSAGE))
    kept.hit()
    kept.hit(40 * DAY_MS, "s")
    kept.reader.hits = []  # as by their time to live
    assert gone(kept, 100, 60 + ENGAGEMENT_DAYS) == 40 + ENGAGEMENT_DAYS + 1
    assert sum(entry.deleted.engagement for entry in kept.log.page(999, None).items) == 1
    assert kept.store.notes == set()


def test_each_mail_is_looked_at_once_page_by_page_and_a_run_that_stops_goes_on(monkeypatch):
    monkeypatch.setattr(work, "ROWS_AT_ONCE", 2)
    kept = Kept()
    mails = [ids.uuid7(BORN + number, bytes(10)) for number in range(5)]
    for each in mails:
        filled(kept.messages, mail(each))
        kept.hit(message=each)
    kept.reader.hits = []
    old = (ENGAGEMENT_DAYS + 1) * DAY_MS
    run = kept.night(old, TimeLeft(3))
    assert (run.stage, len(kept.rows.rows)) == ("mails", 3)
    run = kept.night(old + HOUR)
    assert (run.stage, run.deleted.engagement, kept.rows.rows) == ("done", 5, {})
    kept.rows.failing = set(mails)
    assert kept.night(old + 9 * DAY_MS).stage == "done", "no row is read again"


def test_what_a_reader_has_closed_stays_when_the_figures_are_deleted():
    kept = Kept()
    kept.hit()
    kept.judge.close(MESSAGE, {0: Closing(opens=BORN + 1)})
    for day in range(0, 30 + ENGAGEMENT_DAYS, 5):
        kept.night(day * DAY_MS)
    left = unpack(kept.rows.rows[MESSAGE].packed)
    assert (left.message_opens.count, left.closed) == (0, {0: Closing(opens=BORN + 1)})
    late = a_hit(kept.clock.now - BORN, "late")
    kept.reader.hits.append(late)
    assert kept.judge.settle(MESSAGE, [late]) is Settled.SILENT
    assert kept.reader.hits == []


def test_an_alert_is_deleted_when_what_its_hit_came_to_is():
    kept = Kept()
    alert = Alert(USER.id, MESSAGE, BORN, "o0", "open", "S", "a@b.test", None)
    kept.alerts.put(alert, withdrawn=False)
    kept.night(ENGAGEMENT_DAYS * DAY_MS)
    assert kept.alerts.kept(alert) is not None
    kept.night((ENGAGEMENT_DAYS + 1) * DAY_MS)
    assert kept.alerts.kept(alert) is None
    assert kept.log.page(1, None).items[0].deleted == Deleted(alerts=1)


def test_a_run_that_has_no_time_left_is_gone_on_with_where_it_stopped(monkeypatch):
    monkeypatch.setattr(work, "HITS_AT_ONCE", 3)
    kept = Kept()
    for number in range(8):
        kept.hit(number, f"r{number}")
    run = kept.night(3 * DAY_MS, TimeLeft(2))
    assert (run.stage, run.deleted.addresses) == ("hits", 6)
    assert kept.log.page(9, None).items == ()
    run = kept.night(3 * DAY_MS + HOUR, TimeLeft())
    assert (run.stage, run.deleted.addresses) == ("done", 8)
    assert kept.archive.pages == 3
    assert [entry.deleted.addresses for entry in kept.log.page(9, None).items] == [8]


def test_a_run_that_failed_is_gone_on_with_and_nothing_is_counted_twice(monkeypatch):
    monkeypatch.setattr(work, "HITS_AT_ONCE", 1)
    kept = Kept()
    kept.hit(message=OTHER)
    kept.hit()
    kept.rows.failing = {OTHER}
    with pytest.raises(Unavailable):
        kept.night(40 * DAY_MS)
    kept.rows.failing = set()
    assert kept.night(40 * DAY_MS + HOUR).deleted.hits == 2


def test_there_is_one_run_a_day():
    kept = Kept()
    kept.night(3 * DAY_MS)
    kept.night(3 * DAY_MS + 5 * HOUR)
    assert kept.archive.pages == 1
    kept.night(4 * DAY_MS)
    assert kept.archive.pages == 2


def test_a_night_says_what_it_did_and_of_whom_nothing(capsys):
    kept = Kept()
    kept.hit(address="203.0.113.77")
    kept.clock.now = BORN + 3 * DAY_MS
    answer(kept.retention, TimeLeft())
    line = capsys.readouterr().out
    assert json.loads(line)["stage"] == "done"
    assert json.loads(line)["deleted_addresses"] == 1
    assert "203.0.113" not in line
    assert MESSAGE not in line
