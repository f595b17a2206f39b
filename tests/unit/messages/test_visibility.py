"""Visibility as a table: who sees which item and which message."""

from dataclasses import replace

import pytest

from ocello.domain.common import ids
from ocello.domain.crm.items import Item, message_link
from ocello.domain.messages.message import ItemRef, Mailbox, Message, number_recipients
from ocello.domain.messages.visibility import (
    may_change,
    may_open,
    sees_item,
    sees_message,
    sees_totals,
    shown_recipients,
)
from ocello.domain.people.users import User

NOW = 1_790_000_000_000
OWNER = User("u-owner", "owner@example.test", groups=("sales", "north"))
SEES_ALL = User("u-all", "all@example.test", groups=("sales", "north"))
SEES_SOME = User("u-some", "some@example.test", groups=("sales",))
OUTSIDER = User("u-out", "out@example.test")
ADMIN = User("u-admin", "admin@example.test", admin=True)
EVERYONE = (OWNER, SEES_ALL, SEES_SOME, OUTSIDER, ADMIN)

SALES, NORTH, OWN, OPEN, GONE = (ItemRef("deal", name) for name in ("sales", "north", "own", "open", "gone"))


def item(ref, visibility, group="", **other):
    return Item(ref, "An item", OWNER.address, visibility, group, maker=OWNER.id, made_at=NOW - 1, **other)


ITEMS = {
    SALES: item(SALES, "group", "sales"),
    NORTH: item(NORTH, "group", "north"),
    OWN: item(OWN, "owner"),
    OPEN: item(OPEN, "company"),
}


def message(visibility="shared", *items):
    return Message(
        id=ids.uuid7(NOW, bytes(10)),
        owner=OWNER.id,
        message_id="<m@example.test>",
        conversation_id="c",
        sender=Mailbox(OWNER.address),
        subject="Offer",
        created_at=NOW,
        track_opens=True,
        track_clicks=True,
        visibility=visibility,
        items=items,
    )


@pytest.mark.parametrize(
    ("ref", "seen_by"),
    [
        (SALES, {OWNER, SEES_ALL, SEES_SOME}),
        (NORTH, {OWNER, SEES_ALL}),
        (OWN, {OWNER}),
        (OPEN, set(EVERYONE)),
        (GONE, set()),
    ],
)
def test_an_item_is_seen_by_its_owner_its_group_or_the_company(ref, seen_by):
    assert {user for user in EVERYONE if sees_item(user, ITEMS.get(ref))} == seen_by


@pytest.mark.parametrize(
    ("visibility", "items", "seen_by"),
    [
        ("private", (), {OWNER}),
        ("private", (OPEN,), {OWNER}),
        ("private", (SALES, NORTH), {OWNER}),
        ("shared", (), {OWNER}),
        ("shared", (OPEN,), set(EVERYONE)),
        ("shared", (SALES,), {OWNER, SEES_ALL, SEES_SOME}),
        ("shared", (SALES, NORTH), {OWNER, SEES_ALL}),
        ("shared", (OPEN, NORTH), {OWNER, SEES_ALL}),
        ("shared", (OPEN, OWN), {OWNER}),
        ("shared", (GONE,), {OWNER}),
        ("shared", (OPEN, GONE), {OWNER}),
    ],
)
def test_a_message_is_its_owners_and_if_shared_theirs_who_see_all_its_items(visibility, items, seen_by):
    one = message(visibility, *items)
    assert {user for user in EVERYONE if sees_message(user, one, ITEMS)} == seen_by
    assert {user for user in EVERYONE if sees_message(user, message_link(one), ITEMS)} == seen_by


def test_the_owner_of_a_group_item_need_not_be_in_the_group():
    assert sees_item(OUTSIDER, replace(ITEMS[NORTH], owner=OUTSIDER.address))


def test_an_item_that_a_stranger_makes_of_an_id_in_use_opens_no_mail():
    late = replace(ITEMS[OPEN], maker=OUTSIDER.id, owner=OUTSIDER.address, made_at=NOW + 1)
    one = message("shared", OPEN)
    assert not may_open(late, one, OUTSIDER)
    assert not sees_message(OUTSIDER, one, {OPEN: late})
    assert sees_message(OUTSIDER, one, {OPEN: replace(late, maker=OWNER.id)})
    assert sees_message(OUTSIDER, one, {OPEN: replace(late, made_at=NOW)})


@pytest.mark.parametrize(
    ("user", "may"), [(OWNER, True), (ADMIN, True), (SEES_ALL, False), (SEES_SOME, False), (OUTSIDER, False)]
)
def test_who_sees_an_item_may_not_therefore_change_it(user, may):
    assert may_change(user, ITEMS[OPEN]) is may


def test_bcc_is_for_the_owner_alone():
    recipients = number_recipients([Mailbox("a@x.test")], [Mailbox("b@x.test")], [Mailbox("c@x.test")])
    assert shown_recipients(OWNER.id, OWNER.id, recipients) == recipients
    for user in EVERYONE[1:]:
        assert [each.kind for each in shown_recipients(user.id, OWNER.id, recipients)] == ["to", "cc"]


@pytest.mark.parametrize(
    ("groups", "admin", "sees"),
    [
        ((), False, False),
        (("sales",), False, False),
        (("leads",), False, False),
        (("leads", "north"), False, False),
        (("leads", "sales"), False, True),
        ((), True, True),
    ],
)
def test_a_groups_totals_are_for_its_leads_and_administrators(groups, admin, sees):
    assert sees_totals(User("u", "u@x.test", groups=groups, admin=admin), "sales") is sees
