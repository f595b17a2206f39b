"""Items, imports and a team's figures over the JSON API."""

import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from functions.api import openapi
from ocello.domain.crm.items import Item
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.users import User
from tests.contract.api.conftest import COLLEAGUE, REP, in_path, user_id

DEAL = {"title": "Bicycles for the town", "visibility": "company"}


def put(api, path, body, **more):
    return api.call("PUT", f"/v1/items/{path}", body, **more)


def test_an_item_is_made_read_changed_and_listed(api):
    made = put(api, "deal/42", DEAL)
    assert (made.status, made.json) == (
        201,
        {
            "type": "deal",
            "id": "42",
            "title": "Bicycles for the town",
            "owner": REP.address,
            "visibility": "company",
            "group": None,
            "person": None,
            "organization": None,
            "addresses": [],
            "country": None,
            "created_at": "2026-09-21T14:13:20.000Z",
            "changed_at": "2026-09-21T14:13:20.000Z",
        },
    )
    assert api.call("GET", "/v1/items/deal/42", auth=api.colleague).json == made.json
    api.clock.pass_by(1)
    changed = put(api, "deal/42", {**DEAL, "title": "Trams"})
    assert (changed.status, changed.json["title"], changed.json["changed_at"]) == (
        200,
        "Trams",
        "2026-09-21T14:13:21.000Z",
    )
    assert api.call("GET", "/v1/items", query=[("type", "deal"), ("q", "tra")]).json["items"] == [changed.json]
    assert api.call("GET", "/v1/items", query=[("type", "lead")]).json == {"items": [], "next": None}


def test_an_item_is_deleted_once(api):
    put(api, "deal/42", DEAL)
    gone = api.call("DELETE", "/v1/items/deal/42")
    assert (gone.status, gone.raw) == (204, b"")
    assert api.call("GET", "/v1/items/deal/42").status == 404
    assert api.call("DELETE", "/v1/items/deal/42").status == 404
    assert api.call("DELETE", "/v1/items/offer/42").status == 422


