import json
import re

import pytest

from functions.api.access import ROUTES
from tests.contract.api.conftest import REP

GOOD = {"to": ["a@customer.test"]}


def check(answer, status):
    """Check an answer to be a problem document (RFC 9457) of `status`."""
    assert answer.status == status, answer.raw
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document = answer.json
    assert {"type", "title", "status", "detail"} <= set(document)
    assert document["status"] == status
    assert document["detail"]
    return document


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/nothing", "/v1/messages/", "/v1/messages/a/b", "/v2/messages", "/"]
)
def test_an_unknown_address_is_404(api, path):
    check(api.call("GET", path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/messages", "GET, POST"),
        ("HEAD", "/v1/messages", "GET, POST"),
        ("OPTIONS", "/v1/stats", "GET"),
        ("PATCH", "/v1/settings", "GET, PUT"),
        ("POST", "/v1/messages/x", "GET, PATCH"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(api, method, path, allowed):
    answer = api.call(method, path)
    check(answer, 405)
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "nothing",
        '{"to": NaN}',
        '{"to": [Infinity]}',
        "[" * 100_000,
        '{"subject": "\\ud800"}',
        '{"a":1}}',
        "9" * 5000,
    ],
)
def test_a_body_that_is_not_json_is_400(api, body):
    check(api.call("POST", "/v1/messages", body), 400)


def test_bytes_that_are_not_utf8_or_not_base64_are_400(api):
    check(api.call("POST", "/v1/messages", b'{"subject": "\xff"}', headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize("body", ["[]", '[{"to": ["a@b.test"]}]', "null", '"text"', "7", ""])
def test_a_body_that_is_no_object_is_422(api, body):
    document = check(api.call("POST", "/v1/messages", body), 422)
    assert document["errors"][0]["field"] == "body"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"]
)
def test_json_of_another_media_type_is_415(api, kind):
    check(api.call("POST", "/v1/messages", json.dumps(GOOD), headers={"content-type": kind}), 415)


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", ""])
def test_json_may_be_spelled_in_any_case_or_left_out(api, kind):
    assert api.call("POST", "/v1/messages", json.dumps(GOOD), headers={"content-type": kind}).status == 202


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_mail_of_another_media_type_is_415(api, kind):
    check(api.call("POST", "/v1/track", b"To: a@b.test\r\n\r\n", headers={"content-type": kind}), 415)


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/track"])
def test_a_request_over_four_megabytes_is_413(api, path):
    kind = "message/rfc822" if path == "/v1/track" else "application/json"
    check(api.call("POST", path, b" " * 4_000_001, headers={"content-type": kind}), 413)


def test_attachments_over_twenty_five_megabytes_are_413(api):
    upload = api.call("POST", "/v1/uploads").json
    api.mail.files[f"uploads/{REP.id}/{upload['id']}"] = bytes(25_000_001)
    check(api.call("POST", "/v1/messages", {**GOOD, "attachments": [{"upload": upload["id"], "filename": "x"}]}), 413)


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/alerts", "/v1/keys", "/v1/users"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ([("limit", "0")], "limit"),
        ([("limit", "201")], "limit"),
        ([("limit", "ten")], "limit"),
        ([("limit", "")], "limit"),
        ([("limit", "1"), ("limit", "2")], "limit"),
        ([("cursor", "made-up")], "cursor"),
    ],
)
def test_paging_out_of_bounds_is_422(api, path, query, field):
    admin = api.token(**{"cognito:groups": ["admins"]})
    document = check(api.call("GET", path, query=query, auth=admin), 422)
    assert document["errors"][0]["field"] == field


def test_hundreds_of_parameters_are_refused(api):
    check(api.call("GET", "/v1/messages", query=[("a", "b")] * 201), 400)


def test_what_nobody_expected_is_500_and_says_nothing(api, capsys):
    def fail(*_args, **_more):
        raise RuntimeError("secret words of buyer@customer.test")

    api.messages.page = fail
    document = check(api.call("GET", "/v1/messages"), 500)
    assert "secret" not in json.dumps(document)
    logged = capsys.readouterr().out
    assert "secret" not in logged
    assert "RuntimeError" in logged
    assert '"ApiFailures":1' in logged


def test_an_answer_that_breaks_the_contract_is_500(api):
    sent = api.send()
    row = api.messages.rows[sent["id"], 0]
    object.__setattr__(row, "status", "lost")
    check(api.call("GET", f"/v1/messages/{sent['id']}"), 500)


def test_an_outage_is_503_and_asks_to_come_back(api):
    api.messages.down = True
    answer = api.call("GET", "/v1/messages")
    document = check(answer, 503)
    assert "database" not in document["detail"]
    assert answer.headers["retry-after"]


def test_authentication_comes_before_the_body_is_looked_at(api):
    assert api.call("POST", "/v1/messages", "{", auth="ock_no").status == 401


PARTLY = {"json": "{}", "mail": b"To: a@customer.test\r\n\r\nx", "items": "[]"}
MEDIA = {"mail": {"content-type": "message/rfc822"}}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
@pytest.mark.parametrize("name", ["open", "Opens", "limits", "rcpt[]", ""])
def test_an_unknown_parameter_of_a_query_is_refused_by_every_route(api, route, name):
    path = route.template.replace("<item_type>", "deal").replace("<index>", "0")
    path = re.sub("<.*?>", api.send()["id"], path)
    api.mail.files.clear()
    auth = api.token(**{"cognito:groups": ["admins"]})
    answer = api.call(
        route.method, path, PARTLY.get(route.body), auth=auth, query=[(name, "false")], headers=MEDIA.get(route.body)
    )
    document = check(answer, 422)
    assert (name, "is not a parameter of this address") in {
        (each["field"], each["reason"]) for each in document["errors"]
    }
    assert not api.mail.files


def test_an_empty_message_is_refused(api):
    for body in (b"", b"\r\n\r\n"):
        answer = api.call(
            "POST", "/v1/track", body, headers={"content-type": "message/rfc822"}, query=[("rcpt", "a@b.test")]
        )
        assert check(answer, 422)["errors"][0]["field"] == "body"
    assert not api.mail.files


def test_what_became_of_a_mail_that_was_not_queued_is_said(api):
    api.queue.refusals = 2
    answer = api.call("POST", "/v1/messages", GOOD | {"text": "x"})
    assert check(answer, 503)["detail"] == "the message could not be queued: nothing of it is being sent"
    assert answer.headers["retry-after"] == "2"
