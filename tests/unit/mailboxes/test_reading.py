"""Looking at a mailbox: what is kept of received mail, what follows from it, and what survives a death at any point."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ocello.domain.common import ids
from ocello.domain.common.errors import Unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.consent.subjects import subject_of
from ocello.domain.mailboxes.kept import MailboxState, ReceivedMail
from ocello.domain.messages.delivery import Deferred, Rejected, SignInRefused
from ocello.domain.messages.message import Mailbox, Message, Recipient, Report, number_recipients
from ocello.domain.people.users import Account
from ocello.services.mailboxes.matching import MailMatching
from ocello.services.mailboxes.read import MailboxReading
from ocello.services.sending.ports import StoredMessage
from tests.fakes.mailboxes import MemoryMailboxes, MemoryMailboxStates, MemoryReceivedMails
from tests.fakes.messages import MemoryConversations, MemoryMessageStore, MemoryRecipientStore
from tests.fakes.sending.accounts import MemoryAccountStore
from tests.fakes.world import Clock

KEY = b"k" * 32
NOW = 1_764_000_000_000
REP = "rep@example.test"


class Killed(BaseException):
    """The end of the process."""


class Mortal:
    """A port of which any call may be the last: before it has done anything, or after all."""

    def __init__(self, port: Any, draw: random.Random, rate: float) -> None:
        self._port, self._draw, self._rate = port, draw, rate

    def __getattr__(self, name: str) -> Any:
        whole = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._live()
            answer = whole(*args, **kwargs)
            self._live()
            return answer

        return call

    def _live(self) -> None:
        if self._draw.random() < self._rate:
            raise Killed


@dataclass
class Post:
    """A rep with sent mail, and a mailbox."""

    clock: Clock = field(default_factory=lambda: Clock(NOW))
    box: Any = field(default_factory=MemoryMailboxes)  # or what opens a real server's mailboxes
    accounts: MemoryAccountStore = field(default_factory=MemoryAccountStore)
    states: MemoryMailboxStates = field(default_factory=MemoryMailboxStates)
    received: MemoryReceivedMails = field(default_factory=MemoryReceivedMails)
    messages: MemoryMessageStore = field(default_factory=MemoryMessageStore)

    def __post_init__(self) -> None:
        self.conversations = MemoryConversations(self.messages)
        self.recipients = MemoryRecipientStore(self.messages)
        self.account = Account("rep", REP, "Rep", "ses", verified=True)
        self.accounts.write(self.account)

    def reading(self, wrap: Any = lambda port: port) -> MailboxReading:
        matching = MailMatching(wrap(self.conversations), wrap(self.messages))
        rows = wrap(self.states), wrap(self.received)
        return MailboxReading(
            wrap(self.box), self.accounts, *rows, matching, wrap(self.recipients), KEY, 396, self.clock
        )

    def begin(self) -> MailboxReading:
        reading = self.reading()
        reading.begin(self.account)
        return reading

    def look(self) -> Any:
        return self.begin().look("rep", REP)

    def send(
        self, number: int, to: list[str], bcc: list[str] | None = None, at: int = NOW - 1_000, **other: Any
    ) -> Message:
        """Store a sent mail."""
        name = ids.uuid7(at, number.to_bytes(10))
        given = {"owner": "rep", "message_id": f"<m{number}@example.test>", "conversation_id": f"c{number}"} | other
        message = Message(id=name, sender=Mailbox(REP), subject="Offer", created_at=at, **given)
        people = number_recipients([Mailbox(each) for each in to], [], [Mailbox(each) for each in bcc or []])
        sent = tuple(replace(each, status="sent") for each in people)
        self.messages.create(StoredMessage(message, sent, Report(), None), None)
        return message

    def comes(self, text: str, folder: str = "INBOX", at: int | None = None) -> None:
        self.box.folders.setdefault(folder, []).append((text.replace("\n", "\r\n").encode(), at or self.clock.now))

    def kept(self) -> list[ReceivedMail]:
        return sorted(self.received.mails.values(), key=lambda mail: mail.at)

    def recipient(self, message: Message, index: int) -> Recipient:
        found = self.recipients.read(message.id, index)
        assert found is not None
        return found

    def state(self) -> MailboxState:
        found = self.states.read("rep", REP)
        assert found is not None
        return found


def reply(to: Message | str, sender: str = "ann@customer.test", name: str = "r1", more: str = "") -> str:
    parent = to if isinstance(to, str) else to.message_id
    return f"Message-ID: <{name}@customer.test>\nFrom: Ann <{sender}>\nIn-Reply-To: {parent}\n{more}\nYes!\n"


def bounce(of: Message | None, address: str, action: str = "failed", sender: str = "mailer-daemon@mx.test") -> str:
    returned = "" if of is None else f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {of.message_id}\n"
    return (
        f"Message-ID: <bounce-{action}-{address}>\nFrom: {sender}\nReturn-Path: <>\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
        f"Final-Recipient: rfc822;{address}\nAction: {action}\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n\n"
        f"{returned}--b--\n"
    )


def test_an_answer_is_kept_once_and_marks_who_wrote_it_and_nobody_else() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test", "bob@customer.test"])
    post.comes(reply(sent, "Ann@Customer.test"))
    assert post.look()[:2] == (1, 1)
    (kept,) = post.kept()
    assert (kept.message, kept.conversation, kept.recipients, kept.kind) == (sent.id, "c1", (0,), "reply")
    assert (kept.at, kept.sender, kept.account) == (NOW, Mailbox("ann@customer.test", "Ann"), REP)
    assert kept.answers
    assert [post.recipient(sent, index).replied_at for index in (0, 1)] == [NOW, 0]
    assert post.received.subjects == {(subject_of("ann@customer.test", KEY), "c1", kept.name)}
    assert post.look()[:2] == (0, 0)
    assert len(post.kept()) == 1


def test_a_mail_that_answers_a_strangers_mail_leaves_no_trace() -> None:
    post = Post()
    post.send(1, ["ann@customer.test"])
    post.comes(reply("<stranger@else.test>"))
    post.comes("Message-ID: <new@customer.test>\nFrom: ann@customer.test\nSubject: Re: Offer\n\nHi\n")
    before = dict(post.messages.conversations)
    assert post.look()[:2] == (2, 0)
    assert (post.kept(), post.received.subjects, post.messages.conversations) == ([], set(), before)


def test_another_users_mail_is_not_answered_by_ours() -> None:
    post = Post()
    post.send(1, ["ann@customer.test"], owner="other")
    post.comes(reply("<m1@example.test>"))
    assert post.look()[:2] == (1, 0)


def test_a_later_answer_to_a_received_mail_belongs_to_the_conversation() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(reply(sent))
    post.comes(reply("<r1@customer.test>", "boss@customer.test", "r2"))
    post.look()
    first, second = sorted(post.kept(), key=lambda mail: mail.answers, reverse=True)
    assert (second.conversation, second.message, second.recipients, second.answers) == ("c1", "", (), False)
    assert first.message == sent.id


def test_an_answer_from_another_address_marks_nobody() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(reply(sent, "ann@private.test"))
    post.look()
    assert (post.kept()[0].recipients, post.recipient(sent, 0).replied_at) == ((), 0)


def test_a_note_of_absence_is_no_answer() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(reply(sent, more="Auto-Submitted: auto-replied\n"))
    post.look()
    noted = post.recipient(sent, 0)
    assert (noted.replied_at, noted.away_at, post.kept()[0].answers) == (0, NOW, False)


def test_what_came_through_a_list_marks_nobody() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(reply(sent, more="List-Id: <talk.customer.test>\n"))
    post.look()
    noted = post.recipient(sent, 0)
    assert (noted.replied_at, noted.away_at, post.kept()[0].kind) == (0, 0, "list")


def test_an_answer_to_a_blind_copy_is_its_owners_alone() -> None:
    post = Post()
    sent = post.send(1, ["bob@customer.test"], ["ann@customer.test"])
    post.comes(reply(sent))
    post.comes(reply(sent, "bob@customer.test", "r2"))
    post.look()
    assert {mail.sender.address: mail.blind for mail in post.kept()} == {
        "ann@customer.test": True,
        "bob@customer.test": False,
    }


def test_a_copy_of_what_the_user_wrote_is_no_answer() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.accounts.write(Account("rep", "me@example.test", "Me", "ses", verified=True))
    post.comes(reply(sent, REP))
    post.comes(reply(sent, "Me@example.test", "r2"))
    assert post.look()[:2] == (2, 0)


def test_a_bounce_changes_the_copy_that_it_names_once_and_suppresses_nobody() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test", "bob@customer.test"])
    post.comes(bounce(sent, "bob@customer.test"))
    post.look()
    bob = post.recipient(sent, 1)
    assert (bob.status, bob.bounce_status, bob.diagnostic) == ("bounced", "5.1.1", "550 no such user")
    assert (post.recipient(sent, 0).status, post.kept()[0].recipients) == ("sent", (1,))
    post.clock.now += 60_000
    post.comes(bounce(sent, "bob@customer.test", sender="postmaster@mx.test").replace("<bounce", "<again"))
    post.look()
    assert post.recipient(sent, 1).changed_at == bob.changed_at


def test_a_server_that_still_tries_changes_no_copy() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(bounce(sent, "ann@customer.test", "delayed"))
    post.look()
    assert (post.recipient(sent, 0).status, post.kept()[0].kind) == ("sent", "delay")


def test_of_a_report_on_several_copies_those_that_failed_alone_change() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test", "bob@customer.test"])
    delayed = "Final-Recipient: rfc822;bob@customer.test\nAction: delayed\nStatus: 4.4.1\n\n"
    post.comes(bounce(sent, "ann@customer.test").replace("Final-Recipient", f"{delayed}Final-Recipient"))
    post.look()
    assert [post.recipient(sent, index).status for index in (0, 1)] == ["bounced", "sent"]
    assert post.kept()[0].recipients == (0, 1)


def test_a_bounce_that_names_somebody_who_was_no_recipient_changes_nothing() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(bounce(sent, "carl@customer.test"))
    post.look()
    assert (post.recipient(sent, 0).status, post.kept()[0].recipients) == ("sent", ())


def test_a_bounce_that_names_no_mail_is_matched_by_the_only_copy_of_five_days_to_its_address() -> None:
    post = Post()
    old = post.send(1, ["ann@customer.test"], at=NOW - 6 * DAY_MS)
    sent = post.send(2, ["bob@customer.test", "ann@customer.test"])
    post.comes(bounce(None, "ann@customer.test"))
    post.look()
    assert [post.recipient(sent, index).status for index in (0, 1)] == ["sent", "bounced"]
    assert post.recipient(old, 0).status == "sent"
    assert post.kept()[0].reasons == ("not_delivered", "by_address")


@pytest.mark.parametrize("other", [{"at": NOW - DAY_MS}, {"at": NOW - 4 * DAY_MS}])
def test_a_bounce_that_names_no_mail_and_fits_two_copies_is_left_alone(other: dict[str, Any]) -> None:
    post = Post()
    first, second = post.send(1, ["ann@customer.test"]), post.send(2, ["ann@customer.test"], **other)
    post.comes(bounce(None, "ann@customer.test"))
    post.look()
    assert [post.recipient(each, 0).status for each in (first, second)] == ["sent", "sent"]
    assert post.kept() == []


def test_a_complaint_is_told_of_the_copy() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(
        "Message-ID: <fbl@p.test>\nFrom: fbl@p.test\nContent-Type: multipart/report; boundary=b\n\n"
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {sent.message_id}\n\nText\n--b--\n"
    )
    post.look()
    assert (post.recipient(sent, 0).status, post.kept()[0].kind) == ("complained", "complaint")


def test_mail_in_other_folders_and_in_spam_is_found_and_a_moved_mail_is_not_kept_twice() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test", "bob@customer.test"])
    post.comes(reply(sent), "Customers")
    post.comes(reply(sent, "bob@customer.test", "r2"), "Junk")
    post.look()
    post.box.folders["Moved"] = post.box.folders.pop("Customers")
    post.look()
    assert {mail.sender.address: mail.in_spam for mail in post.kept()} == {
        "ann@customer.test": False,
        "bob@customer.test": True,
    }


def test_a_folder_that_was_built_anew_is_read_from_two_days_before_all_was_last_read() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(reply(sent))
    post.look()
    post.clock.now += 30 * DAY_MS
    post.box.built["INBOX"] = 1
    post.comes(reply(sent, name="r2"))
    assert post.look()[:2] == (2, 1)  # the first one again
    assert len(post.kept()) == 2


def test_a_mailbox_is_read_from_two_days_before_it_was_connected() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(reply(sent), at=NOW - 3 * DAY_MS)
    post.comes(reply(sent, name="r2"), at=NOW - DAY_MS)
    assert post.look()[:2] == (1, 1)


def test_a_look_that_finds_nothing_writes_once_a_day() -> None:
    post = Post()
    post.send(1, ["ann@customer.test"], at=NOW)
    reading = post.begin()
    for _ in range(5):
        reading.look("rep", REP)
        post.clock.now += 60_000
    assert (post.states.written, post.box.signed_in) == (2, 5)  # the first look, and before it the beginning
    post.clock.now += DAY_MS
    reading.look("rep", REP)
    reading.look("rep", REP)
    assert post.states.written == 3


def test_who_sends_nothing_is_looked_at_less_often_and_who_sends_again_at_once_more_often() -> None:
    post = Post()
    post.send(1, ["ann@customer.test"], at=NOW)
    reading = post.begin()
    for days, pace in ((0, "1M"), (4, "5M"), (31, "60M")):
        post.clock.now = NOW + days * DAY_MS
        reading.look("rep", REP)
        assert post.state().pace == pace
    post.send(2, ["ann@customer.test"], at=post.clock.now)
    reading.look("rep", REP)
    assert post.state().pace == "1M"


def test_a_refused_credential_is_tried_once_until_the_account_is_connected_again() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.box.errors = [SignInRefused("wrong password")]
    reading = post.begin()
    post.comes(reply(sent))
    for _ in range(10):
        reading.look("rep", REP)
        post.clock.now += DAY_MS
    assert post.box.signed_in == 1
    assert (post.state().refused, post.state().diagnostic) == (True, "wrong password")
    assert post.states.on_round("1M", 9, None).items == ()
    assert post.look()[:2] == (1, 1)  # what came meanwhile
    assert not post.state().refused


def test_a_mailbox_that_cannot_be_reached_is_left_alone_for_longer_and_longer() -> None:
    post = Post()
    post.box.errors = [Deferred("busy"), Rejected("no encryption"), *(Deferred("busy") for _ in range(4))]
    reading, waits = post.begin(), []
    for _ in range(6):
        reading.look("rep", REP)
        reading.look("rep", REP)
        waits.append((post.state().not_before - post.clock.now) // 1_000)
        post.clock.now = post.state().not_before
    assert waits == [60, 120, 300, 900, 3_600, 3_600]
    assert (post.box.signed_in, post.state().failing_since) == (6, NOW)
    reading.look("rep", REP)
    assert (post.state().failures, post.state().failing_since, post.state().diagnostic) == (0, 0, "")


def test_a_connection_that_is_lost_in_the_middle_goes_on_where_it_was() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    for number in range(25):
        post.comes(reply(sent, name=f"r{number}"))
    post.box.broken_after = 1
    assert post.look() == (10, 10, True)
    post.box.broken_after = None
    assert post.look()[:2] == (15, 15)


def test_a_long_mailbox_is_read_two_hundred_mails_at_a_time() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    for number in range(210):
        post.comes(reply(sent, name=f"r{number}"))
    assert post.look() == (200, 200, True)
    assert post.look() == (10, 10, False)


def test_the_place_stays_where_it_was_while_the_database_is_out() -> None:
    post = Post()
    sent = post.send(1, ["ann@customer.test"])
    post.comes(reply(sent))
    post.received.down = True
    reading = post.begin()
    with pytest.raises(Unavailable):
        reading.look("rep", REP)
    assert post.state().place == ""
    post.received.down = False
    assert reading.look("rep", REP)[:2] == (1, 1)


def test_a_mailbox_that_is_disconnected_is_looked_at_no_more() -> None:
    post = Post()
    reading = post.begin()
    reading.end("rep", REP)
    assert reading.look("rep", REP)[:2] == (0, 0)
    assert post.box.signed_in == 0


@pytest.mark.parametrize("seed", range(5))
def test_of_two_hundred_answers_all_are_kept_and_none_twice_however_often_the_reader_dies(seed: int) -> None:
    draw, post = random.Random(seed), Post()
    sent = [post.send(number, [f"p{number}-{index}@c.test" for index in range(20)]) for number in range(10)]
    answers = [(message, index) for message in sent for index in range(20)]
    draw.shuffle(answers)
    post.box.at_once = 3
    post.begin()
    reading = post.reading(lambda port: Mortal(port, draw, 0.02))
    deaths = 0
    while answers or post.state().place != _end(post):
        for message, index in answers[:3]:
            person = f"p{message.conversation_id[1:]}-{index}"
            post.comes(reply(message, f"{person}@c.test", person), draw.choice(["INBOX", "Customers", "Junk"]))
        del answers[:3]
        post.clock.now += 60_000
        try:
            reading.look("rep", REP)
        except Killed:
            deaths += 1
    assert deaths > 30
    assert len(post.kept()) == len({(mail.conversation, mail.sender.address) for mail in post.kept()}) == 200
    assert len(post.received.subjects) == 200
    assert all(post.recipient(message, index).replied_at for message in sent for index in range(20))
    assert sum(not known.message for known in post.messages.conversations.values()) == 200


def _end(post: Post) -> str:
    """Return the place behind all mails of a mailbox."""
    *_, last = post.box.look("", 0)
    return last.place
