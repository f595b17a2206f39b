"""Tracking by consent as a program meets it: what is decided for each recipient is told, and a named mode is kept or refused."""

import base64
from dataclasses import replace

import pytest

from tests.footers import without_footer

MESSAGE = "/v1/messages"
BODY = {
    "to": ["yes@customer.test", "no@customer.test", "unknown@customer.test"],
    "subject": "Offer",
    "html": '<p><a href="https://example.com/x">x</a></p>',
    "track": {"opens": True, "clicks": True},
}
MAIL = b"To: buyer@customer.test\r\nSubject: Offer\r\nContent-Type: text/html\r\n\r\n<p><a href=https://e.test>x</a></p>\r\n"
RFC822 = {"content-type": "message/rfc822"}


@pytest.fixture
def strict(api):
    api.under("eu-strict")
    return api


def tracking(answer):
    return {each["address"].partition("@")[0]: each["tracking"] for each in answer["recipients"]}


def test_it_is_told_for_each_recipient_how_their_copy_is_tracked_and_what_limits_it(strict):
    strict.say("yes@customer.test", "granted", "granted")
    strict.say("no@customer.test", "refused", "granted")
    sent = strict.call("POST", MESSAGE, BODY)
    assert sent.status == 202
    both = {"rules": "eu-strict/1", "basis": "consent"}
    assert tracking(sent.json) == {
        "yes": {"opens": "individual", "links": "individual", **both, "limited_by": None, "reason": "allowed"},
        "no": {"opens": "off", "links": "individual", **both, "limited_by": "recipient", "reason": "consent-refused"},
        "unknown": {
            "opens": "off",
            "links": "off",
            "basis": None,
            "rules": "eu-strict/1",
            "limited_by": "recipient",
            "reason": "consent-unknown",
        },
    }
    assert strict.call("GET", f"{MESSAGE}/{sent.json['id']}").json == sent.json


def test_a_mail_of_which_nothing_may_be_tracked_is_sent_and_said_to_be_untracked(strict):
    sent = strict.call("POST", MESSAGE, {**BODY, "to": ["unknown@customer.test"]}).json
    assert sent["tracking"] == {"opens": False, "clicks": False}
    assert sent["links"] == []
    assert strict.call("GET", MESSAGE, query=[("tracked", "true")]).json["items"] == []
    assert strict.call("GET", "/v1/stats").json["total"] == {"sent": 1, "tracked": 0, "opened": 0, "clicked": 0}


@pytest.mark.parametrize(
    ("track", "field"),
    [
        ({"opens": "individual"}, "track.opens"),
        ({"clicks": "individual", "opens": True}, "track.clicks"),
        ({"opens": "pooled", "clicks": "off"}, "track.opens"),
    ],
)
def test_a_named_mode_above_what_is_allowed_is_refused_with_the_level_and_how_to_mend_it(strict, track, field):
    answer = strict.call("POST", MESSAGE, {**BODY, "to": ["unknown@customer.test"], "track": track})
    assert answer.status == 422
    assert answer.json["type"].endswith("tracking-not-permitted")
    assert answer.json["limited_by"] == "recipient"
    (error,) = answer.json["errors"]
    assert error["field"] == field
    assert "unknown@customer.test" in error["reason"]
    assert "ask for it first" in error["reason"]
    assert "ask with true" in error["reason"]
    assert strict.queue.queued == []
    assert strict.call("GET", MESSAGE).json["items"] == []


@pytest.mark.parametrize("track", [{"opens": "off", "clicks": False}, {"opens": "individual", "clicks": "individual"}])
def test_a_named_mode_that_is_allowed_is_kept(strict, track):
    strict.say("yes@customer.test", "granted", "granted")
    sent = strict.call("POST", MESSAGE, {**BODY, "to": ["yes@customer.test"], "track": track})
    assert sent.status == 202
    expected = track["opens"]
    assert (tracking(sent.json)["yes"]["opens"], tracking(sent.json)["yes"]["links"]) == (expected, expected)


def test_true_is_never_an_error(strict):
    assert strict.call("POST", MESSAGE, BODY).status == 202


@pytest.mark.parametrize("value", ["all", "ON", 1, 0, "true", "Individual", ["off"]])
def test_what_is_no_mode_is_refused_naming_the_field(api, value):
    answer = api.call("POST", MESSAGE, {**BODY, "track": {"opens": value}})
    assert answer.status == 422
    assert answer.json["type"] == "about:blank"
    assert answer.json["errors"][0]["field"] == "track.opens"


def test_an_instrumented_mail_is_decided_alike(strict):
    answer = strict.call("POST", "/v1/track", MAIL, headers=RFC822, query=[("opens", "true"), ("clicks", "TRUE")])
    assert answer.status == 201
    assert [without_footer(base64.b64decode(copy["raw"])) for copy in answer.json["copies"]] == [MAIL]
    (told,) = tracking(answer.json["message"]).values()
    assert (told["opens"], told["limited_by"]) == ("off", "recipient")


@pytest.mark.parametrize("query", [[("opens", "individual")], [("clicks", "individual")], [("opens", "pooled")]])
def test_a_named_mode_of_an_instrumented_mail_is_refused_and_nothing_is_stored(strict, query):
    answer = strict.call("POST", "/v1/track", MAIL, headers=RFC822, query=query)
    assert answer.status == 422
    assert answer.json["type"].endswith("tracking-not-permitted")
    assert answer.json["errors"][0]["field"] == query[0][0]
    assert strict.call("GET", MESSAGE).json["items"] == []


def test_opens_alone_and_clicks_alone_may_be_named_in_the_query(api):
    def has(query):
        answer = api.call("POST", "/v1/track", MAIL, headers=RFC822, query=query)
        raw = base64.b64decode(answer.json["copies"][0]["raw"])
        return b"https://t.test/o/" in raw, b"https://t.test/c/" in raw

    assert has([("opens", "individual"), ("clicks", "off")]) == (True, False)
    assert has([("opens", "false"), ("clicks", "individual")]) == (False, True)


def test_the_same_request_again_is_answered_as_before_though_consent_is_gone(strict):
    strict.say("yes@customer.test", "granted", "granted")
    body = {**BODY, "to": ["yes@customer.test"], "track": {"opens": "individual", "clicks": "individual"}}
    first = strict.call("POST", MESSAGE, body, headers={"idempotency-key": "one"})
    strict.say("yes@customer.test", "withdrawn", "withdrawn")
    again = strict.call("POST", MESSAGE, body, headers={"idempotency-key": "one"})
    assert (again.status, again.json) == (202, first.json)


def test_mail_of_an_early_release_says_nothing_of_its_recipients_tracking(api):
    sent = api.call("POST", MESSAGE, BODY).json
    for index in range(3):
        key = sent["id"], index
        api.messages.rows[key] = replace(api.messages.rows[key], tracking=None)
    shown = api.call("GET", f"{MESSAGE}/{sent['id']}").json
    assert set(map(str, tracking(shown).values())) == {"None"}
    assert shown["tracking"] == {"opens": True, "clicks": True}


def test_consent_that_cannot_be_read_is_a_503_and_nothing_is_sent(strict):
    strict.decisions.states.down = True
    assert strict.call("POST", MESSAGE, BODY).status == 503
    assert strict.queue.queued == []
