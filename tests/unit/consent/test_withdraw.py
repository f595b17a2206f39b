"""Withdrawing: every copy is closed, those in the request before it is answered, the rest by a queue."""

import json
from dataclasses import replace

import pytest

from functions.withdrawals.handler import answer
from ocello.adapters.aws.sqs_withdrawals import SqsWithdrawalQueue
from ocello.domain.common import ids
from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.closings import Closing
from ocello.domain.consent.modes import Axis
from ocello.domain.engagement.summary import unpack
from ocello.domain.verdicts.context import Context
from ocello.services.consent import withdraw
from ocello.services.consent.ports import SubjectCopy
from ocello.services.consent.under_way import LEASE_S, ListUnderWay
from ocello.services.consent.withdraw import CopyCloser, WithdrawalHandover, Withdrawals
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.settle import Judge, Settled
from tests.fakes.engagement.settling import MemoryEngagementStore, MemoryHitStore, MemorySurroundings, a_hit
from tests.fakes.people.consent import MemoryCopyGates, MemorySubjectIndex, MemoryWithdrawalQueue, MemoryWithdrawalStore

NOW = 1_790_000_000_000
ANN, BOB = "A" * 43, "B" * 43
BOTH: frozenset[Axis] = frozenset({"opens", "links"})
OPENS: frozenset[Axis] = frozenset({"opens"})
PLENTY = 900_000  # ms left


def message(number):
    return ids.uuid7(NOW - 1_000_000 + number, bytes(10))


class World:
    """Everything that withdrawing needs, with `copies` mails to Ann; waiting moves the clock."""

    def __init__(self, copies=3, closers=1):
        self.index = MemorySubjectIndex({SubjectCopy(ANN, message(number), 0, "u1") for number in range(copies)})
        self.index.copies |= {SubjectCopy(BOB, message(number), 1, "u1") for number in range(3)}
        self.store, self.queue, self.gates = (
            MemoryWithdrawalStore(self.index),
            MemoryWithdrawalQueue(),
            MemoryCopyGates(),
        )
        self.rows, self.hits = MemoryEngagementStore(), MemoryHitStore()
        self.seconds, self.left = 0.0, [PLENTY]
        self.list = ListUnderWay(self.store, lambda: self.seconds)
        made = [
            CopyCloser(self.gates, Judge(self.hits, self.rows, MemorySurroundings(), Context(), NothingUnderWay()))
            for _ in range(closers)
        ]
        self.withdrawals = Withdrawals(
            self.index, self.store, self.queue, made, lambda: NOW, lambda: self.seconds, self.pass_by
        )

    def slow_down(self):
        """Let rows take their time."""
        self.rows = SlowRows(self)
        judge = Judge(self.hits, self.rows, MemorySurroundings(), Context(), NothingUnderWay())
        self.withdrawals = replace(self.withdrawals, closers=[CopyCloser(self.gates, judge)])

    def pass_by(self, seconds):
        self.seconds += seconds

    def step(self):
        """Let one call take what waits in the queue."""
        subject, at, _ = self.queue.waiting.pop(0)
        self.withdrawals.go_on(subject, at, lambda: self.left.pop(0) if len(self.left) > 1 else self.left[0])

    def go_on(self):
        """Let the queue go on until nothing waits."""
        while self.queue.waiting:
            self.step()

    def shut(self):
        return {name: kinds for name, kinds in self.gates.kinds.items() if kinds}


def test_every_copy_of_the_person_is_closed_at_its_gate_and_in_its_row_and_nobody_elses():
    world = World()
    world.withdrawals.close(ANN, OPENS)
    assert world.shut() == {(message(number), 0): {"open"} for number in range(3)}
    closed = {name: unpack(stored.packed).closed for name, stored in world.rows.rows.items()}
    assert closed == {message(number): {0: Closing(opens=NOW)} for number in range(3)}
    assert world.store.kept == {}
    assert world.seconds == 0, "who was sent little waits for nothing"


def test_what_was_queued_in_case_the_request_dies_finds_nothing_to_do():
    world = World()
    world.withdrawals.close(ANN, BOTH)
    assert [(subject, seconds) for subject, _, seconds in world.queue.waiting] == [(ANN, withdraw.PAUSE_S)]
    world.gates.kinds.clear()
    world.go_on()
    assert world.shut() == {}


def test_of_somebody_who_was_sent_more_the_newest_are_closed_in_the_request_and_the_rest_by_the_queue():
    world = World(copies=withdraw.MOST + 600)
    world.withdrawals.close(ANN, BOTH)
    newest = {(message(number), 0) for number in range(600, withdraw.MOST + 600)}
    assert set(world.shut()) == newest
    assert world.seconds >= LEASE_S, "it is answered when every list that was read before has run out"
    world.go_on()
    assert set(world.shut()) == {(message(number), 0) for number in range(withdraw.MOST + 600)}
    assert world.store.kept == {}


class SlowRows(MemoryEngagementStore):
    """Rows of which each takes a hundredth of a second to write."""

    def __init__(self, world):
        super().__init__()
        self.world = world

    def write(self, message, packed, version):
        self.world.pass_by(0.01)
        return super().write(message, packed, version)


def test_rows_for_which_the_second_is_too_short_are_closed_by_the_queue_and_all_gates_at_the_answer():
    world = World(copies=300)
    world.slow_down()
    world.withdrawals.close(ANN, BOTH)
    assert LEASE_S <= world.seconds < 2 * LEASE_S
    assert len(world.shut()) == 300
    assert 0 < len(world.rows.rows) < 300
    assert all(world.list.closings(message(number)) for number in range(300)), "what records hits goes by the list"
    world.go_on()
    assert len(world.rows.rows) == 300
    assert world.store.kept == {}


