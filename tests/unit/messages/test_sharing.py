"""Changing who may see a mail, and its items, after it was sent: everything derived from it changes too."""

from dataclasses import replace

import pytest

from ocello.domain.common import ids
from ocello.domain.common.errors import Conflict, Invalid, NotFound, Unavailable
from ocello.domain.crm.items import Item, message_link
from ocello.domain.messages.message import ItemRef, Mailbox, Message, Recipient, Report
from ocello.domain.messages.sharing import SharingUpdate, apply_update, check
from ocello.domain.messages.visibility import sees_message
from ocello.domain.people.users import User
from ocello.services.inbox import inbox
from ocello.services.inbox.sharing import MessageSharing
from ocello.services.sending.ports import StoredMessage
from tests import fakes
from tests.fakes.inbox import MemoryInboxStore
from tests.fakes.items import MemoryItemStore, MemoryLinkedMessages
from tests.fakes.world import NOON, USER

OTHER = User("user-2", "other@example.test", groups=("sales",))
DEAL, NEXT, ANN, GONE = ItemRef("deal", "42"), ItemRef("deal", "43"), ItemRef("person", "7"), ItemRef("lead", "9")
BOB = ItemRef("person", "8")
SENT = NOON
LATER = NOON + 3_600_000
RECIPIENTS = (Recipient(0, Mailbox("Ann@customer.test", "Ann"), "to", "sent"),)


def item(ref, made_at=SENT - 1, maker="user-3", **other):
    usual = {"owner": "third@example.test", "visibility": "company", "maker": maker, "made_at": made_at, "version": 1}
    return Item(ref, f"The {ref.type} {ref.id}", **{**usual, **other})


def message(**changes):
    identifier = ids.uuid7(SENT, bytes(10))
    usual = {
        "id": identifier,
        "owner": USER.id,
        "message_id": f"<{identifier}@example.test>",
        "conversation_id": identifier,
        "sender": Mailbox(USER.address),
        "subject": "Offer",
        "created_at": SENT,
        "track_opens": True,
        "track_clicks": True,
        "visibility": "shared",
    }
    return Message(**{**usual, **changes})


def known(*items):
    return {each.ref: each for each in items}


def wished(one, wish, *items, now=LATER):
    check(wish)
    return apply_update(one, RECIPIENTS, wish, USER, known(*items), now)


def test_persons_in_bcc_alone_are_linked_no_longer_when_a_mail_comes_to_be_shared():
    ann, bob = item(ANN, addresses=("ann@customer.test",)), item(BOB, addresses=("bob@customer.test",))
    recipients = (*RECIPIENTS, Recipient(1, Mailbox("bob@customer.test"), "bcc", "sent"))
    private = message(visibility="private", items=(DEAL, ANN, BOB))
    for wish in (SharingUpdate("shared"), SharingUpdate("shared", (DEAL, ANN, BOB)), SharingUpdate("shared", (DEAL,))):
        assert apply_update(private, recipients, wish, USER, known(ann, bob), LATER).items == (DEAL, ANN)
    assert apply_update(private, recipients, SharingUpdate(None, (DEAL,)), USER, known(ann, bob), LATER).items == (
        DEAL,
        ANN,
        BOB,
    )
    shared = message(items=(DEAL, ANN))
    meant = apply_update(shared, recipients, SharingUpdate(None, (DEAL, BOB)), USER, known(ann, bob), LATER)
    assert meant.items == (DEAL, BOB, ANN), "whom the owner names is linked all the same"


def seen_by(one, *items):
    answers = {sees_message(OTHER, form, known(*items)) for form in (one, message_link(one))}
    assert len(answers) == 1
    return answers.pop()


def test_what_is_left_out_of_a_wish_stays():
    one = message(visibility="private", items=(DEAL,))
    assert wished(one, SharingUpdate()) is one
    shared = wished(one, SharingUpdate(visibility="shared"))
    assert (shared.visibility, shared.items, shared.version) == ("shared", (DEAL,), 1)
    moved = wished(shared, SharingUpdate(items=(NEXT,)))
    assert (moved.visibility, moved.items, moved.version) == ("shared", (NEXT,), 2)
    assert wished(one, SharingUpdate("private", (DEAL,))) is one


