"""Messages, their recipients, and the conversations that they belong to."""

from dataclasses import replace

import pytest

from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.consent.ladder import Decision
from ocello.domain.messages.message import OWN_USER, ItemRef, Mailbox, Recipient
from ocello.services.sending.ports import KnownId
from tests.ports.examples import NOW, everything, stored


def test_a_message_is_read_as_it_was_written(stores):
    whole = stored(preview="Dear Bea, here is our offer.")
    assert stores.messages.create(whole, None) is None
    assert stores.messages.load(whole.message.id) == whole
    assert stores.messages.load(ids.uuid7(1, bytes(10))) is None


def test_own_copies_are_kept_with_their_message_and_its_recipients(stores):
    whole = stored(opens_off=(1,))
    own = Recipient(1, Mailbox("rep@example.test"), "cc", untracked=OWN_USER)
    whole = replace(whole, recipients=(whole.recipients[0], own))
    stores.messages.create(whole, None)
    assert stores.messages.load(whole.message.id) == whole


def test_how_each_recipient_is_tracked_is_kept_and_written_again_with_their_state(stores):
    decided = Decision("individual", "off", "consent", "eu-strict/1", "recipient", "consent-unknown")
    whole = stored()
    whole = replace(whole, recipients=(replace(whole.recipients[0], tracking=decided, language="fr"),))
    stores.messages.create(whole, None)
    read = stores.messages.load(whole.message.id)
    assert read.recipients == whole.recipients
    assert (read.message.track_opens, read.message.track_clicks) == (True, False), "as its recipients say"
    frozen = replace(decided, opens="off", basis=None, reason="consent-withdrawn")
    claimed = replace(stores.recipients.claim(whole.message.id, 0, NOW), tracking=frozen)
    assert stores.recipients.record(whole.message.id, claimed, frozenset({"sending"}))
    assert stores.recipients.read(whole.message.id, 0).tracking == frozen
    assert not stores.messages.load(whole.message.id).message.tracked


def test_a_message_whose_last_tracked_copy_is_tracked_no_more_says_so_in_each_list(stores):
    both = Decision("individual", "individual", "consent", "eu-strict/1", None, "allowed")
    off = replace(both, opens="off", links="off", basis=None, limited_by="recipient", reason="consent-withdrawn")
    whole = stored()
    one, message = whole.recipients[0], whole.message.id
    two = tuple(replace(one, index=number, tracking=both) for number in range(2))
    stores.messages.create(replace(whole, recipients=two), None)

    def lists():
        (day,) = stores.message_days.between(whole.message.owner, 0, whole.message.created_at + 1)
        (newest,) = stores.message_days.before(whole.message.owner, None, 5)
        tracked = stores.messages.page(whole.message.owner, tracked=True, limit=5, cursor=None).items
        assert (day.opens, day.clicks) == (newest.track_opens, newest.track_clicks)
        return (newest.track_opens, newest.track_clicks, newest.opens_off), len(tracked)

    stores.recipients.record(message, replace(two[0], tracking=off), frozenset({"queued"}))
    stores.messages.lower(message)
    assert lists() == ((True, True, (0,)), 1)
    stores.recipients.record(message, replace(two[1], tracking=replace(off, links="individual")), frozenset({"queued"}))
    stores.messages.lower(message)
    assert lists() == ((False, True, ()), 1)
    stores.recipients.record(message, replace(two[1], tracking=off), frozenset({"queued"}))
    stores.messages.lower(message)
    assert lists() == ((False, False, ()), 0)
    stores.messages.lower(message)
    stores.messages.lower(ids.uuid7(1, bytes(10)))


def test_a_report_of_many_links_comes_back_whole(stores):
    whole = stored(links=30_000)
    stores.messages.create(whole, None)
    assert stores.messages.load(whole.message.id).report == whole.report


def test_the_largest_message_with_the_most_items_is_one_write(stores):
    refs = tuple(ItemRef("person", str(number)) for number in range(40))
    one = stored(items=refs, linked_since=(), visibility="shared")
    one = replace(one, recipients=tuple(replace(one.recipients[0], index=number) for number in range(50)))
    assert stores.messages.create(one, "key") is None
    assert stores.messages.load(one.message.id) == one


