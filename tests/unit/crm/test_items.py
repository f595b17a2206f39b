"""Items: what may be written, and how they are found and linked."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.domain.common.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from ocello.domain.crm.items import (
    MAX_EARLIER,
    Item,
    ItemInput,
    add_persons,
    apply_input,
    matches,
    ref_of,
    search_words,
)
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.mail.compose import Track
from ocello.domain.messages.message import ItemRef, Mailbox, number_recipients
from ocello.domain.people.users import User
from ocello.services.inbox.conversations import MailReader
from ocello.services.items.change_items import ItemWriter
from ocello.services.items.items import ItemReader
from ocello.services.sending.send import send
from tests.fakes.inbox import MemoryEngagements
from tests.fakes.items import MemoryItemStore, MemoryLinkedMessages
from tests.fakes.people.people import MemoryUserStore
from tests.fakes.sending.ports import sending_ports
from tests.fakes.world import NOON, Clock
from tests.unit.sending.test_send import DRAFT

REP = User("u-rep", "rep@example.test", "Rep", groups=("sales",))
COLLEAGUE = User("u-col", "colleague@example.test", groups=("sales",))
OUTSIDER = User("u-out", "outsider@example.test")
ADMIN = User("u-adm", "admin@example.test", admin=True)
DEAL, ANN = ItemRef("deal", "42"), ItemRef("person", "7")


@pytest.fixture
def store():
    return MemoryItemStore()


@pytest.fixture
def users():
    return MemoryUserStore({user.id: user for user in (REP, COLLEAGUE, OUTSIDER, ADMIN)})


@pytest.fixture
def put(store, users):
    def write(user, ref, title="A deal", over=None, **other):
        given_ = ItemInput(title, **other)
        return ItemWriter(store, users, Clock()).write(user, ref, given_, over=over)

    return write


@pytest.mark.parametrize(
    ("kind", "identifier", "field"),
    [
        ("deal", "", "id"),
        ("deal", "a" * 129, "id"),
        ("deal", "a/b", "id"),
        ("deal", "a%b", "id"),
        ("deal", "..", "id"),
        ("deal", " a", "id"),
        ("deal", "a\nb", "id"),
        ("offer", "1", "type"),
    ],
)
def test_a_type_or_id_that_cannot_stand_in_an_address_is_refused(kind, identifier, field):
    with pytest.raises(Invalid) as refused:
        ref_of("", kind, identifier)
    assert refused.value.field == field


@pytest.mark.parametrize("identifier", ["42", "a" * 128, "Ä ö&=+;!", "0042:B@c", "…"])
def test_any_other_printable_id_is_the_crms_own(identifier):
    assert ref_of("", "lead", identifier) == ItemRef("lead", identifier)


@pytest.mark.parametrize(
    ("ref", "given_", "field"),
    [
        (DEAL, ItemInput(""), "title"),
        (DEAL, ItemInput("  "), "title"),
        (DEAL, ItemInput("x" * 301), "title"),
        (DEAL, ItemInput("x\0y"), "title"),
        (DEAL, ItemInput("gpj.\u202eexe"), "title"),
        (DEAL, ItemInput("x\u2067y"), "title"),
        (DEAL, ItemInput("x", group="sal\u202ees"), "group"),
        (DEAL, ItemInput("x", owner="nobody"), "owner"),
        (DEAL, ItemInput("x", visibility="all"), "visibility"),
        (DEAL, ItemInput("x", visibility="group"), "group"),
        (DEAL, ItemInput("x", visibility="company", group="sales"), "group"),
        (DEAL, ItemInput("x", person="a/b"), "person"),
        (DEAL, ItemInput("x", addresses=("a@x.test",)), "addresses"),
        (ANN, ItemInput("x", person="8"), "person"),
        (ANN, ItemInput("x", addresses=("a@x.test", "b")), "addresses[1]"),
        (ANN, ItemInput("x", addresses=tuple(f"{n}@x.test" for n in range(21))), "addresses"),
        (ItemRef("organization", "1"), ItemInput("x", organization="2"), "organization"),
    ],
)
def test_what_may_not_stand_in_an_item_is_refused_by_name(ref, given_, field):
    with pytest.raises(Invalid) as refused:
        apply_input(ref, given_, None, REP, NOON)
    assert refused.value.field == field


def test_a_new_item_is_its_writers_and_seen_by_its_owner_alone(put):
    made = put(REP, DEAL)
    assert (made.made, made.changed) == (True, True)
    assert made.item == Item(
        DEAL, "A deal", REP.address, "owner", maker=REP.id, made_at=NOON, changed_at=NOON, version=NOON
    )


def test_writing_again_replaces_all_but_who_sees_it(put):
    put(REP, DEAL, "Old", visibility="group", group="sales", person="7", owner=COLLEAGUE.address)
    again = put(REP, DEAL, "New")
    assert (again.made, again.changed) == (False, True)
    assert (again.item.title, again.item.person) == ("New", "")
    assert (again.item.owner, again.item.visibility, again.item.group) == (COLLEAGUE.address, "group", "sales")


def test_writing_the_same_again_changes_nothing(put, store):
    put(REP, DEAL, visibility="company")
    before = store.get(DEAL)
    assert not put(REP, DEAL, visibility="company").changed
    assert store.get(DEAL) is before


def test_who_may_not_change_an_item_is_told_only_if_they_see_it(put):
    put(REP, DEAL, visibility="group", group="sales")
    with pytest.raises(Forbidden):
        put(COLLEAGUE, DEAL, "Mine")
    with pytest.raises(NotFound):
        put(OUTSIDER, DEAL, "Mine", visibility="company")


def test_an_owner_may_be_named_by_id_if_it_is_a_users(put, users):
    user = User("0198c0de-0000-7000-8000-000000000009", "nine@example.test")
    users.create(user)
    assert put(REP, DEAL, owner=user.id).item.owner == user.address
    with pytest.raises(Invalid):
        put(REP, ItemRef("deal", "2"), owner=user.id.replace("9", "8"))


def test_a_write_that_lost_is_tried_again_and_not_for_ever(put, store):
    store.losses = 2
    assert put(REP, DEAL).made
    store.losses = 99
    with pytest.raises(Unavailable):
        put(REP, DEAL, "New")


def test_a_related_item_that_the_reader_does_not_see_is_left_out(put, store):
    put(REP, ANN, "Ann", visibility="owner")
    put(REP, ItemRef("organization", "9"), "Org", visibility="company")
    put(REP, DEAL, visibility="company", person="7", organization="9")
    assert ItemReader(store, None, None).read(REP, DEAL).related == (ANN, ItemRef("organization", "9"))
    assert ItemReader(store, None, None).read(OUTSIDER, DEAL).related == (ItemRef("organization", "9"),)


def test_lists_and_search_hold_what_the_asker_sees_and_nothing_else(put, store):
    for number, (title, visibility, group) in enumerate(
        [("Bicicletté per Roma", "company", None), ("Roma boats", "group", "sales"), ("Roma trams", "owner", None)]
    ):
        put(REP, ItemRef("deal", str(number)), title, visibility=visibility, group=group)

    def titles(user, text="", kind=None):
        return [item.title for item in ItemReader(store, None, None).page(user, kind, text, 10, None).items]

    assert titles(REP) == ["Bicicletté per Roma", "Roma boats", "Roma trams"]
    assert titles(COLLEAGUE) == ["Bicicletté per Roma", "Roma boats"]
    assert titles(OUTSIDER) == titles(ADMIN) == ["Bicicletté per Roma"]
    assert titles(COLLEAGUE, "roma") == ["Bicicletté per Roma", "Roma boats"]
    assert titles(COLLEAGUE, "bicicletTE rom") == ["Bicicletté per Roma"]
    assert titles(COLLEAGUE, "roma", "person") == titles(COLLEAGUE, "?!") == titles(OUTSIDER, "trams") == []


@given(st.text(max_size=80), st.lists(st.from_regex(r"[a-z]{1,9}@[a-z]{1,9}\.test", fullmatch=True), max_size=4))
def test_every_word_of_an_item_finds_it(title, addresses):
    item = Item(ANN, title, "", "company", addresses=tuple(addresses))
    assert all(matches(item, [word[:length]]) for word in search_words(item) for length in (1, len(word)))


def test_the_persons_who_are_recipients_are_linked_after_what_was_named():
    recipients = number_recipients([Mailbox("B@x.test"), Mailbox("none@x.test")], [], [Mailbox("a@x.test")])
    ann = Item(ANN, "Ann", "", "company", addresses=("a@x.test", "other@x.test"))
    bob = replace(ann, ref=ItemRef("person", "8"), addresses=("b@x.test",))
    assert add_persons((DEAL,), recipients, [ann, bob]) == (DEAL, bob.ref, ANN)
    assert add_persons((ANN,), recipients, [ann]) == (ANN,)
    many = [replace(ann, ref=ItemRef("person", str(number))) for number in range(100)]
    assert len(add_persons((), recipients, many)) == 40


def test_sending_links_the_persons_that_the_sender_sees():
    sending = sending_ports(REP)
    store = sending.items
    users = MemoryUserStore({REP.id: REP})
    for number, (owner, visibility) in enumerate([(REP, "owner"), (OUTSIDER, "owner"), (OUTSIDER, "company")]):
        ref, words = (
            ItemRef("person", str(number)),
            ItemInput("Ann", visibility=visibility, addresses=("Ann@customer.test",)),
        )
        ItemWriter(store, users, Clock()).write(owner, ref, words)
    stored = send(replace(DRAFT, to=("ANN@customer.test",), cc=(), bcc=(), items=(DEAL,)), REP, None, sending)
    assert stored.message.items == (DEAL, ItemRef("person", "0"), ItemRef("person", "2"))
    assert sending.messages.load(stored.message.id).message.items == stored.message.items


def test_an_items_messages_are_ones_own_and_those_shared_whose_every_item_one_sees(put, store):
    sending = replace(sending_ports(REP), items=store)
    put(REP, DEAL, visibility="group", group="sales")
    put(REP, ItemRef("deal", "43"), visibility="owner")
    plans = [("private", (DEAL,)), ("shared", (DEAL,)), ("shared", (DEAL, ItemRef("deal", "43"))), ("shared", ())]
    sent = []
    for visibility, linked in plans:
        sending.clock.pass_by(1)
        sent.append(send(replace(DRAFT, visibility=visibility, items=linked), REP, None, sending).message.id)
    index = MemoryLinkedMessages(sending.messages)

    def seen(user):
        return [each.id for each in ItemReader(store, index, None).messages_of(user, DEAL, 10, None).items]

    assert seen(REP) == [sent[2], sent[1], sent[0]]
    assert seen(COLLEAGUE) == [sent[1]]
    with pytest.raises(NotFound):
        seen(OUTSIDER)
    assert MailReader(sending.messages, ItemReader(store, None, None)).read(COLLEAGUE, sent[1]).message.id == sent[1]
    for hidden in (sent[0], sent[2], sent[3], "nothing"):
        with pytest.raises(NotFound):
            MailReader(sending.messages, ItemReader(store, None, None)).read(COLLEAGUE, hidden)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), max_size=30), st.integers(1, 7))
def test_paging_an_items_messages_gives_each_that_one_sees_once_whatever_lies_between(shared, limit):
    store = MemoryItemStore({DEAL: Item(DEAL, "A deal", REP.address, "company", maker=REP.id)})
    sending = replace(sending_ports(REP), items=store)
    sent = []
    for each in shared:
        sending.clock.pass_by(1)
        linked = (DEAL,) if each else (DEAL, ItemRef("deal", "hidden"))
        message = send(replace(DRAFT, visibility="shared", items=linked), REP, None, sending).message
        sent += [message.id] if each else []
    index, found, cursor = MemoryLinkedMessages(sending.messages), [], None
    while True:
        page = ItemReader(store, index, None).messages_of(COLLEAGUE, DEAL, limit, cursor)
        assert len(page.items) <= limit
        found += [each.id for each in page.items]
        if (cursor := page.next) is None:
            break
    assert found == sent[::-1]


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(put, store):
    seen = put(REP, DEAL, visibility="company").item
    put(ADMIN, DEAL, "By another")
    with pytest.raises(Conflict):
        put(REP, DEAL, "Mine", over=seen.version)
    assert store.get(DEAL).title == "By another"
    assert put(REP, DEAL, "Mine", over=store.get(DEAL).version).item.title == "Mine"
    with pytest.raises(Conflict):
        put(REP, DEAL, "New", over=0)
    with pytest.raises(Conflict):
        put(REP, ItemRef("deal", "gone"), over=seen.version)
    assert put(REP, ItemRef("deal", "new"), over=0).made


def test_an_item_is_deleted_by_who_may_change_it(put, store, users):
    def delete(user, **more):
        ItemWriter(store, users, Clock()).delete(user, DEAL, **more)

    for user in (REP, ADMIN):
        made = put(REP, DEAL, visibility="group", group="sales").item
        with pytest.raises(Forbidden):
            delete(COLLEAGUE)
        with pytest.raises(NotFound):
            delete(OUTSIDER)
        with pytest.raises(Conflict):
            delete(user, over=made.version - 1)
        assert store.get(DEAL) == made
        delete(user, over=made.version)
        assert store.get(DEAL) is None
    with pytest.raises(NotFound):
        delete(REP)


def test_a_deletion_that_lost_is_tried_again_and_not_for_ever(put, store, users):
    put(REP, DEAL)
    store.losses = 99
    with pytest.raises(Unavailable):
        ItemWriter(store, users, Clock()).delete(REP, DEAL)
    store.losses = 2
    ItemWriter(store, users, Clock()).delete(REP, DEAL)
    assert store.get(DEAL) is None


def test_no_version_of_an_item_comes_again_when_it_is_made_again(store, users):
    clock, given_ = Clock(), ItemInput("A deal")
    seen = [ItemWriter(store, users, clock).write(REP, DEAL, given_).item.version]
    for number in range(3):
        clock.pass_by(1)
        title = given_._replace(title=f"Change {number}")
        seen.append(ItemWriter(store, users, clock).write(REP, DEAL, title).item.version)
    ItemWriter(store, users, Clock()).delete(REP, DEAL)
    seen.append(ItemWriter(store, users, clock).write(REP, DEAL, given_).item.version)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("maker", "opens"), [(REP, True), (COLLEAGUE, False), (ADMIN, False)], ids=["the sender", "a third", "an admin"]
)
def test_the_mails_of_a_deleted_item_are_their_owners_alone_until_who_vouches_makes_it_again(
    store, users, maker, opens
):
    sending = replace(sending_ports(REP), items=store)

    def write(user, title):
        given_ = ItemInput(title, visibility="company")
        ItemWriter(store, users, sending.clock).write(user, DEAL, given_)

    def seen(user):
        try:
            MailReader(sending.messages, ItemReader(store, None, None)).read(user, sent)
        except NotFound:
            return False
        return True

    write(COLLEAGUE, "First")
    sending.clock.pass_by(1)
    sent = send(replace(DRAFT, visibility="shared", items=(DEAL,)), REP, None, sending).message.id
    assert (seen(REP), seen(OUTSIDER)) == (True, True)
    ItemWriter(store, users, Clock()).delete(COLLEAGUE, DEAL)
    assert (seen(REP), seen(COLLEAGUE), seen(OUTSIDER)) == (True, False, False)
    sending.clock.pass_by(1)
    write(maker, "Again")
    assert (seen(REP), seen(OUTSIDER)) == (True, opens)
    sending.clock.pass_by(1)
    write(maker, "And changed")
    assert seen(OUTSIDER) == opens


def test_nobody_removes_a_relation_that_they_were_not_shown(put, store):
    put(COLLEAGUE, ANN, "Ann", visibility="owner")
    put(REP, DEAL, visibility="company", person="7", organization="gone")
    put(REP, DEAL, "Changed", visibility="company")
    stands = store.get(DEAL)
    assert (stands.title, stands.person) == ("Changed", "7"), "REP does not see Ann"
    assert stands.organization == "", "of what is not there, a program's word is taken"
    put(COLLEAGUE, ANN, "Ann", visibility="company")
    put(REP, DEAL, "Changed", visibility="company")
    assert store.get(DEAL).person == ""


def test_what_a_person_typed_names_users_and_items_that_they_see(put, store, users):
    put(COLLEAGUE, ANN, "Ann", visibility="owner")
    writer = ItemWriter(store, users, Clock())
    typed = ItemInput("A deal", owner="rep@example.test", visibility="owner")
    for field, unknown in (
        ("person", typed._replace(person="7")),
        ("owner", typed._replace(owner="typo@example.test")),
    ):
        with pytest.raises(Invalid) as refusal:
            writer.write(REP, DEAL, unknown, by_hand=True)
        assert refusal.value.field == field
        assert writer.write(REP, DEAL, unknown).changed, "a program may send them in any order"
    writer.write(REP, DEAL, typed)
    assert writer.write(REP, DEAL, typed._replace(person="7"), by_hand=True).item.person == "7", "it stood before"
    with pytest.raises(NotFound):
        writer.write(ADMIN, DEAL, typed, by_hand=True)
    with pytest.raises(NotFound):
        writer.delete(ADMIN, DEAL, by_hand=True)
    writer.delete(ADMIN, DEAL)
    assert store.get(DEAL) is None


def test_what_names_a_deleted_item_shows_it_no_longer(put, store, users):
    put(REP, ANN, "Ann", visibility="company")
    put(REP, DEAL, visibility="company", person="7")
    ItemWriter(store, users, Clock()).delete(REP, ANN)
    assert ItemReader(store, None, None).read(REP, DEAL).related == ()
    put(REP, ANN, "Ann again", visibility="company")
    assert ItemReader(store, None, None).read(REP, DEAL).related == (ANN,)


def test_an_items_page_lists_of_what_names_it_what_the_reader_sees(put, store):
    put(REP, ItemRef("organization", "9"), "Org", visibility="company")
    for number, visibility in enumerate(["company", "owner", "company", "owner", "owner", "company"]):
        put(REP, ItemRef("deal", str(number)), visibility=visibility, organization="9")

    def listed(user, limit):
        found, cursor = [], None
        while True:
            page = ItemReader(store, None, None).naming(user, ItemRef("organization", "9"), limit, cursor)
            assert len(page.items) <= limit
            found += [each.ref.id for each in page.items]
            if (cursor := page.next) is None:
                return found

    assert listed(OUTSIDER, 1) == listed(OUTSIDER, 2) == listed(OUTSIDER, 9) == ["0", "2", "5"]
    assert listed(REP, 4) == list("012345")
    with pytest.raises(NotFound):
        ItemReader(store, None, None).naming(OUTSIDER, ItemRef("deal", "1"), 9, None)


@pytest.mark.parametrize(
    ("visibility", "linked_"), [("private", ["7", "8", "cc", "bcc"]), ("shared", ["7", "8", "cc"])]
)
def test_all_who_share_an_address_are_linked_and_those_in_bcc_only_where_nobody_else_reads(visibility, linked_):
    sending = sending_ports(REP)
    users = MemoryUserStore({REP.id: REP})
    people = [("7", "info@x.test"), ("8", "info@x.test"), ("cc", "copy@x.test"), ("bcc", "secret@x.test")]
    for identifier, address in people:
        given_ = ItemInput(identifier, visibility="company", addresses=(address,))
        ItemWriter(sending.items, users, sending.clock).write(REP, ItemRef("person", identifier), given_)
    draft = replace(DRAFT, to=("info@x.test",), cc=("Copy@x.test",), bcc=("secret@x.test",), visibility=visibility)
    stored = send(replace(draft, items=()), REP, None, sending)
    assert sorted(each.id for each in stored.message.items) == sorted(linked_)


def test_an_items_figures_tell_colleagues_nothing_of_bcc(put, store):
    sending = replace(sending_ports(REP), items=store)
    put(REP, DEAL, visibility="company")
    draft = replace(DRAFT, to=("to@x.test",), cc=(), bcc=("secret@x.test",), visibility="shared", items=(DEAL,))
    sent = send(replace(draft, track=Track(opens=True, clicks=True)), REP, None, sending).message.id
    once = Summary(1, 0, 0, NOON, NOON, (NOON,))
    sending.messages.engagements[sent] = Engagement(once, once, {1: Actions(once, once)}, {0: once})

    def figures(user):
        index, engagements = MemoryLinkedMessages(sending.messages), MemoryEngagements(sending.messages)
        found = ItemReader(store, index, engagements).figures_of(user, DEAL).figures
        return found.sent, found.opened, found.clicked

    assert (figures(REP), figures(OUTSIDER)) == ((1, 1, 1), (1, 0, 0))


# --- an administrator's change of another's item -------------------------------------------------------------------

OLGA = User("user-olga", "olga@example.test")


class Shared:
    """A shared mail of the rep on a deal of the rep's, and who can read it."""

    def __init__(self, store, users, visibility="owner", group=None):
        self.store, self.users = store, users
        users.create(REP)
        self.sending = replace(sending_ports(REP), items=store)
        self.write(REP, visibility=visibility, group=group)
        self.sent = self.send()

    def write(self, user, **given_):
        self.sending.clock.pass_by(1)
        written = ItemWriter(self.store, self.users, self.sending.clock).write(
            user, DEAL, ItemInput("A deal", **given_)
        )
        self.sending.clock.pass_by(1)
        return written

    def delete(self, user):
        ItemWriter(self.store, self.users, self.sending.clock).delete(user, DEAL)

    def send(self):
        self.sending.clock.pass_by(1)
        return send(replace(DRAFT, visibility="shared", items=(DEAL,)), REP, None, self.sending).message.id

    def reads(self, user, message=None):
        try:
            MailReader(self.sending.messages, ItemReader(self.store, None, None)).read(user, message or self.sent)
        except NotFound:
            return False
        return True


