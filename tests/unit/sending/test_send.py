"""Sending: everything is stored before anything is queued; repeats change nothing; what is not queued is shown."""

import email
import email.policy
from dataclasses import replace

import pytest

from ocello.domain.common.errors import Conflict, Invalid, NotFound, NotQueued, TooLarge, Unavailable
from ocello.domain.mail.compose import Draft, Enclosed, Track
from ocello.domain.messages import delivery
from ocello.domain.messages.message import Mailbox, status_of
from ocello.domain.people.users import Account, TrackingSettings, User
from ocello.services.sending.outgoing import original_name, upload_name
from ocello.services.sending.ports import KnownId
from ocello.services.sending.send import send, send_again
from tests import fakes
from tests.fakes.world import USER

OTHER = User("user-2", "other@example.test")
HTML = '<p><a href="https://example.com/a?x=1&amp;y=2#z">the offer</a> <a href="mailto:i@x.test">write</a></p>'
DRAFT = Draft(to=("a@customer.test", "b@customer.test"), bcc=("c@customer.test",), subject="Offer", html=HTML)
UPLOAD = "0190a5c0-0000-7000-8000-000000000001"


@pytest.fixture
def sending():
    return fakes.sending_ports(USER)


def statuses(stored):
    return [recipient.status for recipient in stored.recipients]


def test_a_message_is_stored_and_each_recipient_queued(sending):
    stored = send(DRAFT, USER, None, sending)
    identifier = stored.message.id
    assert sending.queue.queued == [(identifier, 0), (identifier, 1), (identifier, 2)]
    assert sending.messages.load(identifier) == stored
    assert statuses(stored) == ["queued"] * 3
    assert stored.message.message_id == f"<{identifier}@example.test>"
    assert stored.message.sender == Mailbox("rep@example.test", "Rita Rep")
    original = sending.mail.files[original_name(identifier)]
    assert stored.message.size == len(original)
    assert b"t.example.test" not in original


@pytest.mark.parametrize("defaults", [TrackingSettings(), TrackingSettings(track_opens=True, track_clicks=True)])
@pytest.mark.parametrize("track", [None, Track(opens=True, clicks=False), Track(opens=False, clicks=False)])
def test_tracking_is_what_the_draft_says_else_the_default(sending, defaults, track):
    sending.settings.write(USER.id, defaults)
    message = send(replace(DRAFT, track=track), USER, None, sending).message
    wanted = track or Track(defaults.track_opens, defaults.track_clicks)
    assert (message.track_opens, message.track_clicks) == (wanted.opens, wanted.clicks)


def test_an_excepted_address_and_a_domain_never_to_track_are_left_in_every_copy(sending):
    html = (
        '<a href="https://example.com/a?x=1&amp;y=2">1</a> <a href="https://example.com/a">2</a> '
        '<a href="https://www.own.test/me">3</a>'
    )
    sending.settings.write(USER.id, TrackingSettings(never_track=("own.test",)))
    draft = replace(
        DRAFT,
        html=html,
        track=Track(opens=False, clicks=True),
        excepted=("https://example.com/a?x=1&y=2", "https://none.test", "x" * 2000),
    )
    stored = send(draft, USER, None, sending)
    assert [link.url for link in stored.report.links] == ["https://example.com/a"]
    assert [(one.where, one.reason) for one in stored.report.untracked] == [
        ("https://example.com/a?x=1&y=2", "except"),
        ("https://www.own.test/me", "never-track"),
    ]
    sending.settings.write(USER.id, TrackingSettings())  # what is changed later changes no copy
    kept = sending.messages.load(stored.message.id).message
    copy = sending.tracker.copy(sending.mail.files[original_name(kept.id)], kept, stored.recipients[1]).raw
    assert copy.count(b"t.example.test/c/") == 1


@pytest.mark.parametrize(
    ("excepted", "words"),
    [
        ([f"https://example.com/{place}" for place in range(201)], r"track.except: must be at most 200"),
        ([f"https://example.com/{place}{'x' * 1400}" for place in range(80)], r"track.except: .* bytes in all"),
        (["https://example.com/\ud800"], r"track.except\[0\]: must be Unicode"),
    ],
)
def test_too_many_excepted_addresses_are_refused(sending, excepted, words):
    with pytest.raises(Invalid, match=words):
        send(replace(DRAFT, excepted=tuple(excepted)), USER, None, sending)


