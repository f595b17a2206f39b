"""The web application's own rows, on the tables of our template."""

from dataclasses import replace

import pytest

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.messages.drafts import DynamoDraftStore
from ocello.adapters.dynamodb.messages.engagements import DynamoEngagements
from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.people.contacts import DynamoContactStore
from ocello.adapters.dynamodb.people.preferences import DynamoPreferenceStore
from ocello.adapters.dynamodb.people.sessions import DynamoSessionStore
from ocello.adapters.no_mail import NoMailStore
from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.domain.engagement.summary import Engagement, Summary
from ocello.domain.messages.drafts import Attached, DraftContent, StoredDraft
from ocello.domain.messages.inbox import ConversationEntry, Line
from ocello.domain.messages.message import ItemRef, Mailbox, Message, Recipient, Report
from ocello.domain.people import sessions
from ocello.domain.people.contacts import Contacts
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.sessions import Session
from ocello.services.inbox import inbox
from ocello.services.inbox.inbox import InboxReader
from ocello.services.sending.ports import StoredMessage

NOW = 1_790_000_000_000
OPENED = Engagement(message_opens=Summary(1, 0, 0, NOW, NOW, (NOW,)))


def message(number, conversation=None, subject="Offer", **other):
    identifier = ids.uuid7(NOW + number * 1000, number.to_bytes(10, "big"))
    made = Message(
        id=identifier,
        owner="rep",
        message_id=f"<{identifier}@example.test>",
        conversation_id=conversation or identifier,
        sender=Mailbox("rep@example.test"),
        subject=subject,
        created_at=NOW + number * 1000,
        track_opens=True,
        track_clicks=False,
        **other,
    )
    return StoredMessage(made, (Recipient(0, Mailbox("buyer@customer.test", "Bea Buyer"), "to"),), Report(), None)


@pytest.fixture
def store(app_table):  # noqa: ARG001 — the table must be there
    return DynamoInboxStore()


@pytest.mark.usefixtures("app_table")
def test_a_session_comes_back_as_it_was_and_is_forgotten():
    store = DynamoSessionStore()
    session = Session("d" * 64, "rep", "token", NOW, NOW + 1, NOW + 2, b"sealed", replaced=True)
    store.begin(session)
    assert store.get("d" * 64) == session
    assert models.Row.get(*keys.session("d" * 64)).ttl * 1000 > sessions.ends_at(session)
    store.delete("d" * 64)
    assert store.get("d" * 64) is None


@pytest.mark.usefixtures("app_table")
def test_preferences_come_back_as_they_were():
    store = DynamoPreferenceStore()
    assert store.read("rep") == Preferences()
    store.sign("rep", "<b>Rosa</b>")
    assert store.read("rep") == Preferences(signature="<b>Rosa</b>"), "the zone is still not known"
    store.settle_zone("rep", "Europe/Oslo")
    store.settle_zone("rep", "Europe/Paris")
    assert store.read("rep").zone == "Europe/Oslo"
    store.choose("rep", Preferences("it", "Europe/Rome", "dark", "of another window"))
    assert store.read("rep") == Preferences("it", "Europe/Rome", "dark", "<b>Rosa</b>")
    store.sign("rep", "")
    assert store.read("rep") == Preferences("it", "Europe/Rome", "dark", "")


@pytest.mark.usefixtures("app_table")
def test_what_is_over_does_not_come_back_by_a_late_note_or_a_new_name():
    store = DynamoSessionStore()
    session = Session("a" * 64, "rep", "token", NOW, NOW, NOW, b"sealed")
    new = replace(session, digest="b" * 64)
    store.note(session)
    assert not store.rename(replace(session, replaced=True), new)
    assert store.get("a" * 64) is store.get("b" * 64) is None
    store.begin(session)
    store.note(replace(session, seen_at=NOW + 9))
    assert store.get("a" * 64) == replace(session, seen_at=NOW + 9)
    assert store.rename(replace(session, replaced=True, sealed=b""), new)
    assert store.get("b" * 64) == new
    assert not store.rename(replace(session, replaced=True), replace(session, digest="c" * 64))
    store.note(replace(session, seen_at=NOW + 99))
    assert store.get("a" * 64).replaced


