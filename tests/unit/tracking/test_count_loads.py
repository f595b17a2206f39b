"""Loads of pooled pixels with every kind of failing storage, on a fake clock: never one too many."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.tools.operate.replay_logs import load_in
from ocello.adapters.hot import load_sinks
from ocello.domain.common.errors import Unavailable, Uncertain
from ocello.domain.tracking.loads import LOAD_CLASSES, Load, checked, expires
from ocello.services.engagement import record
from ocello.services.engagement.count_loads import LoadCounter
from ocello.services.engagement.record import LOGGED, SPILLED, STORED, UNCERTAIN

POOL = "41e9c8e9-a5a3-1d53-3eb3-e7e10c507426"
AT = 1_795_500_000_000  # 2026-11-24, 06:00 UTC
LOAD = Load(POOL, "2026-11-24", "open", "machine")


class World:
    """A clock, and places of which each works, refuses, or takes all its time and does not say what it did."""

    def __init__(self, table="works", spill="works"):
        self.now, self.added, self.tries = 0.0, [], []
        self.states = {"table": table, "spill": spill}
        self.counter = LoadCounter(Sink(self, "table"), Sink(self, "spill"), Sink(self, "log"), lambda: self.now)

    def count(self):
        arrived = self.now
        outcome = self.counter.count(POOL, AT, "HEAD", "Agent/1", {}, arrived)
        assert self.now - arrived <= record.BUDGET
        return outcome


class Sink:
    def __init__(self, world, place):
        self.world, self.place = world, place

    def add(self, load, seconds):
        self.world.tries.append(self.place)
        state = self.world.states.get(self.place, "works")
        if state == "hangs":
            self.world.now += seconds
            raise Uncertain("timeout")
        if state == "refuses":
            raise Unavailable("throttled")
        self.world.added.append((self.place, load))


@pytest.mark.parametrize(
    ("table", "spill", "outcome", "tries"),
    [
        ("works", "works", STORED, ["table"]),
        ("hangs", "works", UNCERTAIN, ["table"]),
        ("refuses", "works", SPILLED, ["table", "spill"]),
        ("refuses", "hangs", UNCERTAIN, ["table", "spill"]),
        ("refuses", "refuses", LOGGED, ["table", "spill", "log"]),
    ],
)
def test_a_load_is_added_once_or_not_at_all_and_never_tried_again_where_that_is_not_known(table, spill, outcome, tries):
    world = World(table, spill)
    assert world.count() == outcome
    assert world.tries == tries
    assert world.added == ([] if outcome == UNCERTAIN else [(tries[-1], LOAD)])


def test_a_failing_table_is_left_alone_after_a_few_loads_and_tried_again_after_a_pause():
    world = World("refuses")
    for _ in range(record.Breaker.FAILURES):
        world.count()
    world.tries.clear()
    assert world.count() == SPILLED
    assert world.tries == ["spill"]
    world.now += record.Breaker.PAUSE
    world.states["table"] = "works"
    assert world.count() == STORED


@given(st.sampled_from(LOAD_CLASSES))
def test_a_spilled_load_says_pool_day_kind_and_class_and_nothing_else_and_is_read_back(by):
    lines: list[str] = []
    load = LOAD._replace(by=by)
    load_sinks.LogLoadSink(lines.append).add(load, 0.0)
    spilled = {"pool": POOL, "day": "2026-11-24", "kind": "open", "class": by}
    assert json.loads(lines[0]) == {"level": "ERROR", "message": "load spilled to log", "load": spilled}
    assert json.loads(load_sinks.to_json(load)) == spilled
    assert load_sinks.from_item(spilled) == load
    assert load_in(f"2026-11-24T06:00:00.000Z {lines[0]}") == load


@pytest.mark.parametrize(
    "change",
    [{"pool": "x"}, {"day": "yesterday"}, {"kind": "click"}, {"class": "robot"}, {"day": 1}, {"agent": "Mozilla/5.0"}],
)
def test_what_is_no_load_is_refused(change):
    item = {"pool": POOL, "day": "2026-11-24", "kind": "open", "class": "person"}
    with pytest.raises(ValueError, match=r"."):
        load_sinks.from_item(item | change)


def test_a_log_line_without_a_load_has_none_and_a_damaged_one_is_an_error():
    assert load_in('{"message":"request answered"}') is None
    assert load_in('{"message":"not load spilled to log"}') is None
    with pytest.raises(ValueError, match="damaged"):
        load_in('{"message":"load spilled to log"}')


def test_a_days_counters_live_25_months_and_end_at_a_midnight():
    assert expires("1970-01-02") == 761 * 86_400
    assert checked(LOAD) == LOAD
