"""The ledger is a chain in which every change shows, and takes only what proves something."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common.errors import Invalid
from ocello.domain.consent.ledger import (
    Confirmation,
    ConsentNotice,
    Head,
    LedgerEntry,
    chained,
    check,
    line,
    named,
    read,
    verify,
)

NOTICE = ConsentNotice("ask", "1", "it", "ab" * 32)
ENTRY = LedgerEntry(
    id="",
    subject="s" * 43,
    sealed="c2VhbGVk",
    event="granted",
    purpose="opens",
    basis="consent",
    at=1_790_000_000_000,
    recorded_at=1_790_000_000_005,
    channel="double_opt_in",
    actor="",
    source="/p/",
    notice=NOTICE,
    confirmation=Confirmation("req-1", "203.0.113.0/24", "Firefox"),
    country="IT",
    rules="it-284-2026/1",
    valid_until=1_800_000_000_000,
)


def ledger_of(count):
    entries, head = chained([named(replace(ENTRY, at=ENTRY.at - number)) for number in range(count)], Head())
    return [line(each) for each in entries], head


def test_the_first_lines_hash_is_the_one_that_every_release_gives():
    (first, second), head = ledger_of(2)
    assert first == (
        '{"actor":"","at":1790000000000,"basis":"consent","channel":"double_opt_in","confirmation":{"agent":"Firefox",'
        '"network":"203.0.113.0/24","request":"req-1"},"country":"IT","event":"granted",'
        '"hash":"1080eb77201459dd5d6ba4c4c20589014ea63021787a8c7ebb727e63b1d0b6ed","id":"01a0c450-6c00-7edf-b259-e29f763ec185","notice":{"id":"ask","language":"it","sha256":"'
        + "ab" * 32
        + '","version":"1"},"number":1,"prev":"'
        + "0" * 64
        + '","purpose":"opens","recorded_at":1790000000005,"rules":"it-284-2026/1","sealed":"c2VhbGVk","source":"/p/",'
        '"subject":"' + "s" * 43 + '","valid_until":1800000000000}'
    )
    assert json.loads(second)["prev"] == json.loads(first)["hash"]
    assert head == Head(2, "9e83c7c4dfa7bc190b3392facfbe7d0e50ee165d8635eb3ec98a7573ea763534")


def test_a_line_is_read_as_the_entry_that_it_was_written_of():
    (first,), _ = chained([named(ENTRY)], Head())
    assert read(line(first)) == first
    bare = replace(first, notice=None, confirmation=None)
    assert read(line(bare)) == bare


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"notice":null,"confirmation":null}', "1"])
def test_what_is_no_line_is_not_read(text):
    with pytest.raises(ValueError, match="not a line of the ledger"):
        read(text)


def test_an_untouched_ledger_is_whole_from_its_start_or_from_any_line():
    lines, head = ledger_of(5)
    assert verify(lines, head) is None
    assert verify([], Head()) is None
    first = json.loads(lines[1])
    assert verify(lines[2:], head, Head(2, first["hash"])) is None


@given(st.data())
def test_any_changed_byte_is_found(data):
    lines, head = ledger_of(3)
    number = data.draw(st.integers(0, 2))
    place = data.draw(st.integers(0, len(lines[number]) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda one: one != lines[number][place]))
    lines[number] = lines[number][:place] + other + lines[number][place + 1 :]
    assert verify(lines, head) is not None


def test_a_space_a_doubled_field_and_another_order_are_found_though_they_mean_the_same():
    (first,), head = ledger_of(1)
    fields = json.loads(first)
    for other in (
        first.replace('"at":', '"at": '),
        first.replace('{"actor":""', '{"actor":"x","actor":""'),
        json.dumps(dict(reversed(fields.items())), separators=(",", ":")),
    ):
        assert verify([other], head) == "line 1 was changed"


@pytest.mark.parametrize("number", range(4))
def test_a_missing_line_is_found(number):
    lines, head = ledger_of(4)
    del lines[number]
    assert verify(lines, head) == f"line {number + 1} is missing"


def test_a_missing_end_and_an_added_end_are_found():
    lines, head = ledger_of(4)
    assert verify([], head) == "line 1 is missing"
    assert verify(lines, Head(3, json.loads(lines[2])["hash"])) == "line 4 is not the last line that was signed"


def test_lines_that_were_hashed_anew_do_not_follow_those_that_were_signed():
    lines, head = ledger_of(3)
    forged, other = chained([replace(read(text), event="refused") for text in lines], Head())
    assert verify([line(each) for each in forged], other) is None, "a chain alone proves nothing"
    assert verify([line(each) for each in forged], head) == "line 3 is not the last line that was signed"
    assert verify([*lines[:2], line(forged[2])], head) == "line 3 does not follow the line before"


def test_the_same_word_has_the_same_id_and_another_word_another():
    same = named(replace(ENTRY, recorded_at=ENTRY.recorded_at + 99_000, actor="somebody else"))
    assert same.id == named(ENTRY).id
    changes: dict[str, Any] = {
        "at": ENTRY.at + 1,
        "purpose": "links",
        "event": "imported",
        "source": "y",
        "channel": "form",
        "subject": "t" * 43,
        "notice": NOTICE._replace(sha256="cd" * 32),
    }
    others = [replace(ENTRY, **{name: value}) for name, value in changes.items()]
    assert len({named(each).id for each in (ENTRY, *others)}) == len(others) + 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"at": 0}, "at"),
        ({"at": ENTRY.recorded_at + 60_001}, "at"),
        ({"valid_until": ENTRY.at}, "valid_until"),
        ({"channel": "page"}, "channel"),
        ({"event": "imported", "channel": "page"}, "channel"),
        ({"channel": "spoken", "actor": ""}, "source"),
        ({"channel": "spoken", "actor": "rep@example.test", "source": ""}, "source"),
        ({"channel": "import", "source": ""}, "source"),
        ({"channel": "import", "notice": None}, "source"),
        ({"notice": None}, "notice"),
        ({"channel": "form", "notice": None}, "notice"),
        ({"confirmation": None}, "confirmation"),
    ],
)
def test_what_proves_nothing_is_refused_and_named(changed, field):
    with pytest.raises(Invalid) as raised:
        check(replace(ENTRY, **changed))
    assert raised.value.field == field


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"at": ENTRY.recorded_at + 60_000},
        {"valid_until": 0},
        {"channel": "page", "event": "withdrawn", "notice": None, "confirmation": None, "source": ""},
        {"channel": "spoken", "actor": "rep@example.test", "source": "yes, count my opens", "notice": None},
        {"channel": "api", "notice": None, "confirmation": None},
    ],
)
def test_what_proves_something_is_taken(changed):
    check(replace(ENTRY, **changed))