def test_the_report_names_the_links_and_what_was_left(sending):
    report = send(replace(DRAFT, track=Track(opens=True, clicks=True)), USER, None, sending).report
    assert [(link.url, link.text) for link in report.links] == [("https://example.com/a?x=1&y=2#z", "the offer")]
    assert [entry.where for entry in report.untracked] == ["mailto:i@x.test"]


def test_without_tracking_there_is_nothing_to_report(sending):
    report = send(DRAFT, USER, None, sending).report
    assert (report.links, report.untracked) == ((), ())


@pytest.mark.parametrize("verified", [None, False])
def test_without_a_verified_account_nothing_is_sent(sending, verified):
    sending.accounts.accounts.clear()
    if verified is not None:
        sending.accounts.write(Account(USER.id, USER.address, "", "ses", verified=verified))
    with pytest.raises(Conflict):
        send(DRAFT, USER, None, sending)
    assert not sending.mail.files


def test_the_own_address_is_preferred_among_accounts(sending):
    sending.accounts.write(Account(USER.id, "a@example.test", "", "ses", verified=True))
    assert send(DRAFT, USER, None, sending).message.sender.address == USER.address


def test_a_reply_joins_the_conversation_of_what_it_answers(sending):
    first = send(DRAFT, USER, None, sending).message
    reply = send(replace(DRAFT, in_reply_to=first.message_id), USER, None, sending).message
    assert reply.conversation_id == first.conversation_id == first.id


def test_two_replies_to_a_stranger_share_a_conversation(sending):
    replies = [send(replace(DRAFT, in_reply_to="<x@customer.test>"), USER, None, sending).message for _ in range(2)]
    assert replies[0].conversation_id == replies[1].conversation_id == replies[0].id


def original_of(sending, stored):
    mail = email.message_from_bytes(sending.mail.files[original_name(stored.message.id)], policy=email.policy.default)
    return str(mail["In-Reply-To"]), str(mail["References"]).split()


def test_a_reply_carries_the_whole_chain_of_its_thread(sending):
    first = send(DRAFT, USER, None, sending)
    second = send(replace(DRAFT, in_reply_to=first.message.message_id), USER, None, sending)
    third = send(replace(DRAFT, in_reply_to=second.message.message_id), USER, None, sending)
    ids = [each.message.message_id for each in (first, second)]
    assert original_of(sending, second) == (ids[0], ids[:1])
    assert original_of(sending, third) == (ids[1], ids)
    assert third.message.references == tuple(ids)
    assert sending.messages.load(third.message.id).message == third.message


def test_of_an_unknown_parent_a_reply_knows_its_id_alone(sending):
    reply = send(replace(DRAFT, in_reply_to="<x@customer.test>"), USER, None, sending)
    assert original_of(sending, reply) == ("<x@customer.test>", ["<x@customer.test>"])
    second = send(replace(DRAFT, in_reply_to="x@customer.test"), USER, None, sending)
    assert original_of(sending, second) == ("<x@customer.test>", ["<x@customer.test>"])
    assert second.message.conversation_id == reply.message.conversation_id


def test_a_reply_names_its_parent_as_recipients_really_got_it(sending):
    first = send(DRAFT, USER, None, sending)
    for index in (0, 1, 2):  # the last of them is a Bcc recipient
        used = f"<{index}@ses.test>"
        put(sending, first, index, status="sent", provider_message_id=used)
        sending.conversations.remember(USER.id, used, KnownId(first.message.conversation_id, first.message.id))
    own = first.message.message_id
    reply = send(replace(DRAFT, in_reply_to=own), USER, None, sending)
    assert original_of(sending, reply) == (own, ["<0@ses.test>", "<1@ses.test>", own])
    other = send(replace(DRAFT, in_reply_to="<1@ses.test>"), USER, None, sending)
    assert original_of(sending, other) == ("<1@ses.test>", ["<0@ses.test>", "<1@ses.test>"])
    assert {reply.message.conversation_id, other.message.conversation_id} == {first.message.id}


def test_the_chain_of_another_users_mail_is_not_told(sending):
    sending.accounts.write(Account(OTHER.id, OTHER.address, "", "ses", verified=True))
    first = send(replace(DRAFT, in_reply_to="<secret@customer.test>"), USER, None, sending)
    reply = send(replace(DRAFT, in_reply_to=first.message.message_id), OTHER, None, sending)
    assert original_of(sending, reply)[1] == [first.message.message_id]


def test_another_users_conversation_is_not_joined(sending):
    sending.accounts.write(Account(OTHER.id, OTHER.address, "", "ses", verified=True))
    first = send(DRAFT, USER, None, sending).message
    reply = send(replace(DRAFT, in_reply_to=first.message_id), OTHER, None, sending).message
    assert reply.conversation_id == reply.id


