"""Every copy that leaves tracked is noted under its reader before it leaves, that of earlier commits too."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.subjects import subject_of
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import User
from ocello.services.consent.ports import SubjectCopy
from ocello.services.consent.subjects import AllMail, MailPlace, note_stored
from ocello.services.sending.send import send, send_again
from ocello.services.sending.track import instrument
from tests import fakes
from tests.fakes.sending.ports import MemoryOwnUsers
from tests.fakes.world import USER
from tests.ports.examples import stored

DRAFT = Draft(
    to=("Ann@Customer.test",),
    bcc=("bob@customer.test",),
    subject="Offer",
    html='<a href="https://example.com/x">x</a>',
    track=Track(opens=True, clicks=False),
)
RAW = b"From: rep@example.test\r\nTo: ann@customer.test\r\nSubject: x\r\n\r\nhttps://example.com/x\r\n"
HTML = RAW.replace(b"Subject: x", b"Subject: x\r\nContent-Type: text/html")


@pytest.fixture
def sending():
    return fakes.sending_ports(USER)


def noted(sending):
    return sending.subjects.index.copies


def copy(address, message, recipient=0, owner=USER.id):
    return SubjectCopy(subject_of(address, fakes.SUBJECT_KEY), message, recipient, owner)


def test_a_sent_mail_is_noted_for_each_recipient(sending):
    message = send(DRAFT, USER, None, sending).message.id
    assert noted(sending) == {copy("ann@customer.test", message), copy("bob@customer.test", message, 1)}


def test_a_copy_that_its_caller_sends_is_noted(sending):
    made, _ = instrument(HTML, (), DRAFT.track, USER, sending)
    assert noted(sending) == {copy("ann@customer.test", made.message.id)}


def test_a_copy_that_is_as_it_was_written_is_not_noted(sending):
    send(replace(DRAFT, track=Track(opens=False, clicks=False)), USER, None, sending)
    made, _ = instrument(b"X: " + b"x " * 600_000 + b"\r\n" + HTML, (), DRAFT.track, USER, sending)
    assert made.recipients[0].untracked
    assert not noted(sending)


def test_our_own_copies_are_not_noted(sending):
    own = replace(sending, own_users=MemoryOwnUsers([User("u2", "ann@customer.test")]))
    message = send(DRAFT, USER, None, own).message.id
    assert noted(sending) == {copy("bob@customer.test", message, 1)}


def test_where_nothing_can_be_noted_nothing_is_stored_and_nothing_leaves(sending):
    sending.subjects.index.down = True
    with pytest.raises(Unavailable):
        send(DRAFT, USER, None, sending)
    with pytest.raises(Unavailable):
        instrument(HTML, (), DRAFT.track, USER, sending)
    assert not sending.messages.messages
    assert not sending.queue.queued


def test_sending_a_copy_again_notes_it_where_it_was_stored_before_copies_were_noted(sending):
    message = send(DRAFT, USER, None, sending).message.id
    noted(sending).clear()
    row = sending.messages.rows[message, 1]
    sending.messages.rows[message, 1] = replace(row, status="failed")
    send_again(USER, message, 1, sending)
    assert noted(sending) == {copy("bob@customer.test", message, 1)}


# --- mail of earlier commits ------------------------------------------------------------------------------------------


@pytest.fixture
def earlier():
    """Five users, one of whom wrote nothing; 7 tracked messages of three recipients each."""
    users, messages = fakes.MemoryUserStore(), fakes.MemoryMessageStore()
    for number in range(5):
        user = User(f"u{number}", f"{'edcba'[number]}@example.test")
        assert users.create(user, new_entry(0, user, "user.joined", user.address))
    for number, owner in enumerate(["u0", "u0", "u1", "u3", "u3", "u3", "u4"]):
        messages.create(stored(number, owner=owner), None)
    messages.create(stored(9, owner="u1", tracked=False), None)
    return AllMail(users, messages)


EVERY = {
    copy(f"{'abc'[recipient]}@customer.test", stored(number, owner=owner).message.id, recipient, owner)
    for number, owner in enumerate(["u0", "u0", "u1", "u3", "u3", "u3", "u4"])
    for recipient in range(3)
}


def test_stored_mail_is_noted_whole_in_one_go(earlier):
    subjects = fakes.subjects()
    assert note_stored(earlier, subjects, None, 1000) == (7, 21, None)
    assert subjects.index.copies == EVERY


@pytest.mark.parametrize("most", [1, 2, 3, 6])
def test_stored_mail_is_noted_whole_in_several_goes_each_going_on_where_the_last_one_stopped(earlier, most):
    earlier = replace(earlier, at_once=2)
    subjects, place, goes, messages = fakes.subjects(), None, 0, 0
    while goes == 0 or place is not None:
        done, _, place = note_stored(earlier, subjects, place, most)
        assert done < most + 2, "a go is bounded"
        messages, goes = messages + done, goes + 1
    assert subjects.index.copies == EVERY
    assert messages == 7
    assert goes > 1


def test_mail_that_leaves_between_two_goes_disturbs_none_of_them(earlier):
    earlier = replace(earlier, at_once=1)
    subjects = fakes.subjects()
    _, _, place = note_stored(earlier, subjects, None, 4)
    assert place == MailPlace("u3", place.cursor)
    earlier.messages.create(stored(20, owner="u3"), None)
    assert note_stored(earlier, subjects, place, 1000)[2] is None
    assert subjects.index.copies >= EVERY