@pytest.mark.parametrize("identifier", ["Nördlich & Co", "a+b c", "x" * 128, "№1!", "A:7@crm"])
def test_the_crms_own_id_goes_through_the_address_unharmed(api, identifier):
    assert put(api, f"lead/{in_path(identifier)}", DEAL).status == 201
    assert api.call("GET", f"/v1/items/lead/{in_path(identifier)}").json["id"] == identifier
    sent = api.send(items=[{"type": "lead", "id": identifier}], visibility="shared")
    listed = api.call("GET", f"/v1/items/lead/{in_path(identifier)}/messages", auth=api.colleague).json
    assert [each["id"] for each in listed["items"]] == [sent["id"]]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("offer/1", DEAL, "type"),
        (f"deal/{'x' * 129}", DEAL, "id"),
        ("deal/1", {}, "title"),
        ("deal/1", {**DEAL, "colour": "red"}, "colour"),
        ("deal/1", {**DEAL, "visibility": "all"}, "visibility"),
        ("deal/1", {**DEAL, "visibility": "group"}, "group"),
        ("deal/1", {**DEAL, "owner": user_id(99)}, "owner"),
        ("deal/1", {**DEAL, "addresses": ["a@x.test"]}, "addresses"),
        ("person/1", {**DEAL, "addresses": ["a"]}, "addresses[0]"),
    ],
)
def test_what_does_not_fit_is_named(api, path, body, field):
    answer = put(api, path, body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


def test_a_person_whose_address_is_a_recipient_is_linked_by_itself(api):
    put(api, "person/7", {"title": "Ann", "visibility": "company", "addresses": ["Buyer@customer.test"]})
    sent = api.send(items=[{"type": "deal", "id": "42"}])
    assert sent["items"] == [{"type": "deal", "id": "42"}, {"type": "person", "id": "7"}]
    raw = b"From: rep@example.test\r\nTo: buyer@customer.test\r\nSubject: x\r\n\r\nhello"
    tracked = api.call("POST", "/v1/track", raw, headers={"content-type": "message/rfc822"}).json["message"]
    assert tracked["items"] == [{"type": "person", "id": "7"}]
    listed = api.call("GET", "/v1/items/person/7/messages").json["items"]
    assert [each["id"] for each in listed] == [tracked["id"], sent["id"]]


ROWS = [{"type": "deal", "id": "1", "title": "One"}, {"type": "deal", "id": "2"}]
FILES = {
    "text/csv; charset=utf-8": "type,id,title\ndeal,1,One\ndeal,2,\n",
    "application/json": json.dumps(ROWS),
    "application/x-ndjson": "\n".join(map(json.dumps, ROWS)),
}


@pytest.mark.parametrize("media", FILES)
def test_an_import_goes_on_after_the_answer_and_reports_what_it_refused(api, media):
    taken = api.call("POST", "/v1/items/import", FILES[media].encode(), headers={"content-type": media})
    assert (taken.status, taken.json["status"], taken.json["done"]) == (202, "queued", 0)
    api.work_through_imports()
    done = api.call("GET", f"/v1/imports/{taken.json['id']}").json
    assert (taken.json["total"], done["total"]) == (None, 2)
    assert (done["status"], done["done"], done["written"], done["refused"]) == ("done", 2, 1, 1)
    assert done["refusals"] == [
        {"line": 3 if "csv" in media else 2, "field": "title", "reason": "must be 1 to 300 characters"}
    ]
    assert api.call("GET", "/v1/items/deal/1").json["title"] == "One"
    assert api.call("GET", f"/v1/imports/{taken.json['id']}", auth=api.colleague).status == 404


def test_imports_are_listed_newest_first_without_their_refused_lines(api):
    made = []
    for _ in range(3):
        api.clock.pass_by(1)
        taken = api.call("POST", "/v1/items/import", b"type,id,title\ndeal,,\n", headers={"content-type": "text/csv"})
        made.append(taken.json["id"])
    api.work_through_imports()
    first = api.call("GET", "/v1/imports", query=[("limit", "2")]).json
    assert [each["id"] for each in first["items"]] == [made[2], made[1]]
    assert (first["items"][0]["refused"], "refusals" in first["items"][0]) == (1, False)
    second = api.call("GET", "/v1/imports", query=[("cursor", first["next"])]).json
    assert ([each["id"] for each in second["items"]], second["next"]) == ([made[0]], None)
    assert api.call("GET", "/v1/imports", auth=api.colleague).json == {"items": [], "next": None}
    assert api.call("GET", "/v1/imports", query=[("cursor", "x")]).status == 422


def test_a_large_file_is_uploaded_first(api):
    form = api.call("POST", "/v1/uploads").json
    named = {"upload": form["id"], "format": "csv"}
    assert api.call("POST", "/v1/items/import", named).status == 422
    api.mail.put(form["fields"]["key"], b"type,id,title\ndeal,1,One\n", "text/csv")
    taken = api.call("POST", "/v1/items/import", named)
    assert taken.status == 202
    api.work_through_imports()
    assert api.call("GET", f"/v1/imports/{taken.json['id']}").json["written"] == 1
    assert api.call("POST", "/v1/items/import", named, auth=api.colleague).status == 422


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"x", "text/html", 415),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"7", "application/json", 422),
        (b'{"upload": 1, "format": "csv"}', "application/json", 422),
        (b'{"upload": "x"}', "application/json", 422),
        (b'{"upload": "x", "format": "xml"}', "application/json", 422),
        (b"x" * 4_000_001, "text/csv", 413),
    ],
)
def test_what_is_no_import_is_refused_at_once(api, body, media, status):
    assert api.call("POST", "/v1/items/import", body, headers={"content-type": media}).status == status
    assert api.import_queue.queued == []


def test_a_groups_totals_are_for_its_leads_and_administrators(api):
    lead = User(user_id(21), "lead@example.test", groups=("leads", "sales"))
    boss = User(user_id(22), "boss@example.test", admin=True)
    for user in (lead, boss):
        api.users.create(user)
    api.users.update(replace(REP, groups=("sales",)))
    api.users.update(replace(COLLEAGUE, groups=("north",)))
    api.send()
    api.send(visibility="shared")
    for who, status in ((lead, 200), (boss, 200), (replace(REP, groups=("sales",)), 404), (COLLEAGUE, 404)):
        answer = api.call("GET", "/v1/stats", auth=api.key_of(who), query=[("group", "sales")])
        assert answer.status == status
        if status == 200:
            assert answer.json["total"] == {"sent": 2, "tracked": 2, "opened": 0, "clicked": 0}
            assert REP.address not in answer.raw.decode()
    assert api.call("GET", "/v1/stats", auth=api.key_of(lead), query=[("group", "north")]).status == 404


