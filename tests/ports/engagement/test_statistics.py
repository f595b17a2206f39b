"""Figures of closed days, and tracked messages looked at closely."""

from dataclasses import replace

from ocello.domain.common.times import DAY_MS, day_of
from ocello.domain.engagement.counters import CountedHit
from ocello.domain.engagement.statistics import Figures
from ocello.domain.engagement.summary import Engagement
from ocello.domain.tracking.tokens import EVERYONE
from ocello.domain.verdicts.outcomes import Outcome
from ocello.services.statistics.ports import StoredDay
from tests.fakes.engagement.settling import counted_row
from tests.ports.examples import NOW, stored

DAY = "2026-01-01"


def test_a_late_change_wins_over_a_slow_computation(stores):
    days = stores.days

    def kept():
        return days.between("u1", "2025-12-31", "2026-01-02").get(DAY)

    assert kept() is None
    days.forget("u1", DAY)
    days.keep("u1", {DAY: StoredDay(0, Figures(sent=1))})
    assert kept() == StoredDay(1, None)
    days.keep("u1", {DAY: StoredDay(1, Figures(sent=2))})
    assert kept() == StoredDay(1, Figures(sent=2))
    days.forget("u1", DAY)
    assert kept() == StoredDay(2, None)
    assert days.between("u2", "2025-12-31", "2026-01-02") == {}


def test_many_days_are_kept_at_once_and_a_changed_one_is_not(stores):
    names = [day_of(NOW + number * DAY_MS) for number in range(230)]
    stores.days.forget("u1", names[150])
    stores.days.keep("u1", {name: StoredDay(0, Figures(sent=number)) for number, name in enumerate(names)})
    kept = stores.days.between("u1", names[0], names[-1])
    assert kept[names[150]] == StoredDay(1, None)
    assert kept[names[0]] == StoredDay(0, Figures(sent=0))
    assert kept[names[229]] == StoredDay(0, Figures(sent=229))
    stores.days.keep("u1", {})


def hit(kind="open", recipient=0, link=0):
    """One hit that counts."""
    return CountedHit(NOW, kind, recipient, link if kind == "click" else None, Outcome.COUNTED)


def engage(stores, whole, *hits):
    assert stores.engagement_rows.write(whole.message.id, counted_row(9, hits), 0)


def write(stores, number, owner="u1", statuses=("sent",), **other):
    whole = stored(number, owner, **other)
    recipients = [replace(whole.recipients[0], index=n, status=status) for n, status in enumerate(statuses)]
    whole = replace(whole, recipients=tuple(recipients))
    stores.messages.create(whole, None)
    return whole


def newest(stores, owners=("u1",), limit=500):
    return stores.samples.newest(owners, NOW, NOW + 1000, limit)


def test_the_newest_tracked_messages_of_each_owner_are_looked_at(stores):
    for n in range(4):
        write(stores, n)
    write(stores, 5, tracked=False)
    write(stores, 1000)
    write(stores, 2, "u2")
    write(stores, 3, "u3")
    found = [(look.message.owner, look.message.created_at - NOW) for look in newest(stores, ("u1", "u2"), 2)]
    assert found == [("u1", 3), ("u1", 2), ("u2", 2)]
    assert list(newest(stores, ())) == list(newest(stores, ("nobody",))) == []


def test_a_sample_has_what_decides_something(stores):
    plain = write(stores, 0, statuses=("sent", "bounced", "queued", "complained"))
    opened = write(stores, 1, statuses=("failed", "sent"))
    clicked = write(stores, 2, links=3)
    shared = write(stores, 3)
    engage(stores, opened, hit(recipient=0))
    engage(stores, clicked, hit("click", 0, 2))
    engage(stores, shared, hit(recipient=EVERYONE))
    looked = {look.message.id: look for look in newest(stores)}
    first, second = looked[plain.message.id], looked[opened.message.id]
    assert (first.message, first.recipients, first.left) == (plain.message, 4, {0, 3})
    assert first.engagement == Engagement()
    assert (second.engagement.recipient(0).opens.count, 1 in second.left) == (1, True)
    assert looked[clicked.message.id].links == clicked.report.links
