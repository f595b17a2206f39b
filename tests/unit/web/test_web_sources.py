"""From where people are signed in: noted by a few writes, and what comes from there counts as their own."""

from typing import cast

import pytest

from functions.capture.handler import TrackingHandler, denied
from ocello.domain.common.times import DAY_MS
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.people import sessions
from ocello.domain.people.sessions import MINUTE_MS, RENEW_MS
from ocello.domain.tracking.tokens import OPEN, Keyring, Token, sign_token
from ocello.domain.verdicts.signed_in import SignedIn, source_digest
from ocello.services.engagement.count_loads import LoadCounter
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.record import STORED, Recorder
from ocello.services.engagement.settle import Judge
from ocello.services.sending.send import send
from tests import fakes
from tests.fakes.engagement.settling import CHROME, MemoryEngagementStore, MemorySurroundings
from tests.fakes.web import KEYS, OTHER, REP, Stage

OFFICE, HOTEL, BUYER = "203.0.113.7", "198.51.100.20", "192.0.2.44"
RELAY = "172.225.1.1"  # of a privacy relay, by the package's table


@pytest.fixture
def stage():
    return Stage()


def at(stage, address, user=REP):
    """Sign a user in from an address."""
    browser = stage.browser()
    browser.address = address
    browser.sign_in(user)
    return browser


def known(stage, user=REP):
    return {each.source: each for each in stage.sources.read(user.id).sources}


def digest(address):
    return source_digest(address, fakes.SUBJECT_KEY)


def no_loads() -> LoadCounter:
    raise AssertionError("this mail's picture is no pool's")


class Reading(Recorder):
    """A mail of the rep's on its way to a buyer; its picture is loaded through the tracking origin, and settled."""

    def __init__(self, stage):
        self.stage, self.store = stage, MemoryEngagementStore(stage.messages)
        draft = Draft(
            to=("buyer@customer.test",), subject="Offer", html="<p>Hello</p>", track=Track(opens=True, clicks=False)
        )
        self.message = send(draft, REP, None, stage.context.sending).message.id
        surroundings = MemorySurroundings(messages=stage.messages, sources=stage.sources)
        self.judge = Judge(stage.hits, self.store, surroundings, stage.judging, NothingUnderWay())
        self.origin = TrackingHandler(
            Keyring.parse(KEYS), cast("Recorder", self), denied("", ""), "", "", lambda: 0.0, lambda *_: None, no_loads
        )

    def record(self, hit, _arrived):
        self.stage.hits.hits.append(hit)
        self.judge.settle(self.message, [hit])
        return STORED

    def from_(self, address):
        """Load the picture from an address, and say what is thought of it on the mail's page."""
        token = sign_token(Keyring.parse(KEYS), Token(OPEN, self.message, 0, self.stage.clock() // 1000, 0, None, None))
        http = {"method": "GET", "path": f"/o/{token}", "sourceIp": address}
        self.origin.answer(
            {
                "rawPath": http["path"],
                "headers": {"user-agent": CHROME},
                "requestContext": {
                    "http": http,
                    "requestId": f"r{len(self.stage.hits.hits)}",
                    "timeEpoch": self.stage.clock(),
                },
            }
        )
        opens = self.stage.messages.engagements[self.message].message_opens
        return opens.count, opens.unknown


def test_what_the_sender_opens_where_they_are_signed_in_is_their_own_and_a_buyers_open_counts(stage):
    at(stage, OFFICE)
    mail = Reading(stage)
    stage.clock.now += DAY_MS
    assert mail.from_(OFFICE) == (0, 1)
    assert mail.from_(BUYER) == (1, 1)
    page = stage.browser(REP).get(f"/app/messages/{mail.message}/hits").text
    assert "from where the sender was signed in" in page
    assert OFFICE not in page


def test_a_place_counts_from_when_the_sender_was_there_and_not_before(stage):
    at(stage, OFFICE)
    mail = Reading(stage)
    assert mail.from_(HOTEL) == (1, 0)
    stage.clock.now += DAY_MS
    rep = at(stage, HOTEL)
    assert mail.from_(HOTEL) == (1, 1)
    assert rep.get("/app").status == 200


def test_where_a_colleague_is_signed_in_says_nothing_of_the_senders_mail(stage):
    at(stage, OFFICE)
    at(stage, HOTEL, OTHER)
    assert Reading(stage).from_(HOTEL) == (1, 0)


def test_what_is_kept_is_a_digest_and_no_address(stage):
    at(stage, OFFICE)
    assert set(known(stage)) == {digest(OFFICE)}
    assert OFFICE not in repr((stage.sources.known, stage.sessions.sessions))


def test_a_change_of_network_is_noted_at_the_next_request_whatever_asks(stage):
    rep = at(stage, OFFICE)
    rep.address = HOTEL
    stage.clock.now += MINUTE_MS
    rep.get("/app/alerts")
    assert known(stage)[digest(HOTEL)] == SignedIn(digest(HOTEL), stage.clock.now, stage.clock.now)


def test_many_requests_from_two_networks_are_noted_once_each_until_the_session_gets_a_new_name(stage):
    rep = at(stage, OFFICE)
    for number in range(10):
        rep.address = (OFFICE, HOTEL)[number % 2]
        rep.get("/app")
        stage.clock.now += MINUTE_MS
    assert stage.sources.writes == 2
    begun = known(stage)[digest(OFFICE)]
    stage.clock.now += RENEW_MS
    rep.address = OFFICE
    rep.get("/app")
    rep.get("/app")
    assert stage.sources.writes == 3
    now = known(stage)[digest(OFFICE)]
    assert (now.since, now.until) == (begun.since, stage.clock.now)


def test_a_session_notes_few_places_however_often_it_moves(stage):
    rep = at(stage, OFFICE)
    for number in range(20):
        rep.address = f"198.51.100.{number}"
        rep.get("/app")
    assert stage.sources.writes == sessions.MOST_SOURCES


@pytest.mark.parametrize("address", ["", "garbage", "127.0.0.1", "10.1.2.3", "::1", RELAY])
def test_an_address_that_does_not_tell_who_somebody_is_is_not_noted(stage, address):
    assert at(stage, address).get("/app").status == 200
    assert stage.sources.writes == 0


def test_behind_a_trusted_proxy_the_address_that_it_names_is_the_clients(stage):
    browser = stage.browser()
    browser.address = HOTEL
    browser.sign_in(REP, x_forwarded_for=f"{BUYER}, {OFFICE}")
    assert set(known(stage)) == {digest(OFFICE)}


def test_no_page_fails_where_it_cannot_be_noted_and_the_next_one_tries_again(stage):
    stage.sources.down = True
    rep = at(stage, OFFICE)
    assert rep.get("/app").status == 200
    stage.sources.down = False
    rep.get("/app")
    assert set(known(stage)) == {digest(OFFICE)}


def test_two_sessions_of_one_user_note_both_their_places(stage):
    stage.sources.meanwhile = lambda: at(stage, HOTEL)
    at(stage, OFFICE)
    assert set(known(stage)) == {digest(OFFICE), digest(HOTEL)}