def test_a_used_idempotency_key_writes_nothing_and_names_the_earlier_message(stores):
    first, second = stored(1), stored(2)
    assert stores.messages.create(first, "key") is None
    assert stores.messages.create(second, "key") == first.message.id
    assert stores.messages.load(second.message.id) is None
    assert stores.messages.create(stored(3, owner="u2"), "key") is None, "another owner's key is another key"
    assert stores.messages.earlier("u1", "key") == first.message.id
    assert stores.messages.earlier("u1", "other") is None


@pytest.mark.parametrize(("tracked", "expected"), [(False, [6, 5, 4, 3, 2, 1, 0]), (True, [6, 4, 2, 0])])
def test_pages_give_every_message_once_newest_first(stores, tracked, expected):
    for n in range(7):
        stores.messages.create(stored(n, tracked=n % 2 == 0), None)
    stores.messages.create(stored(9, owner="u2"), None)
    found = everything(lambda cursor: stores.messages.page("u1", tracked=tracked, limit=2, cursor=cursor), 2)
    assert [each.message.created_at - NOW for each in found] == expected


def test_a_full_last_page_has_no_cursor(stores):
    for n in range(4):
        stores.messages.create(stored(n), None)
    first = stores.messages.page("u1", tracked=False, limit=2, cursor=None)
    second = stores.messages.page("u1", tracked=False, limit=2, cursor=first.next)
    assert (len(second.items), second.next) == (2, None)


@pytest.mark.parametrize("cursor", ["zzzz", "é", "", "AAAA"])
def test_what_is_no_cursor_is_refused(stores, cursor):
    stores.messages.create(stored(), None)
    with pytest.raises(Invalid) as refused:
        stores.messages.page("u1", tracked=False, limit=1, cursor=cursor)
    assert refused.value.field == "cursor"


def test_a_day_holds_the_messages_made_in_it(stores):
    for n in (0, 1, 1000):
        stores.messages.create(stored(n), None)
    stores.messages.create(stored(1, "u2"), None)
    found = stores.message_days.between("u1", NOW, NOW + 1000)
    assert [(each.created_at - NOW, each.engagement) for each in found] == [(0, None), (1, None)]


def test_an_owners_messages_before_one_are_listed_newest_first(stores):
    mails = [stored(number) for number in range(5)]
    for mail in mails:
        stores.messages.create(mail, None)
    assert [each.id for each in stores.message_days.before("u1", None, 2)] == [mails[4].message.id, mails[3].message.id]
    earlier = stores.message_days.before("u1", mails[3].message.id, 9)
    assert list(earlier) == [mail.message for mail in mails[2::-1]]
    assert list(stores.message_days.before("other", None, 9)) == []


def test_only_one_of_two_claims_gets_a_recipient(stores):
    whole = stored()
    stores.messages.create(whole, None)
    claimed = stores.recipients.claim(whole.message.id, 1, NOW + 5)
    assert claimed == replace(whole.recipients[1], status="sending", attempts=1, changed_at=NOW + 5)
    assert stores.recipients.claim(whole.message.id, 1, NOW + 6) is None
    assert stores.recipients.claim(whole.message.id, 99, NOW) is None
    assert stores.messages.load(whole.message.id).recipients[1] == claimed


def test_a_recipients_state_changes_only_from_the_states_that_were_named(stores):
    whole = stored()
    stores.messages.create(whole, None)
    sent = replace(
        whole.recipients[0], status="sent", provider_message_id="<x@y>", changed_at=NOW, sent_at=NOW, attempts=2
    )
    assert not stores.recipients.record(whole.message.id, sent, frozenset({"sending"}))
    assert stores.recipients.read(whole.message.id, 0).status == "queued"
    assert stores.recipients.record(whole.message.id, sent, frozenset({"queued", "sending"}))
    assert stores.recipients.read(whole.message.id, 0) == sent
    ghost = Recipient(77, Mailbox("x@y.test"), "to")
    assert not stores.recipients.record(whole.message.id, ghost, frozenset({"queued"}))
    assert stores.recipients.read(whole.message.id, 77) is None


