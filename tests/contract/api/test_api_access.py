import base64
import json
import re

import pytest
from cryptography.hazmat.primitives import serialization

from functions.api.access import ROUTES, Access
from functions.api.resolver import with_all
from ocello.domain.people.users import SCOPES, TrackingSettings, User
from tests.contract.api.conftest import ADMIN, REP, SIGNING, STRANGERS, key_set, user_id

KEYED = [route for route in ROUTES if route.need not in ("nobody", "person", "administrator")]
PERSONAL = [route for route in ROUTES if route.need in ("person", "administrator")]
CLOSED = [*KEYED, *PERSONAL]


def named(route: Access) -> str:
    return f"{route.method} {route.template}"


def ask(api, route, auth):
    """Send a request as `auth` with a body that does not fit: only a caller who may use the route is told so."""
    return api.call(route.method, re.sub("<.*?>", "0", route.template), auth=auth)


def test_the_table_of_access_and_the_routes_are_the_same():
    app = with_all()
    routes = {(route.method, route.path) for route in [*app._static_routes, *app._dynamic_routes]}
    assert routes == {(route.method, route.template) for route in ROUTES}


@pytest.mark.parametrize("route", CLOSED, ids=named)
@pytest.mark.parametrize("auth", [None, "ock_no", "a.b.c", "ock_" + "A" * 64])
def test_nobody_known_gets_no_further_than_401(api, route, auth):
    answer = ask(api, route, auth)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/v1/docs"])
def test_the_description_is_public(api, path):
    assert api.call("GET", path, auth=None).status == 200


@pytest.mark.parametrize("route", KEYED, ids=named)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_may_do_what_its_scope_says_and_nothing_else(api, route, scope):
    api.users.create(ADMIN)
    answer = ask(api, route, api.key_of(ADMIN if route.admin else REP, [scope]))
    assert (answer.status == 403) == (scope not in route.need.split(" or "))


@pytest.mark.parametrize("route", PERSONAL, ids=named)
def test_no_key_reaches_what_only_a_person_may_do(api, route):
    assert ask(api, route, api.rep).status == 403


@pytest.mark.parametrize("route", PERSONAL, ids=named)
def test_an_administrators_routes_are_closed_to_other_people(api, route):
    answer = ask(api, route, api.token())
    assert (answer.status == 403) == (route.need == "administrator")


@pytest.mark.parametrize("route", PERSONAL, ids=named)
def test_an_administrator_who_signed_in_reaches_all(api, route):
    assert ask(api, route, api.token(**{"cognito:groups": ["admins"]})).status != 403


def test_the_group_of_administrators_is_asked_at_each_sign_in_and_not_remembered(api):
    assert api.call("GET", "/v1/users", auth=api.token(**{"cognito:groups": ["admins"]})).status == 200
    assert api.call("GET", "/v1/users", auth=api.token()).status == 403


def test_a_revoked_key_signs_nobody_in(api):
    person = api.token()
    made = api.call("POST", "/v1/keys", {"name": "ci", "scopes": ["read"]}, auth=person)
    assert made.status == 201
    assert api.call("GET", "/v1/messages", auth=made.json["key"]).status == 200
    assert api.call("DELETE", f"/v1/keys/{made.json['id']}", auth=person).status == 204
    assert api.call("GET", "/v1/messages", auth=made.json["key"]).status == 401
    assert api.call("DELETE", f"/v1/keys/{made.json['id']}", auth=person).status == 404


def test_a_key_is_shown_once_and_only_its_digest_is_kept(api):
    person = api.token()
    made = api.call("POST", "/v1/keys", {"name": "ci", "scopes": ["read", "send"]}, auth=person).json
    assert re.fullmatch(r"ock_[A-Za-z0-9_-]{64}", made["key"])
    listed = api.call("GET", "/v1/keys", auth=person)
    assert made["key"].encode() not in listed.raw
    assert {name: made[name] for name in ("id", "name", "scopes")} in [
        {name: key[name] for name in ("id", "name", "scopes")} for key in listed.json["items"]
    ]
    secret = base64.urlsafe_b64decode(made["key"].removeprefix("ock_"))[24:]
    assert not any(secret.hex() in repr(key) or made["key"] in repr(key) for key in api.keys.keys.values())


