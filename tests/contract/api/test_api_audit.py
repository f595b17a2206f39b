"""Administrators' routes: invitations, the audit trail, expiry of keys and sessions, complaints."""

from typing import get_args

import pytest

from ocello.domain.people.audit import Action, new_entry
from tests.contract.api.conftest import COLLEAGUE, REP, in_path
from tests.fakes.world import NOON


@pytest.fixture
def admin(api):
    token = api.token(sub="boss", email="boss@allowed.test", **{"cognito:groups": ["admins"]})
    assert api.call("GET", "/v1/users", auth=token).status == 200
    api.clock.pass_by(1)
    return token


def trail(api, admin, **query):
    return api.call("GET", "/v1/audit", auth=admin, query=[(name, str(value)) for name, value in query.items()]).json


def test_an_invitation_makes_a_sign_in_and_says_whether_anybody_came(api, admin):
    made = api.call("POST", "/v1/users", {"address": "new@elsewhere.test"}, auth=admin)
    assert (made.status, made.json["state"], api.directory.mailed) == (201, "invited", ["new@elsewhere.test"])
    again = f"/v1/users/{made.json['id']}/invitation"
    assert api.call("POST", again, auth=admin).json["state"] == "invited"
    assert api.directory.mailed == ["new@elsewhere.test"] * 2
    assert api.call("GET", "/v1/settings", auth=api.token(sub="new", email="new@elsewhere.test")).status == 200
    listed = {user["address"]: user["state"] for user in api.call("GET", "/v1/users", auth=admin).json["items"]}
    assert listed["new@elsewhere.test"] == "active"
    assert api.call("POST", again, auth=admin).status == 409
    assert api.call("POST", again, auth=api.rep).status == 403
    api.directory.down = True
    assert api.call("POST", "/v1/users", {"address": "other@elsewhere.test"}, auth=admin).status == 503
    assert "other@elsewhere.test" not in {user.address for user in api.users.users.values()}


def test_the_last_administrator_cannot_disable_himself(api, admin):
    assert api.call("GET", "/v1/users", auth=admin).status == 200
    me = next(user for user in api.users.users.values() if user.address == "boss@allowed.test")
    answer = api.call("PUT", f"/v1/users/{me.id}", {"disabled": True, "groups": ["x"]}, auth=admin)
    assert answer.status == 409
    assert not api.users.get(me.id).disabled
    assert api.users.get(me.id).given_groups == ()


def test_the_trail_is_for_administrators_paged_and_newest_first(api, admin):
    api.clock.pass_by(1)
    assert (
        api.call("PUT", f"/v1/users/{COLLEAGUE.id}", {"groups": ["b", "a"], "disabled": True}, auth=admin).status == 200
    )
    api.clock.pass_by(1)
    deal = {"title": "Deal"}
    assert api.call("PUT", "/v1/items/deal/1", deal).status == 201
    assert api.call("PUT", "/v1/items/deal/1", {**deal, "visibility": "company"}).status == 200
    newest = trail(api, admin, limit=1)
    assert newest["items"] == [
        {
            "id": newest["items"][0]["id"],
            "at": newest["items"][0]["at"],
            "actor": REP.address,
            "by_key": True,
            "action": "item.visibility",
            "target": "deal/1",
            "before": f"owner {REP.address}",
            "after": f"company, owner {REP.address}",
        }
    ]
    rest = trail(api, admin, cursor=newest["next"])
    actions = [each["action"] for each in rest["items"]]
    assert sorted(actions[:2]) == ["groups.changed", "user.disabled"]
    assert {"user.joined", "key.made"} <= set(actions)
    assert api.call("GET", "/v1/audit", auth=admin, query=[("cursor", "x")]).status == 422
    for other in (api.rep, api.token()):
        assert api.call("GET", "/v1/audit", auth=other).status == 403


def test_an_administrators_key_makes_no_mail_public(api, admin):
    api.call("GET", "/v1/users", auth=admin)
    boss = next(user for user in api.users.users.values() if user.address == "boss@allowed.test")
    assert api.call("PUT", "/v1/items/deal/1", {"title": "Mine"}).status == 201
    api.clock.pass_by(1)
    sent = api.send(visibility="shared", items=[{"type": "deal", "id": "1"}])["id"]
    api.clock.pass_by(1)
    key = api.key_of(boss)
    assert api.call("PUT", "/v1/items/deal/1", {"title": "Ours", "visibility": "company"}, auth=key).status == 200
    for reader in (key, api.colleague):
        assert api.call("GET", f"/v1/messages/{sent}", auth=reader).status == 404
        assert api.call("GET", "/v1/items/deal/1/messages", auth=reader).json["items"] == []
    assert [(user, note.action) for user, note in api.items.notices] == [(REP.id, "item.visibility")]
    assert api.items.notices[0][1].by_key


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("2030-01-31T09:30:00Z", 201),
        ("2030-01-31T10:30:00.5+01:00", 201),
        (None, 201),
        ("2020-01-31T09:30:00Z", 422),
        ("2030-01-31T09:30:00", 422),
        ("2030-01-31", 422),
        ("9999-99-99T99:99:99Z", 422),
        ("soon", 422),
        ("", 422),
        (5, 422),
    ],
)
def test_a_key_may_be_given_an_end(api, given, status):
    body = {"name": "CRM", "scopes": ["read"], "expires_at": given}
    answer = api.call("POST", "/v1/keys", body, auth=api.token())
    assert answer.status == status
    if status == 422:
        assert "expires_at" in [error["field"] for error in answer.json["errors"]]
        return
    assert (answer.json["expires_at"] is None) == (given is None)
    key = answer.json["key"]
    assert api.call("GET", "/v1/messages", auth=key).status == 200
    api.clock.pass_by(10 * 365 * 86_400)
    assert api.call("GET", "/v1/messages", auth=key).status == (200 if given is None else 401)


def test_signing_out_everywhere_ends_this_token_too(api):
    token = api.token()
    assert api.call("DELETE", "/v1/sessions", auth=api.rep).status == 403
    assert api.call("DELETE", "/v1/sessions", auth=token).status == 204
    assert api.call("GET", "/v1/settings", auth=token).status == 401
    assert api.call("GET", "/v1/settings", auth=api.rep).status == 200, "a key is no session"
    api.clock.pass_by(1)
    assert api.call("GET", "/v1/settings", auth=api.token()).status == 200
    assert api.call("GET", "/v1/settings", auth=api.token(iat=None)).status == 401


def test_a_complaint_is_lifted_by_an_administrator_alone(api, admin):
    api.suppressions.add("angry@customer.test", "complaint", NOON)
    api.clock.pass_by(1)
    path = f"/v1/suppressions/{in_path('angry@customer.test')}"
    refused = api.call("DELETE", path, auth=api.token())
    assert (refused.status, "administrator" in refused.json["detail"]) == (403, True)
    assert api.call("DELETE", path, auth=admin).status == 204
    assert trail(api, admin, limit=1)["items"][0]["action"] == "suppression.lifted"


def test_an_entry_of_every_kind_is_shown(api, admin):
    for action in get_args(Action):
        api.users.trail.append(new_entry(api.clock(), REP, action, "x"))
    shown = {each["action"] for each in trail(api, admin, limit=200)["items"]}
    assert shown == set(get_args(Action))
