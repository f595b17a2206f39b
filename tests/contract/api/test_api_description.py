import json
import re

import pytest
from jsonschema import Draft202012Validator

from functions.api import openapi
from functions.api.access import ROUTES
from tests.contract.api.conftest import REP

CONTRACT = [
    ("POST", "/v1/messages"),
    ("GET", "/v1/messages"),
    ("GET", "/v1/messages/{message_id}"),
    ("PATCH", "/v1/messages/{message_id}"),
    ("GET", "/v1/messages/{message_id}/hits"),
    ("GET", "/v1/messages/{message_id}/source"),
    ("POST", "/v1/messages/{message_id}/rejudge"),
    ("POST", "/v1/track"),
    ("GET", "/v1/settings"),
    ("PUT", "/v1/settings"),
    ("POST", "/v1/uploads"),
    ("GET", "/v1/alerts"),
    ("POST", "/v1/alerts/read"),
    ("GET", "/v1/stats"),
    ("POST", "/v1/keys"),
    ("GET", "/v1/keys"),
    ("DELETE", "/v1/keys/{key_id}"),
]
METHODS = {"get", "put", "post", "delete", "head", "options", "patch", "trace"}


@pytest.fixture(scope="module")
def document():
    return json.loads(openapi.text())


def operations(document):
    return [
        (method.upper(), path, operation)
        for path, entry in document["paths"].items()
        for method, operation in entry.items()
        if method in METHODS
    ]


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_route_of_the_contract_and_every_other_that_there_is_is_described(document):
    described = {(method, path) for method, path, _ in operations(document)}
    assert set(CONTRACT) <= described
    there = {
        (route.method, route.template.replace("<", "{").replace(">", "}")) for route in ROUTES if route.need != "nobody"
    }
    assert described == there


def test_the_document_is_openapi_3_1_in_its_parts(document):
    assert document["openapi"] == "3.1.0"
    assert {"title", "version"} <= set(document["info"])
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    tags = {tag["name"] for tag in document["tags"]}
    for _, path, operation in operations(document):
        assert set(operation["tags"]) <= tags
        assert operation["summary"]
        named = {entry["name"] for entry in operation.get("parameters", []) if entry["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))
        assert all(entry["required"] for entry in operation.get("parameters", []) if entry["in"] == "path")
        for status, answer in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d", status)
            assert answer["description"]
        for requirement in operation["security"]:
            assert set(requirement) <= set(document["components"]["securitySchemes"])


def test_every_reference_leads_to_a_schema_and_every_schema_is_one(document):
    schemas = document["components"]["schemas"]
    used = set(references(document))
    assert used
    assert all(reference.removeprefix("#/components/schemas/") in schemas for reference in used)
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    assert not {"HTTPValidationError", "ValidationError", "ResponseValidationError"} & set(schemas)


def test_every_route_describes_its_problems_as_problem_documents(document):
    for _, path, operation in operations(document):
        answers = operation["responses"]
        assert {"401", "403", "422", "500", "503"} <= set(answers), path
        problems = {status: answer for status, answer in answers.items() if status >= "400"}
        for answer in problems.values():
            assert list(answer["content"]) == ["application/problem+json"]
        assert ("requestBody" in operation) == ("415" in answers), path


def valid(document, schema, value):
    whole = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def test_real_answers_fit_the_schemas_that_describe_them(api, document):
    sent = api.send()
    person = api.token()
    answers = [
        ("Message", sent),
        ("Messages", api.call("GET", "/v1/messages").json),
        ("Hits", api.call("GET", f"/v1/messages/{sent['id']}/hits").json),
        ("UserSettings", api.call("GET", "/v1/settings").json),
        ("Alerts", api.call("GET", "/v1/alerts").json),
        ("Stats", api.call("GET", "/v1/stats").json),
        ("UploadForm", api.call("POST", "/v1/uploads").json),
        ("MadeKey", api.call("POST", "/v1/keys", {"name": "x", "scopes": ["read"]}, auth=person).json),
        ("Keys", api.call("GET", "/v1/keys", auth=person).json),
        ("Accounts", api.call("GET", "/v1/accounts", auth=person).json),
        ("Problem", api.call("GET", "/v1/messages", query=[("limit", "0")]).json),
        ("Problem", api.call("GET", "/v1/messages", auth=None).json),
    ]
    assert {name: valid(document, name, value) for name, value in answers} == {name: [] for name, _ in answers}
    assert valid(document, "Message", {**sent, "status": "gone"})
    assert REP.address in str(answers)


def test_the_contracts_own_example_of_a_sending_fits(api, document):
    example = document["components"]["schemas"]["Sending"]["examples"][0]
    assert valid(document, "Sending", example) == []
    assert api.call("POST", "/v1/messages", example).status == 202


def test_the_page_to_try_it_holds_everything_itself(api, document):
    answer = api.call("GET", "/v1/docs", auth=None)
    page = answer.raw.decode()
    assert answer.headers["content-type"].startswith("text/html")
    assert len(answer.raw) < 500_000
    for path, methods in document["paths"].items():
        for method in methods:
            assert f'data-method="{method.upper()}" data-path="{path}"' in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)\s*=\s*['\"]?(?:https?:)?//", page)
    policy = answer.headers["content-security-policy"]
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_page_is_compressed_for_who_takes_that(api):
    whole = api.call("GET", "/v1/docs", auth=None)
    small = api.call("GET", "/v1/docs", auth=None, headers={"accept-encoding": "gzip, br"})
    assert small.headers["content-encoding"] == "gzip"
    assert len(small.raw) < len(whole.raw) / 2
