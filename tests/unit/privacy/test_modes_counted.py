"""Each copy that leaves is counted once, by how it is tracked and on what that rests, and by nobody's name."""

from dataclasses import replace

import pytest

from ocello.domain.consent.ladder import Decision
from ocello.domain.messages.delivery import Rejected
from ocello.domain.messages.message import Mailbox, Recipient
from ocello.services.sending.deliver import deliver
from ocello.services.sending.send import send
from ocello.services.sending.track import instrument
from ocello.services.statistics.modes import count_copy
from tests import fakes
from tests.fakes.engagement.statistics import MemoryModeCounts
from tests.fakes.sending.ports import MemoryOwnUsers
from tests.fakes.world import USER
from tests.unit.privacy.test_footers_sent import BOTH, BUYER, DRAFT, sending_under


def sent(sending, counts, draft=DRAFT, transport=None):
    """Send a draft, deliver each copy twice, and return the counts of all days."""
    stored = send(draft, USER, None, sending)
    ports = replace(fakes.delivery_ports(sending, ses=transport or fakes.MemoryTransport()), modes=counts)
    for each in (*stored.recipients, *stored.recipients):
        deliver(stored.message.id, each.index, ports)
    return {name: number for day in counts.days.values() for name, number in day.items()}


@pytest.mark.parametrize(
    ("rules", "state", "counted"),
    [
        ("eu-strict", "unknown", {"opens_off": 1, "links_off": 1}),
        ("eu-strict", "granted", {"opens_individual_consent": 1, "links_individual_consent": 1}),
        ("it-284-2026", "unknown", {"opens_pooled_exempt": 1, "links_off": 1}),
        ("none", "unknown", {"opens_individual_none": 1, "links_individual_none": 1}),
    ],
)
def test_a_copy_is_counted_when_it_leaves_by_what_was_frozen(rules, state, counted):
    sending = sending_under(rules)
    sending.decisions.say(BUYER, state, state)
    assert sent(sending, MemoryModeCounts()) == counted


def test_a_copy_that_does_not_leave_is_not_counted():
    refusing = fakes.MemoryTransport(answers=[Rejected("no")])
    assert sent(sending_under("eu-strict"), MemoryModeCounts(), transport=refusing) == {}


def test_an_own_users_copy_is_not_counted():
    sending = replace(sending_under("none"), own_users=MemoryOwnUsers([replace(USER, id="u2", address=BUYER)]))
    assert sent(sending, MemoryModeCounts()) == {}


def test_that_nothing_could_be_counted_stops_no_mail_and_is_not_made_up_for():
    counts = MemoryModeCounts()
    counts.down = True
    transport = fakes.MemoryTransport()
    assert sent(sending_under("eu-strict"), counts, transport=transport) == {}
    assert len(transport.taken) == 1


def test_copies_that_their_callers_send_are_counted_too():
    counts = MemoryModeCounts()
    raw = b"From: rep@example.test\r\nTo: buyer@customer.test\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n<p>x</p>"
    instrument(raw, (), BOTH, USER, replace(sending_under("none"), modes=counts))
    (day,) = counts.days.values()
    assert day == {"opens_individual_none": 1, "links_individual_none": 1}


def test_a_copy_that_could_not_be_written_as_decided_counts_as_off():
    counts = MemoryModeCounts()
    decided = Decision("individual", "off", "consent", "eu-strict/1", None, "allowed")
    count_copy(Recipient(0, Mailbox(BUYER), "to", tracking=decided), "no-boundary", 0, counts)
    assert counts.days == {"1970-01-01": {"opens_off": 1, "links_off": 1}}