@pytest.mark.parametrize(
    "steps",
    [
        [(ADMIN, {"visibility": "company"})],
        [(ADMIN, {"owner": OLGA.address})],
        [(ADMIN, {"owner": ADMIN.address}), (ADMIN, {"visibility": "company"})],
        [(ADMIN, {"owner": OLGA.address}), (OLGA, {"visibility": "company"})],
        [(ADMIN, {"visibility": "group", "group": "sales"}), (ADMIN, {"visibility": "company"})],
        [(ADMIN, {"visibility": "company"}), (ADMIN, {"visibility": "owner"}), (ADMIN, {"visibility": "company"})],
        [(ADMIN, None), (ADMIN, {"visibility": "company"})],
        [(ADMIN, None), (OLGA, {"visibility": "company"})],
        [(ADMIN, {"visibility": "group", "group": f"g{n}"}) for n in range(40)] + [(ADMIN, {"visibility": "company"})],
    ],
    ids=["public", "given away", "taken", "by a straw man", "twice", "to and fro", "made again", "by another", "often"],
)
def test_no_change_by_an_administrator_opens_a_mail_that_was_linked_before(store, users, steps):
    world = Shared(store, users)
    users.create(OLGA)
    for user, given_ in steps:
        if given_ is None:
            world.delete(user)
        else:
            world.write(user, **given_)
    for reader in (OLGA, ADMIN, COLLEAGUE, OUTSIDER):
        assert not world.reads(reader), reader
    assert world.reads(REP)
    later = world.send()
    if steps[-1][1].get("visibility") == "company":
        assert world.reads(OUTSIDER, later), "what is linked from then on is seen as the item says"