def test_the_same_key_and_draft_give_the_same_message_once(sending):
    first = send(DRAFT, USER, "key", sending)
    assert send(DRAFT, USER, "key", sending).message == first.message
    assert len(sending.messages.messages) == len(sending.mail.files) == 1


def test_the_same_key_for_another_draft_is_a_conflict(sending):
    send(DRAFT, USER, "key", sending)
    with pytest.raises(Conflict):
        send(replace(DRAFT, subject="Other"), USER, "key", sending)


def test_a_key_is_its_users_own(sending):
    sending.accounts.write(Account(OTHER.id, OTHER.address, "", "ses", verified=True))
    assert send(DRAFT, USER, "key", sending).message.id != send(DRAFT, OTHER, "key", sending).message.id


def test_a_repeat_queues_only_what_still_waits(sending):
    identifier = send(DRAFT, USER, "key", sending).message.id
    sending.recipients.claim(identifier, 1, 0)
    sending.queue.queued.clear()
    send(DRAFT, USER, "key", sending)
    assert sending.queue.queued == [(identifier, 0), (identifier, 2)]


def test_a_race_for_one_key_makes_one_message(sending):
    first = send(DRAFT, USER, "key", sending)

    class Late(fakes.MemoryMessageStore):
        def earlier(self, owner, idempotency):
            return None

    late = replace(sending, messages=Late(**vars(sending.messages)))
    assert send(DRAFT, USER, "key", late).message.id == first.message.id
    assert len(sending.messages.messages) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb"])
def test_a_key_that_is_none_is_refused(sending, key):
    with pytest.raises(Invalid) as refused:
        send(DRAFT, USER, key, sending)
    assert refused.value.field == "Idempotency-Key"


def test_what_the_queue_takes_at_the_second_time_is_not_lost(sending):
    sending.queue.refusals = 1
    assert statuses(send(DRAFT, USER, None, sending)) == ["queued"] * 3
    assert len(sending.queue.queued) == 3


def test_a_recipient_that_cannot_be_queued_is_failed_and_says_so(sending):
    sending.queue.refused = frozenset({1})
    stored = send(DRAFT, USER, None, sending)
    assert statuses(stored) == ["queued", "failed", "queued"]
    assert stored.recipients[1].diagnostic == delivery.NOT_QUEUED
    assert sending.messages.load(stored.message.id).recipients == stored.recipients


def test_where_nothing_can_be_queued_all_is_failed_and_asking_again_mends_it(sending):
    sending.queue.refused = frozenset(range(3))
    with pytest.raises(Unavailable):
        send(DRAFT, USER, "key", sending)
    (identifier,) = sending.messages.messages
    assert status_of(sending.messages.load(identifier).recipients) == "failed"
    sending.queue.refused = frozenset()
    assert statuses(send(DRAFT, USER, "key", sending)) == ["queued"] * 3
    assert len(sending.queue.queued) == 3


class Unheard(fakes.MemoryDeliveryQueue):
    """A queue that accepts copies but whose answers get lost; sending of those in `pending` has begun meanwhile."""

    def __init__(self, sending, pending):
        super().__init__()
        self.sending, self.pending = sending, pending

    def enqueue(self, message, indexes, owner):
        super().enqueue(message, indexes, owner)
        for index in self.pending:
            self.sending.recipients.claim(message, index, 1)
        return list(indexes)


def unheard(sending, *pending):
    return replace(sending, queue=Unheard(sending, pending))


def test_what_the_queue_took_though_nobody_heard_it_is_said_to_be_sent(sending):
    stored = send(DRAFT, USER, None, unheard(sending, 0, 1, 2))
    assert statuses(stored) == ["sending"] * 3
    assert sending.messages.load(stored.message.id).recipients == stored.recipients


def test_of_what_was_lost_only_that_is_failed_which_nobody_sends(sending):
    stored = send(DRAFT, USER, None, unheard(sending, 1))
    assert statuses(stored) == ["failed", "sending", "failed"]
    for index in (0, 2):  # the queue has them all the same: nobody sends what is not queued
        assert sending.recipients.claim(stored.message.id, index, 2) is None


def test_nothing_is_sent_is_said_only_where_that_is_so(sending):
    with pytest.raises(NotQueued, match="nothing of it is being sent"):
        send(DRAFT, USER, "key", unheard(sending))
    (identifier,) = sending.messages.messages
    for index in range(3):
        assert sending.recipients.claim(identifier, index, 2) is None


