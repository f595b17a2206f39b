"""The ledger of consent, the states that follow from it, and the keys that seal addresses."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.consent.ledger import Confirmation, ConsentNotice, Head, LedgerEntry, chained, line, named, verify
from ocello.domain.consent.states import AxisConsent, SubjectConsent
from tests.ports.examples import NOW, everything

ANN, BOB = "A" * 43, "B" * 43
ENTRY = LedgerEntry(
    id="",
    subject=ANN,
    sealed="c2VhbGVk",
    event="granted",
    purpose="opens",
    basis="consent",
    at=NOW,
    recorded_at=NOW + 5,
    channel="double_opt_in",
    actor="",
    source="fair in Parma, è",
    notice=ConsentNotice("ask", "1", "it", "ab" * 32),
    confirmation=Confirmation("req-1", "203.0.113.0/24", "Firefox"),
    country="IT",
    rules="it-284-2026/1",
    valid_until=NOW + 9,
)
GRANTED = SubjectConsent(AxisConsent("granted", NOW, "entry", own=True, valid_until=NOW + 9, asked=NOW - 9))


def said(number, subject=ANN):
    return named(replace(ENTRY, subject=subject, at=NOW + number, notice=None if number % 2 else ENTRY.notice))


def append(stores, *entries, states=None):
    head = stores.ledger_reader.head()
    lines, _ = chained(entries, head)
    assert stores.ledger.append(lines, states or {}, head)
    return lines


def test_a_new_ledger_has_nothing(stores):
    assert stores.ledger_reader.head() == Head()
    assert stores.ledger_reader.lines(0, 10) == []
    assert stores.ledger_reader.of_subject(ANN, 10, None).items == ()
    assert stores.consent_states.of([ANN, BOB]) == {}
    assert stores.consent_states.of([]) == {}


def test_entries_states_and_head_are_written_together_and_come_back_as_they_were(stores):
    lines = append(stores, said(0), said(1), said(2, BOB), states={ANN: GRANTED, BOB: SubjectConsent()})
    assert stores.ledger_reader.head() == Head(3, lines[2].hash)
    assert list(stores.ledger_reader.lines(0, 10)) == [line(each) for each in lines]
    assert stores.ledger_reader.of_subject(ANN, 10, None).items == (lines[1], lines[0])
    assert stores.consent_states.of([ANN, BOB, "C" * 43]) == {
        ANN: GRANTED._replace(version=1),
        BOB: SubjectConsent(version=1),
    }


def test_what_was_chained_to_an_older_head_is_not_written_at_all(stores):
    head = stores.ledger_reader.head()
    append(stores, said(0))
    late, _ = chained([said(1)], head)
    assert not stores.ledger.append(late, {ANN: GRANTED}, head)
    assert stores.ledger_reader.head().number == 1
    assert stores.consent_states.of([ANN]) == {}


def test_what_follows_from_an_older_state_is_not_written_at_all(stores):
    append(stores, said(0), states={ANN: GRANTED})
    head = stores.ledger_reader.head()
    lines, _ = chained([said(1)], head)
    for stale in (GRANTED, GRANTED._replace(version=2)):
        assert not stores.ledger.append(lines, {ANN: stale, BOB: SubjectConsent()}, head)
    assert stores.ledger_reader.head() == head
    assert stores.consent_states.of([BOB]) == {}
    assert stores.ledger.append(lines, {ANN: GRANTED._replace(version=1)}, head)
    assert stores.consent_states.of([ANN])[ANN].version == 2


def test_an_entry_is_written_once_and_never_over_another(stores):
    first = append(stores, said(0))
    head = stores.ledger_reader.head()
    again, _ = chained([replace(said(0), actor="somebody else")], head)
    assert not stores.ledger.append(again, {}, head)
    assert stores.ledger_reader.of_subject(ANN, 10, None).items == first


def test_it_is_known_in_one_look_how_the_ledger_stands_for_some_entries(stores):
    lines = append(stores, said(0), said(1, BOB), states={ANN: GRANTED})
    asked = [said(0), said(1), said(1, BOB), said(0, "C" * 43)]
    head, recorded, states = stores.ledger.standing(asked)
    assert head == Head(2, lines[1].hash)
    assert recorded == {said(0).id, said(1, BOB).id}
    assert states == {ANN: GRANTED._replace(version=1)}
    assert stores.ledger.standing([]) == (head, frozenset(), {})


def test_thirty_entries_of_thirty_people_go_into_one_transaction(stores):
    many = [said(number, f"{number:043d}") for number in range(30)]
    append(stores, *many, states={each.subject: GRANTED for each in many})
    assert stores.ledger_reader.head().number == 30
    assert len(stores.consent_states.of([each.subject for each in many])) == 30
    assert stores.ledger.standing(many).recorded == {each.id for each in many}


def test_a_persons_entries_are_listed_by_when_they_were_said_newest_first(stores):
    append(stores, said(3), said(1), said(2, BOB))
    append(stores, said(5), said(4))
    listed = everything(lambda cursor: stores.ledger_reader.of_subject(ANN, 3, cursor), 3)
    assert [each.at - NOW for each in listed] == [5, 4, 3, 1]
    cursor = stores.ledger_reader.of_subject(ANN, 1, None).next
    with pytest.raises(Invalid, match="not a cursor of this list"):
        stores.ledger_reader.of_subject(BOB, 1, cursor)


def test_the_lines_are_read_in_the_order_of_the_chain_over_many_parts_and_verify(stores):
    for part in range(35):
        append(stores, *(said(part * 30 + number) for number in range(30)))
    head = stores.ledger_reader.head()
    lines = list(stores.ledger_reader.lines(0, 2_000))
    assert len(lines) == 1_050
    assert verify(lines, head) is None
    assert list(stores.ledger_reader.lines(997, 5)) == lines[997:1_002]
    assert list(stores.ledger_reader.lines(1_049, 5)) == lines[1_049:]
    assert list(stores.ledger_reader.lines(1_050, 5)) == []


# --- keys ---------------------------------------------------------------------------------------------------------


def test_a_sealed_address_is_opened_for_its_own_subject_only(stores):
    sealed = stores.subject_keys.seal(ANN, "ann@customer.test")
    stores.subject_keys.seal(BOB, "bob@customer.test")
    assert "ann" not in sealed
    assert stores.subject_keys.open(ANN, sealed) == "ann@customer.test"
    assert stores.subject_keys.open(BOB, sealed) is None
    assert stores.subject_keys.open("C" * 43, sealed) is None


def test_the_same_address_is_sealed_anew_each_time_and_all_are_opened(stores):
    both = {stores.subject_keys.seal(ANN, "ann@customer.test") for _ in range(2)}
    assert len(both) == 2
    assert {stores.subject_keys.open(ANN, each) for each in both} == {"ann@customer.test"}


def test_what_a_destroyed_key_sealed_is_never_read_again_also_when_the_person_comes_back(stores):
    sealed = stores.subject_keys.seal(ANN, "ann@customer.test")
    stores.subject_keys.destroy(ANN)
    stores.subject_keys.destroy(ANN)
    assert stores.subject_keys.open(ANN, sealed) is None
    new = stores.subject_keys.seal(ANN, "ann@customer.test")
    assert stores.subject_keys.open(ANN, sealed) is None
    assert stores.subject_keys.open(ANN, new) == "ann@customer.test"
