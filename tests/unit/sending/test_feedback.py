"""Feedback from SES: each kind, in any order and any number of times, ends in the right status."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

from functions.feedback import handler
from ocello.adapters.ses import feedback as ses_feedback
from ocello.domain.common.errors import Unavailable
from ocello.domain.common.times import milliseconds
from ocello.domain.messages.delivery import AFTER, FROM
from ocello.domain.messages.message import Mailbox, Message, Recipient, Report
from ocello.services.sending.feedback import take
from ocello.services.sending.ports import StoredMessage
from tests import fakes

PAYLOADS = Path(__file__).parents[2] / "payloads" / "ses"
MESSAGE = "0190a5c0-1111-7000-8000-000000000001"
ID = "<010201abcdef-0a1b2c3d-1111-2222-3333-444455556666-000000@eu-west-1.amazonses.com>"
REGION = "eu-west-1"


def payload(name):
    return json.loads((PAYLOADS / f"{name}.json").read_text())


class World:
    """One message to one buyer, in a given status."""

    def __init__(self, status="sent", provider_message_id=ID):
        self.store = fakes.MemoryMessageStore()
        self.recipients = fakes.MemoryRecipientStore(self.store)
        self.suppressions = fakes.MemorySuppressionList()
        self.clock = fakes.Clock()
        buyer = Recipient(0, Mailbox("buyer@customer.test"), "to", status, provider_message_id)
        sender = Mailbox("rep@example.test")
        message = Message(
            MESSAGE, "user-1", "<m@x.test>", MESSAGE, sender, "Offer", 0, track_opens=True, track_clicks=True
        )
        self.store.create(StoredMessage(message, (buyer,), Report(), None), None)

    def take(self, name):
        handler.answer(payload(name), REGION, self.store, self.recipients, self.suppressions, self.clock)

    @property
    def status(self):
        return self.recipients.read(MESSAGE, 0).status


@pytest.mark.parametrize(
    ("name", "status", "words", "suppressed"),
    [
        ("delivery", "sent", "", None),
        ("send", "sent", "", None),
        ("delivery_delay", "sent", "", None),
        ("bounce_permanent", "bounced", "smtp; 550 5.1.1 user unknown", "bounce"),
        ("bounce_transient", "bounced", "smtp; 552 5.2.2 mailbox full", None),
        ("bounce_automatic_reply", "sent", "", None),
        ("complaint", "complained", "abuse", "complaint"),
        ("complaint_not_spam", "sent", "", None),
        ("reject", "failed", "SES rejected it: Bad content", None),
    ],
)
def test_each_kind_of_feedback_reaches_the_status(name, status, words, suppressed):
    world = World()
    world.take(name)
    buyer = world.recipients.read(MESSAGE, 0)
    assert (buyer.status, buyer.diagnostic) == (status, words)
    assert world.suppressions.reason("buyer@customer.test") == suppressed


TABLE = {
    ("queued", "delivered"): "queued",
    ("queued", "bounced"): "queued",
    ("queued", "complained"): "queued",
    ("queued", "rejected"): "queued",
    ("sending", "delivered"): "sent",
    ("sending", "bounced"): "bounced",
    ("sending", "complained"): "complained",
    ("sending", "rejected"): "failed",
    ("sent", "delivered"): "sent",
    ("sent", "bounced"): "bounced",
    ("sent", "complained"): "complained",
    ("sent", "rejected"): "failed",
    ("unknown", "delivered"): "sent",
    ("unknown", "bounced"): "bounced",
    ("unknown", "complained"): "complained",
    ("unknown", "rejected"): "failed",
    ("bounced", "delivered"): "bounced",
    ("bounced", "bounced"): "bounced",
    ("bounced", "complained"): "complained",
    ("bounced", "rejected"): "bounced",
    ("complained", "delivered"): "complained",
    ("complained", "bounced"): "complained",
    ("complained", "complained"): "complained",
    ("complained", "rejected"): "complained",
    ("failed", "delivered"): "failed",
    ("failed", "bounced"): "failed",
    ("failed", "complained"): "failed",
    ("failed", "rejected"): "failed",
}
FILES = {"delivered": "delivery", "bounced": "bounce_permanent", "complained": "complaint", "rejected": "reject"}


@pytest.mark.parametrize(("before", "outcome"), TABLE)
def test_the_table_of_statuses(before, outcome):
    world = World(before)
    world.take(FILES[outcome])
    assert world.status == TABLE[before, outcome]


def test_the_table_above_is_whole():
    assert {outcome for _, outcome in TABLE} == set(AFTER) == set(FROM)
    assert len(TABLE) == 7 * len(FROM)


@pytest.mark.parametrize("start", ["sending", "unknown", "sent"])
@pytest.mark.parametrize(
    "names", list(itertools.permutations(["delivery", "bounce_permanent", "complaint", "delivery", "complaint"]))[::7]
)
def test_order_and_repetition_make_no_difference(start, names):
    world = World(start)
    for name in names:
        world.take(name)
    assert world.status == "complained"


def test_a_delivery_makes_the_unknown_known():
    world = World("unknown", provider_message_id="")
    world.take("delivery")
    buyer = world.recipients.read(MESSAGE, 0)
    assert (buyer.status, buyer.provider_message_id, buyer.sent_at) == ("sent", ID, world.clock())


def test_feedback_on_an_earlier_copy_is_not_taken_for_the_later_ones():
    world = World("sent", provider_message_id="<another@eu-west-1.amazonses.com>")
    world.take("bounce_permanent")
    assert world.status == "sent"
    assert world.suppressions.reason("buyer@customer.test") is None


def test_a_repeated_bounce_does_not_undo_a_deliberate_permission():
    world = World()
    world.take("bounce_permanent")
    world.suppressions.reasons.clear()
    world.take("bounce_permanent")
    assert world.suppressions.reason("buyer@customer.test") is None


def test_an_address_is_suppressed_before_its_bounce_is_recorded_so_that_a_failure_between_is_made_good():
    """If the bounce were recorded first, the repeated feedback would change nothing, and the address would get mail again."""
    world = World()
    world.recipients.down = True
    with pytest.raises(Unavailable):
        world.take("bounce_permanent")
    assert world.suppressions.reason("buyer@customer.test") == "bounce"
    assert world.store.rows[MESSAGE, 0].status == "sent"
    world.recipients.down = False
    world.take("bounce_permanent")
    assert world.status == "bounced"


def test_a_status_that_changes_meanwhile_is_looked_at_again():
    world = World("sending", provider_message_id="")

    class Racing(fakes.MemoryRecipientStore):
        raced = False

        def record(self, message, recipient, among):
            if not self.raced:
                self.raced = True
                row = self.store.rows[message, 0]
                self.store.rows[message, 0] = replace(row, status="sent", provider_message_id=ID)
            return super().record(message, recipient, among)

    feedback = ses_feedback.parse(payload("bounce_permanent")["detail"], REGION)
    assert take(feedback, world.store, Racing(world.store), world.suppressions, world.clock)
    assert world.status == "bounced"


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"message": [MESSAGE]},
        {"message": [MESSAGE], "recipient": ["x"]},
        {"message": [], "recipient": ["0"]},
        {"message": [MESSAGE], "recipient": ["\u0661"]},
    ],
)
def test_feedback_on_other_mail_of_the_account_is_let_go(tags):
    bounce = payload("bounce_permanent")
    bounce["detail"]["mail"]["tags"] = tags
    assert ses_feedback.parse(bounce["detail"], REGION) is None


@pytest.mark.parametrize("detail", [{}, {"eventType": "Bounce"}, {"eventType": "New"}])
def test_feedback_of_another_shape_is_let_go(detail, capsys):
    world = World()
    handler.answer({"detail": detail}, REGION, world.store, world.recipients, world.suppressions, world.clock)
    assert world.status == "sent"
    assert "@" not in capsys.readouterr().out


def test_a_recipient_that_is_none_is_let_go():
    world = World()
    bounce = payload("bounce_permanent")
    bounce["detail"]["mail"]["tags"]["recipient"] = ["7"]
    handler.answer(bounce, REGION, world.store, world.recipients, world.suppressions, world.clock)
    assert world.status == "sent"
    assert not world.suppressions.reasons


def test_the_first_region_spells_ids_its_own_way():
    feedback = ses_feedback.parse(payload("delivery")["detail"], "us-east-1")
    assert feedback.provider_message_id.endswith("@email.amazonses.com>")


def test_when_a_copy_was_delivered_is_kept_also_of_one_that_is_known_as_sent():
    for status in ("sent", "sending"):
        world = World(status)
        for _ in range(2):
            world.take("delivery")
        found = world.recipients.read(MESSAGE, 0)
        assert found.status == "sent"
        assert found.delivered_at == milliseconds(payload("delivery")["detail"]["delivery"]["timestamp"]) > 0
