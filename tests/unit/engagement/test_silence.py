"""Settling after somebody has withdrawn: what came before stands, what comes after is deleted and moves nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.consent.closings import Closing, Withdrawal
from ocello.domain.engagement import row
from ocello.domain.engagement.settle import rebuild
from ocello.domain.engagement.summary import unpack
from ocello.domain.tracking.tokens import EVERYONE
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.traces import place_of
from ocello.services.consent.ports import SubjectCopy
from ocello.services.consent.under_way import LEASE_S, ListUnderWay
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.settle import Judge, Settled
from ocello.services.engagement.shown import ShownHits
from tests.fakes.engagement.settling import (
    BORN,
    MESSAGE,
    MemoryEngagementStore,
    MemoryHitStore,
    MemorySurroundings,
    a_hit,
)
from tests.fakes.people.consent import MemorySubjectIndex, MemoryWithdrawalStore

MINUTE = 60_000
OPENS, LINKS = Closing(opens=BORN + 10 * MINUTE), Closing(links=BORN + 10 * MINUTE)
BOTH = Closing(BORN + 10 * MINUTE, BORN + 10 * MINUTE)
EARLIER = [a_hit(0, "a"), a_hit(MINUTE, "b", "click"), a_hit(2 * MINUTE, "c", recipient=1)]


class World:
    """What settle has, in memory."""

    def __init__(self, *hits, under_way=None):
        self.rows, self.hits = MemoryEngagementStore(), MemoryHitStore(*hits)
        self.judge = self.another(under_way)
        if hits:
            self.judge.settle(MESSAGE, hits)

    def another(self, under_way=None):
        """Return what settles in another process."""
        return Judge(self.hits, self.rows, MemorySurroundings(), Context(), under_way or NothingUnderWay())

    def arrive(self, *hits, judge=None):
        self.hits.hits += hits
        return (judge or self.judge).settle(MESSAGE, hits)

    @property
    def engagement(self):
        return unpack(self.rows.rows[MESSAGE].packed)

    def counts(self, recipient=0):
        did = self.engagement.recipient(recipient)
        return did.opens.count, did.clicks.count


def test_what_comes_after_a_closing_is_deleted_and_moves_nothing():
    world = World(*EARLIER)
    world.another().close(MESSAGE, {0: BOTH})
    before = world.rows.rows[MESSAGE]
    assert world.arrive(a_hit(20 * MINUTE, "d"), a_hit(21 * MINUTE, "e", "click", link=2)) is Settled.SILENT
    assert world.rows.rows[MESSAGE] == before
    assert world.hits.hits == EARLIER
    assert world.counts() == (1, 1)


def test_others_and_the_other_axis_go_on_counting():
    world = World(*EARLIER)
    world.another().close(MESSAGE, {0: OPENS})
    world.arrive(
        a_hit(20 * MINUTE, "d"), a_hit(21 * MINUTE, "e", "click", link=2), a_hit(22 * MINUTE, "f", recipient=1)
    )
    assert (world.counts(), world.counts(1)) == ((1, 2), (2, 0))
    assert [hit.request for hit in world.hits.hits] == ["a", "b", "c", "e", "f"]


def test_a_process_that_holds_the_row_as_it_was_hears_of_the_closing_before_it_counts():
    world = World(*EARLIER)
    other = world.another()
    world.arrive(a_hit(3 * MINUTE, "d", recipient=1), judge=other)
    world.judge.close(MESSAGE, {0: BOTH})
    assert world.arrive(a_hit(20 * MINUTE, "e"), judge=other) is Settled.SILENT
    assert world.counts() == (1, 1)


def test_a_mail_that_nobody_opened_can_be_closed_and_its_next_reader_counts_as_the_first():
    world, plain = World(), World()
    world.judge.close(MESSAGE, {0: BOTH})
    assert world.engagement.message_opens.count == 0
    assert world.arrive(a_hit(20 * MINUTE, "d")) is Settled.SILENT
    hit = a_hit(21 * MINUTE, "e", recipient=1)
    world.arrive(hit)
    plain.arrive(hit)
    assert world.counts() == (0, 0)
    made = row.unpack(world.rows.rows[MESSAGE].packed)
    assert made.closed == {0: BOTH}
    assert row.pack(row.unpack(plain.rows.rows[MESSAGE].packed)) == row.pack(
        row.SettledRow(**{name: getattr(made, name) for name in made.__dataclass_fields__} | {"closed": {}})
    )


def test_a_hit_that_was_counted_between_the_closing_and_its_row_is_taken_out():
    world = World(*EARLIER, a_hit(12 * MINUTE, "d"), a_hit(13 * MINUTE, "e", recipient=1))
    assert world.counts() == (2, 1)
    world.judge.close(MESSAGE, {0: BOTH})
    assert (world.counts(), world.counts(1)) == ((1, 1), (2, 0))
    assert [hit.request for hit in world.hits.hits] == ["a", "b", "c", "e"]


def test_a_row_whose_oldest_hits_have_expired_keeps_its_counters_when_it_is_closed():
    world = World(*EARLIER, a_hit(12 * MINUTE, "d"))
    del world.hits.hits[0]
    world.judge.close(MESSAGE, {0: BOTH})
    assert world.counts() == (2, 1)
    world.arrive(a_hit(20 * MINUTE, "e"))
    assert world.counts() == (2, 1)


def test_judging_anew_leaves_out_what_came_after_a_closing_and_keeps_the_closing():
    world = World(*EARLIER)
    world.judge.close(MESSAGE, {0: BOTH})
    world.hits.hits.append(a_hit(20 * MINUTE, "d"))  # stored, and not settled yet
    world.arrive(a_hit(21 * MINUTE, "e", recipient=1))
    world.judge.rejudge(MESSAGE)
    assert (world.counts(), world.counts(1)) == ((1, 1), (2, 0))
    assert world.engagement.closed == {0: BOTH}


def test_closing_again_writes_nothing_and_closing_more_keeps_the_first_time():
    world = World(*EARLIER)
    assert world.judge.close(MESSAGE, {0: OPENS}) is Settled.WRITTEN
    later = Closing(BORN + 30 * MINUTE, BORN + 30 * MINUTE)
    assert world.judge.close(MESSAGE, {0: OPENS}) is Settled.UNCHANGED
    assert world.judge.close(MESSAGE, {0: later, 2: LINKS}) is Settled.WRITTEN
    assert world.engagement.closed == {0: Closing(OPENS.opens, later.links), 2: LINKS}


def test_hits_that_nobody_can_tell_apart_are_silent_once_one_of_their_readers_withdrew():
    world = World(*EARLIER)
    world.judge.close(MESSAGE, {1: OPENS})
    assert world.arrive(a_hit(20 * MINUTE, "d", recipient=EVERYONE)) is Settled.SILENT
    world.arrive(a_hit(20 * MINUTE, "e", "click", recipient=EVERYONE))
    assert world.counts(EVERYONE) == (0, 1)


hits = st.lists(
    st.tuples(st.integers(0, 40 * MINUTE), st.sampled_from(["open", "click"]), st.integers(0, 2), st.integers(0, 3)),
    min_size=1,
    max_size=30,
)


@given(hits, st.integers(0, 30), st.randoms())
def test_the_row_is_the_same_whenever_the_closing_comes_and_in_any_order(drawn, when, rng):
    found = [a_hit(at, f"r{number}", kind, index, link=link) for number, (at, kind, index, link) in enumerate(drawn)]
    closed = {0: BOTH, 1: LINKS}
    made = rebuild([sorted(found, key=place_of)], Context(5), closed)
    rng.shuffle(found)
    world = World()
    for number, hit in enumerate(found):
        if number == when:
            world.judge.close(MESSAGE, closed)
        world.arrive(hit)
    world.judge.close(MESSAGE, closed)
    expected = None if made is None else made.row()
    stored = row.unpack(world.rows.rows[MESSAGE].packed)
    assert stored.count == (0 if expected is None else expected.count)
    if expected is not None:
        assert row.unpack(row.pack(expected)).counters == stored.counters
        assert stored.first == expected.first
    assert stored.closed == closed
    assert [hit for hit in world.hits.hits if hit.recipient == 0 and hit.at >= BOTH.opens] == []


ANN, BOB = "A" * 43, "B" * 43


class Slow:
    """Withdrawals that are under way, and a clock."""

    def __init__(self, *withdrawals):
        self.index = MemorySubjectIndex({SubjectCopy(ANN, MESSAGE, 0, "u1"), SubjectCopy(BOB, "another", 0, "u1")})
        self.store = MemoryWithdrawalStore(self.index)
        self.now = 0.0
        for each in withdrawals:
            self.store.put(each)
        self.list = ListUnderWay(self.store, lambda: self.now)


SHE_WITHDREW = Withdrawal(ANN, frozenset({"opens"}), BORN + 10 * MINUTE)


def test_a_withdrawal_under_way_silences_hits_that_no_gate_and_no_row_knows_of():
    slow = Slow(SHE_WITHDREW)
    world = World(*EARLIER, under_way=slow.list)
    assert world.arrive(a_hit(20 * MINUTE, "d")) is Settled.SILENT
    assert world.arrive(a_hit(20 * MINUTE, "e", recipient=1)) is Settled.WRITTEN
    assert (world.counts(), world.counts(1)) == ((1, 1), (2, 0))
    assert world.engagement.closed == {0: OPENS}


def test_other_mail_is_not_touched_by_a_withdrawal_under_way():
    world = World(*EARLIER, under_way=Slow(SHE_WITHDREW._replace(subject=BOB)).list)
    world.arrive(a_hit(20 * MINUTE, "d"))
    assert world.counts() == (2, 1)
    assert world.engagement.closed == {}


def test_the_list_of_withdrawals_is_read_once_in_its_lease_however_many_hits_come():
    slow = Slow()
    world = World(*EARLIER, under_way=slow.list)
    for number in range(50):
        world.arrive(a_hit(20 * MINUTE + number * 1_000, f"d{number}"))
    assert slow.store.reads == 1
    slow.now = LEASE_S
    world.arrive(a_hit(30 * MINUTE, "e"))
    assert slow.store.reads == 2


@pytest.mark.parametrize("known", ["row", "list"])
def test_no_list_of_hits_shows_one_that_came_after_its_reader_withdrew(known):
    slow = Slow(*([SHE_WITHDREW] if known == "list" else []))
    world = World(*EARLIER)
    if known == "row":
        world.judge.close(MESSAGE, {0: OPENS})
    late = a_hit(20 * MINUTE, "d")
    world.hits.hits += [late, late._replace(request="e", kind="click", link=1)]  # in the table, and not settled yet
    shown = ShownHits(world.hits, world.rows, slow.list)
    found = [hit.request for page in shown.pages(MESSAGE, None, None) for hit in page]
    assert found == ["a", "b", "c", "e"]


def test_hits_of_a_mail_without_a_row_are_shown():
    hits = MemoryHitStore(a_hit())
    shown = ShownHits(hits, MemoryEngagementStore(), NothingUnderWay())
    assert [hit for page in shown.pages(MESSAGE, None, None) for hit in page] == hits.hits