def test_where_nobody_can_look_it_is_said_that_nobody_knows(sending):
    class Dark(fakes.MemoryRecipientStore):
        def record(self, message, recipient, among):
            raise Unavailable("database: down")

    sending.queue.refusals = 2
    with pytest.raises(NotQueued, match="it is not known whether"):
        send(DRAFT, USER, "key", replace(sending, recipients=Dark(sending.messages)))
    assert statuses(send(DRAFT, USER, "key", sending)) == ["queued"] * 3
    assert len(sending.messages.messages) == 1


def test_copies_are_queued_in_their_owners_name(sending):
    send(DRAFT, USER, None, sending)
    assert sending.queue.owners == [USER.id]


@pytest.mark.parametrize("broken", ["messages", "mail"])
def test_where_storing_fails_nothing_is_queued(sending, broken):
    getattr(sending, broken).down = True
    with pytest.raises(Unavailable):
        send(DRAFT, USER, None, sending)
    assert not sending.queue.queued
    assert not sending.messages.rows


def test_an_upload_goes_along(sending):
    sending.mail.files[upload_name(USER.id, UPLOAD)] = b"the file"
    stored = send(replace(DRAFT, attachments=(Enclosed(UPLOAD, "offer.pdf"),)), USER, None, sending)
    assert b"offer.pdf" in sending.mail.files[original_name(stored.message.id)]


@pytest.mark.parametrize("upload", [UPLOAD, "../other", "", "messages/x"])
def test_an_upload_that_is_not_ones_own_is_refused(sending, upload):
    sending.mail.files[upload_name(OTHER.id, UPLOAD)] = b"secret"
    sending.mail.files[upload_name(USER.id, "../other")] = b"secret"
    with pytest.raises(Invalid) as refused:
        send(replace(DRAFT, attachments=(Enclosed(upload, "x"),)), USER, None, sending)
    assert refused.value.field == "attachments[0].upload"


def test_uploads_beyond_the_limit_are_not_even_read(sending):
    class Huge(fakes.MemoryMailStore):
        def size(self, name):
            return 13_000_000

        def get(self, name):
            raise AssertionError(name)

    with pytest.raises(TooLarge):
        send(
            replace(DRAFT, attachments=(Enclosed(UPLOAD, "a"), Enclosed(UPLOAD, "b"))),
            USER,
            None,
            replace(sending, mail=Huge()),
        )


def put(sending, stored, index, **changes):
    row = replace(sending.messages.rows[stored.message.id, index], **changes)
    sending.messages.rows[stored.message.id, index] = row


SENT_AGAIN = [("failed", True), ("unknown", True), ("bounced", True), ("queued", True)]
KEPT = [("sending", False), ("sent", False), ("complained", False)]


@pytest.mark.parametrize(("status", "goes"), SENT_AGAIN + KEPT)
def test_sending_again_is_for_copies_that_did_not_surely_leave(sending, status, goes):
    stored = send(DRAFT, USER, None, sending)
    put(sending, stored, 1, status=status, changed_at=sending.clock(), provider_message_id="<x@y>")
    sending.queue.queued.clear()
    if goes:
        again = send_again(USER, stored.message.id, 1, sending)
        assert statuses(again) == ["queued"] * 3
        assert sending.queue.queued == [(stored.message.id, 1)]
    else:
        with pytest.raises(Conflict):
            send_again(USER, stored.message.id, 1, sending)
        assert not sending.queue.queued


def test_a_copy_that_waits_for_its_next_try_is_tried_now(sending):
    stored = send(DRAFT, USER, None, sending)
    put(sending, stored, 1, attempts=4, diagnostic="451 later", changed_at=sending.clock())
    assert send_again(USER, stored.message.id, 1, sending).recipients[1].attempts == 0


def test_a_copy_whose_sending_was_cut_short_long_ago_may_be_sent_again(sending):
    stored = send(DRAFT, USER, None, sending)
    put(sending, stored, 1, status="sending", changed_at=sending.clock())
    sending.clock.pass_by(delivery.STALE_AFTER_MS / 1000 + 1)
    assert statuses(send_again(USER, stored.message.id, 1, sending)) == ["queued"] * 3


@pytest.mark.parametrize(("user", "index"), [(OTHER, 0), (USER, 3), (USER, -1)])
def test_what_is_not_ones_own_cannot_be_sent_again(sending, user, index):
    stored = send(DRAFT, USER, None, sending)
    with pytest.raises(NotFound):
        send_again(user, stored.message.id, index, sending)