REFUSED = [
    (SharingUpdate(visibility="public"), "visibility"),
    (SharingUpdate(items=(ItemRef("boat", "1"),)), "items[0].type"),
    (SharingUpdate(items=(DEAL, ItemRef("deal", "a/b"))), "items[1].id"),
    (SharingUpdate(items=(DEAL, DEAL)), "items"),
    (SharingUpdate(items=tuple(ItemRef("deal", str(number)) for number in range(41))), "items"),
    (SharingUpdate(items=tuple(ItemRef("deal", str(number)) for number in range(40))), "items"),  # and Ann
]


@pytest.mark.parametrize(("wish", "field"), REFUSED)
def test_what_cannot_be_is_refused_by_name(wish, field):
    with pytest.raises(Invalid) as refused:
        wished(message(items=(ANN,)), wish, item(ANN, addresses=("ann@customer.test",)))
    assert refused.value.field == field


def test_forty_items_in_all_are_not_too_many():
    refs = tuple(ItemRef("deal", str(number)) for number in range(40))
    assert wished(message(), SharingUpdate(items=refs)).items == refs


def test_persons_who_are_recipients_stay_linked_and_others_do_not():
    ann = item(ANN, addresses=("ann@customer.test",))
    bob = item(ItemRef("person", "8"), addresses=("bob@customer.test",))
    one = message(items=(DEAL, ANN, bob.ref))
    assert wished(one, SharingUpdate(items=(NEXT,)), ann, bob).items == (NEXT, ANN)
    assert wished(one, SharingUpdate(items=(ANN, NEXT)), ann, bob).items == (ANN, NEXT)
    assert wished(one, SharingUpdate(items=()), replace(ann, addresses=()), bob).items == ()


def test_a_mail_that_is_linked_to_an_item_made_after_it_is_seen_by_whom_sees_the_item():
    late = item(DEAL, made_at=SENT + 60_000)
    one = wished(message(), SharingUpdate(items=(DEAL,)), late)
    assert seen_by(one, late)
    assert not seen_by(replace(one, linked_since=()), late), "as it would be had it named the item from the start"
    ahead = item(DEAL, made_at=LATER + 5)  # by another machine's clock
    assert seen_by(wished(message(), SharingUpdate(items=(DEAL,)), ahead), ahead)


def test_an_item_that_a_stranger_made_of_an_id_in_use_gains_nothing_by_a_later_change():
    """The hole that `vouches` guards: nobody meant this item when the mail was linked to its id."""
    stranger = item(DEAL, made_at=SENT + 60_000)
    trusted = item(NEXT)
    one = message(items=(DEAL,))
    assert not seen_by(one, stranger)
    for wish in (
        SharingUpdate("private"),
        SharingUpdate(items=(DEAL,)),
        SharingUpdate(items=(DEAL, NEXT)),
        SharingUpdate(items=(NEXT, DEAL)),
        SharingUpdate("shared", (NEXT, DEAL)),
    ):
        after = replace(wished(one, wish, stranger, trusted), visibility="shared")
        assert not seen_by(after, stranger, trusted), wish
    away = wished(one, SharingUpdate(items=(NEXT,)), stranger, trusted)
    back = wished(away, SharingUpdate(items=(NEXT, DEAL)), stranger, trusted)
    assert seen_by(back, stranger, trusted), "taken away and linked again, the owner means the item that is there"


def test_a_link_to_an_item_that_is_not_there_yet_vouches_for_nothing():
    one = wished(message(), SharingUpdate(items=(GONE,)))
    assert not seen_by(one, item(GONE, made_at=LATER + 1))


def test_a_link_to_an_item_that_the_owner_cannot_see_vouches_for_nothing():
    trap = item(DEAL, made_at=SENT + 1, owner=OTHER.address, visibility="owner")
    assert not seen_by(wished(message(), SharingUpdate(items=(DEAL,)), trap), trap)
    open_ = replace(trap, visibility="company")
    assert seen_by(wished(message(), SharingUpdate(items=(DEAL,)), open_), open_)


def test_the_time_of_a_link_goes_with_it():
    one = wished(message(), SharingUpdate(items=(DEAL, NEXT)), item(DEAL), item(NEXT))
    assert one.linked_since == ((DEAL, LATER), (NEXT, LATER))
    two = wished(one, SharingUpdate(items=(NEXT,)), item(NEXT), now=LATER + 9)
    assert two.linked_since == ((NEXT, LATER),)


