"""Asking for consent over HTTP: one untracked mail, whose page changes nothing until its button is pressed."""

import email
import email.policy
import re
import urllib.parse
import uuid

import pytest

from infra.local.api import Api
from infra.local.mailbox import clients
from tests.local.test_run import post, signed_in

PREFETCHES = 50


@pytest.fixture(scope="module")
def rep(run):
    """The rep, signed in: a person has every scope, the demo's key reads only."""
    return Api(run.facts["app"], signed_in(run, "rep"))


class Asked:
    """Somebody who was asked, and the mail that they got."""

    def __init__(self, run, rep, purposes=("opens", "links")):
        self.rep, self.purposes, self.who = rep, list(purposes), f"asked-{uuid.uuid4().hex[:8]}@customer.test"
        answer = self.ask()
        assert answer.status == 202, answer.body
        message = rep.get("/v1/messages?limit=1")["items"][0]
        assert message["to"] == [self.who]
        self.message, self.raw = message, run.copy_of(self.who, message).read_bytes()

    def ask(self):
        wanted = {"address": self.who, "language": "fr", "purposes": self.purposes}
        return self.rep.ask("POST", "/v1/consents/requests", wanted)

    @property
    def parts(self):
        mail = email.message_from_bytes(self.raw, policy=email.policy.default)
        return [mail.get_body((kind,)).get_content() for kind in ("html", "plain")]

    @property
    def page(self):
        (link,) = {link for part in self.parts for link in re.findall(r"https?://[^\s\"<>]+", part)}
        assert "/p/" in link
        return link

    def known(self):
        return self.rep.get(f"/v1/consents/{self.who}")


@pytest.fixture(scope="module")
def asked(run, rep):
    return Asked(run, rep)


def test_the_mail_is_untracked_and_has_one_link(asked):
    assert b"/o/" not in asked.raw
    assert b"/c/" not in asked.raw
    assert asked.page.endswith("?lang=fr")
    tracking = asked.rep.message(asked.message["id"])["tracking"]
    assert not tracking["opens"]
    assert not tracking["clicks"]


def test_somebody_who_was_asked_is_not_asked_again(asked):
    again = asked.ask()
    assert again.status == 409
    assert b"recently-asked" in again.body


def test_looking_at_its_page_changes_nothing_however_often(asked):
    before = asked.known()
    assert clients.request("GET", asked.page, {}).status == 200
    assert clients.request("HEAD", asked.page, {}).status == 200
    prefetching = {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}
    assert {clients.request("GET", asked.page, prefetching).status for _ in range(PREFETCHES)} == {200}
    assert asked.known() == before
    assert [row["event"] for row in before["history"]] == ["requested", "requested"]


def test_allow_on_its_page_is_the_second_step_once(run, rep):
    asked = Asked(run, rep)
    page = clients.request("GET", asked.page, {})
    form = re.search(rb'name="form" value="([^"]+)"', page.body)
    assert form
    assert b'value="allow"' in page.body
    said = {"do": "allow", "form": form[1].decode()}
    assert post(asked.page, said).status in (200, 303)
    known = asked.known()
    assert (known["opens"]["state"], known["links"]["state"]) == ("granted", "granted")
    assert b'value="allow"' not in clients.request("GET", asked.page, {}).body
    proof = rep.get(f"/v1/consents/{asked.who}/proof")
    assert proof["signature"]
    assert len(proof["proof"]["lines"]) == 4


@pytest.mark.parametrize(("asked_for", "other"), [("opens", "links"), ("links", "opens")])
def test_allow_grants_what_the_mail_asked_for_alone(run, rep, asked_for, other):
    asked = Asked(run, rep, (asked_for,))
    page = clients.request("GET", asked.page, {})
    form = re.search(rb'name="form" value="([^"]+)"', page.body)
    assert form
    assert post(asked.page, {"do": "allow", "form": form[1].decode()}).status in (200, 303)
    known = asked.known()
    assert (known[asked_for]["state"], known[other]["state"]) == ("granted", "unknown")
    assert b'value="allow"' not in clients.request("GET", asked.page, {}).body


def test_a_withdrawal_by_the_api_silences_mail_that_was_sent(run, rep):
    who = f"silenced-{uuid.uuid4().hex[:8]}@customer.test"
    message = rep.send(to=[who], subject="Offer", html="<p>Hello</p>", track={"opens": True, "clicks": True})
    copy = run.tracked(who, message)
    if not copy.pixels:
        pytest.skip("these rules track nobody without consent")
    evidence = {"source": "on the phone: no", "at": "2026-01-01T09:30:00Z", "notice": "", "channel": "spoken"}
    answer = rep.ask("PUT", f"/v1/consents/{who}", {"opens": "refused", "links": "refused", "evidence": evidence})
    assert answer.status == 200, answer.body
    assert clients.load_image(clients.CLIENTS["gmail"], copy.pixels[0]).status == 200
    assert rep.message(message["id"])["opens"]["count"] == 0


def test_the_demos_keys_have_the_scopes_of_the_contract(run):
    who = urllib.parse.quote("somebody@customer.test")
    statuses = {
        name: (
            run.api(name).ask("GET", f"/v1/consents/{who}").status,
            run.api(name).ask("PUT", f"/v1/consents/{who}", {}).status,
        )
        for name in ("admin", "rep", "colleague")
    }
    assert statuses == {"admin": (200, 422), "rep": (200, 403), "colleague": (403, 403)}
    assert run.api("rep").ask("GET", f"/v1/consents/{urllib.parse.quote('a/b@customer.test', safe='')}").status == 422