def test_the_words_of_a_recipient_keep_what_they_were_made_of(stores):
    whole = stored()
    stores.messages.create(whole, None)
    why = Text("SES did not answer (%(why)s).", why="x")
    ours = Text("Given up after %(tries)s tries. %(words)s", tries=8, words=why)
    for words in (ours, "550 no such user", ours, "", Text("It could not be queued for sending.")):
        changed = replace(whole.recipients[0], diagnostic=words, untracked="nesting")
        assert stores.recipients.record(whole.message.id, changed, frozenset({"queued"}))
        read = stores.recipients.read(whole.message.id, 0)
        assert (read, type(read.diagnostic)) == (changed, type(words))
        if isinstance(words, Text):
            assert (read.diagnostic.pattern, read.diagnostic.values) == (words.pattern, words.values)
    assert isinstance(stores.messages.load(whole.message.id).recipients[0].diagnostic, Text)


def test_the_first_reply_and_the_last_absence_stay_whatever_the_order_and_a_new_state_keeps_them(stores):
    whole = stored()
    message = whole.message.id
    stores.messages.create(whole, None)
    for at in (NOW + 5, NOW + 3, NOW + 9, NOW + 3):
        stores.recipients.note_reply(message, 1, at)
        stores.recipients.note_absence(message, 1, at)
    noted = stores.recipients.read(message, 1)
    assert (noted.replied_at, noted.away_at) == (NOW + 3, NOW + 9)
    bounced = replace(whole.recipients[1], status="bounced", bounce_status="5.1.1")
    assert stores.recipients.record(message, bounced, frozenset({"queued"}))
    assert stores.recipients.read(message, 1) == replace(bounced, replied_at=NOW + 3, away_at=NOW + 9)
    assert stores.messages.load(message).recipients[0] == whole.recipients[0]


def test_nobody_is_made_by_a_note_of_an_answer(stores):
    stores.recipients.note_reply("0" * 36, 0, NOW)
    stores.recipients.note_absence("0" * 36, 0, NOW)
    assert stores.recipients.read("0" * 36, 0) is None


def test_starts_are_counted_while_a_copy_is_queued_and_a_claim_forgets_them(stores):
    message = stored().message.id
    stores.messages.create(stored(), None)
    assert [stores.recipients.count_start(message, 0, by) for by in (1, 1, -1, 1)] == [1, 2, 1, 2]
    claimed = stores.recipients.claim(message, 0, NOW)
    assert stores.recipients.count_start(message, 0, 1) == 0
    stores.recipients.record(message, replace(claimed, status="queued"), frozenset({"sending"}))
    assert stores.recipients.count_start(message, 0, 1) == 1
    stores.recipients.record(message, replace(claimed, status="queued"), frozenset({"queued"}))
    assert stores.recipients.count_start(message, 0, 1) == 1
    assert stores.recipients.count_start(message, 99, 1) == 0


def test_conversations_are_found_by_message_id_within_one_owner(stores):
    stores.conversations.remember("u1", "<a@b>", KnownId("c1", "m1"))
    assert stores.conversations.find("u1", ["<a@b>", "<c@d>"]) == {"<a@b>": KnownId("c1", "m1")}
    assert stores.conversations.find("u2", ["<a@b>"]) == {}
    assert stores.conversations.find("u1", []) == {}


def test_a_message_is_found_by_its_own_id(stores):
    whole = stored()
    stores.messages.create(whole, None)
    found = stores.conversations.find("u1", [whole.message.message_id])
    assert found == {whole.message.message_id: KnownId("c0", whole.message.id)}


def test_an_unknown_id_belongs_to_who_claims_it_first(stores):
    assert stores.conversations.claim("u1", "<a@b>", "c1") == "c1"
    assert stores.conversations.claim("u1", "<a@b>", "c2") == "c1"
    assert stores.conversations.claim("u2", "<a@b>", "c2") == "c2"
    assert stores.conversations.find("u1", ["<a@b>"]) == {"<a@b>": KnownId("c1")}
