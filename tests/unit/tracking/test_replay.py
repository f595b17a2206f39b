"""Replaying spilled hits: from the queue's batches and from exported log lines."""

import json

import pytest

from functions.replay import handler
from infra.tools.operate import replay_logs
from ocello.adapters.hot import hit_item, load_sinks
from ocello.adapters.hot.hit_sinks import LogHitSink
from ocello.domain.common.errors import Invalid, Unavailable, Uncertain
from ocello.domain.common.times import DAY_MS
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.loads import Load
from ocello.domain.tracking.tokens import ASK
from ocello.services.engagement.replay import Replayed, furthest_back, replay, replay_load

NOW = 1_764_000_000_000
HIT = Hit("m", NOW - DAY_MS, "r", "click", 2, 7, "HEAD", "192.0.2.1", "agent", {"dnt": "1"}, 0)


LOAD = Load("41e9c8e9-a5a3-1d53-3eb3-e7e10c507426", "2025-11-20", "open", "machine")


class Table:
    def __init__(self, *, fails=()):
        self.hits, self.fails = {}, fails

    def put(self, hit, seconds):
        if hit.request in self.fails:
            raise Unavailable("down")
        self.hits[hit.message, hit.at, hit.request] = hit


class Loads:
    """Keeps loads under the names by which they were added; fails for some classes."""

    def __init__(self, fails):
        self.added, self.fails = [], fails

    def add_once(self, load, name, seconds):
        if load.by in self.fails:
            raise self.fails[load.by]
        self.added.append((name, load))


class Gate:
    def __init__(self, *, shut=()):
        self.shut = shut

    def closed(self, message, recipient, kind, seconds):
        return kind in self.shut


@pytest.mark.parametrize("flags", [0, ASK])
@pytest.mark.parametrize(
    ("shut", "outcome"),
    [((), Replayed.WRITTEN), (("open",), Replayed.WRITTEN), (("click",), Replayed.SILENT)],
)
def test_nothing_is_brought_back_of_whom_has_withdrawn_since_by_tokens_of_any_release(flags, shut, outcome):
    table, hit = Table(), HIT._replace(flags=flags)
    assert replay(hit, table, Gate(shut=shut), NOW, furthest_back(30)) is outcome
    assert list(table.hits.values()) == ([hit] if outcome is Replayed.WRITTEN else [])


def test_a_hit_from_beyond_half_of_a_hits_life_is_refused():
    table = Table()
    edge = HIT._replace(at=NOW - 15 * DAY_MS)
    replay(edge, table, Gate(), NOW, furthest_back(30))
    with pytest.raises(Invalid, match="15 days"):
        replay(edge._replace(at=edge.at - 1), table, Gate(), NOW, furthest_back(30))
    assert len(table.hits) == 1


def test_a_batch_fails_only_where_it_must(capsys):
    table, loads = Table(fails={"down"}), Loads({"person": Unavailable("down"), "unknown": Uncertain("timeout")})
    bodies = {
        "good": json.dumps(hit_item.to_item(HIT, 1)),
        "again": json.dumps(hit_item.to_item(HIT, 1)),
        "down": json.dumps(hit_item.to_item(HIT._replace(request="down"), 1)),
        "garbage": "{",
        "no-hit": "[]",
        "load": load_sinks.to_json(LOAD),
        "no-load": load_sinks.to_json(LOAD._replace(pool="x")),
        "load-down": load_sinks.to_json(LOAD._replace(by="person")),
        "load-uncertain": load_sinks.to_json(LOAD._replace(by="unknown")),
        "old": json.dumps(hit_item.to_item(HIT._replace(at=0), 1)),
    }
    records = [{"messageId": name, "body": body, "eventSource": "aws:sqs"} for name, body in bodies.items()]
    answer = handler.answer({"Records": records}, table, Gate(), loads, 30, lambda: NOW)
    assert {entry["itemIdentifier"] for entry in answer["batchItemFailures"]} == {
        *("down", "garbage", "no-hit", "old"),
        *("no-load", "load-down"),
    }
    assert loads.added == [("load", LOAD)]
    assert list(table.hits.values()) == [HIT]
    assert "192.0.2.1" not in capsys.readouterr().out


def spilled_line(hit):
    lines: list[str] = []
    LogHitSink(lines.append, 1).put(hit, 0.0)
    return lines[0]


def test_a_line_says_nothing_of_a_client_that_may_withdraw_its_consent():
    headers = {"sec-purpose": "prefetch", "sec-ch-ua-platform": '"Windows"', "accept-language": "it"}
    asking = HIT._replace(flags=ASK, agent="Mozilla/5.0 (X11)", headers=headers)
    line = spilled_line(asking)
    for told in (asking.address, asking.agent, "Windows", "accept-language"):
        assert told not in line
    assert replay_logs.hit_in(line) == asking._replace(address="", agent="", headers={"sec-purpose": "prefetch"})


@pytest.mark.parametrize(
    "form",
    [
        "\n".join,
        lambda lines: "\n".join(f"2026-01-01T00:00:00.000Z {line}" for line in lines),
        lambda lines: json.dumps({"events": [{"timestamp": 1, "message": line + "\n"} for line in lines]}),
    ],
    ids=["json lines", "export to S3", "filter-log-events"],
)
def test_log_lines_give_back_the_hits_they_carry(form):
    lines = [spilled_line(HIT), '{"message":"request answered"}', "not json", spilled_line(HIT._replace(request="s"))]
    found = [(number, replay_logs.hit_in(line)) for number, line in replay_logs.lines_of(form(lines))]
    assert found == [(1, HIT), (2, None), (3, None), (4, HIT._replace(request="s"))]


def test_a_damaged_log_line_is_an_error_not_a_silence():
    line = spilled_line(HIT)
    with pytest.raises(ValueError, match=r".+"):
        replay_logs.hit_in(line[: len(line) - 5])
    with pytest.raises(ValueError, match="damaged"):
        replay_logs.hit_in(line.replace('"sk"', '"s"'))


def test_a_load_whose_counters_are_deleted_by_now_is_not_added():
    loads = Loads({})
    assert replay_load(LOAD, "n", loads, NOW + 761 * DAY_MS) is Replayed.OVER
    assert replay_load(LOAD, "n", loads, NOW) is Replayed.COUNTED
    assert loads.added == [("n", LOAD)]
