"""Does a withdrawal silence mail that was sent before, by tokens of every release, while readers notice nothing?"""

import gc
import os
import re
import time
import urllib.parse
import uuid

import pytest

from functions.withdrawals.settings import Settings
from infra.local.api import wait
from infra.local.mailbox import clients
from ocello import settings
from ocello.adapters.hot.aws_http import Connection
from ocello.domain.common import ids
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.subjects import key_of, subject_of
from ocello.domain.tracking.tokens import ASK, PRIVACY, Keyring, Token, sign_token
from ocello.services.consent.ports import SubjectCopy
from ocello.services.consent.withdraw import MOST
from ocello.wiring.cold import Wiring
from tests.tokens_1 import sign_1

GMAIL, BROWSER = clients.CLIENTS["gmail"], clients.CLIENTS["browser"]
TARGET = "https://example.com/a?x=1&y=2#z"
OFFER = '<html><body><p>See <a href="https://example.com/a?x=1&amp;y=2#z">the offer</a></p></body></html>'
BOTH: frozenset[Axis] = frozenset({"opens", "links"})
PATIENCE_S = int(os.environ.get("OCELLO_PATIENCE_S", "300"))
DO = {BOTH: "stop_both", frozenset({"opens"}): "stop_opens", frozenset({"links"}): "stop_links"}


@pytest.fixture(scope="module")
def stack(run):
    """What the run's functions are told by their environment, by name."""
    found = run.client("lambda").list_functions()["Functions"]
    return {one["FunctionName"]: one["Environment"]["Variables"] for one in found if "Environment" in one}


def told(stack, function):
    return next(variables for name, variables in stack.items() if function in name)