@pytest.mark.parametrize("place", [5, 20, 30, 40, 66])
def test_a_key_changed_in_any_place_is_no_key(api, place):
    changed = api.rep[:place] + ("A" if api.rep[place] != "A" else "B") + api.rep[place + 1 :]
    assert api.call("GET", "/v1/messages", auth=changed).status == 401


def public_pem():
    return SIGNING.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def forged(header, payload, signature=b""):
    return ".".join(
        base64.urlsafe_b64encode(part if isinstance(part, bytes) else json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, payload, signature)
    )


def test_a_token_signed_by_the_public_key_as_if_it_were_a_shared_secret_is_refused(api):
    import hashlib  # noqa: PLC0415 — the forger's own tools
    import hmac  # noqa: PLC0415 — the same

    payload = json.loads(base64.urlsafe_b64decode(api.token().split(".")[1] + "=="))
    unsigned = forged({"alg": "HS256", "kid": "one", "typ": "JWT"}, payload).rpartition(".")[0]
    signature = hmac.digest(public_pem(), unsigned.encode(), hashlib.sha256)
    token = unsigned + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    assert api.call("GET", "/v1/messages", auth=token).status == 401


NOW_S = 1_790_000_000
FAULTY = {
    "of no algorithm": lambda api: forged(
        {"alg": "none", "kid": "one"}, json.loads(base64.urlsafe_b64decode(api.token().split(".")[1] + "=="))
    ),
    "signed by a stranger": lambda api: api.token(STRANGERS),
    "of an unknown key": lambda api: api.token(headers={"kid": "other"}),
    "of another hash": lambda api: api.token(alg="RS512"),
    "expired": lambda api: api.token(exp=NOW_S - 11),
    "not valid yet": lambda api: api.token(nbf=NOW_S + 60),
    "without an end": lambda api: api.token(exp=None),
    "with an end that is no number": lambda api: api.token(exp="soon"),
    "of another issuer": lambda api: api.token(iss="https://other.test"),
    "without an issuer": lambda api: api.token(iss=None),
    "for another client": lambda api: api.token(aud="other"),
    "for nobody": lambda api: api.token(aud=None),
    "without a subject": lambda api: api.token(sub=None),
    "of another use": lambda api: api.token(token_use="refresh"),
    "of access for another client": lambda api: api.token(token_use="access", aud=None, client_id="other"),
    "of access with an audience instead of a client": lambda api: api.token(token_use="access"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_sign_in_token_is_refused_when_it_is(api, fault):
    assert api.call("GET", "/v1/messages", auth=api.token()).status == 200
    assert api.call("GET", "/v1/messages", auth=FAULTY[fault](api)).status == 401


def test_an_access_token_serves_once_an_id_token_made_the_user_known(api):
    access = api.token(token_use="access", aud=None, client_id="app-client", email=None, email_verified=None)
    first = api.call("GET", "/v1/messages", auth=access)
    assert (first.status, "sign in with an ID token first" in first.json["detail"]) == (403, True)
    assert api.call("GET", "/v1/messages", auth=api.token()).status == 200
    assert api.call("GET", "/v1/messages", auth=access).status == 200


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email": "new@allowed.test"}, 200),
        ({"email": "New@Allowed.test"}, 200),
        ({"email": "new@allowed.test", "email_verified": False}, 403),
        ({"email": None}, 403),
        ({"email": None, "cognito:groups": ["sales"]}, 403),
        ({"email": "new@elsewhere.test"}, 403),
        ({"email": "new@sub.allowed.test"}, 403),
        ({"email": "new@elsewhere.test", "cognito:groups": ["sales"]}, 200),
        ({"email": "new@elsewhere.test", "cognito:groups": ["admins"]}, 200),
        ({"email": "new@elsewhere.test", "email_verified": None, "cognito:groups": ["admins"]}, 403),
    ],
)
def test_only_the_invited_and_those_of_an_allowed_domain_or_group_come_in(api, claims, status):
    known = len(api.users.users)
    assert api.call("GET", "/v1/settings", auth=api.token(sub="new", **claims)).status == status
    assert len(api.users.users) == known + (status == 200)