def test_who_read_a_mail_before_an_administrators_change_reads_it_after(store, users):
    world = Shared(store, users, "group", "sales")
    assert (world.reads(COLLEAGUE), world.reads(OUTSIDER)) == (True, False)
    world.write(ADMIN, visibility="company")
    assert (world.reads(COLLEAGUE), world.reads(OUTSIDER)) == (True, False)
    world.write(ADMIN, visibility="owner")
    assert not world.reads(COLLEAGUE)


def test_the_owners_own_word_opens_what_was_linked_before(store, users):
    world = Shared(store, users)
    world.write(ADMIN, visibility="group", group="sales")
    assert not world.reads(COLLEAGUE)
    world.write(REP, visibility="company")
    assert world.reads(OUTSIDER)


def test_a_change_of_title_by_an_administrator_changes_nothing_of_who_reads(store, users):
    world = Shared(store, users, "company")
    world.write(ADMIN)
    assert world.reads(OUTSIDER)
    assert store.get(DEAL).earlier == ()


def test_an_owner_is_told_and_the_trail_says_who_saw_an_item_before_and_after(store, users):
    world = Shared(store, users)
    assert (store.trail, store.notices) == ([], []), "making an item is no change"
    world.write(REP, visibility="company")
    assert [each.action for each in store.trail] == ["item.visibility"]
    assert not store.notices, "one's own change is no news"
    world.write(ADMIN, visibility="owner")
    ItemWriter(store, users, world.sending.clock).write(ADMIN, DEAL, ItemInput("Other title"), by_key=True)
    world.delete(ADMIN)
    assert [(user, note.action, note.actor, note.target) for user, note in store.notices] == [
        (REP.id, "item.visibility", ADMIN.address, "deal/42"),
        (REP.id, "item.changed", ADMIN.address, "deal/42"),
        (REP.id, "item.deleted", ADMIN.address, "deal/42"),
    ]
    assert [note.by_key for note in store.trail] == [False, False, True, False]
    visible = store.trail[1]
    assert (visible.before, visible.after) == (f"company, owner {REP.address}", f"owner {REP.address}")