@pytest.mark.usefixtures("app_table")
def test_the_browsers_language_is_kept_beside_what_was_chosen_and_makes_no_other_choice():
    store = DynamoPreferenceStore()
    store.remember_browser_language("new", "it")
    assert store.read("new") == Preferences(browser_language="it")
    store.sign("rep", "<b>Rosa</b>")
    store.choose("rep", Preferences("en", "Europe/Rome", "dark"))
    store.remember_browser_language("rep", "it")
    assert store.read("rep") == Preferences("en", "Europe/Rome", "dark", "<b>Rosa</b>", "it")


@pytest.mark.usefixtures("app_table")
def test_a_draft_is_written_over_the_version_that_was_read_only():
    store = DynamoDraftStore()
    writing = DraftContent(
        to="a@b.test", html="<p>x</p>", attachments=(Attached("u", "f.pdf", 9),), sender="b@c.test", opens=True
    )
    assert store.write("rep", StoredDraft("1", 1, NOW, writing), None)
    assert not store.write("rep", StoredDraft("1", 1, NOW, DraftContent()), None)
    assert store.get("rep", "1").content == writing
    assert store.write("rep", StoredDraft("1", 2, NOW, DraftContent(subject="y")), 1)
    assert not store.write("rep", StoredDraft("1", 2, NOW, writing), 1)
    store.write("rep", StoredDraft("2", 1, NOW, writing), None)
    page = store.page("rep", 1, None)
    assert [draft.id for draft in page.items] == ["2"]
    assert [draft.id for draft in store.page("rep", 1, page.next).items] == ["1"]
    store.delete("rep", "1")
    assert store.get("rep", "1") is None


def test_an_entry_comes_back_as_it_was(store):
    line = Line("m", "Offer", ("Bea",), 2, True, False, True, False, (ItemRef("deal", "42"),))
    assert store.write("rep", ConversationEntry("c", (line,), 3), None, ())
    assert store.entry("rep", "c").entry == ConversationEntry("c", (line,), 3)


