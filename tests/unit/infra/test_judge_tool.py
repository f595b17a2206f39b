"""`make judge`: mails of hits go in, verdicts and alerts come out, by the code that settles and alerts."""

import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.tools.judge import main, networks, play, run
from ocello.domain.verdicts.networks import NetworkClass, nothing_known
from tests.fakes.engagement.settling import CHROME

CASES = Path(__file__).resolve().parents[2] / "verdict_cases" / "cases.jsonl"
MAILS = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
CLASS_OF = networks()
NAVIGATED = {"sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "accept-language": "it"}
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


@pytest.mark.parametrize("mail", MAILS, ids=[mail["case"] for mail in MAILS])
@pytest.mark.parametrize("shuffle", [None, 7])
def test_each_kind_of_mail_is_judged_as_it_should_be(mail, shuffle):
    told = play(mail, shuffle, CLASS_OF)
    assert [hit["outcome"] for hit in told["hits"]] == [hit["expected"] for hit in mail["hits"]]


@pytest.mark.parametrize("mail", MAILS, ids=[mail["case"] for mail in MAILS])
def test_a_persons_first_click_on_each_link_rings_and_no_machines_hit_does(mail):
    told = play(mail, None, CLASS_OF)
    rung = {alert["hit"] for alert in told["alerts"] if alert["state"] == "rung"}
    assert {mail["hits"][place]["expected"] for place in rung} <= {"counted"}
    firsts: dict[tuple[int, int], int] = {}
    for place, hit in enumerate(mail["hits"]):
        if hit["kind"] == "click" and hit["expected"] == "counted":
            firsts.setdefault((hit["recipient"], hit["link"]), place)
    assert set(firsts.values()) <= rung


def said(*lines, shuffle=None):
    out = io.BytesIO()
    run(io.BytesIO("\n".join(lines).encode()), out, shuffle, nothing_known)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_missing_fields_have_their_defaults_and_unknown_ones_are_passed_over():
    least = {"kind": "click", "offset_ms": 700_000, "agent": CHROME, "ip": "203.0.113.1", "hue": 3}
    (told,) = said(json.dumps({"hits": [least], "weather": "fair"}))
    assert told["case"] is None
    assert [(hit["verdict"], hit["outcome"], hit["folded"]) for hit in told["hits"]] == [("human", "counted", False)]
    assert told["alerts"] == [
        {"kind": "click", "recipient": 0, "link": 0, "hit": 0, "rung_at_ms": 700_000, "state": "rung"}
    ]


def test_one_line_is_answered_for_each_in_their_order_and_hits_in_that_of_the_line():
    late, early = ({"kind": "open", "offset_ms": at, "agent": agent} for at, agent in ((9_000, GMAIL), (0, "curl/8")))
    told = said(json.dumps({"case": "b", "hits": [late, early]}), "", json.dumps({"case": "a", "hits": []}))
    assert [each["case"] for each in told] == ["b", "a"]
    assert [hit["verdict"] for hit in told[0]["hits"]] == ["proxy", "bot"]
    assert told[1] == {"case": "a", "hits": [], "alerts": []}


def test_recipients_tell_of_own_users_and_gateways():
    hit = {"kind": "click", "offset_ms": 30_000, "agent": CHROME, "ip": "203.0.113.1", "headers": NAVIGATED}
    mail = {
        "hits": [hit, {**hit, "recipient": 1}],
        "recipients": [{"address": "a@b.test", "mx": "gateway"}, {"own": True}],
    }
    told = play(mail)["hits"]
    assert told[1]["verdict"] == "self"
    assert told[0]["confidence"] < play({"hits": [hit]})["hits"][0]["confidence"]


def test_a_click_that_is_not_sure_is_held_ten_seconds_an_open_ninety_and_what_is_sure_not_at_all():
    facts = {"agent": CHROME, "ip": "203.0.113.1", "headers": NAVIGATED, "offset_ms": 200_000}
    opened = {**facts, "kind": "open", "headers": {"sec-fetch-mode": "no-cors"}}
    for hit, held in (({**facts, "kind": "click"}, 10_000), (opened, 90_000), ({**opened, "agent": GMAIL}, 0)):
        (alert,) = play({"hits": [hit]})["alerts"]
        assert alert["rung_at_ms"] == 200_000 + held
    (alert,) = play({"hits": [{**opened, "offset_ms": 600_001}]})["alerts"]
    assert alert["rung_at_ms"] == 600_001


def test_an_alert_whose_hit_turns_out_a_scanners_is_withdrawn_and_stays_in_the_list():
    clicks = [
        {"kind": "click", "link": n, "offset_ms": 900_000 + 500 * n, "agent": CHROME, "ip": "198.18.0.1"}
        for n in range(3)
    ]
    told = play({"links": 3, "hits": clicks})["alerts"]
    assert [(alert["hit"], alert["state"]) for alert in told] == [(0, "withdrawn"), (1, "withdrawn")]


def test_an_alert_whose_hit_is_overtaken_by_an_earlier_one_is_merged():
    hits = [{"kind": "open", "offset_ms": at, "agent": GMAIL, "ip": "66.249.84.1"} for at in (900_000, 1_500_000)]
    (alone,) = play({"hits": hits})["alerts"]
    assert (alone["hit"], alone["rung_at_ms"]) == (0, 900_000)
    for seed in range(20):
        (alert,) = play({"hits": hits}, seed)["alerts"]
        assert alert["hit"] == 0


OPEN = {"kind": "open", "offset_ms": 900_000, "ip": "203.0.113.1", "agent": CHROME}
MACHINES = {**OPEN, "agent": "curl/8"}
SUREST = {**OPEN, "agent": GMAIL, "ip": "66.249.84.1"}
ELSEWHERE = {**OPEN, "ip": "198.51.100.1"}


@pytest.mark.parametrize(
    ("hits", "named"),
    [
        ([MACHINES, OPEN], 1),  # what counts before what does not, though that is more certain
        ([OPEN, MACHINES], 0),
        ([OPEN, OPEN], 1),  # of two that are one, the one that is counted: here the second
        ([OPEN, SUREST], 1),  # the surer
        ([SUREST, OPEN], 0),
        ([MACHINES, OPEN, ELSEWHERE], 1),  # else the first
        ([ELSEWHERE, MACHINES, OPEN], 0),
    ],
)
def test_of_hits_of_one_millisecond_an_alert_names_that_which_counts_most_surely_then_the_first(hits, named):
    told = play({"hits": hits})
    assert [alert["hit"] for alert in told["alerts"]] == [named]
    assert told["hits"][named]["outcome"] == "counted"
    assert not told["hits"][named]["folded"]


ADDRESSES = {
    "203.0.113.1": NetworkClass.CONSUMER,
    "198.18.0.1": NetworkClass.UNKNOWN,
    "198.51.100.7": NetworkClass.HOSTING,
    "10.0.0.1": NetworkClass.UNKNOWN,
}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
played_hits = st.fixed_dictionaries(
    {
        "offset_ms": st.one_of(st.integers(0, 5_000), st.integers(0, 120_000), st.integers(0, 7_200_000)),
        "kind": st.sampled_from(["open", "click"]),
        "link": st.integers(0, 4),
        "recipient": st.sampled_from([0, 0, 1]),
        "agent": st.sampled_from(
            [CHROME, FIREFOX, GMAIL, "Mozilla/5.0", "curl/8", "Mozilla/5.0 (Mystery) Thing Words"]
        ),
        "ip": st.sampled_from(sorted(ADDRESSES)),
        "headers": st.sampled_from([{}, NAVIGATED, {"sec-fetch-mode": "no-cors"}]),
        "method": st.sampled_from(["GET", "GET", "GET", "HEAD"]),
    }
)


def standing(told):
    return sorted((alert["kind"], alert["hit"]) for alert in told["alerts"] if alert["state"] == "rung")


@settings(max_examples=500, deadline=None)
@given(st.lists(played_hits, min_size=1, max_size=40), st.integers(0, 2**32))
def test_any_order_of_arrival_ends_with_the_same_verdicts_and_the_same_standing_alerts(hits, seed):
    mail = {"links": 5, "hits": hits}
    in_order, shuffled = play(mail, None, ADDRESSES.get), play(mail, seed, ADDRESSES.get)
    assert shuffled["hits"] == in_order["hits"]
    assert standing(shuffled) == standing(in_order)


def test_the_same_mail_gives_the_same_answer():
    rng = random.Random(5)
    for mail in MAILS:
        seed = rng.randrange(99)
        assert play(mail, seed, CLASS_OF) == play(mail, seed, CLASS_OF)


def test_the_command_reads_a_file_and_standard_input_and_prints_the_answers_alone(tmp_path, capsys, monkeypatch):
    path = tmp_path / "hits.jsonl"
    path.write_text(json.dumps(MAILS[0]) + "\n", "utf-8")
    assert main([str(path)]) == 0
    first = capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert main(["-"]) == 0
    assert capsys.readouterr() == first
    assert (len(first.out.splitlines()), first.err) == (1, "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 1 is no JSON"),
        ("[]", "line 1 is no mail"),
        ('{"hits": 3}', "line 1 is no mail"),
        ('{"hits": [3]}', "line 1: a hit is an object"),
        ('{"hits": [{"headers": 3}]}', "line 1: a hit is an object, and so are its headers"),
        ('{"hits": [{"kind": "look"}]}', "line 1: a hit's kind is"),
        ('{"hits": [{"offset_ms": "soon"}]}', "line 1: offset_ms is a number"),
        ('{"hits": [{"recipient": -1}]}', "line 1: recipient is a number from 0 to"),
        ('{"hits": [{"kind": "click", "link": 65536}]}', "line 1: link is a number from 0 to"),
        ('{"hits": [{"offset_ms": NaN}]}', "line 1: offset_ms is a number"),
        ('{"hits": [{"offset_ms": 1e400}]}', "line 1: offset_ms is a number"),
        ('{"hits": [{"offset_ms": 1e30}]}', "line 1: offset_ms is a number from"),
        ('{"hits": [{"offset_ms": -1e13}]}', "line 1: offset_ms is a number from"),
        ('{"delivered_at_ms": 1e13, "hits": []}', "line 1: delivered_at_ms is a number from"),
        ('{"links": 1000000000, "hits": []}', "line 1: links is a number from 0 to"),
        ('{"links": -1, "hits": []}', "line 1: links is a number from 0 to"),
        ('{"recipients": "x", "hits": []}', "line 1: recipients is a list of objects"),
        ('{"recipients": [null], "hits": []}', "line 1: recipients is a list of objects"),
        (json.dumps({"recipients": [{}] * 70_000, "hits": []}), "line 1: recipients is a list of objects"),
        ('{"x": ' + "[" * 100_000 + "]" * 100_000 + "}", "line 1 is no JSON"),
        ('{"x": ' + "9" * 5_000 + "}", "line 1 is no JSON"),
        (b'{"case": "\xff"}', "line 1 is no UTF-8"),
        (json.dumps(MAILS[0]).encode("utf-16"), "line 1 is no UTF-8"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_line_that_is_no_mail_is_named(line, words, tmp_path, capsys):
    path = tmp_path / "hits.jsonl"
    path.write_bytes(line.encode() if isinstance(line, str) else line)
    assert main([str(path)]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.startswith("judge: line 1"), len(said.err.splitlines())) == ("", True, 1)
    assert words in said.err


def test_the_mails_before_a_line_that_is_none_are_answered(tmp_path, capsys):
    path = tmp_path / "hits.jsonl"
    path.write_text(json.dumps(MAILS[0]) + "\n[]\n" + json.dumps(MAILS[0]) + "\n", "utf-8")
    assert main([str(path)]) == 1
    said = capsys.readouterr()
    assert ([json.loads(line)["case"] for line in said.out.splitlines()], "line 2" in said.err) == (
        [MAILS[0]["case"]],
        True,
    )


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_mails_has_an_empty_answer(content, tmp_path, capsys):
    path = tmp_path / "hits.jsonl"
    path.write_text(content, "utf-8")
    assert main([str(path)]) == 0
    assert capsys.readouterr() == ("", "")


def test_whatever_text_a_line_holds_its_answer_can_be_written(tmp_path, capsys):
    path = tmp_path / "hits.jsonl"
    odd = '{"case": "\\ud800 è 🙂", "hits": [{"agent": "\\ud800", "ip": "\\udfff", "headers": {"a": "\\ud800", "b": null}}]}'
    path.write_bytes(b"\xef\xbb\xbf" + odd.encode() + b"\r\n")  # with a byte order mark, as Windows' programs write it
    assert main([str(path)]) == 0
    (told,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (told["case"], told["hits"][0]["outcome"]) == ("\ud800 è 🙂", "unknown")