def test_a_sync_by_an_administrators_key_that_changes_nothing_of_who_sees_tells_nobody(store, users):
    users.create(REP)
    clock = Clock()
    for title in ("One", "Two"):
        given_ = ItemInput(title, owner=REP.address, visibility="company")
        ItemWriter(store, users, clock).write(ADMIN, DEAL, given_, by_key=True)
    assert (store.trail, store.notices) == ([], [])


def test_an_administrator_who_made_an_item_for_another_opens_no_mail_either(store, users):
    users.create(REP)
    sending = replace(sending_ports(REP), items=store)

    def write(**given_):
        sending.clock.pass_by(1)
        ItemWriter(store, users, sending.clock).write(ADMIN, DEAL, ItemInput("A", owner=REP.address, **given_))
        sending.clock.pass_by(1)

    write(visibility="owner")
    sent = send(replace(DRAFT, visibility="shared", items=(DEAL,)), REP, None, sending).message.id
    write(visibility="company")
    for reader in (ADMIN, OUTSIDER):
        with pytest.raises(NotFound):
            MailReader(sending.messages, ItemReader(store, None, None)).read(reader, sent)


def test_who_passes_all_changes_that_are_still_known_does_not_pass_those_that_are_not(store, users):
    world = Shared(store, users)
    everywhere = replace(OUTSIDER, groups=tuple(f"g{number}" for number in range(40)))
    for number in range(40):
        world.write(ADMIN, visibility="group", group=f"g{number}")
    assert len(store.get(DEAL).earlier) == MAX_EARLIER
    assert not world.reads(everywhere)
    assert world.reads(everywhere, world.send())
