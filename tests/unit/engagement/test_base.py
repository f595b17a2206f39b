"""What deleted hits came to stays, and nothing that is made anew touches it."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.domain.consent.closings import Closing
from ocello.domain.engagement import row
from ocello.domain.engagement.settle import end_of_base
from ocello.domain.engagement.summary import unpack
from ocello.domain.verdicts.clusters import HORIZON_MS
from ocello.domain.verdicts.context import Context, CopyFacts
from ocello.domain.verdicts.sources import networks_of
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.settle import Judge, Settled
from tests.fakes.engagement.settling import (
    BORN,
    CHROME,
    MESSAGE,
    MemoryEngagementStore,
    MemoryHitStore,
    MemorySurroundings,
    a_hit,
)

DAY = 86_400_000
DELIVERED = BORN - 2_000_000  # long before the first hit, else it would be taken for a scanner's


class Mail:
    """A mail with its hits, of which some are deleted."""

    def __init__(self, *found, own=()):
        self.reader, self.store = MemoryHitStore(), MemoryEngagementStore()
        self.surroundings = MemorySurroundings(copies={0: CopyFacts(DELIVERED), 1: CopyFacts(DELIVERED)})
        self.judge = Judge(self.reader, self.store, self.surroundings, Context(own=own), NothingUnderWay())
        for hit in found:
            self.hit(hit)

    def hit(self, hit):
        self.reader.hits.append(hit)
        return self.judge.settle(MESSAGE, [hit])

    def delete(self, before):
        self.judge.keep_counts(MESSAGE, before)
        self.reader.hits = [hit for hit in self.reader.hits if hit.at >= before]

    @property
    def packed(self):
        return self.store.rows[MESSAGE].packed

    @property
    def shown(self):
        """What is shown: not what was known beside the hits, nor the names of new hits that do not count."""
        return replace(unpack(self.packed), uncounted=frozenset(), known=row.Known())


def spread(seed, count=40):
    rng = random.Random(seed)
    found = [
        a_hit(
            rng.randrange(40) * DAY + rng.randrange(4) * 700_000 + rng.randrange(3_000),
            f"r{number}",
            rng.choice(["open", "open", "click"]),
            recipient=rng.randrange(3),
            link=rng.randrange(4),
            address=f"203.0.113.{rng.randrange(4)}",
            agent=rng.choice([CHROME, "curl/8", "Mozilla/5.0"]),
        )
        for number in range(count)
    ]
    return sorted(found, key=lambda hit: hit.at)


@pytest.mark.parametrize("seed", range(20))
def test_a_row_whose_old_hits_are_deleted_each_night_says_the_same_as_one_that_has_them_all(seed):
    found = spread(seed)
    all_of_them, kept = Mail(*found), Mail()
    for day in range(70):
        now = BORN + day * DAY
        for hit in found:
            if now <= hit.at < now + DAY:
                assert kept.hit(hit) in (Settled.WRITTEN, Settled.REBUILT)
        if day > 28:
            kept.delete(now - 28 * DAY)
        kept.judge.rejudge(MESSAGE)
    assert kept.reader.hits == []
    assert kept.shown == all_of_them.shown
    assert row.unpack(kept.packed).base == row.ALL


def test_other_rules_judge_what_is_there_and_leave_alone_what_is_gone():
    mail = Mail(a_hit(), a_hit(20 * DAY, "s"), a_hit(40 * DAY, "t"))
    mail.delete(BORN + 10 * DAY)
    mail.judge.base = Context(own=networks_of("own", "203.0.113.0/24"))
    assert mail.judge.rejudge(MESSAGE) is Settled.REBUILT
    assert (mail.shown.message_opens.count, mail.shown.message_opens.machine) == (1, 0)
    assert mail.shown.message_opens.first == BORN
    assert mail.judge.rejudge(MESSAGE) is Settled.UNCHANGED


def test_a_hit_after_all_others_were_deleted_is_added_to_what_they_came_to():
    mail = Mail(a_hit(), a_hit(900_000, "s", "click"))
    mail.delete(BORN + DAY)
    assert mail.hit(a_hit(40 * DAY, "t")) is Settled.WRITTEN
    assert (mail.shown.message_opens.count, mail.shown.message_clicks.count) == (2, 1)
    before = mail.packed
    assert mail.judge.rejudge(MESSAGE) is Settled.UNCHANGED
    assert mail.packed == before


def test_a_late_hit_in_the_time_of_deleted_ones_changes_nothing():
    mail = Mail(a_hit(), a_hit(DAY, "s"))
    mail.delete(BORN + 2 * DAY)
    before = mail.packed
    assert mail.hit(a_hit(900_000, "late")) is Settled.UNCHANGED
    assert mail.packed == before


def test_hits_that_expired_before_their_counts_were_kept_still_count():
    mail = Mail(a_hit(), a_hit(DAY, "s"))
    del mail.reader.hits[0]
    assert mail.judge.keep_counts(MESSAGE, BORN + 2 * DAY)
    assert mail.hit(a_hit(40 * DAY, "t")) is Settled.WRITTEN
    assert mail.judge.rejudge(MESSAGE) is Settled.UNCHANGED
    assert mail.shown.message_opens.count == 3


def test_keeping_the_same_counts_again_writes_nothing():
    mail = Mail(a_hit(), a_hit(40 * DAY, "s"))
    assert mail.judge.keep_counts(MESSAGE, BORN + DAY)
    assert not mail.judge.keep_counts(MESSAGE, BORN + DAY)
    mail.delete(BORN + DAY)
    assert not mail.judge.keep_counts(MESSAGE, BORN + DAY)


def test_keeping_counts_changes_none_of_them_and_rings_nothing():
    mail = Mail(*spread(3))
    before = mail.shown
    assert mail.judge.keep_counts(MESSAGE, BORN + 20 * DAY)
    assert mail.shown == before


def test_hits_that_no_pause_parts_are_not_parted_where_a_pause_is_earlier():
    times = [0, 1_000, HORIZON_MS + 2_000, HORIZON_MS + 3_000]
    assert end_of_base([a_hit(at) for at in times], BORN + HORIZON_MS + 2_500) == BORN + 1_000
    assert end_of_base([a_hit(at) for at in times], BORN + 2 * HORIZON_MS + 4_000) == BORN + times[-1]
    assert end_of_base([a_hit(at) for at in times[2:]], BORN + HORIZON_MS + 2_500) == BORN + HORIZON_MS + 2_000
    assert end_of_base([a_hit(at) for at in times], BORN) is None


def test_a_row_of_before_bases_is_read_and_a_row_with_one_is_read_back():
    mail = Mail(a_hit(), a_hit(40 * DAY, "s"))
    assert row.unpack(mail.packed).base is None
    assert row.pack(row.unpack(mail.packed)) == mail.packed
    mail.delete(BORN + DAY)
    assert row.pack(row.unpack(mail.packed)) == mail.packed
    assert row.unpack(row.unpack(mail.packed).base).count == 1


def test_who_is_closed_stays_so_and_what_came_before_goes_on_counting_without_its_hits():
    mail = Mail(a_hit(), a_hit(2 * DAY, "s"))
    mail.delete(BORN + DAY)
    assert mail.judge.close(MESSAGE, {0: Closing(opens=BORN + 3 * DAY)}) is Settled.WRITTEN
    assert mail.hit(a_hit(4 * DAY, "t")) is Settled.SILENT
    assert mail.hit(a_hit(5 * DAY, "u", recipient=1)) is Settled.WRITTEN
    assert mail.judge.rejudge(MESSAGE) in (Settled.UNCHANGED, Settled.REBUILT)
    mail.delete(BORN + 30 * DAY)
    mail.judge.rejudge(MESSAGE)
    assert [mail.shown.recipient(index).opens.count for index in (0, 1)] == [2, 1]
    assert mail.hit(a_hit(40 * DAY, "v")) is Settled.SILENT


def test_a_closing_takes_out_hits_that_came_after_it_and_none_that_are_gone():
    mail = Mail(a_hit(), a_hit(20 * DAY, "s"), a_hit(22 * DAY, "t"))
    mail.delete(BORN + 10 * DAY)
    mail.judge.close(MESSAGE, {0: Closing(opens=BORN + 21 * DAY)})
    assert mail.shown.message_opens.count == 2
    assert len(mail.reader.hits) == 1


def test_a_row_that_knows_closings_alone_has_no_base():
    mail = Mail()
    mail.judge.close(MESSAGE, {0: Closing(opens=BORN)})
    assert not mail.judge.keep_counts(MESSAGE, BORN + DAY)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 45), max_size=4))
def test_wherever_it_is_cut_a_row_says_the_same(seed, cuts):
    mail = Mail(*spread(seed, 20))
    before = mail.shown
    for day in cuts:
        mail.delete(BORN + day * DAY)
    assert mail.shown == before
    mail.judge.rejudge(MESSAGE)
    assert mail.shown == before
