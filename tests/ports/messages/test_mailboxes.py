"""Received mail, and how far mailboxes were read."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.mailboxes.kept import MailboxState, ReceivedMail
from ocello.domain.mailboxes.received import MailRef
from ocello.domain.messages.message import Mailbox
from ocello.services.consent.ports import SubjectCopy
from tests.ports.examples import NOW, everything

ANN, BOB = "a" * 43, "b" * 43  # subjects
MAIL = ReceivedMail(
    name="0f" * 20,
    owner="u1",
    account="rep@example.test",
    conversation="c1",
    message="m1",
    recipients=(2, 0),
    sender=Mailbox("ann@customer.test", "Änn"),
    at=NOW,
    kind="reply",
    reasons=("no_program",),
    ref=MailRef("INBOX/Ünd", "1.7"),
    in_spam=True,
    blind=True,
)
BARE = replace(MAIL, name="1", message="", recipients=(), kind="auto", in_spam=False, blind=False, at=NOW - 1)
LATER = NOW + 86_400_000
STATE = MailboxState(
    "u1",
    "rep@example.test",
    NOW,
    "{}",
    "5M",
    NOW + 2,
    NOW + 3,
    4,
    NOW + 5,
    diagnostic=Text("busy: %(why)s", why="x"),
    version=1,
)


def test_a_received_mail_comes_back_as_it_was_and_is_kept_once(stores):
    assert stores.received.add(MAIL, ANN, LATER)
    assert stores.received.add(BARE, ANN, LATER)
    assert not stores.received.add(replace(MAIL, kind="auto"), BOB, LATER)
    assert list(stores.received.of("c1")) == [BARE, MAIL]
    assert list(stores.received.of("c2")) == []
    assert stores.received.of_subject(BOB, 9, None).items == ()


def test_the_same_mail_may_be_in_two_conversations(stores):
    assert stores.received.add(MAIL, ANN, LATER)
    assert stores.received.add(replace(MAIL, conversation="c2"), ANN, LATER)
    assert [mail.conversation for mail in everything(lambda cursor: stores.received.of_subject(ANN, 1, cursor), 1)] == [
        "c1",
        "c2",
    ]


def test_what_a_person_wrote_is_found_page_by_page_and_removed_without_anything_else(stores):
    stores.subjects.add([SubjectCopy(ANN, "m1", 0, "u1")])
    mails = [replace(MAIL, name=f"{number:040d}", conversation=f"c{number % 3}") for number in range(7)]
    for mail in mails:
        stores.received.add(mail, ANN, LATER)
    stores.received.add(replace(MAIL, name="of bob"), BOB, LATER)
    found = everything(lambda cursor: stores.received.of_subject(ANN, 3, cursor), 3)
    assert sorted(mail.name for mail in found) == [mail.name for mail in mails]
    stores.received.remove(ANN, found)
    stores.received.remove(ANN, found)
    assert everything(lambda cursor: stores.received.of_subject(ANN, 3, cursor), 3) == []
    assert [mail.name for each in ("c0", "c1", "c2") for mail in stores.received.of(each)] == ["of bob"]
    assert len(stores.subjects.page(ANN, 9, None).items) == 1


def test_a_list_of_a_person_refuses_a_cursor_of_another(stores):
    for number in range(3):
        stores.received.add(replace(MAIL, name=str(number)), ANN, LATER)
    cursor = stores.received.of_subject(ANN, 1, None).next
    with pytest.raises(Invalid):
        stores.received.of_subject(BOB, 1, cursor)


def test_the_state_of_a_mailbox_comes_back_as_it_was_and_is_written_over_what_it_was_alone(stores):
    assert stores.mailbox_states.read("u1", STATE.address) is None
    assert stores.mailbox_states.write(STATE, None)
    assert not stores.mailbox_states.write(STATE, None)
    later = replace(STATE, place="further", version=2)
    assert stores.mailbox_states.write(later, STATE)
    assert not stores.mailbox_states.write(replace(later, place="back"), STATE)
    read = stores.mailbox_states.read("u1", STATE.address)
    assert (read, read.diagnostic.pattern) == (later, "busy: %(why)s")
    stores.mailbox_states.delete("u1", STATE.address)
    stores.mailbox_states.delete("u1", STATE.address)
    assert stores.mailbox_states.read("u1", STATE.address) is None
    assert not stores.mailbox_states.write(later, STATE)


def test_a_mailbox_is_on_the_round_of_its_pace_unless_it_was_refused(stores):
    states = [replace(STATE, owner=f"u{number}") for number in range(5)]
    for state in states:
        stores.mailbox_states.write(state, None)
    found = everything(lambda cursor: stores.mailbox_states.on_round("5M", 2, cursor), 2)
    assert found == states
    stores.mailbox_states.write(replace(states[0], pace="60M", version=2), states[0])
    stores.mailbox_states.write(replace(states[1], refused=True, version=2), states[1])
    assert list(stores.mailbox_states.on_round("5M", 9, None).items) == states[2:]
    assert [state.owner for state in stores.mailbox_states.on_round("60M", 9, None).items] == ["u0"]
    assert stores.mailbox_states.on_round("1M", 9, None).items == ()
