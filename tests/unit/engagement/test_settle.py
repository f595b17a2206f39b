"""Hits arrive by the stream, in batches, and are settled."""

import itertools
import json
import random
from collections import Counter

import pytest

from functions.settle.handler import answer
from ocello.adapters.hot import hit_item
from ocello.domain.common.errors import Invalid, Unavailable
from ocello.domain.engagement import row
from ocello.domain.engagement.summary import unpack
from ocello.domain.verdicts.context import Context, CopyFacts
from ocello.domain.verdicts.outcomes import Outcome
from ocello.domain.verdicts.signed_in import SignedIn, source_digest
from ocello.domain.verdicts.sources import networks_of
from ocello.domain.verdicts.traces import place_of
from ocello.services.engagement.hits import JudgedHit, list_hits
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.settle import SESSIONS_MS, TRIES, Judge, Settled
from tests.fakes import SUBJECT_KEY
from tests.fakes.engagement.settling import (
    BORN,
    MESSAGE,
    MemoryEngagementStore,
    MemoryHitStore,
    MemorySurroundings,
    a_hit,
)

OTHER = "0199a000-0000-7000-8000-00000000000f"
NOW = BORN + 2_000


def settled(store, hits, new=None, own=(), surroundings=None):
    judge = Judge(hits, store, surroundings or MemorySurroundings(), Context(own=own), NothingUnderWay())
    return judge.settle(MESSAGE, new or hits.hits)


def test_the_first_hit_makes_the_row_and_the_second_changes_it():
    store, hits = MemoryEngagementStore(), MemoryHitStore(a_hit())
    assert settled(store, hits) is Settled.WRITTEN
    hits.hits.append(a_hit(60_000, "s", "click", link=3))
    assert settled(store, hits, hits.hits[1:2]) is Settled.WRITTEN
    read = unpack(store.rows[MESSAGE].packed)
    assert (read.message_opens.count, read.message_clicks.count, read.link(3).count) == (1, 1, 1)
    assert read.recipient(0).opens.times == (BORN,)


def test_an_unchanged_row_is_not_written():
    store, hits = MemoryEngagementStore(), MemoryHitStore(a_hit())
    settled(store, hits)
    assert settled(store, hits) is Settled.UNCHANGED
    assert store.writes == 1


def test_a_row_that_another_wrote_meanwhile_is_read_again():
    store, hits = MemoryEngagementStore(), MemoryHitStore(a_hit(), a_hit(500_000, "s"))

    def another():
        settled(store, hits, hits.hits[1:2])

    store.interrupt = another
    settled(store, hits, hits.hits[:1])
    assert unpack(store.rows[MESSAGE].packed).message_opens.count == 2
    assert store.rows[MESSAGE].version == 2


def test_settling_gives_up_when_the_row_is_never_free():
    class Busy(MemoryEngagementStore):
        def write(self, message, packed, version):
            self.writes += 1
            return False

    store = Busy()
    with pytest.raises(Unavailable):
        settled(store, MemoryHitStore(a_hit()))
    assert store.writes == TRIES


def test_a_late_hit_makes_the_row_anew():
    early = [a_hit(at * 400_000, f"a{at}") for at in range(5)]
    store, hits = MemoryEngagementStore(), MemoryHitStore(*early[1:], a_hit(3 * 86_400_000, "z"))
    settled(store, hits)
    hits.hits.append(early[0])
    assert settled(store, hits, early[:1]) is Settled.REBUILT
    assert unpack(store.rows[MESSAGE].packed).message_opens.count == 6


def test_a_late_hit_is_left_out_when_older_hits_have_expired():
    store, hits = MemoryEngagementStore(), MemoryHitStore(*[a_hit(at * 400_000, f"a{at}") for at in range(5)])
    hits.hits.append(a_hit(3 * 86_400_000, "z"))
    settled(store, hits)
    del hits.hits[:5]
    late = a_hit(200_000, "late")
    hits.hits.append(late)
    assert settled(store, hits, [late]) is Settled.BEYOND
    assert unpack(store.rows[MESSAGE].packed).message_opens.count == 6


def test_a_row_of_older_rules_is_made_anew():
    store, hits = MemoryEngagementStore(), MemoryHitStore(a_hit(), a_hit(9_000, "s"))
    settled(store, hits)
    now = store.rows[MESSAGE]
    old = row.unpack(now.packed)
    aged = row.SettledRow(0, old.link_count, old.first, 0, pending=old.pending[:1])
    store.rows[MESSAGE] = now._replace(packed=row.pack(aged))
    assert settled(store, hits) is Settled.REBUILT
    assert store.rows[MESSAGE].packed == now.packed


def record(hit, number, name="INSERT"):
    return {
        "eventID": str(number),
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": str(number), "NewImage": hit_item.to_item(hit, 86_400)},
    }