class Mail:
    """A mail to one person, who opened it and clicked in it, and what is shown of it."""

    def __init__(self, run, stack, wiring):
        self.run, self.stack, self.wiring, self.api = run, stack, wiring, run.api()
        self.who = f"buyer-{uuid.uuid4().hex[:8]}@customer.test"
        track = {"opens": True, "clicks": True}
        self.message = self.api.send(to=[self.who], subject="Offer", html=OFFER, track=track)
        self.copy = run.tracked(self.who, self.message)
        keyring = Keyring.parse(told(stack, "CaptureFunction")["TOKEN_KEYS"])
        opened = Token("o", self.message["id"], 0, 1_790_000_000)
        self.pixels = [self.copy.pixels[0], f"{run.tracking}/o/{sign_1(keyring, opened)}"]
        self.page = f"{run.tracking}/p/{sign_token(keyring, opened._replace(purpose=PRIVACY, flags=ASK))}"
        clicked = opened._replace(purpose="c", link=0, target=TARGET)
        self.links = [self.copy.links[0], f"{run.tracking}/c/{sign_1(keyring, clicked)}"]

    def open(self, pixel=0):
        answer = clients.load_image(GMAIL, self.pixels[pixel])
        assert (answer.status, answer.headers["content-type"], len(answer.body)) == (200, "image/gif", 43)
        return answer.body

    def click(self, link=0):
        answer = clients.open_link(BROWSER, self.links[link])
        assert (answer.status, answer.headers["location"]) == (302, TARGET)

    def everything(self):
        """Return all that a user is shown of it."""
        identifier = self.message["id"]
        alerts = [one for one in self.api.get("/v1/alerts?limit=200")["items"] if one["message"]["id"] == identifier]
        return (
            self.api.message(identifier),
            self.api.get(f"/v1/messages/{identifier}/hits")["items"],
            sorted((one["kind"], one["state"]) for one in alerts),
        )

    def counts(self):
        now = self.api.message(self.message["id"])
        return now["opens"]["count"], now["clicks"]["count"]

    def withdraw(self, axes):
        """Say no on the recipient's page. Without rules no mail leads there; a footer's link would be this one."""
        shown = clients.request("GET", self.page, {})
        form = re.search(rb'name="form" value="([^"]+)"', shown.body)
        assert form, (shown.status, shown.body)
        said = urllib.parse.urlencode({"do": DO[axes], "form": form[1].decode()}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert clients.request("POST", self.page, kind, said).status == 200

    @property
    def subject(self):
        return subject_of(self.who, key_of(told(self.stack, "WithdrawalsFunction")["SUBJECT_KEY"]))


@pytest.fixture(scope="module")
def wiring(run, stack):
    """The parts of the withdrawals function, made for this process."""
    aws = run.facts["aws"]
    environment = {
        "AWS_ENDPOINT_URL": aws["endpoint_url"],
        "AWS_ACCESS_KEY_ID": aws["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": aws["secret_access_key"],
        "AWS_REGION": aws["region"],
        "AWS_DEFAULT_REGION": aws["region"],
    }
    os.environ.update(environment)
    yield Wiring(settings.read(Settings, told(stack, "WithdrawalsFunction") | environment), environment)
    for each in gc.get_objects():
        if isinstance(each, Connection):
            each.close()


def settled(run, stack, wiring):
    """Wait until a hit on another mail, which came after all others, is counted."""
    fence = Mail(run, stack, wiring)
    fence.click()
    assert wait(lambda: fence.counts()[1] == 1, 60)


@pytest.fixture
def mail(run, stack, wiring):
    made = Mail(run, stack, wiring)
    made.open()
    made.click()
    assert wait(lambda: made.counts() == (1, 1)), made.everything()
    assert wait(lambda: len(made.everything()[2]) == 2, 60), made.everything()
    return made


def test_after_a_withdrawal_old_mail_answers_as_before_and_nothing_moves(run, stack, wiring, mail):
    """Not at once, not when all of it was settled, and not after five minutes, in which all that waits comes."""
    pixel = mail.open()  # within the half hour of the first: it rings no more
    assert wait(lambda: len(mail.everything()[1]) == 3)
    stats = run.api().get("/v1/stats")["total"]
    mail.withdraw(BOTH)
    assert wait(lambda: mail.everything()[2] == [("click", "withdrawn"), ("open", "withdrawn")]), mail.everything()
    before, told = mail.everything(), run.exported(mail.who)
    assert [hit["kind"] for each in told["mails"] for hit in each["hits"]] == ["open", "click", "open"]
    for _ in range(2):
        for each in (0, 1):  # of format 2 with the flag, and of format 1 without
            assert mail.open(each) == pixel
            mail.click(each)
            assert mail.everything() == before, "at once"
        settled(run, stack, wiring)
        assert mail.everything() == before, "when all of it was settled"
        assert run.exported(mail.who) == told
    time.sleep(PATIENCE_S)
    assert mail.everything() == before
    assert run.exported(mail.who) == told
    after = run.api().get("/v1/stats")["total"]
    assert (after["opened"], after["clicked"] - 2) == (stats["opened"], stats["clicked"]), "but for the two fences"


def test_who_stops_opens_alone_is_still_seen_clicking(run, stack, wiring, mail):
    mail.withdraw(frozenset({"opens"}))
    for each in (0, 1):
        mail.open(each)
        mail.click(each)
    assert wait(lambda: len([hit for hit in mail.everything()[1] if hit["kind"] == "click"]) == 3), mail.everything()
    settled(run, stack, wiring)
    message, hits, alerts = mail.everything()
    assert [hit["kind"] for hit in hits].count("open") == message["opens"]["count"] == 1
    assert alerts == [("click", "new"), ("open", "withdrawn")]


def test_a_mail_older_than_the_thousand_that_a_request_closes_is_silent_at_once_and_closed_within_a_minute(
    run, stack, wiring, mail
):
    later = wiring.clock()
    copies = [SubjectCopy(mail.subject, ids.uuid7(later + number, bytes(10)), 0, "u1") for number in range(MOST)]
    wiring.subject_index.add(copies)
    mail.withdraw(BOTH)
    gate = wiring.consent_gate.closed
    assert not gate(mail.message["id"], 0, "open", 5.0), "it is left to the queue"
    before = mail.everything()[:2]
    for each in (0, 1):
        mail.open(each)
        mail.click(each)
        assert mail.everything()[:2] == before
    assert wait(lambda: gate(mail.message["id"], 0, "open", 5.0), 60)
    settled(run, stack, wiring)
    assert wait(lambda: mail.everything()[2] == [("click", "withdrawn"), ("open", "withdrawn")], 60), mail.everything()
    assert mail.everything()[:2] == before
