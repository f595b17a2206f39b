"""The web application's own rows, on the tables of our template."""

import pytest

from ocello.adapters.dynamodb import keys
from ocello.adapters.dynamodb.messages.engagements import DynamoEngagements
from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.models.inbox import ConversationEntryRow
from ocello.adapters.no_mail import NoMailStore
from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.domain.engagement.summary import Engagement, Summary
from ocello.domain.messages.message import Mailbox, Message, Recipient, Report
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


def test_an_entry_of_an_earlier_release_is_read_with_what_is_no_longer_kept(store):
    inbox.add_message(message(0), store)
    conversation = message(0).message.id
    row = ConversationEntryRow.get(*keys.conversation_entry("rep", conversation))
    row.content["lines"] = [
        {**{name: value for name, value in line.items() if name != "preview"}, "withheld": "consent-unknown"}
        for line in row.content["lines"]
    ]
    row.save()
    (line,) = store.entry("rep", conversation).entry.lines
    assert (line.message, line.preview) == (conversation, "")


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
    from ocello.adapters.dynamodb.models.inbox import InboxRow  # noqa: PLC0415

    _forget(InboxRow(keys.inbox_list("rep", "unopened"), name), late.version + 1)
    assert [entry.conversation for entry in store.page("rep", "unopened", 5, None).items] == [name]


def test_words_are_found_by_their_beginning(store):
    inbox.add_message(message(1, subject="Préventivo Rossi"), store)
    inbox.add_message(message(2, subject="Other"), store)
    engagements = DynamoEngagements()

    def found(text):
        return [
            listed.entry.lines[0].subject
            for listed in InboxReader(store, None, engagements, lambda: NOW).search("rep", text, 9)
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
