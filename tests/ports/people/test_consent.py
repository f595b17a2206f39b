"""Consent: the tracked copies of each person."""

import pytest

from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.services.consent.ports import SubjectCopy
from tests.ports.examples import NOW, everything

ANN, BOB = "A" * 43, "B" * 43


def copy(subject, number, recipient=0):
    return SubjectCopy(subject, ids.uuid7(NOW + number, bytes(10)), recipient, "u1")


def listed(stores, subject, limit=3):
    return everything(lambda cursor: stores.subjects.page(subject, limit, cursor), limit)


def test_a_persons_copies_are_listed_each_once_oldest_first_and_nobody_elses(stores):
    hers = [copy(ANN, number) for number in range(7)]
    stores.subjects.add([*reversed(hers), copy(BOB, 1), copy(BOB, 9)])
    assert listed(stores, ANN) == hers
    assert listed(stores, "C" * 43) == []


def test_copies_of_one_message_are_apart(stores):
    both = [copy(ANN, 1, recipient) for recipient in (2, 10)]
    stores.subjects.add(both)
    assert listed(stores, ANN, 1) == both


def test_noting_a_copy_again_changes_nothing(stores):
    stores.subjects.add([copy(ANN, 1)])
    stores.subjects.add([copy(ANN, 1), copy(ANN, 2)])
    assert listed(stores, ANN) == [copy(ANN, 1), copy(ANN, 2)]


def test_more_copies_than_one_request_takes_are_all_there(stores):
    many = [copy(ANN, 1, number) for number in range(60)]
    stores.subjects.add(many)
    assert listed(stores, ANN, 50) == many


def test_a_cursor_of_another_person_is_refused(stores):
    stores.subjects.add([copy(subject, number) for subject in (ANN, BOB) for number in range(3)])
    cursor = stores.subjects.page(ANN, 1, None).next
    with pytest.raises(Invalid, match="not a cursor of this list"):
        stores.subjects.page(BOB, 1, cursor)
