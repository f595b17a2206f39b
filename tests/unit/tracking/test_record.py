"""The recorder with every kind of failing storage, on a fake clock."""

import pytest

from ocello.domain.common.errors import Unavailable
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import ASK
from ocello.services.engagement import record
from ocello.services.engagement.record import LOGGED, SILENT, SPILLED, STORED, Bound, Recorder

HIT = Hit("m", 1, "r", "open", 0, None, "GET", "", "", {}, 0)


class World:
    """A clock, and storage in which each try takes a given time and works or fails."""

    def __init__(self, table="works", spill="works", gate="open"):
        self.now = 0.0
        self.states = {"table": table, "spill": spill, "gate": gate}
        self.tries = []
        self.kept = []
        self.recorder = Recorder(
            Sink(self, "table"), Gate(self), Sink(self, "spill"), Sink(self, "log"), lambda: self.now
        )

    def touch(self, place, seconds):
        """Let a try at `place` happen, which may take `seconds`."""
        self.tries.append((place, seconds))
        state = self.states.get(place, "works")
        if state == "hangs":
            self.now += seconds
            raise Unavailable("timeout")
        self.now += 0.005
        if state == "fails":
            raise Unavailable("refused")
        return state

    def record(self, hit=HIT):
        arrived = self.now
        outcome = self.recorder.record(hit, arrived)
        return outcome, self.now - arrived


class Sink:
    def __init__(self, world, place):
        self.world, self.place = world, place

    def put(self, hit, seconds):
        self.world.touch(self.place, seconds)
        self.world.kept.append((self.place, hit))


class Gate:
    def __init__(self, world):
        self.world = world

    def closed(self, message, recipient, kind, seconds):
        return self.world.touch("gate", seconds) in ("closed", f"closed to {kind}s")


@pytest.mark.parametrize(
    ("table", "spill", "outcome", "places"),
    [
        ("works", "works", STORED, ["table"]),
        ("fails", "works", SPILLED, ["table", "table", "spill"]),
        ("hangs", "works", SPILLED, ["table", "table", "spill"]),
        ("fails", "fails", LOGGED, ["table", "table", "spill", "log"]),
        ("hangs", "hangs", LOGGED, ["table", "table", "spill", "log"]),
        ("fails", "hangs", LOGGED, ["table", "table", "spill", "log"]),
    ],
)
def test_a_hit_is_kept_once_and_in_time_whatever_fails(table, spill, outcome, places):
    world = World(table, spill)
    said, took = world.record()
    assert said == outcome
    assert [place for place, _ in world.tries] == places
    assert [hit for _, hit in world.kept] == [HIT]
    assert took <= record.BUDGET


def test_the_table_may_take_half_of_the_time_and_the_spill_gets_the_rest():
    world = World("hangs", "hangs")
    world.record()
    first, second, spill, _ = (seconds for _, seconds in world.tries)
    assert first + second == pytest.approx(record.TABLE_SHARE)
    assert first + second + spill == pytest.approx(record.BUDGET - record.MARGIN)


def test_a_failing_table_is_left_alone_after_a_few_hits_and_tried_again_after_a_pause():
    world = World("hangs")
    for _ in range(record.Breaker.FAILURES):
        world.record()
    world.tries.clear()
    assert world.record()[0] == SPILLED
    assert [place for place, _ in world.tries] == ["spill"]
    world.now += record.Breaker.PAUSE
    world.tries.clear()
    world.record()
    assert [place for place, _ in world.tries] == ["table", "table", "spill"]
    world.record()
    assert [place for place, _ in world.tries][3:] == ["spill"]  # one hit found out; the next do not wait
    world.now += record.Breaker.PAUSE
    world.states["table"] = "works"
    assert [world.record()[0] for _ in range(2)] == [STORED, STORED]


ASKING = HIT._replace(flags=ASK)


@pytest.mark.parametrize(
    ("gate", "outcome", "kept"),
    [
        ("open", STORED, ["table"]),
        ("closed", SILENT, []),
        ("closed to opens", SILENT, []),
        ("closed to clicks", STORED, ["table"]),
        ("fails", SPILLED, ["spill"]),
    ],
)
def test_a_token_that_asks_is_recorded_only_where_the_gate_is_not_closed(gate, outcome, kept):
    world = World(gate=gate)
    assert world.record(ASKING)[0] == outcome
    assert [place for place, _ in world.kept] == kept


def test_a_spilled_hit_keeps_the_flag_so_that_its_replay_asks():
    world = World(gate="fails")
    world.record(ASKING)
    assert world.kept == [("spill", ASKING)]


def test_a_hit_without_the_flag_asks_no_gate():
    world = World()
    world.record()
    assert world.tries[0][0] == "table"


def test_what_the_bound_remembers_is_bounded_and_a_token_that_goes_on_is_not_forgotten():
    bound = Bound()
    for _ in range(Bound.MOST):
        assert bound.admits("busy", 0)
    for place in range(10 * Bound.HALF):
        assert bound.admits(place, 1)
        assert len(bound._newer) + len(bound._older) <= 2 * Bound.HALF
    bound = Bound()
    for place in range(Bound.HALF - 1):
        assert bound.admits(place, 1)
    admitted = [bound.admits("busy", 2) for _ in range(Bound.MOST)]
    for place in range(Bound.HALF - 1):
        bound.admits(("other", place), 3)
    assert admitted == [True] * Bound.MOST
    assert not bound.admits("busy", 4)


@pytest.mark.parametrize("later", [Bound.WINDOW, -1])
def test_a_minute_after_its_first_hit_or_on_a_clock_that_went_back_a_token_begins_anew(later):
    bound = Bound()
    admitted = [bound.admits("t", 1_000_000 + place) for place in range(Bound.MOST + 1)]
    assert admitted == [True] * Bound.MOST + [False]
    assert not bound.admits("t", 1_000_000 + Bound.WINDOW - 1)
    assert bound.admits("t", 1_000_000 + later)