def failures(event, store, hits):
    response = answer(event, Judge(hits, store, MemorySurroundings(), Context(), NothingUnderWay()), lambda: NOW)
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_a_batch_settles_each_message_once_and_says_so_in_one_line(capsys):
    mine = [a_hit(at * 1000, f"a{at}") for at in range(4)]
    theirs = [a_hit(at * 1000, f"b{at}", message=OTHER) for at in range(3)]
    store = MemoryEngagementStore()
    event = {"Records": [record(hit, number) for number, hit in enumerate(mine + theirs)]}
    assert failures(event, store, MemoryHitStore(*mine, *theirs)) == []
    assert store.writes == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["written"] == 2
    assert max(json.loads(line)["SettleLag"]) == 2_000
    assert "203.0.113" not in line
    assert MESSAGE not in line


def test_a_message_that_fails_fails_its_own_records_alone():
    mine, theirs = a_hit(), a_hit(1, message=OTHER)
    store = MemoryEngagementStore()
    store.failing.add(OTHER)
    event = {"Records": [record(mine, 1), record(theirs, 2), record(mine, 3), record(theirs, 4)]}
    assert failures(event, store, MemoryHitStore(mine, theirs)) == ["2", "4"]
    assert MESSAGE in store.rows


def test_a_record_that_is_no_hit_fails_alone_and_a_removed_one_is_nothing():
    broken = record(a_hit(), 1)
    broken["dynamodb"]["NewImage"] = {"pk": {"S": "x"}}
    store = MemoryEngagementStore()
    event = {"Records": [broken, record(a_hit(), 2, "REMOVE"), record(a_hit(), 3)]}
    assert failures(event, store, MemoryHitStore(a_hit())) == ["1"]
    assert store.writes == 1


def test_all_records_failing_are_all_named():
    store = MemoryEngagementStore()
    store.failing.add(MESSAGE)
    assert failures({"Records": [record(a_hit(), 1)]}, store, MemoryHitStore(a_hit())) == ["1"]


@pytest.mark.parametrize("limit", [1, 7, 50, 200])
def test_listed_verdicts_are_those_that_the_row_counts(limit):
    rng = random.Random(limit)
    hits = MemoryHitStore()
    for place in range(300):
        kind = rng.choice(["open", "click"])
        hits.hits.append(
            a_hit(place * rng.choice([40, 4000]), f"q{place:04}", kind, rng.randrange(3), rng.randrange(9))
        )
    store = MemoryEngagementStore()
    settled(store, hits)
    listed: list[JudgedHit] = []
    cursor = None
    for _ in itertools.count():
        page = list_hits(MESSAGE, Context(5), limit, cursor, hits)
        listed += page.items
        cursor = page.next
        if cursor is None:
            break
    assert [place_of(one.hit) for one in listed] == sorted(map(place_of, hits.hits))
    read = unpack(store.rows[MESSAGE].packed)
    for kind, summary in (("open", read.message_opens), ("click", read.message_clicks)):
        told = Counter(one.verdict.outcome for one in listed if one.hit.kind == kind and not one.folded)
        assert told[Outcome.COUNTED] + told[Outcome.SURE] == summary.count
        assert (told[Outcome.MACHINE], told[Outcome.UNKNOWN]) == (summary.machine, summary.unknown)
    assert {one.verdict.kind for one in listed} >= {"human", "scanner"}
    assert {one.folded for one in listed} == {True, False}


@pytest.mark.parametrize(
    "cursor", ["", "1", "a.b.c", "1.2", "-1.2.x", "1.2e3.x", "1.AA.2.r", "1.AAH_.2.r", "1.é.2.r", "1.AAA"]
)
def test_a_cursor_that_is_none_is_refused(cursor):
    with pytest.raises(Invalid):
        list_hits(MESSAGE, Context(5), 10, cursor, MemoryHitStore(a_hit()))


def test_a_message_without_hits_has_an_empty_list():
    assert list_hits(MESSAGE, Context(5), 10, None, MemoryHitStore()).items == ()


def test_networks_that_become_ones_own_make_the_row_anew_with_the_next_hit():
    store, hits = MemoryEngagementStore(), MemoryHitStore(a_hit(), a_hit(1_000, "elsewhere", address="198.51.100.1"))
    settled(store, hits)
    hits.hits.append(a_hit(600_000, "s"))
    own = networks_of("OWN_NETWORKS", "203.0.113.0/24")
    came = settled(store, hits, hits.hits[-1:], own)
    opens = unpack(store.rows[MESSAGE].packed).message_opens
    assert (came, opens.count, opens.unknown) == (Settled.REBUILT, 1, 2)


def test_from_where_the_sender_was_signed_in_is_asked_once_an_hour_and_what_was_known_stays():
    here, there = (source_digest(address, SUBJECT_KEY) for address in ("203.0.113.1", "203.0.113.2"))
    hour = SESSIONS_MS - BORN % SESSIONS_MS  # after BORN the clock's next hour begins
    hits = MemoryHitStore(
        a_hit(0, "a"),
        a_hit(1_000, "b", address="203.0.113.2"),
        a_hit(hour - 1, "c", address="203.0.113.3"),
        a_hit(hour, "d", address="203.0.113.2"),
        a_hit(hour + 1_800_000, "e"),
    )
    surroundings = MemorySurroundings(sessions=(SignedIn(here, BORN - 1, BORN - 1),))
    store, judge = MemoryEngagementStore(), None
    for place, hit in enumerate(hits.hits):
        if place % 2 == 0:  # each process settles two hits
            judge = Judge(hits, store, surroundings, Context(source_key=SUBJECT_KEY), NothingUnderWay())
        judge.settle(MESSAGE, [hit])
        surroundings.from_where = (SignedIn(there, BORN + 2_000, BORN + 2_000),)  # and where it was before is forgotten
    assert surroundings.asked_for_sessions == 2
    read = unpack(store.rows[MESSAGE].packed)
    assert {each.source for each in read.known.sessions} == {here, there}
    # Mine: the first, the fourth and the last; the second came before anybody was signed in there.
    assert (read.message_opens.count, read.message_opens.unknown) == (2, 3)
    assert judge.rejudge(MESSAGE) is Settled.UNCHANGED


