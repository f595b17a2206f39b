"""Each user and each key may send so much in a minute; beyond that the API says when to go on."""

from dataclasses import replace

import pytest

from ocello.services.sending.pace import LimitedPace
from tests.contract.api.conftest import COLLEAGUE, REP, Api
from tests.fakes.sending.ports import MemorySendCounts

RAW = b"From: rep@example.test\r\nTo: buyer@customer.test\r\nSubject: Offer\r\n\r\nhello\r\n"
MAIL = {"to": ["buyer@customer.test"], "subject": "Offer", "text": "hello"}


@pytest.fixture
def limited(api):
    pace = LimitedPace({"send": 3, "track": 5}, MemorySendCounts(), api.clock)
    api.ports = replace(api.ports, sending=replace(api.sending, pace=pace))
    return api


def send(api: Api, auth: str = ""):
    return api.call("POST", "/v1/messages", MAIL, auth=auth)


def track(api: Api):
    return api.call("POST", "/v1/track", RAW, headers={"content-type": "message/rfc822"})


def test_beyond_the_limit_the_answer_is_429_with_the_reason_and_when_to_try_again(limited):
    assert [send(limited).status for _ in range(4)] == [202, 202, 202, 429]
    refused = send(limited)
    seconds = int(refused.headers["retry-after"])
    assert 1 <= seconds <= 60
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json["title"] == "Too Many Requests"
    assert refused.json["detail"] == f"at most 3 mails a minute: send more in {seconds} seconds"
    assert len(limited.messages.messages) == 3
    limited.clock.pass_by(seconds)
    assert send(limited).status == 202


def test_instrumenting_has_a_limit_of_its_own(limited):
    assert [track(limited).status for _ in range(6)] == [201] * 5 + [429]
    assert send(limited).status == 202


def test_sending_again_counts_too(limited):
    made = [send(limited).json for _ in range(3)]
    assert limited.call("POST", f"/v1/messages/{made[0]['id']}/recipients/0/send").status == 429


def test_each_key_and_each_signed_in_user_has_a_count_of_their_own(limited):
    for _ in range(3):
        send(limited)
    assert send(limited).status == 429
    other_key = limited.key_of(REP)
    assert send(limited, other_key).status == 202
    assert send(limited, limited.token()).status == 202
    assert send(limited, limited.key_of(COLLEAGUE)).status == 409, "who may not send for another reason hears that one"


def test_reading_is_not_limited(limited):
    for _ in range(4):
        send(limited)
    assert limited.call("GET", "/v1/messages").status == 200


def test_nothing_is_limited_where_the_limit_is_none(api):
    pace = LimitedPace({"send": 0, "track": 0}, MemorySendCounts(), api.clock)
    api.ports = replace(api.ports, sending=replace(api.sending, pace=pace))
    assert {send(api).status for _ in range(20)} == {202}