def test_conversations_are_listed_by_their_newest_mail_page_by_page(store):
    first = message(0)
    for stored in [first, *(message(number) for number in range(1, 6))]:
        inbox.add_message(stored, store)
    inbox.add_message(message(9, conversation=first.message.id), store)
    seen, cursor = [], None
    while True:
        page = store.page("rep", "all", 2, cursor)
        seen += [entry.conversation for entry in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [first.message.id, *(message(number).message.id for number in (5, 4, 3, 2, 1))]
    with pytest.raises(Invalid):
        store.page("rep", "opened", 2, store.page("rep", "all", 2, None).next)


def test_an_open_moves_a_mail_between_filters_and_not_in_the_list(store):
    old, new = message(1), message(2)
    inbox.add_message(old, store)
    inbox.add_message(new, store)
    inbox.refresh_engagement("rep", old.message.id, old.message.id, OPENED, store)

    def listed(name):
        return [entry.conversation for entry in store.page("rep", name, 10, None).items]

    assert listed("all") == [new.message.id, old.message.id]
    assert listed("opened") == [old.message.id]
    assert listed("unopened") == [new.message.id]
    inbox.refresh_engagement("rep", old.message.id, old.message.id, Engagement(), store)
    assert listed("opened") == []


def test_of_two_who_change_an_entry_at_once_both_win(store):
    first = message(1)
    inbox.add_message(first, store)
    behind = store.entry("rep", first.message.id)
    inbox.add_message(message(2, conversation=first.message.id), store)
    assert not store.write("rep", behind.entry, behind, ())
    inbox.refresh_engagement("rep", first.message.id, first.message.id, OPENED, store)
    entry = store.entry("rep", first.message.id).entry
    assert (entry.total, [line.opened for line in entry.lines]) == (2, [False, True])


def test_a_late_cleaner_does_not_take_away_what_was_put_back(store):
    stored = message(1)
    inbox.add_message(stored, store)
    name = stored.message.id
    late = store.entry("rep", name)
    inbox.refresh_engagement("rep", name, name, OPENED, store)
    inbox.refresh_engagement("rep", name, name, Engagement(), store)
    from ocello.adapters.dynamodb.messages.inbox import _forget  # noqa: PLC0415 — what a writer that was held up does last
    from ocello.adapters.dynamodb.models_web import InboxRow  # noqa: PLC0415

    _forget(InboxRow(keys.inbox_list("rep", "unopened"), name), late.version + 1)
    assert [entry.conversation for entry in store.page("rep", "unopened", 5, None).items] == [name]


def test_words_are_found_by_their_beginning(store):
    inbox.add_message(message(1, subject="Préventivo Rossi"), store)
    inbox.add_message(message(2, subject="Other"), store)
    engagements = DynamoEngagements()

    def found(text):
        return [
            listed.entry.lines[0].subject
            for listed in InboxReader(store, None, engagements, None).search("rep", text, 9)
        ]

    assert found("prev ROSSI") == ["Préventivo Rossi"]
    assert found("buyer@cust") == ["Other", "Préventivo Rossi"]
    assert found("bea") == ["Other", "Préventivo Rossi"]
    assert found("absent") == []
    assert found("#") == []


def test_what_nobody_noted_is_taken_in_and_the_mark_follows(store):
    messages = DynamoMessageStore(NoMailStore())
    for number in range(3):
        messages.create(message(number), None)
    later = NOW + 10 * inbox.SETTLED_MS
    page = InboxReader(store, messages, DynamoEngagements(), lambda: later).read("rep", "all", 9, None)
    assert len(page.items) == 3
    assert list(store.newer("rep", 9)) == []
    messages.create(message(5), None)
    InboxReader(store, messages, None, lambda: NOW + 6000).catch_up("rep")
    assert list(store.newer("rep", 9)) == [message(5).message.id], "what is so young may still be overtaken"


@pytest.mark.usefixtures("app_table")
def test_contacts_are_written_once_for_each_version():
    store = DynamoContactStore()
    assert store.read("rep") == Contacts()
    first = Contacts((Mailbox("a@x.test", "Zoë"), Mailbox("b@x.test")), "m1", 1)
    assert store.write("rep", first)
    assert not store.write("rep", Contacts((), "m2", 1)), "another window was first"
    assert store.read("rep") == first
    assert store.write("rep", first._replace(up_to="m2", version=2))
    assert not store.write("rep", first._replace(version=2))
    assert store.read("rep").up_to == "m2"


@pytest.mark.usefixtures("app_table")
def test_a_discarded_draft_is_off_the_list_and_comes_back_until_its_time_is_over():
    store, draft = (
        DynamoDraftStore(),
        StoredDraft(ids.uuid7(NOW, bytes(10)), 3, NOW, DraftContent(subject="Half", excepted=("u",))),
    )
    store.write("rep", draft, None)
    store.discard("rep", draft, NOW + 1000)
    assert (store.get("rep", draft.id), store.page("rep", 5, None).items) == (None, ())
    assert store.restore("other", draft.id, NOW) is None
    assert store.restore("rep", draft.id, NOW + 5000) is None
    assert store.restore("rep", draft.id, NOW + 1000) == draft
    assert store.get("rep", draft.id) == draft
    assert store.restore("rep", draft.id, NOW) is None


@pytest.mark.usefixtures("app_table")
def test_an_owners_messages_before_one_are_listed_newest_first():
    store, mails = DynamoMessageStore(NoMailStore()), [message(number) for number in range(5)]
    for mail in mails:
        store.create(mail, None)
    assert [each.id for each in store.before("rep", None, 2)] == [mails[4].message.id, mails[3].message.id]
    assert [each.id for each in store.before("rep", mails[3].message.id, 9)] == [m.message.id for m in mails[2::-1]]
    assert store.before("other", None, 9) == []
