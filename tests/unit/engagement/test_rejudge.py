"""Judging a history anew: bounded, resumable, and every flip moves what it had moved, once."""

import json

import pytest

from infra.tools.operate.rejudge import EVERY, Found, State, rejudge
from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement import row
from ocello.domain.engagement.summary import unpack
from ocello.domain.verdicts.context import Context, CopyFacts
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.settle import Judge, Settled
from tests.fakes.engagement.settling import (
    BORN,
    MESSAGE,
    MemoryEngagementStore,
    MemoryHitStore,
    MemorySurroundings,
    a_hit,
)

OLD = Context(copies={})


def made(*hits, copies=None):
    store, reader = MemoryEngagementStore(), MemoryHitStore(*hits)
    surroundings = MemorySurroundings(copies=copies)
    judge = Judge(reader, store, surroundings, Context(), NothingUnderWay())
    if hits:
        judge.settle(MESSAGE, hits)
    return store, reader, surroundings, judge


def aged(store, rules):
    """Let a row look as if other rules had made it."""
    stored = store.rows[MESSAGE]
    old = row.unpack(stored.packed)
    store.rows[MESSAGE] = stored._replace(
        packed=row.pack(row.SettledRow(rules, old.link_count, old.first, 0, pending=old.pending))
    )


def test_a_message_is_judged_anew_by_what_is_known_now_and_only_once():
    click = a_hit(9_000, "c", "click", address="198.18.0.1")
    store, _, surroundings, judge = made(click)
    assert unpack(store.rows[MESSAGE].packed).message_clicks.count == 1
    surroundings.known = {0: CopyFacts(BORN)}
    assert judge.rejudge(MESSAGE) is Settled.REBUILT
    assert unpack(store.rows[MESSAGE].packed).message_clicks.count == 0
    assert judge.rejudge(MESSAGE) is Settled.UNCHANGED


def test_what_a_row_says_of_expired_hits_stands():
    store, reader, _, judge = made(a_hit(), a_hit(900_000, "s"))
    before = store.rows[MESSAGE]
    del reader.hits[0]
    assert judge.rejudge(MESSAGE) is Settled.BEYOND
    assert store.rows[MESSAGE] == before


def test_a_message_without_hits_is_nothing_to_judge():
    *_, judge = made()
    assert judge.rejudge(MESSAGE) is Settled.UNCHANGED


def test_hits_that_come_after_a_message_was_judged_anew_are_settled_on_from_there():
    first, second = a_hit(), a_hit(900_000, "s")
    store, reader, _, judge = made(first)
    aged(store, 3)
    assert judge.rejudge(MESSAGE) is Settled.REBUILT
    reader.hits.append(second)
    judge.settle(MESSAGE, [second])
    assert unpack(store.rows[MESSAGE].packed).message_opens.count == 2


class Judged:
    """A judge that remembers what it was asked."""

    base = Context(networks="2026-11-20")

    def __init__(self, failing=()):
        self.asked, self.failing = [], failing

    def rejudge(self, message):
        self.asked.append(message)
        if message in self.failing:
            raise Unavailable("down")
        return Settled.REBUILT


def some_rows(count, rules=3, networks=""):
    return iter([Found(f"m{place}", rules, networks, {"pk": {"S": f"m{place}"}}) for place in range(count)])


def run(judge, state, found, **which):
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    rejudge(found, judge, state, rate=10, **which, sleep=sleep, clock=lambda: now[0])
    return now[0]


def test_those_that_other_rules_judged_are_judged_at_a_bounded_rate(tmp_path, capsys):
    judge, state = Judged(), State(tmp_path / "state.json")
    took = run(judge, state, some_rows(201))
    assert (len(judge.asked), round(took, 3)) == (201, 20.0)
    assert len(capsys.readouterr().out.splitlines()) == 2
    same = Judged()
    run(same, State(tmp_path / "state.json"), some_rows(5, rules=Context().rules))
    assert same.asked == []
    run(same, State(tmp_path / "state.json"), some_rows(5, rules=Context().rules), every=True)
    assert len(same.asked) == 5


@pytest.mark.parametrize(
    ("networks", "judged"), [("", True), ("2026-11-19T2300Z", True), ("2026-11-20", False), ("2026-11-21", False)]
)
def test_those_that_an_older_table_of_networks_judged_are_judged_where_it_is_asked_for(tmp_path, networks, judged):
    judge, rules = Judged(), Context().rules
    run(judge, State(tmp_path / "state.json"), some_rows(1, rules, networks))
    assert judge.asked == []
    run(judge, State(tmp_path / "state.json"), some_rows(1, rules, networks), networks=True)
    assert bool(judge.asked) is judged


def test_judging_anew_by_a_newer_table_of_networks_says_so_in_the_row():
    store, _, _, judge = made(a_hit(), copies={0: CopyFacts(BORN)})
    assert judge.rejudge(MESSAGE) is Settled.UNCHANGED
    judge.base = judge.base._replace(networks="2026-11-20")
    assert judge.rejudge(MESSAGE) is Settled.REBUILT
    assert row.unpack(store.rows[MESSAGE].packed).known.networks == "2026-11-20"


def test_a_run_that_was_stopped_goes_on_from_where_it_was(tmp_path):
    class StoppedError(Exception):
        pass

    def until_stopped():
        yield from some_rows(EVERY + 30)
        raise StoppedError

    path = tmp_path / "deep" / "state.json"
    with pytest.raises(StoppedError):
        run(Judged(), State(path), until_stopped())
    again = State(path)
    assert again.after == {"pk": {"S": f"m{EVERY - 1}"}}
    assert again.counts == {"rebuilt": EVERY}
    run(Judged(), again, some_rows(3))
    assert not path.exists()


def test_a_message_that_cannot_be_judged_is_named_and_the_others_are_judged(tmp_path, capsys):
    judge, state = Judged(failing={"m1"}), State(tmp_path / "state.json")
    run(judge, state, some_rows(3))
    assert state.counts == {"rebuilt": 2, "failed": 1}
    assert "m1: down" in capsys.readouterr().err
    assert json.dumps(state.counts)
