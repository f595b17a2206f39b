"""The sender's own copy and the team's are never tracked, by whatever way the mail goes out, and that is said."""

from dataclasses import replace
from typing import cast

import pytest

from ocello.domain.engagement.insight import WeekHour
from ocello.domain.engagement.summary import Engagement
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.message import OWN_USER
from ocello.domain.people.users import Account, User
from ocello.services.sending.deliver import deliver
from ocello.services.sending.precheck import precheck
from ocello.services.sending.send import send, send_again
from ocello.services.sending.track import instrument
from ocello.services.statistics.insight import MailInsight
from ocello.services.statistics.ports import TrackedSample
from ocello.services.views.messages import Json, message_json
from tests import fakes
from tests.fakes.sending.ports import MemoryOwnUsers
from tests.fakes.world import USER

MATE, GONE = User("user-2", "tom@example.test"), User("user-3", "gone@example.test", disabled=True)
SALES = "sales@example.test"
BOTH, NONE = Track(opens=True, clicks=True), Track(opens=False, clicks=False)
DRAFT = Draft(
    to=("Buyer <buyer@customer.test>", "Tom <Tom@Example.test>"),
    cc=(USER.address, GONE.address),
    bcc=(SALES,),
    subject="Offer",
    html='<p><a href="https://example.com/x">x</a></p>',
    track=BOTH,
)
OURS = {"Tom@Example.test", USER.address, SALES}
RAW = (
    b"From: rep@example.test\r\nTo: buyer@customer.test, TOM@example.test\r\nCc: rep@example.test\r\n"
    b"Subject: Offer\r\nContent-Type: text/html\r\n\r\n<p><a href='https://example.com/x'>x</a></p>\r\n"
)


@pytest.fixture
def sending():
    made = replace(fakes.sending_ports(USER), own_users=MemoryOwnUsers([USER, MATE, GONE]))
    made.accounts.write(Account(USER.id, SALES, "", "ses", verified=True))
    return made


def is_tracked(raw):
    return b"https://t.example.test/" in raw.replace(b"=\r\n", b"")


def copies_said(stored):
    said = cast("list[Json]", message_json(stored, USER.id)["untracked"])
    return {(each["where"], each["reason"]) for each in said if each["what"] == "copy"}


def test_own_copies_go_out_as_they_were_written_and_the_others_tracked(sending):
    message = send(DRAFT, USER, None, sending).message
    transport = fakes.MemoryTransport()
    for index in range(5):
        deliver(message.id, index, fakes.delivery_ports(sending, ses=transport))
    assert {posted.to: is_tracked(posted.copy) for posted in transport.taken} == {
        "buyer@customer.test": True,
        GONE.address: True,
        **dict.fromkeys(OURS, False),
    }
    assert copies_said(sending.messages.load(message.id)) == {(address, OWN_USER) for address in OURS}


def test_it_is_said_at_once_before_anything_is_sent(sending):
    assert copies_said(send(DRAFT, USER, None, sending)) == {(address, OWN_USER) for address in OURS}


def test_a_copy_that_is_sent_again_is_still_untracked(sending):
    message = send(DRAFT, USER, None, sending).message
    transport = fakes.MemoryTransport()
    row = replace(sending.recipients.read(message.id, 1), status="failed")
    sending.messages.rows[message.id, 1] = row
    send_again(USER, message.id, 1, sending)
    deliver(message.id, 1, fakes.delivery_ports(sending, ses=transport))
    assert not is_tracked(transport.taken[0].copy)


def test_a_message_that_its_caller_sends_has_the_same_exceptions(sending):
    stored, copies = instrument(RAW, (), BOTH, USER, sending)
    assert {each.mailbox.address: is_tracked(raw) for each, raw in copies} == {
        "buyer@customer.test": True,
        "TOM@example.test": False,
        "rep@example.test": False,
    }
    assert copies_said(stored) == {("TOM@example.test", OWN_USER), ("rep@example.test", OWN_USER)}


def test_a_caller_who_names_recipients_has_them_too(sending):
    _, copies = instrument(RAW, ("tom@example.test",), BOTH, USER, sending)
    assert not is_tracked(copies[0][1])


def test_the_address_that_a_message_is_from_is_its_senders_own(sending):
    raw = RAW.replace(b"From: rep@example.test", b"From: rita@elsewhere.test")
    raw = raw.replace(b"Cc: rep@", b"Cc: rita@elsewhere.test, rep@")
    _, copies = instrument(raw, (), BOTH, USER, sending)
    assert not is_tracked(next(raw for each, raw in copies if each.mailbox.address == "rita@elsewhere.test"))


def test_a_domain_beyond_ascii_is_the_same_in_either_spelling(sending):
    sending.accounts.write(Account(USER.id, "rita@bücher.example", "", "ses", verified=True))
    stored = send(replace(DRAFT, to=("rita@BÜCHER.example", "x@y.test"), cc=(), bcc=()), USER, None, sending)
    assert [each.untracked for each in stored.recipients] == [OWN_USER, ""]


def test_who_wants_it_tracks_everybody(sending):
    message = send(DRAFT, USER, None, replace(sending, own_users=None)).message
    transport = fakes.MemoryTransport()
    deliver(message.id, 2, fakes.delivery_ports(sending, ses=transport))
    assert is_tracked(transport.taken[0].copy)


def test_the_team_is_asked_once_for_all_recipients_and_not_without_tracking(sending):
    send(DRAFT, USER, None, sending)
    assert len(sending.own_users.request) == 1
    send(replace(DRAFT, track=NONE), USER, None, sending)
    assert len(sending.own_users.request) == 1


def test_the_check_says_so_too(sending):
    found = precheck(DRAFT, USER, sending)
    assert set(found.own) == OURS
    assert precheck(replace(DRAFT, track=NONE), USER, sending).own == ()


def test_statistics_do_not_count_them_as_people_who_did_not_read(sending):
    stored, _ = instrument(RAW, (), BOTH, USER, sending)

    class Looks:
        def newest(self, *_):
            return [TrackedSample(stored.message, Engagement(), 3, frozenset(), ())]

    day = "2026-09-21"
    stored = replace(stored, message=replace(stored.message, created_at=fakes.NOON))
    assert MailInsight(Looks()).of_owner(USER.id, [day], lambda _: WeekHour(0, 0)).reach.all == 1


def test_the_original_stays_as_it_is(sending):
    _, copies = instrument(RAW, (), BOTH, USER, sending)
    own = next(raw for each, raw in copies if each.mailbox.address == "rep@example.test")
    assert own == RAW


def test_accounts_that_nobody_noted_as_ours_are_noted_when_their_user_sends(sending):
    key = USER.id, SALES
    sending.accounts.accounts[key] = replace(sending.accounts.accounts[key], claimed=False)
    sending.accounts.accounts[USER.id, "new@example.test"] = Account(
        USER.id, "new@example.test", "", "ses", verified=False
    )
    send(DRAFT, USER, None, sending)
    assert {account.address: account.claimed for account in sending.accounts.of(USER.id)} == {
        USER.address: True,
        SALES: True,
        "new@example.test": False,
    }