def test_answers_fit_their_schemas(api):
    document = json.loads(openapi.text())
    api.items.items[ItemRef("person", "7")] = Item(ItemRef("person", "7"), "Ann", REP.address, "owner", made_at=1)
    answers = [
        ("StoredItem", put(api, "deal/42", DEAL).json),
        ("Items", api.call("GET", "/v1/items").json),
        ("ItemStats", api.call("GET", "/v1/items/deal/42/stats").json),
        ("Messages", api.call("GET", "/v1/items/deal/42/messages").json),
        ("Import", api.call("POST", "/v1/items/import", b"type,id,title\n", headers={"content-type": "text/csv"}).json),
        ("Imports", api.call("GET", "/v1/imports").json),
    ]
    for name, value in answers:
        whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        assert [error.message for error in Draft202012Validator(whole).iter_errors(value)] == []


def test_an_administrator_puts_a_user_into_groups_that_no_sign_in_takes_away(api):
    admin = api.token(sub="boss", email="boss@allowed.test", **{"cognito:groups": ["admins"]})
    put(api, "deal/42", {"title": "Trams", "visibility": "group", "group": "sales"})
    assert api.call("GET", "/v1/items/deal/42", auth=api.colleague).status == 404
    path = f"/v1/users/{COLLEAGUE.id}"
    changed = api.call("PUT", path, {"groups": ["sales", "sales", "leads"]}, auth=admin)
    assert (changed.status, changed.json["given_groups"], changed.json["disabled"]) == (200, ["leads", "sales"], False)
    person = api.token(sub="colleague", email=COLLEAGUE.address, **{"cognito:groups": ["north"]})
    assert api.call("GET", "/v1/items/deal/42", auth=person).status == 200
    assert api.call("GET", "/v1/users", auth=admin).json["items"][1]["groups"] == ["leads", "north", "sales"]
    assert api.call("PUT", path, {"disabled": False}, auth=admin).json["given_groups"] == ["leads", "sales"]
    assert api.call("PUT", path, {"groups": []}, auth=admin).json["groups"] == ["north"]
    assert api.call("GET", "/v1/items/deal/42", auth=person).status == 404
    for wrong in (["a,b"], [""], [" a"], ["x" * 129], [str(number) for number in range(21)]):
        assert api.call("PUT", path, {"groups": wrong}, auth=admin).status == 422
    assert api.call("PUT", f"/v1/users/{user_id(99)}", {"groups": ["sales"]}, auth=admin).status == 404


@pytest.mark.parametrize("mark", ["?", "#"])
def test_an_id_that_aws_would_cut_within_the_path_is_refused_by_name(api, mark):
    """AWS's gateway ends the path at a `?` or `#`, though it came encoded: another item would be meant."""
    identifier = f"4{mark}2"
    for method in ("GET", "PUT", "DELETE"):
        answer = api.call(method, f"/v1/items/deal/{quote(identifier, safe='')}", DEAL if method == "PUT" else None)
        assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, ["id"]), method
    answer = put(api, "deal/42", DEAL | {"person": identifier})
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, ["person"])
    sent = {"to": ["b@customer.test"], "subject": "x", "html": "x", "items": [{"type": "deal", "id": identifier}]}
    answer = api.call("POST", "/v1/messages", sent)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, ["items[0].id"])
    api.call("POST", "/v1/items/import", json.dumps([{"type": "deal", "id": identifier, "title": "x"}]),
             headers={"content-type": "application/json"})  # fmt: skip
    api.work_through_imports()
    (made,) = api.imports.kept.values()
    assert [refusal.field for refusal in made.refusals] == ["id"]
    assert api.items.items == {}


def test_an_items_country_stays_where_it_is_left_out_and_goes_where_it_is_empty(api):
    def written(**more):
        return api.call("PUT", "/v1/items/organization/9", {"title": "Acme", **more}).json["country"]

    assert written(country="fr") == "FR"
    assert written() == "FR"
    assert written(country="") is None


@pytest.mark.parametrize("country", ["FRA", "F", "France", "1T", "ÉÉ", 7])
def test_what_is_no_countrys_code_is_refused(api, country):
    answer = api.call("PUT", "/v1/items/organization/9", {"title": "Acme", "country": country})
    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == "country"