def test_without_a_queue_a_request_takes_the_time_that_all_rows_take():
    world = World(copies=300)
    world.slow_down()
    world.queue.down = True
    world.withdrawals.close(ANN, BOTH)
    assert len(world.rows.rows) == 300
    assert world.store.kept == {}


def test_until_the_queue_has_done_it_the_rest_is_silent_by_the_list():
    world = World(copies=withdraw.MOST + 1)
    assert world.list.closings(message(0)) == {}
    world.withdrawals.close(ANN, OPENS)
    judge = Judge(world.hits, world.rows, MemorySurroundings(), Context(), world.list)
    late = a_hit(message=message(0))._replace(at=NOW + 1)
    world.hits.hits.append(late)
    assert judge.settle(message(0), [late]) is Settled.SILENT
    assert world.hits.hits == []
    world.go_on()
    assert judge.settle(message(0), [late]) is Settled.SILENT


def test_a_call_that_runs_out_of_time_queues_the_rest():
    world = World(copies=withdraw.MOST + 2 * withdraw.AT_ONCE + 1)
    world.withdrawals.close(ANN, BOTH)
    world.left = [PLENTY, withdraw.RESERVE_MS, PLENTY]
    world.step()
    assert len(world.shut()) == withdraw.MOST + withdraw.AT_ONCE
    assert world.queue.waiting == [(ANN, NOW, 0)]
    world.go_on()
    assert len(world.shut()) == withdraw.MOST + 2 * withdraw.AT_ONCE + 1


def test_a_request_that_fails_half_way_is_finished_by_the_queue_and_the_list_rules_until_then():
    world = World(copies=40)
    world.gates.fails_after = 7
    world.withdrawals.close(ANN, BOTH)
    assert world.seconds >= LEASE_S
    assert all(world.list.closings(message(number)) for number in range(40))
    with pytest.raises(Unavailable):
        world.go_on()
    world.gates.fails_after = None
    world.queue.waiting.append((ANN, NOW, 0))
    world.go_on()
    assert len(world.shut()) == 40


def test_without_a_queue_what_fits_the_request_is_closed_all_the_same():
    world = World()
    world.queue.down = True
    world.withdrawals.close(ANN, BOTH)
    assert len(world.shut()) == 3


@pytest.mark.parametrize("trouble", ["more", "gates"])
def test_it_never_says_done_where_neither_the_copies_could_be_closed_nor_the_rest_queued(trouble):
    world = World(copies=withdraw.MOST + 1)
    world.queue.down = True
    if trouble == "gates":
        world.gates.fails_after = 3
    with pytest.raises(Unavailable):
        world.withdrawals.close(ANN, BOTH)
    assert world.list.closings(message(0)), "what records hits goes by it even so"


def test_with_the_database_down_nothing_is_said_to_be_done():
    world = World()
    world.store.down = True
    with pytest.raises(Unavailable):
        world.withdrawals.close(ANN, BOTH)


def test_withdrawing_twice_and_one_axis_after_the_other_adds_up():
    world = World()
    for axes in (OPENS, OPENS, BOTH):
        world.withdrawals.close(ANN, axes)
    world.go_on()
    assert world.shut() == {(message(number), 0): {"open", "click"} for number in range(3)}


def test_several_lanes_close_what_one_does():
    world = World(copies=50, closers=4)
    world.withdrawals.close(ANN, BOTH)
    assert len(world.shut()) == len(world.rows.rows) == 50


def test_a_batch_of_the_queue_goes_on_and_what_is_no_withdrawal_comes_again(capsys):
    queue = Sqs()
    SqsWithdrawalQueue("https://sqs.test/q", queue).enqueue(ANN, NOW, 5)
    ((body, delay),) = queue.sent
    assert delay == 5
    gone_on = []

    def go_on(subject, at):
        gone_on.append((subject, at))
        return True

    records = [
        {"messageId": name, "body": body, "eventSource": "aws:sqs"}
        for name, body in {"hers": body, "none": "{}", "odd": json.dumps({"subject": ANN})}.items()
    ]
    answered = answer({"Records": records}, go_on, lambda _: None, lambda: NOW + 42_000)
    assert gone_on == [(ANN, NOW)]
    assert [failure["itemIdentifier"] for failure in answered["batchItemFailures"]] == ["none", "odd"]
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["ended"], line["WithdrawalTime"], line["WithdrawalFailures"]) == (1, [42_000], 2)
    assert ANN not in json.dumps(line)


class Sqs:
    """SQS, as far as it is used."""

    def __init__(self):
        self.sent = []

    def send_message(self, **message):
        self.sent.append((message["MessageBody"], message["DelaySeconds"]))


def handed_on(world):
    return WithdrawalHandover(world.index, world.store, world.queue, lambda: NOW)


def test_a_withdrawal_that_is_handed_on_is_known_at_once_and_closed_by_the_queue():
    world = World()
    handed_on(world).close(ANN, OPENS)
    assert [(each.subject, each.axes) for each in world.store.under_way()] == [(ANN, OPENS)]
    assert world.shut() == {}
    world.go_on()
    assert world.shut() == {(message(number), 0): {"open"} for number in range(3)}
    assert world.store.kept == {}


def test_nothing_is_handed_on_of_somebody_who_was_sent_nothing():
    world = World(copies=0)
    handed_on(world).close(ANN, BOTH)
    assert (world.store.kept, world.queue.waiting) == ({}, [])


def test_a_withdrawal_that_cannot_be_handed_on_is_told():
    world = World()
    world.queue.down = True
    with pytest.raises(Unavailable):
        handed_on(world).close(ANN, BOTH)
