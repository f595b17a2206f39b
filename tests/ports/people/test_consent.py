"""Consent: the tracked copies of each person, their gates, and withdrawals under way."""

import pytest

from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.domain.consent.closings import Withdrawal
from ocello.domain.consent.modes import Axis
from ocello.services.consent.ports import SubjectCopy
from tests.ports.examples import NOW, everything

ANN, BOB = "A" * 43, "B" * 43


def copy(subject, number, recipient=0):
    return SubjectCopy(subject, ids.uuid7(NOW + number, bytes(10)), recipient, "u1")


def listed(stores, subject, limit=3):
    return everything(lambda cursor: stores.subjects.page(subject, limit, cursor), limit)


def test_a_persons_copies_are_listed_each_once_newest_first_and_nobody_elses(stores):
    hers = [copy(ANN, number) for number in range(7)]
    stores.subjects.add([*reversed(hers), copy(BOB, 1), copy(BOB, 9)])
    assert listed(stores, ANN) == hers[::-1]
    assert listed(stores, "C" * 43) == []


def test_copies_of_one_message_are_apart(stores):
    both = [copy(ANN, 1, recipient) for recipient in (10, 2)]
    stores.subjects.add(both)
    assert listed(stores, ANN, 1) == both


def test_noting_a_copy_again_changes_nothing(stores):
    stores.subjects.add([copy(ANN, 1)])
    stores.subjects.add([copy(ANN, 1), copy(ANN, 2)])
    assert listed(stores, ANN) == [copy(ANN, 2), copy(ANN, 1)]


def test_more_copies_than_one_request_takes_are_all_there(stores):
    many = [copy(ANN, 1, number) for number in range(60)]
    stores.subjects.add(many)
    assert listed(stores, ANN, 50) == many[::-1]


def test_a_cursor_of_another_person_is_refused(stores):
    stores.subjects.add([copy(subject, number) for subject in (ANN, BOB) for number in range(3)])
    cursor = stores.subjects.page(ANN, 1, None).next
    with pytest.raises(Invalid, match="not a cursor of this list"):
        stores.subjects.page(BOB, 1, cursor)


def test_a_copy_that_came_between_two_pages_is_no_part_of_the_second(stores):
    stores.subjects.add([copy(ANN, number) for number in (1, 2, 3)])
    page = stores.subjects.page(ANN, 2, None)
    stores.subjects.add([copy(ANN, 4)])
    assert stores.subjects.page(ANN, 2, page.next).items == (copy(ANN, 1),)


MESSAGE = copy(ANN, 1).message


def closed(stores, recipient=0):
    return [kind for kind in ("open", "click") if stores.consent_gate.closed(MESSAGE, recipient, kind, 5.0)]


def test_a_gate_closes_what_it_was_told_to_of_this_recipient_alone(stores):
    assert closed(stores) == []
    stores.copy_gates.close([(MESSAGE, [0, 2])], frozenset({"links"}))
    assert (closed(stores), closed(stores, 1), closed(stores, 2)) == (["click"], [], ["click"])


def test_what_a_gate_closed_stays_closed_when_more_is(stores):
    stores.copy_gates.close([(MESSAGE, [0])], frozenset({"opens"}))
    stores.copy_gates.close([(MESSAGE, [0])], frozenset({"opens"}))
    assert closed(stores) == ["open"]
    stores.copy_gates.close([(MESSAGE, [0])], frozenset({"links"}))
    assert closed(stores) == ["open", "click"]


def test_gates_of_many_copies_are_closed_at_once_whatever_some_of_them_closed_before(stores):
    many = [(copy(ANN, number).message, (0, 1)) for number in range(130)]
    stores.copy_gates.close(many[60:70], frozenset({"links"}))
    for axes, shut in ((frozenset[Axis]({"opens"}), {"open"}), (BOTH, {"open", "click"})):
        stores.copy_gates.close(many, axes)
        for number, (message, _) in enumerate(many):
            kinds = {kind for kind in ("open", "click") if stores.consent_gate.closed(message, 1, kind, 5.0)}
            assert kinds == shut | ({"click"} if 60 <= number < 70 else set()), number


BOTH: frozenset[Axis] = frozenset({"opens", "links"})
LINKS: frozenset[Axis] = frozenset({"links"})


def test_withdrawals_are_under_way_until_they_end(stores):
    hers, his = Withdrawal(ANN, BOTH, NOW), Withdrawal(BOB, LINKS, NOW + 1)
    for each in (hers, his, his._replace(at=NOW + 2)):
        stores.withdrawals.put(each)
    stores.withdrawals.end(his._replace(at=NOW + 2))
    stores.withdrawals.end(his._replace(at=NOW + 2))
    assert sorted(stores.withdrawals.under_way()) == [hers, his]
    assert stores.withdrawals.find(BOB, NOW + 1) == his
    assert stores.withdrawals.find(BOB, NOW) is None


def test_how_far_a_withdrawal_has_come_is_written_only_while_it_is_under_way(stores):
    begun = Withdrawal(ANN, BOTH, NOW)
    stores.withdrawals.put(begun)
    stores.withdrawals.put(begun._replace(cursor="c1"))
    assert stores.withdrawals.find(ANN, NOW) == begun._replace(cursor="c1")
    stores.withdrawals.end(begun)
    stores.withdrawals.put(begun._replace(cursor="c2"))
    assert list(stores.withdrawals.under_way()) == []


def test_it_is_known_which_recipients_of_a_message_a_person_is(stores):
    stores.subjects.add([copy(ANN, 1, 3), copy(ANN, 1, 12), copy(ANN, 2, 4), copy(BOB, 1, 5)])
    assert sorted(stores.withdrawals.copies_in(ANN, MESSAGE)) == [3, 12]
    assert list(stores.withdrawals.copies_in("C" * 43, MESSAGE)) == []
