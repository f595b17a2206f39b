"""Under rules that ask for consent: what leaves, what is told, what is counted. Everything but consent itself goes over HTTP."""

import base64
import email
import email.policy
import json
import time
import uuid
from collections.abc import Mapping

import pytest

from infra.local import place
from infra.local.api import wait
from infra.local.engine import cloud as clouds
from infra.local.engine import stack
from infra.local.mailbox import clients
from infra.local.mailbox.mailbox import folder_of
from infra.local.sample import seed
from ocello.domain.consent.ledger import ConsentEventName, ConsentNotice
from ocello.domain.consent.modes import Axis
from ocello.services.consent.consents import Said
from tests.footers import without_footer

HTML = '<html><body><p>See <a href="https://example.com/a?x=1&amp;y=2#z">the offer</a></p></body></html>'
BOTH = {"opens": True, "clicks": True}
NOTICE = ConsentNotice("test", "1", "en", "0" * 64)
GMAIL, BROWSER = clients.CLIENTS["gmail"], clients.CLIENTS["browser"]


@pytest.fixture
def say(strict, monkeypatch):
    """Return what writes down that somebody granted, refused or withdrew; each call waits for nothing."""
    keys = place.keys(strict.where)
    endpoint = strict.facts["aws"]["endpoint_url"]
    for name, value in stack.environment(endpoint, keys).items():
        monkeypatch.setenv(name, value)
    cloud = clouds.read(endpoint, keys, stack.name(clouds.client("cloudformation", endpoint, keys)))
    consents = seed.wiring_of(cloud).consents

    def said(address: str, events: Mapping[Axis, ConsentEventName]) -> None:
        at = time.time_ns() // 1_000_000
        consents.record(Said(address, events, "form", at, source="a form of the test", notice=NOTICE))

    return said


def buyer(name="buyer", domain="customer.test"):
    return f"{name}-{uuid.uuid4().hex[:8]}@{domain}"


def send(run, *to, **more):
    return run.api().send(**{"to": list(to), "subject": "Offer", "html": HTML, "track": BOTH, **more})


def tracking(message):
    return {each["address"]: each["tracking"] for each in message["recipients"]}


def body(raw):
    """Return a copy's HTML."""
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    return parsed.get_body(("html",)).get_content()


def test_it_says_by_which_rules_it_runs(strict):
    assert "eu-strict" in strict.said.read_text()


def test_without_consent_a_copy_is_the_original_but_for_its_footer_and_it_is_told_what_limits_it(strict):
    who = buyer()
    message = send(strict, who)
    copy = strict.copy_of(who, message).read_bytes()
    assert b"/o/" not in copy
    assert b"/c/" not in copy
    assert "https://example.com/a?x=1&amp;y=2#z" in body(copy)
    source = strict.api().ask("GET", f"/v1/messages/{message['id']}/source").body
    rest = without_footer(copy.replace(b"=\r\n", b""))
    assert source.replace(b"=\r\n", b"") in rest, "but for the lines that mail servers put before it"
    told = {
        "opens": "off",
        "links": "off",
        "basis": None,
        "rules": "eu-strict/1",
        "limited_by": "recipient",
        "reason": "consent-unknown",
    }
    assert tracking(message) == {who: told}
    assert tracking(strict.api().message(message["id"])) == {who: told}


def test_a_named_mode_above_the_ceiling_is_refused_and_nothing_is_sent(strict):
    who = buyer()
    for track in ({"opens": "individual"}, {"clicks": "individual"}, {"opens": "pooled"}):
        answer = strict.api().ask(
            "POST", "/v1/messages", {"to": [who], "subject": "Offer", "html": HTML, "track": track}
        )
        assert answer.status == 422
        assert b'tracking-not-permitted"' in answer.body
        assert b'"limited_by": "recipient"' in answer.body
    later = send(strict, buyer())
    strict.copy_of(later["recipients"][0]["address"], later)
    assert not (strict.maildir / folder_of(who)).exists()
    subjects = [each["to"] for each in strict.api().get("/v1/messages?limit=200")["items"]]
    assert [who] not in subjects


def test_opens_granted_alone_give_a_pixel_and_links_untouched_and_the_reverse(strict, say):
    opens, links = buyer("opens"), buyer("links")
    say(opens, {"opens": "granted"})
    say(links, {"links": "granted"})
    message = send(strict, opens, links)
    found = {who: strict.tracked(who, message) for who in (opens, links)}
    assert (len(found[opens].pixels), len(found[opens].links)) == (1, 0)
    assert (len(found[links].pixels), len(found[links].links)) == (0, 1)
    assert 'href="https://example.com/a?x=1&amp;y=2#z"' in body(strict.copy_of(opens, message).read_bytes())
    clients.load_image(GMAIL, found[opens].pixels[0])
    assert clients.open_link(BROWSER, found[links].links[0]).headers["location"] == "https://example.com/a?x=1&y=2#z"

    def seen():
        now = strict.api().message(message["id"])
        return now if (now["opens"]["count"], now["clicks"]["count"]) == (1, 1) else None

    assert wait(seen), strict.api().message(message["id"])


def test_one_mail_to_granted_refused_and_unknown_is_three_different_copies(strict, say):
    granted, refused, unknown = buyer("granted"), buyer("refused"), buyer("unknown")
    say(granted, {"opens": "granted", "links": "granted"})
    say(refused, {"opens": "refused", "links": "granted"})
    message = send(strict, granted, refused, unknown)
    found = {who: strict.tracked(who, message) for who in (granted, refused, unknown)}
    assert [(len(found[who].pixels), len(found[who].links)) for who in found] == [(1, 1), (0, 1), (0, 0)]
    assert [tracking(message)[who]["reason"] for who in found] == ["allowed", "consent-refused", "consent-unknown"]


def test_an_instrumented_mail_without_consent_comes_back_as_it_was_but_for_its_footer(strict):
    raw = f"From: rep@example.test\r\nTo: {buyer()}\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n{HTML}\r\n".encode()
    path = "/v1/track?opens=true&clicks=true"
    headers = {"Authorization": f"Bearer {strict.api().key}", "Content-Type": "message/rfc822"}
    answer = clients.request("POST", strict.facts["app"] + path, headers, raw)
    assert answer.status == 201
    (copy,) = json.loads(answer.body)["copies"]
    assert without_footer(base64.b64decode(copy["raw"])) == raw


def test_what_is_not_tracked_is_in_no_figure_of_what_is(strict, say):
    before = strict.api().get("/v1/stats")["total"]
    who = buyer("counted")
    say(who, {"opens": "granted", "links": "granted"})
    tracked = send(strict, who)
    for _ in range(2):
        send(strict, buyer())
    clients.load_image(GMAIL, strict.tracked(who, tracked).pixels[0])
    assert wait(lambda: strict.api().message(tracked["id"])["opens"]["count"]) == 1
    after = strict.api().get("/v1/stats")["total"]
    assert {name: after[name] - before[name] for name in after} == {"sent": 3, "tracked": 1, "opened": 1, "clicked": 0}