def early(at, request="e"):
    return a_hit(at, request, "click", address="198.18.0.1")


def test_when_a_copy_was_delivered_is_read_once_and_kept_in_the_row():
    surroundings = MemorySurroundings(copies={0: CopyFacts(BORN, mx="gateway", history="scanned")})
    store, hits = MemoryEngagementStore(), MemoryHitStore(early(9_000), early(700_000, "f"))
    for hit in hits.hits:
        settled(store, hits, [hit], surroundings=surroundings)
    assert surroundings.asked == 1
    read = unpack(store.rows[MESSAGE].packed)
    assert read.known.copies[0]._replace(taught=0) == surroundings.known[0]
    assert (read.message_clicks.count, read.message_clicks.machine + read.message_clicks.unknown) == (1, 1)


def test_a_delivery_time_that_is_better_known_later_makes_the_row_anew_and_is_asked_for_once():
    surroundings = MemorySurroundings(copies={0: CopyFacts(BORN - 3_600_000, final=False)})
    store, hits = MemoryEngagementStore(), MemoryHitStore(early(9_000), early(70_000, "f"), early(700_000, "g"))
    judge = Judge(hits, store, surroundings, Context(), NothingUnderWay())
    judge.settle(MESSAGE, hits.hits[:1])
    assert unpack(store.rows[MESSAGE].packed).message_clicks.count == 1
    surroundings.known = {0: CopyFacts(BORN)}
    assert judge.settle(MESSAGE, hits.hits[1:2]) is Settled.REBUILT
    assert unpack(store.rows[MESSAGE].packed).message_clicks.count == 0
    asked = surroundings.asked
    assert judge.settle(MESSAGE, hits.hits[2:]) is Settled.WRITTEN
    assert surroundings.asked == asked


def test_a_delivery_time_that_nobody_knows_is_asked_for_once_more():
    surroundings = MemorySurroundings()
    store, hits = MemoryEngagementStore(), MemoryHitStore(*[a_hit(n * 1_000, f"q{n}") for n in range(9)])
    judge = Judge(hits, store, surroundings, Context(), NothingUnderWay())
    for hit in hits.hits:
        judge.settle(MESSAGE, [hit])
    assert surroundings.asked == 2


def test_a_row_that_this_process_wrote_is_not_read_again():
    class Counting(MemoryEngagementStore):
        reads = 0

        def read(self, message):
            self.reads += 1
            return super().read(message)

    store, hits = Counting(), MemoryHitStore(*[a_hit(n * 1_000, f"q{n}") for n in range(9)])
    judge = Judge(hits, store, MemorySurroundings(), Context(), NothingUnderWay())
    for hit in hits.hits:
        judge.settle(MESSAGE, [hit])
    assert (store.reads, store.writes, hits.read) == (1, 9, 0)


def test_a_domain_s_history_learns_of_each_copy_once():
    surroundings = MemorySurroundings(copies={0: CopyFacts(BORN), 1: CopyFacts(BORN)})
    burst = [a_hit(30_000 + 200 * n, f"b{n}", "click", link=n, address="198.18.0.1") for n in range(5)]
    person = a_hit(900_000, "p", "click", 1, link=1)
    hits = MemoryHitStore(a_hit(1_000, "o"), *burst, person)
    judge = Judge(hits, MemoryEngagementStore(), surroundings, Context(), NothingUnderWay())
    for hit in hits.hits:
        judge.settle(MESSAGE, [hit])
    sums = {index: [0, 0, 0, 0] for index in (0, 1)}
    for _, lessons in surroundings.learned:
        for index, lesson in lessons.items():
            sums[index] = [sum(pair) for pair in zip(sums[index], lesson, strict=True)]
    assert sums == {0: [1, 1, 1, 0], 1: [1, 0, 0, 0]}
    judge.rejudge(MESSAGE)
    judge.settle(MESSAGE, [person])
    assert sum(len(lessons) for _, lessons in surroundings.learned) <= 4


def test_a_history_that_cannot_be_written_delays_no_hit():
    class Down(MemorySurroundings):
        def learn(self, message, lessons):
            raise Unavailable("down")

    store, hits = MemoryEngagementStore(), MemoryHitStore(a_hit(0, "c", "click"))
    surroundings = Down(copies={0: CopyFacts(BORN)})
    assert settled(store, hits, surroundings=surroundings) is Settled.WRITTEN