def test_an_invited_user_signs_in_and_stays_the_same_user(api):
    admin = api.token(sub="boss", **{"cognito:groups": ["admins", "sales"]}, email="boss@elsewhere.test")
    invited = api.call("POST", "/v1/users", {"address": "Guest@Elsewhere.test"}, auth=admin)
    assert (invited.status, invited.json["address"]) == (201, "guest@elsewhere.test")
    assert api.call("POST", "/v1/users", {"address": "guest@elsewhere.test"}, auth=admin).status == 409
    guest = api.token(sub="guest", email="guest@elsewhere.test")
    wanted = {"track_opens": False, "track_clicks": False, "alerts": False}
    assert api.call("PUT", "/v1/settings", wanted, auth=guest).status == 200
    assert api.settings.settings[invited.json["id"]] == TrackingSettings(alerts=False)


def test_a_disabled_user_is_out_by_sign_in_and_by_key(api):
    api.call("GET", "/v1/messages", auth=api.token())
    admin = api.token(sub="boss", email="boss@allowed.test", **{"cognito:groups": ["admins"]})
    assert api.call("PUT", f"/v1/users/{REP.id}", {"disabled": True}, auth=admin).json["disabled"] is True
    assert api.call("GET", "/v1/messages", auth=api.token()).status == 403
    assert api.call("GET", "/v1/messages", auth=api.rep).status == 403
    old = api.token()
    assert api.call("PUT", f"/v1/users/{REP.id}", {"disabled": False}, auth=admin).status == 200
    assert api.call("GET", "/v1/messages", auth=old).status == 401, "its sign-ins are over all the same"
    assert api.call("GET", "/v1/messages", auth=api.rep).status == 200
    assert api.call("PUT", f"/v1/users/{user_id(99)}", {"disabled": True}, auth=admin).status == 404


def test_a_new_signing_key_is_fetched_and_unknown_ones_do_not_make_us_ask_for_ever(api):
    assert api.call("GET", "/v1/messages", auth=api.token()).status == 200
    api.clock.pass_by(60)
    api.published = key_set("two", STRANGERS)
    assert api.call("GET", "/v1/messages", auth=api.token(STRANGERS, {"kid": "two"})).status == 200
    assert api.fetches == 2
    for number in range(20):
        assert api.call("GET", "/v1/messages", auth=api.token(headers={"kid": f"none-{number}"})).status == 401
    assert api.fetches == 2


def test_keys_that_cannot_be_fetched_are_an_outage_until_they_were_had_once(api):
    good, api.published = api.published, b"<html>"
    assert api.call("GET", "/v1/messages", auth=api.token()).status == 503
    api.published = good
    assert api.call("GET", "/v1/messages", auth=api.token()).status == 200
    api.published = b"<html>"
    api.clock.pass_by(7200)
    assert api.call("GET", "/v1/messages", auth=api.token(exp=api.clock() // 1000 + 60)).status == 200


def test_a_key_of_a_user_who_is_gone_signs_nobody_in(api):
    gone = api.key_of(User(user_id(77), "gone@example.test"))
    assert api.call("GET", "/v1/messages", auth=gone).status == 401


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer ", "Bearer é", "Bearer " + "a" * 9000])
def test_a_header_that_is_no_bearer_token_is_401(api, header):
    assert api.call("GET", "/v1/messages", auth=None, headers={"authorization": header}).status == 401


def test_no_log_line_holds_an_address_a_body_or_a_token(api, capsys):
    token = api.token()
    api.call("POST", "/v1/messages", {"to": ["buyer@customer.test"], "subject": "Offer of spring"})
    api.call("GET", "/v1/accounts/rep@example.test", auth=token)
    api.call("GET", "/v1/messages", auth=token, query=[("cursor", "nothing")])
    api.call("GET", "/v1/messages", auth="ock_secret")
    logged = capsys.readouterr().out
    assert len(logged.splitlines()) == 4
    for secret in ("buyer", "spring", "rep@", token, api.rep, "nothing", "ock_"):
        assert secret not in logged
