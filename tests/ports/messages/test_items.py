"""Items, the messages that are linked to them, and imports."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.crm.items import PreviousAccess, message_link
from ocello.domain.imports.imports import Import, Refusal
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.users import User
from tests.ports.examples import ANN, DEAL, NOW, OTHER, REP, everything, item, later, note, stored


def put(stores, *items):
    for each in items:
        assert stores.items.put(each, None)


def test_what_is_written_is_what_is_read(stores):
    whole = item(
        ANN,
        group="g",
        visibility="group",
        organization="9",
        addresses=("a@x.test", "b@x.test"),
        earlier=(PreviousAccess(NOW, REP.address, "owner", ""),),
    )
    put(stores, whole)
    assert stores.items.get(ANN) == whole
    assert stores.items.several([ANN, DEAL, ANN]) == {ANN: whole}
    assert stores.items.get(DEAL) is None
    assert stores.items.several([]) == {}


def test_of_two_writers_of_one_version_one_wins(stores):
    first = item()
    put(stores, first)
    assert not stores.items.put(item(title="Other"), None)
    assert stores.items.put(later(first, title="New"), first)
    assert not stores.items.put(later(first, title="Late"), first)
    assert stores.items.get(DEAL).title == "New"


def test_a_list_is_merged_of_ones_own_ones_groups_and_the_companys(stores):
    put(
        stores,
        item(ItemRef("deal", "1"), "Delta"),
        item(ItemRef("deal", "2"), "alpha", visibility="group", group="sales"),
        item(ItemRef("deal", "3"), "Beta", visibility="company", owner=OTHER.address),
        item(ItemRef("deal", "4"), "Gamma", owner=OTHER.address),
        item(ItemRef("deal", "5"), "Alpha", visibility="group", group="north", owner=OTHER.address),
        item(ItemRef("person", "1"), "Ann", visibility="company"),
    )

    def titles(viewer, kind=None, limit=2):
        found = everything(lambda cursor: stores.items.page(viewer, kind, limit, cursor), limit)
        return [each.title for each in found]

    assert titles(REP) == ["alpha", "Beta", "Delta", "Ann"]
    assert titles(REP, "deal", 1) == ["alpha", "Beta", "Delta"]
    assert titles(REP, "person") == ["Ann"]
    assert titles(OTHER) == ["Alpha", "Beta", "Gamma", "Ann"]
    with pytest.raises(Invalid):
        stores.items.page(OTHER, None, 2, stores.items.page(REP, None, 2, None).next)


def test_an_item_is_found_by_its_words_and_no_longer_by_those_it_had(stores):
    before = item(ANN, "Anna Bianchi", addresses=("anna@x.test",))
    put(stores, before, item(DEAL, "Anna's boat"))

    def found(word):
        return {each.ref for each in stores.items.found(word, 10, None).items}

    assert found("anna") == {DEAL, ANN}
    assert found("bian") == found("anna@x") == {ANN}
    assert stores.items.put(later(before, title="Anna Rossi", addresses=("rossi@x.test",)), before)
    assert found("bian") == found("anna@x") == set()
    assert found("rossi") == {ANN}
    page = stores.items.found("anna", 1, None)
    assert {each.ref for each in (*page.items, *stores.items.found("anna", 1, page.next).items)} == {DEAL, ANN}


def test_of_two_writers_the_loser_leaves_nothing_that_anybody_sees(stores):
    first = item(ANN, "Ann", addresses=("a@x.test",))
    put(stores, first)
    assert not stores.items.put(replace(first, title="Ghost", addresses=("ghost@x.test",), organization="9"), None)
    assert stores.items.found("ghost", 10, None).items == ()
    assert list(stores.items.persons_at(["ghost@x.test"])) == []
    assert stores.items.naming(ItemRef("organization", "9"), 9, None).items == ()
    assert list(stores.items.persons_at(["a@x.test"])) == [first]


def test_a_loser_changes_nothing_of_the_addresses(stores):
    ann = item(ANN, "Ann", addresses=("a@x.test",))
    put(stores, ann)
    assert stores.items.put(later(ann, title="Anna"), ann)
    assert not stores.items.put(later(ann, addresses=()), ann)
    assert [person.title for person in stores.items.persons_at(["a@x.test"])] == ["Anna"]


def test_persons_are_found_by_address_as_long_as_it_is_theirs(stores):
    ann = item(ANN, "Ann", addresses=("a@x.test", "b@x.test"))
    put(stores, ann, item(ItemRef("person", "8"), "Bob", addresses=("b@x.test",)))

    def ids(*addresses):
        return sorted(person.ref.id for person in stores.items.persons_at(addresses))

    assert (ids("a@x.test"), ids("b@x.test"), ids("c@x.test"), ids()) == (["7"], ["7", "8"], [], [])
    assert stores.items.put(later(ann, addresses=("c@x.test",)), ann)
    assert (ids("a@x.test"), ids("b@x.test"), ids("c@x.test")) == ([], ["8"], ["7"])


def test_who_shares_an_address_keeps_it_when_the_other_is_deleted(stores):
    ann = item(ANN, "Ann", addresses=("info@x.test", "ann@x.test"))
    bob = item(ItemRef("person", "8"), "Bob", addresses=("info@x.test",))
    put(stores, ann, bob)
    assert stores.items.delete(ann, note(1))
    assert not stores.items.delete(ann, note(2))
    assert list(stores.items.persons_at(["info@x.test"])) == [bob]
    assert list(stores.items.persons_at(["ann@x.test"])) == []
    assert list(stores.trail.page(9, None).items) == [note(1)]


def test_what_was_deleted_may_be_made_again(stores):
    ann = item(ANN, "Anna Bianchi", visibility="group", group="sales", organization="9", addresses=("a@x.test",))
    put(stores, ann)
    changed = later(ann, title="Anna Rossi", organization="10", addresses=("b@x.test", "c@x.test"))
    assert stores.items.put(changed, ann)
    assert not stores.items.delete(ann, note()), "that is not what stands any more"
    assert stores.items.delete(changed, note())
    assert stores.items.get(ANN) is None
    assert stores.items.page(REP, None, 9, None).items == stores.items.found("rossi", 9, None).items == ()
    assert stores.items.naming(ItemRef("organization", "10"), 9, None).items == ()
    put(stores, replace(changed, version=NOW + 99))


def test_what_names_an_item_is_listed_as_long_as_it_does(stores):
    org = ItemRef("organization", "9#Ä")
    made = [item(ItemRef(kind, str(number)), "X", organization=org.id) for number, kind in enumerate(["lead", "deal"])]
    put(stores, *made, item(ANN, "Ann", organization=org.id))
    page = stores.items.naming(org, 2, None)
    assert [each.ref.type for each in page.items] == ["deal", "lead"]
    assert [each.ref for each in stores.items.naming(org, 2, page.next).items] == [ANN]
    assert stores.items.put(later(made[0], organization=""), made[0])
    assert stores.items.delete(stores.items.get(ANN), note())
    assert [each.ref.type for each in stores.items.naming(org, 9, None).items] == ["deal"]
    with pytest.raises(Invalid):
        stores.items.naming(ItemRef("organization", "other"), 2, page.next)


def test_an_owner_is_told_of_a_change_with_the_change(stores):
    for user in (User("u1", REP.address), User("u2", OTHER.address)):
        stores.users.create(user, note())
    before = item()
    put(stores, before)
    assert stores.items.put(later(before, title="New"), before, [note(1), note(2)], "u1")
    assert not stores.items.put(later(before, title="Late"), before, [note(3)], "u1")
    assert list(stores.trail.notices("u1", 9)) == [note(2), note(1)]
    assert list(stores.trail.notices("u1", 1)) == [note(2)]
    assert list(stores.trail.notices("u2", 9)) == []
    assert (stores.users.get("u1").notices_at, stores.users.get("u2").notices_at) == (NOW + 2, 0)


def test_an_items_messages_are_ones_own_and_everybodys_shared_ones_paged(stores):
    plans = [("u1", "private"), ("u2", "private"), ("u2", "shared"), ("u1", "shared"), ("u3", "shared")]
    made = []
    for number, (owner, visibility) in enumerate(plans):
        one = stored(number, owner, visibility=visibility, items=(DEAL, ANN), linked_since=())
        assert stores.messages.create(one, None) is None
        made.append(message_link(one.message, one.recipients))

    def pages(viewer, limit):
        return everything(lambda cursor: stores.linked.page(viewer, ANN, limit, cursor), limit)

    expected = [made[place] for place in (4, 3, 2, 0)]
    assert expected[0].bcc == (2,), "else nothing tells whose acts are hidden"
    assert pages(REP, 1) == pages(REP, 3) == pages(REP, 10) == expected
    assert pages(OTHER, 2) == [made[place] for place in (4, 3, 2, 1)]
    assert stores.linked.page(REP, ItemRef("deal", "none"), 10, None).items == ()


def test_a_conversation_lists_its_messages_newest_first_page_by_page(stores):
    made = []
    for number in range(5):
        one = stored(number, tracked=number % 2 == 0, conversation_id="c", visibility="shared")
        stores.messages.create(one, None)
        made.append(message_link(one.message, one.recipients))
    stores.messages.create(stored(9), None)
    newest = stores.linked.of_conversation("c", 3, None)
    assert list(newest) == [made[place] for place in (4, 3, 2)]
    assert list(stores.linked.of_conversation("c", 3, newest[-1].id)) == [made[place] for place in (1, 0)]
    assert list(stores.linked.of_conversation("none", 3, None)) == []


def test_a_change_of_who_may_see_a_message_is_everywhere_at_once(stores):
    one = stored(visibility="shared")
    stores.messages.create(one, None)
    after = replace(one.message, items=(ANN,), linked_since=((ANN, NOW + 9),), version=1)
    assert stores.linked.change(one.message, after, one.recipients, [note()])
    assert stores.messages.load(after.id).message == after
    assert list(stores.linked.of_conversation("c0", 9, None)) == [message_link(after, one.recipients)]
    assert stores.linked.page(OTHER, ANN, 9, None).items == (message_link(after, one.recipients),)
    assert stores.linked.page(REP, DEAL, 9, None).items == ()
    hidden = replace(after, visibility="private", version=2)
    assert stores.linked.change(after, hidden, one.recipients)
    assert stores.linked.page(OTHER, ANN, 9, None).items == ()
    assert stores.linked.page(REP, ANN, 9, None).items == (message_link(hidden, one.recipients),)


def test_a_change_over_an_outdated_state_writes_nothing(stores):
    one = stored(visibility="shared", items=(DEAL,), linked_since=()).message
    stores.messages.create(stored(visibility="shared", items=(DEAL,), linked_since=()), None)
    other = replace(one, items=(ANN,), version=1)
    assert stores.linked.change(one, other, (), [note(1)])
    assert not stores.linked.change(one, replace(one, visibility="private", version=1), (), [note(2)])
    assert stores.messages.load(one.id).message == other
    assert [each.id for each in stores.linked.page(OTHER, ANN, 9, None).items] == [one.id]
    assert not stores.linked.change(replace(one, id="gone"), replace(other, id="gone"), ()), (
        "of nothing, nothing is made"
    )
    assert stores.messages.load("gone") is None
    assert list(stores.trail.page(9, None).items) == [note(1)]


def test_forty_items_for_forty_others_are_one_write(stores):
    first, second = (tuple(ItemRef(kind, str(number)) for number in range(40)) for kind in ("deal", "lead"))
    one = stored(visibility="shared", items=first, linked_since=())
    stores.messages.create(one, None)
    assert stores.linked.change(one.message, replace(one.message, items=second, version=1), one.recipients)
    assert stores.linked.page(OTHER, first[7], 9, None).items == ()
    assert [each.id for each in stores.linked.page(OTHER, second[39], 9, None).items] == [one.message.id]


def test_imports_are_listed_newest_first_in_pages(stores):
    for number in range(3):
        made = Import(f"i{number}", "u1", "up", "csv", NOW, refusals=(Refusal(2, "title", "no"),))
        assert stores.imports.write(made, None)
    assert stores.imports.write(Import("i9", "u2", "up", "csv", NOW), None)
    first = stores.imports.page("u1", 2, None)
    assert [each.id for each in first.items] == ["i2", "i1"]
    second = stores.imports.page("u1", 2, first.next)
    assert ([each.id for each in second.items], second.next) == (["i0"], None)
    with pytest.raises(Invalid):
        stores.imports.page("u2", 2, first.next)


def test_an_imports_account_is_kept_by_one_writer(stores):
    made = Import("i1", "u1", "up", "csv", NOW, refusals=(Refusal(2, "title", "no"),))
    assert stores.imports.write(made, None)
    assert not stores.imports.write(made, None)
    assert stores.imports.get("u1", "i1") == made
    assert stores.imports.get("u2", "i1") is None
    refusals = (*made.refusals, Refusal(3, "title", Text("must be 1 to %(most)s characters", most=200)))
    after = replace(made, status="failed", version=2, refusals=refusals, reason=Text("its file is no longer kept"))
    assert stores.imports.write(after, made)
    assert not stores.imports.write(replace(after, status="failed"), made)
    read_again = stores.imports.get("u1", "i1")
    assert read_again == after
    assert read_again.refusals[1].reason.values == {"most": 200}
    assert isinstance(read_again.reason, Text)
