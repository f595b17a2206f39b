"""Under rules each mail to others than own users carries a footer; where it has no place for one, nothing is tracked."""

import re
from dataclasses import replace

import pytest

from ocello.domain.common.errors import TrackingNotPermitted
from ocello.domain.consent.ladder import Decision
from ocello.domain.crm.items import Item
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.message import ItemRef
from ocello.domain.tracking import tokens
from ocello.services.sending.deliver import deliver
from ocello.services.sending.precheck import precheck
from ocello.services.sending.send import send
from ocello.services.sending.track import instrument
from tests import fakes
from tests.fakes.sending.ports import MemoryOwnUsers
from tests.fakes.world import KEYRING, USER

BOTH, NOTHING = Track(opens=True, clicks=True), Track(opens=False, clicks=False)
BUYER = "buyer@customer.test"
HTML = '<p><a href="https://example.com/x">x</a></p>'
DRAFT = Draft(to=(BUYER,), subject="Offer", html=HTML, text="Hello", track=BOTH)
SIGNED = (
    b"From: rep@example.test\r\nTo: buyer@customer.test\r\nSubject: x\r\n"
    b'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b\r\n\r\n'
    b"--b\r\nContent-Type: text/html\r\n\r\n<p><a href=https://example.com/x>x</a></p>\r\n"
    b"--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"
)
NO_FOOTER = Decision("off", "off", None, "eu-strict/1", "message", "no-footer")


def sending_under(rules, country=""):
    made = fakes.sending_ports(USER)
    return replace(made, decisions=fakes.decisions(rules, country, made.clock))


@pytest.fixture
def sending():
    return sending_under("eu-strict")


def copies(draft, sending):
    """Send a draft; return what left, by address."""
    stored, transport = send(draft, USER, None, sending), fakes.MemoryTransport()
    for each in stored.recipients:
        deliver(stored.message.id, each.index, fakes.delivery_ports(sending, ses=transport))
    return stored, {posted.to: posted.copy.replace(b"=\r\n", b"") for posted in transport.taken}


def pages(raw):
    """Return the tokens of the footers' links."""
    found = re.findall(rb"https://t.example.test/p/([A-Za-z0-9_-]+)", raw)
    return [tokens.verify(KEYRING, each.decode(), tokens.PRIVACY) for each in found]


@pytest.mark.parametrize(
    ("state", "said"), [("granted", b"are recorded"), ("unknown", b"You decide"), ("refused", b"you chose")]
)
def test_each_copy_says_how_it_is_tracked_in_html_and_text_and_leads_to_its_own_recipient(sending, state, said):
    sending.decisions.say(BUYER, state, state)
    stored, left = copies(replace(DRAFT, to=("other@customer.test", BUYER)), sending)
    assert left[BUYER].count(said) == 2
    assert [(each.message, each.recipient, each.flags) for each in pages(left[BUYER])] == [
        (stored.message.id, 1, tokens.ASK)
    ] * 2
    assert {each.recipient for each in pages(left["other@customer.test"])} == {0}


def test_mail_of_which_nothing_is_wanted_tracked_carries_it_too(sending):
    _, left = copies(replace(DRAFT, track=NOTHING), sending)
    assert len(pages(left[BUYER])) == 2
    assert b"are not recorded.\r\n" in left[BUYER]


def test_without_rules_no_mail_carries_one():
    _, left = copies(DRAFT, sending_under("none"))
    assert pages(left[BUYER]) == []


@pytest.mark.parametrize("track", [BOTH, NOTHING])
def test_own_users_copies_never_carry_one(sending, track):
    sending = replace(sending, own_users=MemoryOwnUsers([USER]))
    _, left = copies(replace(DRAFT, cc=(USER.address,), track=track), sending)
    assert (len(pages(left[BUYER])), pages(left[USER.address])) == (2, [])


def test_an_instrumented_mail_carries_it_for_each_recipient(sending):
    raw = (
        b"From: rep@example.test\r\nTo: a@customer.test, b@customer.test\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n"
    )
    _, made = instrument(raw, (), BOTH, USER, sending)
    assert [[each.recipient for each in pages(copy)] for _, copy in made] == [[0], [1]]


def test_it_names_the_day_of_the_consent(sending):
    said = sending.decisions
    said.say(BUYER, "granted", "granted")
    (subject,) = said.states.states
    state = said.states.states[subject]
    at = sending.clock() - 86_400_000
    said.states.states[subject] = state._replace(opens=state.opens._replace(at=at), links=state.links._replace(at=at))
    _, left = copies(DRAFT, sending)
    assert b"with the consent of 2026-09-20" in left[BUYER]


@pytest.mark.parametrize(
    ("workspace", "address", "items", "language"),
    [
        ("", BUYER, (), "en"),
        ("IT", BUYER, (), "it"),
        ("IT", "buyer@client.fr", (), "fr"),
        ("IT", "buyer@client.fr", ("DE",), "en"),
        ("FR", "buyer@client.de", ("IT",), "it"),
    ],
)
def test_it_is_in_the_language_of_the_recipients_country_else_the_workspaces(workspace, address, items, language):
    sending = sending_under("eu-strict", workspace)
    for country in items:
        deal = Item(ItemRef("deal", "d1"), "Deal", USER.address, "company", country=country, version=1)
        sending.items.put(deal, None)
    linked = tuple(ItemRef("deal", "d1") for _ in items)
    _, left = copies(replace(DRAFT, to=(address,), items=linked, track=NOTHING), sending)
    assert f'<div lang=3D"{language}"'.encode() in left[address]


# --- no place for it ----------------------------------------------------------------------------------------------------------


def test_a_mail_with_no_place_for_it_is_not_tracked_and_that_is_said_before_it_leaves(sending):
    sending.decisions.say(BUYER, "granted", "granted")
    stored, made = instrument(SIGNED, (), BOTH, USER, sending)
    assert [copy for _, copy in made] == [SIGNED]
    assert [each.tracking for each in stored.recipients] == [NO_FOOTER]
    assert not stored.message.tracked
    assert [each.reason for each in stored.report.untracked] == ["no-footer"]
    assert sending.subjects.index.copies == set()


def test_without_rules_such_a_mail_is_tracked_as_far_as_it_can_be():
    stored, _ = instrument(SIGNED, (), BOTH, USER, sending_under("none"))
    assert stored.recipients[0].tracking.reason == "allowed"


def test_a_mode_that_is_named_for_such_a_mail_is_refused_and_nothing_is_stored(sending):
    sending.decisions.say(BUYER, "granted", "granted")
    with pytest.raises(TrackingNotPermitted) as refused:
        instrument(SIGNED, (), Track(opens="individual", clicks=None), USER, sending)
    assert (refused.value.field, refused.value.level) == ("opens", "message")
    assert sending.messages.messages == {}


def test_the_check_before_sending_foretells_it(sending):
    sending.decisions.say(BUYER, "granted", "granted")
    draft = replace(DRAFT, html=None, text="-----BEGIN PGP MESSAGE-----\nx\n")
    found = precheck(draft, USER, sending)
    assert [each.tracking for each in found.recipients] == [NO_FOOTER]
    assert (found.track, found.tracked) == (NOTHING, ())
    stored, left = copies(draft, sending)
    assert stored.recipients[0].tracking == NO_FOOTER
    assert pages(left[BUYER]) == []


def test_without_rules_an_administrator_can_switch_it_on():
    sending = sending_under("none")
    store = sending.decisions.workspace.store
    store.setting = store.setting._replace(footers=True)
    _, left = copies(DRAFT, sending)
    assert [each.recipient for each in pages(left[BUYER])] == [0, 0]
