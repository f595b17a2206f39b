"""schemathesis sends requests made from the API's document; each answer is one that the document names."""

import base64
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from functions.api import handler
from ocello.domain.people.users import Principal, User
from ocello.domain.tracking.hits import Hit
from tests.contract.api.conftest import REP, Api
from tests.contract.api.test_api_others import alert

EXAMPLES = 20
INVITED = User("0198c0de-0000-7000-8000-0000000000aa", "invited@example.test", invited=True)
NOON = 1_790_000_000_000
REACHED: set[tuple[str, int]] = set()  # operations and the statuses that they answered


class App:
    """The API as a WSGI application: each request becomes the event that API Gateway makes of it."""

    def __init__(self) -> None:
        self.api = Api()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        made = handler.answer(self.event(environ), self.api.authenticator, self.api.ports)
        body = made.get("body") or ""
        assert not body or made["statusCode"] not in (204, 304), (
            "a server sends no body with these, and some fail over one"
        )
        start_response(f"{made['statusCode']} X", list(made["headers"].items()))
        return [base64.b64decode(body) if made.get("isBase64Encoded") else body.encode()]

    def event(self, environ: dict[str, Any]) -> dict[str, Any]:
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = environ["CONTENT_TYPE"]
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")  # decoded, as API Gateway gives it
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": environ.get("QUERY_STRING", ""),
            "headers": headers,
            "requestContext": {"http": {"method": environ["REQUEST_METHOD"], "path": path}, "stage": "$default"},
            "body": base64.b64encode(raw).decode(),
            "isBase64Encoded": True,
        }


# Of a request that fits the document a field may be refused all the same by rules that JSON Schema cannot say: which
# fields, by operation ("" for all). Whatever else is refused is a gap in the document.
_ACCOUNT = {"address", "name", "smtp"}
_ITEM = {"id"}
UNSAID = {
    "": {"cursor"},
    "sendMessage": {
        "to",
        "cc",
        "bcc",
        "subject",
        "html",
        "text",
        "items",
        "in_reply_to",
        "attachments",
        "Idempotency-Key",
    },
    "shareMessage": {"items"},
    "track": {"rcpt", "to", "cc", "bcc", "from", "body"},
    "writeItem": {"id", "title", "owner", "group", "person", "organization", "addresses"},
    "readItem": _ITEM,
    "deleteItem": _ITEM,
    "listItemMessages": _ITEM,
    "readItemStats": _ITEM,
    "importItems": {"upload"},
    "importConsents": {"upload"},
    "readAlerts": {"up_to"},
    "readStats": {"from", "to"},
    "makeKey": {"name", "expires_at"},
    "writeSettings": {"never_track", "quiet_hours"},
    "connectAccount": _ACCOUNT,
    "connectAccountForUser": _ACCOUNT,
    "disconnectAccount": {"address"},
    "readConsent": {"address"},
    "writeConsent": {"address", "body", "evidence"},
    "proveConsent": {"address"},
    "askForConsent": {"address"},
    "readForecast": {"address"},
    "readSuppression": {"address"},
    "liftSuppression": {"address"},
    "inviteUser": {"address", "name"},
    "changeUser": {"groups"},
    "changeRules": {"rules", "opens", "links"},
    "requestSubject": {"address", "reason"},
}
MAILBOXES = st.sampled_from(
    ["buyer@customer.test", "Someone Else <else@customer.test>", '"a, b"@customer.test', "é@ü.test"]
)

schemathesis.openapi.format("mailbox", MAILBOXES)
schemathesis.openapi.format("alert", st.sampled_from([alert(1).id, alert(2).id]))
schemathesis.openapi.format("cursor", st.text("abcAB12-_", min_size=1))

APP = App()
CONFIG = SchemathesisConfig.from_dict({"seed": 7, "generation": {"with-security-parameters": False}})
SCHEMA = schemathesis.openapi.from_wsgi("/v1/openapi.json", APP, config=CONFIG)


@schemathesis.serializer("message/rfc822")
def _mail(_context: Any, value: Any) -> Any:
    return b"To: buyer@customer.test\r\n\r\n" + str(value).encode("utf-8", "replace")


@schemathesis.serializer("application/x-ndjson")
def _lines(_context: Any, value: Any) -> Any:
    return str(value).encode("utf-8", "replace")


@pytest.fixture(autouse=True)
def there():
    """Give each operation stores with something of everything; return the ids that a path may name."""
    api = APP.api = Api()
    sent = api.send(items=[{"type": "deal", "id": "42"}])
    api.hits.hits[sent["id"]] = [
        Hit(sent["id"], NOON + at, f"r{at}", "open", 0, None, "GET", "198.51.100.7", "Mozilla/5.0", {}, 0)
        for at in range(5)
    ]
    api.call("PUT", "/v1/items/deal/42", {"title": "Bicycles"})
    api.alerts.alerts[REP.id] = [alert(1), alert(2)]
    api.users.users[INVITED.id] = INVITED
    api.suppressions.add(REP.address, "bounce", NOON)
    kept = api.call("POST", "/v1/items/import", '[{"type": "deal", "id": "1", "title": "One"}]').json
    return {
        "message_id": sent["id"],
        "conversation_id": sent["conversation_id"],
        "index": 0,
        "item_type": "deal",
        "item_id": "42",
        "import_id": kept["id"],
        "key_id": api.call("GET", "/v1/keys", auth=api.token()).json["items"][0]["id"],
        "user_id": REP.id,
        "job_id": api.subjects.begin(Principal(REP, frozenset(), by_key=False), REP.address, "export", "").id,
        "address": REP.address,
    }


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_it_does_as_its_document_says(case, there):
    fits = case.meta.generation.mode is GenerationMode.POSITIVE
    if fits:  # made-up ids would be 404 each
        case.path_parameters |= {name: value for name, value in there.items() if name in case.path_parameters}
        if case.operation.path.endswith("/invitation"):
            case.path_parameters["user_id"] = INVITED.id
    groups = (
        ["admins"] if case.operation.path.startswith(("/v1/users", "/v1/audit", "/v1/rules", "/v1/subjects")) else None
    )
    claims: dict[str, Any] = {"cognito:groups": groups}
    token = APP.api.token(**claims)
    headers = {"Authorization": f"Bearer {token}"}
    response = case.call(headers=headers)
    REACHED.add((case.operation.label, response.status_code))
    refused = refused_fields(response)
    excluded = [positive_data_acceptance] if refused and refused <= unsaid(case) else []
    if case.media_type in ("text/csv", "application/x-ndjson", "message/rfc822"):
        excluded.append(negative_data_rejection)  # sent as text, everything is a text
    case.validate_response(response, headers=headers, excluded_checks=excluded)


def test_each_operation_was_asked_so_that_it_did_what_it_is_for():
    """Run after the test above, in the same process: each operation succeeded at least once."""
    if not REACHED:
        pytest.skip("the operations were asked in another process, or not at all")
    done = {label for label, status in REACHED if status < 400}
    assert {label for label, _ in REACHED} - done == set()


def refused_fields(response):
    if response.status_code != 422:
        return set()
    return {re.split(r"[.\[]", error["field"])[0] for error in response.json()["errors"]}


def unsaid(case):
    return UNSAID[""] | UNSAID.get(case.operation.definition.raw["operationId"], set())
