"""What people say is written down once, with the state that follows, whatever else is being written."""

import pytest

from ocello.domain.common.errors import Conflict, Invalid, Unavailable
from ocello.domain.consent.ledger import Confirmation, ConsentNotice, line, verify
from ocello.domain.consent.subjects import subject_of
from ocello.services.consent.consents import Said
from tests import fakes
from tests.fakes.world import NOON

ANN, BOB = "ann@customer.test", "bob@customer.test"
NOTICE = ConsentNotice("ask", "1", "it", "ab" * 32)


def said(event="withdrawn", address=ANN, axes=("opens",), at=NOON, channel="page", **fields):
    return Said(address, dict.fromkeys(axes, event), channel, at, **fields)


def granted(address=ANN, axes=("opens", "links"), at=NOON):
    return said(
        "granted", address, axes, at, "double_opt_in", notice=NOTICE, confirmation=Confirmation("req-1", "", "Firefox")
    )


def imported(number, at=NOON):
    return said("imported", f"person{number}@customer.test", ("opens",), at, "import", source="fair.csv", notice=NOTICE)


@pytest.fixture
def clock():
    return fakes.Clock(NOON + 10)


@pytest.fixture
def closed():
    return []


@pytest.fixture
def made(clock, closed):
    return fakes.consents(clock, lambda subject, axes: closed.append((subject, axes)))


def whole(store):
    return verify([line(each) for each in store.entries], store.head())


def test_a_grant_of_both_is_two_entries_in_one_transaction(made):
    consents, store = made
    assert consents.record(granted()).known(NOON) == ("granted", "granted")
    assert store.appended == [2]
    assert [each.purpose for each in store.entries] == ["opens", "links"]
    assert consents.state("Ann@Customer.test ").known(NOON) == ("granted", "granted")
    assert whole(store) is None


def test_an_entry_holds_no_address_but_sealed_by_the_subjects_key(made):
    consents, store = made
    consents.record(granted())
    subject = subject_of(ANN, fakes.SUBJECT_KEY)
    assert ANN not in line(store.entries[0])
    assert consents.keys.open(subject, store.entries[0].sealed) == ANN
    consents.keys.destroy(subject)
    assert consents.keys.open(subject, store.entries[0].sealed) is None


def test_saying_stop_twice_is_one_event_that_is_acted_on_twice(made, closed):
    consents, store = made
    consents.record(said())
    assert consents.record(said(at=NOON + 5)).opens.at == NOON
    assert len(store.entries) == 1
    assert closed == [(subject_of(ANN, fakes.SUBJECT_KEY), {"opens"})] * 2


def test_only_what_was_closed_is_acted_on(made, closed):
    consents, _ = made
    consents.record(granted())
    assert closed == []
    consents.record(said(axes=("links",), at=NOON + 5))
    assert closed == [(subject_of(ANN, fakes.SUBJECT_KEY), {"links"})]


def test_a_stop_that_was_overtaken_by_a_later_grant_closes_nothing(made, closed):
    consents, store = made
    consents.record(granted(at=NOON + 5))
    assert consents.record(said(at=NOON + 1)).opens.state == "granted"
    assert closed == []
    assert len(store.entries) == 3, "it was said, and is written down"


def test_history_is_newest_first_and_of_one_person(made):
    consents, _ = made
    consents.record(granted())
    consents.record(granted(BOB))
    consents.record(said(at=NOON + 5))
    first = consents.history(ANN, 2)
    assert [each.event for each in first.items] == ["withdrawn", "granted"]
    assert [each.event for each in consents.history(ANN, 2, first.next).items] == ["granted"]


def test_what_proves_nothing_or_lifts_a_refusal_is_refused_and_leaves_nothing(made):
    consents, store = made
    with pytest.raises(Invalid):
        consents.record(said("granted"))
    consents.record(said("refused", axes=("links",)))
    with pytest.raises(Conflict):
        consents.record(said("granted", axes=("opens", "links"), channel="spoken", actor="rep", source="yes"))
    assert len(store.entries) == 1
    assert consents.state(ANN).opens.state == "unknown", "of what was said of both, half is not taken"


def test_a_stop_waits_five_seconds_for_other_writers_and_no_longer(made, clock):
    consents, store = made
    store.busy = 20
    consents.record(said())
    assert len(store.entries) == 1
    store.busy = 10_000
    began = clock()
    with pytest.raises(Unavailable):
        consents.record(said(address=BOB))
    assert 5_000 <= clock() - began <= 5_500


def test_while_the_store_is_out_nothing_is_said_to_be_written(made, closed):
    consents, store = made
    store.down = True
    with pytest.raises(Unavailable):
        consents.record(said())
    store.down = False
    consents.keys.down = True
    with pytest.raises(Unavailable):
        consents.record(said())
    assert not store.entries
    assert not closed


def test_a_word_that_was_heard_before_the_outage_keeps_its_own_time(made, clock):
    consents, store = made
    clock.pass_by(3_600)
    consents.record(said())
    assert (store.entries[0].at, store.entries[0].recorded_at) == (NOON, NOON + 3_600_010)


# --- many at once -------------------------------------------------------------------------------------------------


def test_an_import_writes_thirty_entries_at_a_time(made):
    consents, store = made
    outcomes = consents.record_all([imported(number) for number in range(65)])
    assert [each.added for each in outcomes] == [1] * 65
    assert store.appended == [30, 30, 5]
    assert whole(store) is None


def test_what_is_said_of_both_purposes_is_never_cut_in_two(made):
    consents, store = made
    consents.record_all([imported(0), *(granted(f"p{number}@customer.test") for number in range(20))])
    assert store.appended == [29, 12]


def test_the_same_import_twice_adds_nothing_the_second_time(made, clock):
    consents, store = made
    consents.record_all([imported(number) for number in range(40)])
    clock.pass_by(86_400)
    assert [each.added for each in consents.record_all([imported(number) for number in range(40)])] == [0] * 40
    assert len(store.entries) == 40
    assert consents.record_all([imported(1), imported(1, NOON + 1), imported(1, NOON + 1)])[-1].added == 0


def test_a_refused_row_keeps_no_other_row_from_the_ledger(made):
    consents, store = made
    consents.record(said("refused", "person1@customer.test"))
    lacking = said("imported", "person2@customer.test", channel="import")
    outcomes = consents.record_all([imported(0), imported(1), lacking, imported(3)])
    assert [each.added for each in outcomes] == [1, 0, 0, 1]
    assert [type(each.refused) for each in outcomes] == [type(None), Conflict, Invalid, type(None)]
    assert whole(store) is None


def test_an_import_stands_back_for_longer_than_a_page(made, clock):
    consents, store = made
    store.busy = 3
    began = clock()
    consents.record_all([imported(0)])
    assert clock() - began == 750 + 50, "and leaves the next place to others"


def test_nothing_is_written_of_nothing(made):
    consents, store = made
    assert consents.record_all([]) == []
    assert not store.appended
