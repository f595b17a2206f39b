"""The API answers every request; an error of ours is a 500, which is counted and has no details."""

import base64
import json
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.api import handler
from functions.api.access import ROUTES
from ocello.domain.common.frames import frames_of
from tests.contract.api.conftest import REP, Api
from tests.contract.api.test_api_others import alert
from tests.contract.api.test_api_problems import check

NAMES = {"message_id": "m", "index": "0", "item_type": "deal", "item_id": "42", "import_id": "i", "key_id": "k"}
LONG = "9" * 5_000


def addresses():
    for route in ROUTES:
        path = route.template
        for name, value in NAMES.items():
            path = path.replace(f"<{name}>", value)
        yield route, path.replace("<address>", "a%40b.test").replace("<user_id>", "u")


def event_of(api, method, path, *, query="", body=None, encoded=False, **headers):
    token = api.token(**{"cognito:groups": ["admins"]})
    made = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"authorization": f"Bearer {token}", **headers},
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
        "isBase64Encoded": encoded,
    }
    return made if body is None else {**made, "body": body}


def answer(api, event):
    made = handler.answer(event, api.authenticator, api.ports)
    json.dumps(made).encode()
    return made


QUERIES = {
    "101 fields": "&".join(f"a{place}=1" for place in range(101)),
    "201 fields": "&".join(["a=1"] * 201),
    "bad UTF-8": "q=%ff%fe&cursor=%C3%28&%ff=1",
    "NUL": "q=%00&cursor=%00&group=%00&type=%00&from=%00",
    "half a character": "q=\ud800&cursor=\udfff",
    "huge numbers": f"limit={LONG}&from={LONG}&to=-{LONG}",
    "separators alone": "&&&===;;;%",
    "a long cursor": "cursor=" + "A" * 9_000,
    "a cursor of another shape": "cursor=" + base64.urlsafe_b64encode(b'{"a":[1]}').decode(),
}
BODIES = {
    "nothing": (None, False),
    "no base64": ("%%%", True),
    "base64 beyond ASCII": ("é", True),
    "half a byte": ("A", True),
    "bad UTF-8": (base64.b64encode(b'{"to": ["\xff"]}').decode(), True),
    "a byte-order mark": ("\ufeff{}", False),
    "half a character": ('{"subject": "\ud800"}', False),
    "an escaped half": ('{"subject": "\\ud800"}', False),
    "NUL": ('{"to": ["a\\u0000@b.test"], "subject": "\\u0000", "name": "\\u0000", "title": "\\u0000"}', False),
    "a huge number": ('{"smtp": {"port": 1' + "0" * 4_400 + "}}", False),
    "a number beyond floats": ('{"smtp": {"port": 1e999}}', False),
    "deep": ("[" * 50_000, False),
    "nulls": ("[null, null]", False),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_no_query_breaks_a_route(query):
    for route, path in addresses():
        api = Api()
        status = answer(api, event_of(api, route.method, path, query=query, body="{}"))["statusCode"]
        assert status < 500, (route, status)


@pytest.mark.parametrize(("body", "encoded"), BODIES.values(), ids=BODIES)
def test_no_body_breaks_a_route(body, encoded):
    for route, path in addresses():
        api = Api()
        for kind in ("application/json", "message/rfc822", "text/csv", "application/x-ndjson", "a/b; charset=\udc00"):
            made = answer(api, event_of(api, route.method, path, body=body, encoded=encoded, **{"content-type": kind}))
            assert made["statusCode"] < 500, (route, kind, made)


@pytest.mark.parametrize("path", ["/v1/items/deal/\ud800", "/v1/items/deal/%ff%00", "/%", "", "//", "/v1/messages/%"])
def test_no_path_breaks_the_api(path):
    api = Api()
    assert answer(api, event_of(api, "GET", path))["statusCode"] < 500


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer \ud800", "Bearer ock_\0", "Bearer " + "a." * 3_000, "é"])
def test_no_authorization_breaks_the_api(header):
    api = Api()
    assert answer(api, event_of(api, "GET", "/v1/messages", authorization=header))["statusCode"] == 401


texts = st.text(max_size=12) | st.sampled_from(["%", "%00", "%ff", "[", "://", "\ud800", LONG])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(
    st.sampled_from(list(addresses())),
    st.lists(st.tuples(st.sampled_from(["limit", "cursor", "q", "type", "from", "group", "rcpt", "x"]), texts)),
    st.text(max_size=40) | st.binary(max_size=40),
    st.dictionaries(st.sampled_from(["content-type", "idempotency-key", "accept-encoding", "cookie"]), texts),
)
def test_nothing_that_a_request_may_hold_breaks_the_api(target, query, body, headers):
    route, path = target
    api = Api()
    encoded = isinstance(body, bytes)
    text = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    words = "&".join(f"{name}={value}" for name, value in query)
    made = answer(api, event_of(api, route.method, path, query=words, body=text, encoded=encoded, **headers))
    assert made["statusCode"] < 500, made


@pytest.mark.parametrize("event", [{}, {"requestContext": None}, {"requestContext": {"http": 7}, "headers": []}])
def test_an_event_that_no_gateway_sends_is_a_fault_of_ours_and_answered(api, event, capsys):
    made = answer(api, event)
    assert made["statusCode"] == 500
    assert made["headers"]["Content-Type"] == "application/problem+json"
    assert '"UnexpectedErrors":1' in capsys.readouterr().out


def test_a_fault_outside_the_routes_is_answered_logged_without_its_text_and_counted(api, capsys):
    def fail(_text):
        try:
            dict[str, str]()["secret words of buyer@customer.test"]
        except KeyError as error:
            raise RuntimeError("more secret words") from error

    api.authenticator = SimpleNamespace(authenticate=fail)
    document = check(api.call("GET", "/v1/messages"), 500)
    written = capsys.readouterr().out
    assert "secret" not in written + json.dumps(document)
    lines = [json.loads(line) for line in written.splitlines()]
    (fault,) = [line for line in lines if line["message"] == "unexpected error"]
    assert (fault["kind"], fault["UnexpectedErrors"]) == ("RuntimeError", 1)
    assert "from KeyError" in fault["frames"]
    assert all(frame.startswith("from ") or ".py:" in frame for frame in fault["frames"])


@pytest.mark.parametrize("auth", [None, ""])
def test_a_refusal_or_an_outage_is_no_fault_of_ours(api, auth, capsys):
    api.messages.down = True
    assert api.call("GET", "/v1/messages", auth=auth).status in (401, 503)
    assert "UnexpectedErrors" not in capsys.readouterr().out


def test_an_error_that_names_itself_as_its_cause_has_frames_all_the_same():
    first, second = ValueError("a"), TypeError("b")
    first.__cause__, second.__cause__ = second, first
    assert frames_of(first) == ["from TypeError"]


BODILESS = [
    ("DELETE", "/v1/items/deal/42", None),
    ("POST", "/v1/alerts/read", {"up_to": alert(2).id}),
    ("DELETE", "/v1/accounts/rep%40example.test", None),
    ("DELETE", "/v1/suppressions/gone%40customer.test", None),
]


@pytest.mark.parametrize(("method", "path", "body"), BODILESS)
def test_an_answer_without_a_body_has_none_and_names_no_type(api, method, path, body):
    api.call("PUT", "/v1/items/deal/42", {"title": "Bicycles"})
    api.alerts.alerts[REP.id] = [alert(2)]
    api.suppressions.add("gone@customer.test", "bounce", api.clock())
    bare(api, method, path, body)


def test_revoking_a_key_answers_without_a_body(api):
    key = api.call("POST", "/v1/keys", {"name": "x", "scopes": ["read"]}, auth=api.token()).json
    bare(api, "DELETE", f"/v1/keys/{key['id']}", None)


def bare(api, method, path, body):
    event = event_of(api, method, path, body=None if body is None else json.dumps(body))
    event["headers"]["authorization"] = f"Bearer {api.token()}"
    made = handler.answer(event, api.authenticator, api.ports)
    assert made["statusCode"] == 204, made
    assert made["body"] == ""
    assert made["isBase64Encoded"] is False
    assert "content-type" not in {name.lower() for name in made["headers"]}
