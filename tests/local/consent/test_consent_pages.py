"""Consent on the pages of the web application, over HTTP and without a script: asked for, noted, and proven."""

import email
import email.policy
import html
import json
import re
import urllib.parse
import uuid

import pytest

from infra.local.api import wait
from infra.local.mailbox import clients
from tests.local.test_run import post


class Visitor:
    """Somebody who signed in at the pool's own page, with the cookie of their session."""

    def __init__(self, run, who):
        self.app = run.facts["app"]
        person = next(user for user in run.facts["users"] if user["email"] == f"{who}@example.test")
        begun = clients.request("GET", f"{self.app}/app/sign-in", {})
        query = urllib.parse.urlsplit(begun.headers["location"]).query
        form = {**dict(urllib.parse.parse_qsl(query)), "username": person["email"], "password": person["password"]}
        landed = post(f"{run.facts['aws']['endpoint_url']}/login?{query}", form)
        assert landed.status == 302, landed.body
        back = clients.request("GET", landed.headers["location"], {"Cookie": self._cookie(begun, "sign-in")})
        self.cookie = self._cookie(back, "session")

    @staticmethod
    def _cookie(answer, name):
        found = re.search(rf"__Host-ocello-{name}=[^;]+", answer.headers["set-cookie"])
        assert found, answer.headers
        return found[0]

    def get(self, path):
        return clients.request("GET", self.app + path, {"Cookie": self.cookie})

    def post(self, path, form, page="/app/consents?address=nobody@customer.test"):
        csrf = re.search(rb'name="csrf" value="([^"]+)"', self.get(page).body)
        assert csrf
        headers = {
            "Cookie": self.cookie,
            "Origin": self.app,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urllib.parse.urlencode({"csrf": html.unescape(csrf[1].decode()), **form}).encode()
        return clients.request("POST", self.app + path, headers, body)


@pytest.fixture(scope="module")
def rep(run):
    return Visitor(run, "rep")


@pytest.fixture
def who():
    return f"paged-{uuid.uuid4().hex[:8]}@customer.test"


def known(run, who):
    return run.api("admin").get(f"/v1/consents/{who}")


def spoken(rep, who, **changed):
    form = {"address": who, "opens": "granted", "heard": "Rita", "words": "Yes", "at": "2026-01-31T09:30", **changed}
    return rep.post("/app/consents/spoken", form)


def test_somebody_is_asked_for_opens_and_allows_opens_alone(run, rep, who):
    answer = rep.post("/app/consents/ask", {"address": who, "language": "it", "purposes": "opens"})
    assert answer.status == 303, answer.body
    assert b"within the last six months" in rep.get(f"/app/consents?address={who}").body
    asked = known(run, who)["history"]
    assert [(row["event"], row["purpose"]) for row in asked] == [("requested", "opens")]
    message = wait(lambda: next((m for m in run.api().get("/v1/messages?limit=5")["items"] if m["to"] == [who]), None))
    mail = email.message_from_bytes(run.copy_of(who, message).read_bytes(), policy=email.policy.default)
    link = re.search(r"https?://\S+/p/\S+", mail.get_body(("plain",)).get_content())
    assert link
    page = clients.request("GET", link[0], {})
    assert "Consenti le aperture" in page.body.decode()
    form = re.search(rb'name="form" value="([^"]+)"', page.body)
    assert form
    assert post(link[0], {"do": "allow", "form": form[1].decode()}).status in (200, 303)
    after = known(run, who)
    assert (after["opens"]["state"], after["links"]["state"]) == ("granted", "unknown")
    again = rep.post("/app/consents/ask", {"address": who, "language": "it", "purposes": "opens"})
    assert again.status == 409


def test_what_was_said_aloud_is_noted_shown_and_proven(run, rep, who):
    assert spoken(rep, who).status == 303
    row = known(run, who)["history"][0]
    assert (row["event"], row["channel"], row["actor"]) == ("granted", "spoken", "rep@example.test")
    assert row["source"] == "Rita: Yes"
    assert b"Rita: Yes" in rep.get(f"/app/consents?address={who}").body
    proof = json.loads(rep.get(f"/app/consents/proof?address={who}").body)
    assert proof["signature"]
    assert json.loads(proof["proof"]["lines"][0])["source"] == "Rita: Yes"


def test_what_was_said_aloud_never_lifts_the_persons_own_refusal(run, rep, who):
    evidence = {"source": "form", "at": "2026-01-01T00:00:00Z", "notice": "", "channel": "form"}
    refused = {"opens": "refused", "evidence": evidence}
    assert run.api("admin").ask("PUT", f"/v1/consents/{who}", refused).status == 200
    assert spoken(rep, who).status == 409
    assert known(run, who)["opens"]["state"] == "refused"
    assert b"only they can change that" not in rep.get(f"/app/consents?address={who}").body, "clicks can be asked for"


def test_what_lacks_who_heard_it_or_when_is_refused(rep, who):
    for changed in ({"heard": ""}, {"words": ""}, {"at": ""}, {"opens": ""}):
        assert spoken(rep, who, **changed).status == 422


def test_a_refusal_said_aloud_silences_mail_that_was_sent(run, rep, who):
    message = run.api().send(to=[who], subject="Offer", html="<p>Hello</p>", track={"opens": True, "clicks": True})
    copy = run.tracked(who, message)
    if not copy.pixels:
        pytest.skip("these rules track nobody without consent")
    assert spoken(rep, who, opens="refused", links="refused").status == 303
    assert clients.load_image(clients.CLIENTS["gmail"], copy.pixels[0]).status == 200
    assert run.api().message(message["id"])["opens"]["count"] == 0