class World:
    """A message of the rep in its stores, and the wish to change it."""

    def __init__(self, **changes):
        self.store = fakes.MemoryMessageStore()
        self.items, self.index = MemoryItemStore(), MemoryLinkedMessages(self.store)
        self.lists, self.clock = MemoryInboxStore(self.store), fakes.Clock(LATER)
        self.one = message(**changes)
        self.store.create(StoredMessage(self.one, RECIPIENTS, Report(), None), None)
        for each in (item(DEAL), item(NEXT)):
            self.items.put(each, None)

    def share(self, wish, version=None, user=USER):
        return MessageSharing(self.store, self.items, self.index, self.lists, self.clock).share(
            user, self.one.id, wish, version
        )

    def note(self):
        inbox.add_message(self.store.load(self.one.id), self.lists)

    def listed(self, ref):
        page = self.lists.page(USER.id, f"item:{ref.type}:{ref.id}", 9, None)
        return [entry.conversation for entry in page.items]


@pytest.mark.parametrize("noted", [True, False])
def test_the_inbox_follows(noted):
    world = World(items=(DEAL,))
    if noted:
        world.note()
    stored = world.share(SharingUpdate(items=(NEXT,)))
    assert stored == world.store.load(world.one.id)
    assert (world.listed(DEAL), world.listed(NEXT)) == ([], [world.one.id])
    entry = world.lists.entry(USER.id, world.one.id).entry
    assert (entry.total, len(entry.lines)) == (1, 1)


def test_a_wish_repeated_mends_an_inbox_that_was_not_reached():
    world = World(items=(DEAL,))
    world.note()
    world.lists.losses = 99
    with pytest.raises(Unavailable):
        world.share(SharingUpdate(items=(NEXT,)))
    world.lists.losses = 0
    assert world.listed(DEAL) == [world.one.id], "so far it lags"
    assert world.share(SharingUpdate(items=(NEXT,))).message.version == 1
    assert (world.listed(DEAL), world.listed(NEXT)) == ([], [world.one.id])


def test_a_mail_that_newer_ones_pushed_out_of_its_entry_is_not_counted_again():
    world = World(items=(DEAL,))
    world.note()
    for number in range(40):
        newer = message(id=ids.uuid7(SENT + number + 1, bytes(10)), conversation_id=world.one.id)
        inbox.add_message(StoredMessage(newer, RECIPIENTS, Report(), None), world.lists)
    world.share(SharingUpdate(items=(NEXT,)))
    entry = world.lists.entry(USER.id, world.one.id).entry
    assert (entry.total, len(entry.lines)) == (41, 40)


def test_of_two_changes_at_once_neither_is_lost():
    world = World(items=(DEAL,), visibility="private")

    class Meanwhile(MemoryLinkedMessages):
        """Lets somebody else change the items just before the first change is written."""

        def change(self, before, after, recipients, notes=()):
            if before.version == 0:
                now = self.store.messages[after.id]
                self.store.messages[after.id] = replace(now, message=replace(now.message, items=(NEXT,), version=1))
            return super().change(before, after, recipients, notes)

    world.index = Meanwhile(world.store)
    stored = world.share(SharingUpdate(visibility="shared"))
    assert (stored.message.visibility, stored.message.items, stored.message.version) == ("shared", (NEXT,), 2)


def test_a_change_that_never_gets_through_says_so():
    world = World()
    world.index.losses = 99
    with pytest.raises(Unavailable):
        world.share(SharingUpdate(visibility="private"))


def test_a_form_of_an_older_state_is_refused_unless_it_changes_nothing():
    world = World(items=(DEAL,))
    world.share(SharingUpdate(items=(DEAL, NEXT)), 0)
    with pytest.raises(Conflict):
        world.share(SharingUpdate("private", (DEAL,)), 0)
    assert world.share(SharingUpdate("shared", (DEAL, NEXT)), 0).message.version == 1
    assert world.share(SharingUpdate("private", (DEAL,)), 1).message.items == (DEAL,)


@pytest.mark.parametrize("user", [OTHER, User("boss", "boss@example.test", admin=True)])
def test_nobody_else_changes_a_mail(user):
    world = World(items=(DEAL,))
    with pytest.raises(NotFound):
        world.share(SharingUpdate(visibility="private"), user=user)
    assert world.store.load(world.one.id).message == world.one


def test_an_id_that_was_taken_once_goes_on_being_named_and_no_other_of_its_kind_is():
    old = ItemRef("deal", "42#7")
    check(SharingUpdate(None, (old, DEAL)), (old,))
    with pytest.raises(Invalid) as refused:
        check(SharingUpdate(None, (old, ItemRef("deal", "43#7"))), (old,))
    assert refused.value.field == "items[1].id"
