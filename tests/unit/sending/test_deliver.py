"""Delivering: at most once, whatever is redelivered, crashes or answers late; an unknown outcome is recorded as such."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from functions.deliver import handler
from ocello.domain.common.errors import Unavailable
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages import delivery
from ocello.domain.messages.delivery import Deferred, OutcomeUnknown, Rejected
from ocello.domain.people.users import Account, SmtpServer
from ocello.domain.tracking.tokens import CLICK, verify
from ocello.services.domains.forecast import MailForecasts
from ocello.services.sending.deliver import Delivered, deliver
from ocello.services.sending.outgoing import original_name
from ocello.services.sending.ports import KnownId, Sent
from ocello.services.sending.send import send, send_again
from tests import fakes
from tests.fakes.sending.domains import MemoryLookupQueue, MemoryMailDomains
from tests.fakes.world import USER

HTML = '<p><a href="https://example.com/x">x</a></p>'
DRAFT = Draft(
    to=("a@customer.test",), bcc=("b@customer.test",), subject="Offer", html=HTML, track=Track(opens=True, clicks=True)
)


class World:
    """A message of two recipients, stored and queued, and all that delivers it."""

    def __init__(self):
        self.sending = fakes.sending_ports(USER)
        self.clock, self.queue = self.sending.clock, self.sending.queue
        self.ses, self.smtp = fakes.MemoryTransport(), fakes.MemoryTransport()
        self.ports = fakes.delivery_ports(self.sending, ses=self.ses, smtp=self.smtp)
        self.message = send(DRAFT, USER, None, self.sending).message

    def deliver(self, index=0):
        return deliver(self.message.id, index, self.ports)

    def recipient(self, index=0):
        return self.ports.recipients.read(self.message.id, index)


@pytest.fixture
def world():
    return World()


def test_each_recipient_gets_a_copy_with_its_own_tokens(world):
    for index in (0, 1):
        assert world.deliver(index) == Delivered("sent")
    assert [(posted.to, posted.tags["recipient"]) for posted in world.ses.taken] == [
        ("a@customer.test", "0"),
        ("b@customer.test", "1"),
    ]
    for index, posted in enumerate(world.ses.taken):
        text = posted.copy.replace(b"=\r\n", b"").decode()
        token = text.split("https://t.example.test/c/")[1].split('"')[0]
        assert verify(fakes.KEYRING, token, CLICK).recipient == index
        assert posted.tags["message"] == world.message.id
        assert b"b@customer.test" not in posted.copy


def test_what_the_transport_used_is_kept_and_found_again(world):
    world.ses.answers = [Sent("<ses-id@transport.test>")]
    world.deliver()
    assert world.recipient().provider_message_id == "<ses-id@transport.test>"
    assert world.recipient().sent_at == world.clock()
    found = world.ports.conversations.find(USER.id, ["<ses-id@transport.test>"])["<ses-id@transport.test>"]
    assert found == KnownId(world.message.conversation_id, world.message.id)


def looking_up(world, lookups):
    world.ports = replace(world.ports, forecasts=MailForecasts(MemoryMailDomains(), lookups, world.clock))


def test_who_takes_in_the_mail_of_a_recipients_domain_is_asked_once_when_a_copy_has_left(world):
    lookups = MemoryLookupQueue()
    looking_up(world, lookups)
    world.ses.answers = [Rejected("550 no")]
    assert (world.deliver(0).status, lookups.asked) == ("failed", [])
    assert world.deliver(1) == Delivered("sent")
    assert lookups.asked == ["customer.test"]


def test_a_look_up_that_cannot_be_asked_for_changes_nothing(world):
    class Down(MemoryLookupQueue):
        def look_up(self, name):
            raise Unavailable(name)

    looking_up(world, Down())
    assert world.deliver() == Delivered("sent")
    assert world.recipient().status == "sent"


def test_a_redelivered_queue_message_sends_nothing(world):
    world.deliver()
    assert world.deliver() == Delivered(None)
    assert world.ses.calls == 1


@pytest.mark.parametrize(
    ("answer", "status", "again"),
    [
        (Rejected("550 no such user"), "failed", None),
        (OutcomeUnknown("then silence"), "unknown", None),
        (Deferred("451 later"), "queued", delivery.PAUSES[0]),
    ],
)
def test_what_the_transport_says_is_written_down_in_its_words(world, answer, status, again):
    world.ses.answers = [answer]
    assert world.deliver() == Delivered(status, again)
    assert (world.recipient().status, world.recipient().diagnostic) == (status, str(answer))


def test_a_refused_recipient_does_not_stop_the_other(world):
    world.ses.answers = [Rejected("550 no")]
    assert [world.deliver(0).status, world.deliver(1).status] == ["failed", "sent"]


@pytest.mark.parametrize("status", ["failed", "unknown", "bounced", "complained", "sent"])
def test_what_is_over_is_never_tried_again_by_itself(world, status):
    row = replace(world.recipient(), status=status)
    world.ports.messages.rows[world.message.id, 0] = row
    assert world.deliver() == Delivered(None)
    assert world.ses.calls == 0


def test_pauses_grow_and_the_last_try_says_so(world):
    world.ses.answers = [Deferred("451 later")] * (len(delivery.PAUSES) + 1)
    pauses = []
    while (delivered := world.deliver()).again_in is not None:
        pauses.append(delivered.again_in)
        world.clock.pass_by(delivered.again_in)
    assert pauses == sorted(set(pauses))
    assert len(pauses) == len(delivery.PAUSES)
    assert max(pauses) < 12 * 3600
    assert delivered == Delivered("failed")
    assert world.recipient().diagnostic == f"Given up after {len(delivery.PAUSES) + 1} tries. 451 later"


def test_a_copy_that_comes_back_too_early_waits_on(world):
    world.ses.answers = [Deferred("451 later")]
    pause = world.deliver().again_in
    world.clock.pass_by(pause - 5)
    again = world.deliver()
    assert again.status is None
    assert 0 < again.again_in <= 5
    assert world.ses.calls == 1
    world.clock.pass_by(again.again_in)
    assert world.deliver() == Delivered("sent")


def test_the_same_copy_goes_out_at_each_try(world):
    world.ses.answers = [Sent("<1@t.test>"), Sent("<2@t.test>")]
    world.deliver()
    row = world.recipient()
    world.ports.messages.rows[world.message.id, 0] = replace(row, status="queued", attempts=0)
    world.clock.pass_by(5000)
    world.deliver()
    first, second = world.ses.taken
    assert first.copy == second.copy


def test_a_fresh_claim_is_left_alone_and_a_stale_one_is_unknown(world):
    world.ports.recipients.claim(world.message.id, 0, world.clock())
    waiting = world.deliver()
    assert waiting.status is None
    world.clock.pass_by(waiting.again_in)
    assert world.deliver() == Delivered("unknown")
    assert world.recipient().diagnostic == delivery.STALE
    assert world.ses.calls == 0


def test_unknown_is_sent_again_only_on_purpose(world):
    world.ses.answers = [OutcomeUnknown("silence")]
    assert world.deliver() == Delivered("unknown")
    assert world.deliver() == Delivered(None)
    send_again(USER, world.message.id, 0, world.sending)
    assert world.deliver() == Delivered("sent")
    assert world.recipient().attempts == 1


def test_a_suppressed_address_is_not_sent_to_until_it_is_allowed_again(world):
    world.ports.suppressions.add("A@customer.test", "bounce", 0)
    assert world.deliver() == Delivered("failed")
    assert "suppression list (bounce)" in world.recipient().diagnostic
    assert world.deliver(1) == Delivered("sent")
    world.ports.suppressions.reasons.clear()
    send_again(USER, world.message.id, 0, world.sending)
    assert world.deliver() == Delivered("sent")


def test_a_disconnected_account_sends_nothing(world):
    world.ports.accounts.accounts.clear()
    assert world.deliver() == Delivered("failed")
    assert world.ses.calls == 0


def test_an_account_that_is_no_longer_verified_sends_nothing(world):
    world.ports.accounts.write(Account(USER.id, USER.address, "", "ses", verified=False))
    assert world.deliver() == Delivered("failed")
    assert world.ses.calls == 0


def test_two_workers_that_prepare_the_same_copy_send_it_once(world):
    class Slow(fakes.MemoryMailStore):
        overtaken = False

        def get(self, name):
            if not self.overtaken:
                self.overtaken = True
                assert world.deliver() == Delivered("sent")
            return super().get(name)

    world.ports = replace(world.ports, mail=Slow(world.ports.mail.files))
    assert world.deliver() == Delivered(None, 1)
    assert world.ses.calls == 1


def test_a_copy_that_was_called_unknown_meanwhile_is_not_queued_by_a_late_postponement(world):
    class Slow(fakes.MemoryTransport):
        def send(self, account, envelope_to, copy, tags):
            world.clock.pass_by(delivery.STALE_AFTER_MS / 1000 + 1)
            assert world.deliver() == Delivered("unknown")  # and its queue message is gone with that
            raise Deferred("451 later")

    world.ports.transports["ses"] = Slow()
    assert world.deliver() == Delivered(None)
    assert world.recipient().status == "unknown"


def test_the_accounts_own_transport_is_used(world):
    server = SmtpServer("mail.example.test", 587, "starttls")
    world.ports.accounts.write(Account(USER.id, USER.address, "", "smtp", verified=True, smtp=server))
    world.deliver()
    assert (world.smtp.calls, world.ses.calls) == (1, 0)


def test_a_lost_original_is_said(world):
    del world.ports.mail.files[original_name(world.message.id)]
    assert world.deliver() == Delivered("failed")


@pytest.mark.parametrize("index", [2, -1])
def test_a_recipient_that_is_none_is_let_go(world, index):
    assert world.deliver(index) == Delivered(None)


def test_what_is_down_before_the_claim_leaves_the_copy_queued(world):
    world.ports.mail.down = True
    with pytest.raises(Unavailable):
        world.deliver()
    assert world.recipient().status == "queued"
    world.ports.mail.down = False
    assert world.deliver() == Delivered("sent")


def test_a_bounce_that_outran_the_record_is_kept(world):
    class Racing(fakes.MemoryTransport):
        def send(self, account, envelope_to, copy, tags):
            row = world.recipient()
            world.ports.messages.rows[world.message.id, 0] = replace(row, status="bounced")
            return super().send(account, envelope_to, copy, tags)

    world.ports.transports["ses"] = Racing()
    world.deliver()
    assert world.recipient().status == "bounced"


class Crash(BaseException):
    """The process dies here; not an Exception, so that nothing can catch it."""


class DyingRecipients(fakes.MemoryRecipientStore):
    """A store that may be down when an outcome is to be recorded."""

    dies = False

    def record(self, message, recipient, among):
        if self.dies:
            raise Unavailable("database: down")
        return super().record(message, recipient, among)


class AtMostOnce(RuleBasedStateMachine):
    """Any order of redeliveries, overlaps, crashes at any step, database failures and passing time."""

    def __init__(self):
        super().__init__()
        self.world = World()
        self.accepted = 0
        outer = self

        class Transport:
            answer = "take"
            crash = False
            overlap = False

            def send(self, account, envelope_to, copy, tags):
                if self.overlap:  # another worker gets the same queue message meanwhile
                    self.overlap = False
                    outer.world.deliver()
                if self.answer == "postpone":
                    raise Deferred("451")
                if self.answer == "refuse":
                    raise Rejected("550")
                outer.accepted += 1
                if self.crash:
                    raise Crash
                if self.answer == "doubt":
                    raise OutcomeUnknown("silence")
                return Sent("<t@t.test>")

        self.transport = Transport()
        self.world.ports.transports["ses"] = self.transport

        class Mail(fakes.MemoryMailStore):
            overlap = False

            def get(self, name):
                if self.overlap:  # another worker prepares the same copy meanwhile
                    self.overlap = False
                    outer.world.deliver()
                return super().get(name)

        self.mail, self.recipients = Mail(self.world.ports.mail.files), DyingRecipients(self.world.ports.messages)
        self.world.ports = replace(self.world.ports, mail=self.mail, recipients=self.recipients)

    @rule(
        answer=st.sampled_from(["take", "postpone", "refuse", "doubt"]),
        crash=st.booleans(),
        overlap=st.sampled_from(["no", "preparing", "sending"]),
        database_dies=st.booleans(),
    )
    def the_queue_delivers(self, answer, crash, overlap, database_dies):
        transport = self.transport
        transport.answer, transport.crash, transport.overlap = answer, crash, overlap == "sending"
        self.mail.overlap = overlap == "preparing"
        self.recipients.dies = database_dies
        with suppress(Crash, Unavailable):
            self.world.deliver()
        self.recipients.dies = False

    @rule(seconds=st.sampled_from([1, 60, 700, 50_000]))
    def time_passes(self, seconds):
        self.world.clock.pass_by(seconds)

    @invariant()
    def no_copy_is_taken_twice(self):
        assert self.accepted <= 1

    @precondition(lambda self: self.accepted)
    @invariant()
    def a_taken_copy_is_never_called_queued_or_failed(self):
        assert self.world.recipient().status in ("sending", "sent", "unknown")


TestAtMostOnce = AtMostOnce.TestCase
TestAtMostOnce.settings = examples(max_examples=60, stateful_step_count=20, deadline=None)


def record(body, number=1):
    return {
        "messageId": f"00000000-0000-4000-8000-00000000000{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:delivery",
        "awsRegion": "eu-west-1",
    }


def test_the_door_gives_back_only_what_must_come_again_each_after_its_pause(capsys):
    outcomes = {0: Delivered("sent"), 1: Delivered("queued", 300), 2: Delivered("failed")}
    queue = fakes.MemoryDeliveryQueue()

    def fake(_message, index, _handed):
        if index == 3:
            raise Unavailable("database: down")
        return outcomes[index]

    records = [record(fakes.queue_body("m", index), index) for index in range(4)] + [record("nonsense", 4)]
    answer = handler.answer({"Records": records}, fake, queue, fakes.Clock())
    assert [failure["itemIdentifier"][-1] for failure in answer["batchItemFailures"]] == ["1", "3", "4"]
    assert queue.delayed == [("receipt-1", 300)]
    line = capsys.readouterr().out
    assert '"CopiesSent":1' in line
    assert '"DeliveryFaults":2' in line


def test_the_door_answers_for_a_whole_batch_that_must_come_again():
    queue = fakes.MemoryDeliveryQueue()
    answer = handler.answer(
        {"Records": [record(fakes.queue_body("m", 0))]}, lambda *_: Delivered(None, 9), queue, fakes.Clock()
    )
    assert len(answer["batchItemFailures"]) == 1
