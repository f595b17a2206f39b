"""The rules of tracking that hold for everybody, by the API."""

import pytest

from tests.contract.api.conftest import REP

BUYER = "buyer@customer.test"


@pytest.fixture
def strict(api):
    api.under("it-284-2026")
    return api


@pytest.fixture
def admin(strict):
    token = strict.token(sub="boss", email="boss@allowed.test", **{"cognito:groups": ["admins"]})
    assert strict.call("GET", "/v1/users", auth=token).status == 200
    strict.clock.pass_by(1)
    return token


def change(api, admin, rules, **more):
    body = {"rules": rules, "opens": "individual", "links": "individual", "footers": False, **more}
    return api.call("PUT", "/v1/rules", body, auth=admin)


def test_an_administrator_reads_what_holds_and_what_can_be_chosen(strict, admin):
    read = strict.call("GET", "/v1/rules", auth=admin).json
    assert (read["rules"], read["opens"], read["links"], read["footers"]) == (
        "it-284-2026/1",
        "individual",
        "individual",
        False,
    )
    sets = {each["name"]: each for each in read["sets"]}
    assert {name for name, each in sets.items() if not each["can_be_chosen"]} == {"none"}
    assert sets["it-284-2026"]["ceilings"]["unknown"] == {"opens": "pooled", "links": "off"}
    assert sets["it-284-2026"]["reviewed_by"] == ""
    assert sets["it-284-2026"]["sources"][0]["date"] == "2026-04-17"
    for other in (strict.rep, strict.token()):
        assert strict.call("GET", "/v1/rules", auth=other).status == 403
        assert change(strict, other, "eu-strict").status == 403


def test_stricter_rules_hold_for_the_next_mail_and_are_on_the_record(strict, admin):
    strict.say(BUYER, "granted", "granted")
    before = strict.send(to=[BUYER])
    assert before["recipients"][0]["tracking"]["links"] == "individual"
    strict.clock.pass_by(60)
    changed = change(strict, admin, "eu-strict", links="off")
    assert (changed.status, changed.json["rules"]) == (200, "eu-strict/1")
    assert [(each["rules"], each["links"], each["actor"]) for each in changed.json["periods"]] == [
        ("it-284-2026/1", "individual", ""),
        ("eu-strict/1", "off", "boss@allowed.test"),
    ]
    after = strict.send(to=[BUYER])["recipients"][0]["tracking"]
    assert (after["opens"], after["links"], after["rules"]) == ("individual", "off", "eu-strict/1")
    named = {"to": [BUYER], "subject": "x", "html": "<p>x</p>", "track": {"opens": True, "clicks": "individual"}}
    refused = strict.call("POST", "/v1/messages", named)
    assert (refused.status, refused.json["type"].rpartition(":")[2]) == (422, "tracking-not-permitted")
    trail = strict.call("GET", "/v1/audit", auth=admin, query=[("limit", "2")]).json["items"]
    assert {(each["action"], each["before"], each["after"]) for each in trail} == {
        ("workspace.rules", "it-284-2026/1", "eu-strict/1"),
        ("workspace.links", "individual", "off"),
    }


@pytest.mark.parametrize("name", ["none", "it-284-2026"])
def test_rules_are_not_made_looser_and_the_answer_says_why(strict, admin, name):
    assert change(strict, admin, "eu-strict").status == 200
    refused = change(strict, admin, name)
    assert refused.status == 422
    (error,) = refused.json["errors"]
    assert error["field"] == "rules"
    assert "for opens with consent unknown" in error["reason"]
    assert strict.call("GET", "/v1/rules", auth=admin).json["rules"] == "eu-strict/1"


def test_a_change_of_what_was_changed_meanwhile_is_refused(strict, admin):
    version = strict.call("GET", "/v1/rules", auth=admin).json["version"]
    assert change(strict, admin, "eu-strict", version=version).status == 200
    assert change(strict, admin, "eu-strict", opens="off", version=version).status == 409
    assert REP.address not in {each.actor for each in strict.workspace.trail if each.action.startswith("workspace")}
