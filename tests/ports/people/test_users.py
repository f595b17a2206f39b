"""Users, and the trail of what was changed."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.people.users import User
from tests.ports.examples import NOW, everything, note

ANN = User("ann", "ann@example.test", "Ann", admin=True, groups=("sales",), created_at=NOW, given_groups=("board",))


def test_an_address_belongs_to_one_user(stores):
    assert stores.users.create(ANN, note())
    assert not stores.users.create(User("other", ANN.address), note(1))
    assert stores.users.get("other") is None
    stores.users.bind("digest", ANN.id)
    assert stores.users.by_identity("digest") == stores.users.by_address(ANN.address) == stores.users.get(ANN.id) == ANN
    assert stores.users.by_identity("none") is stores.users.by_address("none") is None


def test_a_change_is_written_over_what_was_read_alone(stores):
    stores.users.create(ANN, note())
    changed = replace(
        ANN, disabled=True, groups=(), given_groups=(), name="", admin=False, signed_out_at=NOW, version=1
    )
    assert stores.users.change(ANN, changed, [])
    assert stores.users.get(ANN.id) == changed
    assert not stores.users.change(ANN, ANN, []), "that is outdated"
    assert stores.users.get(ANN.id) == changed
    assert not stores.users.change(User("nobody", "n@example.test"), User("nobody", "n@example.test"), [])
    assert stores.users.get("nobody") is None


def test_only_under_an_administrator_who_may_come_in(stores):
    boss = User("boss", "boss@example.test", admin=True)
    for user in (ANN, boss):
        stores.users.create(user, note())
    assert stores.users.change(boss, replace(boss, disabled=True), [])
    for witness in ("boss", "nobody"):
        assert not stores.users.change(ANN, replace(ANN, name="Anna"), [], witness)
    boss = stores.users.get("boss")
    assert stores.users.change(boss, replace(boss, disabled=False), [])
    assert stores.users.change(ANN, replace(ANN, name="Anna"), [], "boss")
    assert stores.users.get("ann").name == "Anna"


def test_users_are_listed_by_address(stores):
    for name in ("c", "a", "b"):
        stores.users.create(User(f"id {name}", f"{name}@example.test"), note())
    assert [user.address[0] for user in everything(lambda cursor: stores.users.page(2, cursor), 2)] == ["a", "b", "c"]
    with pytest.raises(Invalid):
        stores.users.page(2, "other")


def test_entries_come_back_as_they_were_newest_first_in_pages(stores):
    stores.users.create(ANN, note())
    stands = ANN
    for number in range(1, 5):
        assert stores.users.change(stands, stands, [note(number)])
        stands = stores.users.get(ANN.id)
    first = stores.trail.page(3, None)
    assert list(first.items) == [note(4), note(3), note(2)]
    second = stores.trail.page(3, first.next)
    assert (list(second.items), second.next) == ([note(1), note()], None)
    with pytest.raises(Invalid):
        stores.trail.page(3, "other")


def test_a_change_that_loses_leaves_no_note(stores):
    stores.users.create(ANN, note())
    assert stores.users.change(ANN, replace(ANN, disabled=True), [note(1)])
    assert not stores.users.change(ANN, replace(ANN, groups=("x",)), [note(2)])
    assert not stores.users.create(User("other", ANN.address), note(3))
    assert list(stores.trail.page(50, None).items) == [note(1), note()]


def test_what_was_seen_never_moves_back_and_makes_no_user(stores):
    stores.users.create(ANN, note())
    stores.users.mark_seen(ANN.id, NOW)
    stores.users.mark_seen(ANN.id, NOW - 9)
    assert stores.users.get(ANN.id).notices_seen_at == NOW
    stores.users.mark_seen("nobody", NOW)
    assert stores.users.get("nobody") is None
