"""Signing in, staying in and out, and what is refused at the handler."""

from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from functions.web.pages import sign_in
from functions.web.routes import ROUTES
from ocello.domain.people import sessions
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.users import User
from tests.fakes.web import ADMIN, KEYS, OTHER, REP, Stage, claims_of

STRANGER = User("01900000-0000-7000-8000-0000000000ff", "stranger@elsewhere.test")


@pytest.fixture
def stage():
    return Stage()


def test_a_stranger_to_the_browser_is_sent_to_sign_in_and_back_to_what_was_asked(stage):
    browser = stage.browser()
    first = browser.get("/app/settings?done=x")
    assert first.status == 303
    assert first.headers["location"] == "/app/sign-in?next=%2Fapp%2Fsettings%3Fdone%3Dx"
    back = browser.sign_in(REP, to="/app/settings?done=x")
    assert back.headers["location"] == "/app/settings?done=x"
    assert browser.get("/app/settings").status == 200


def test_the_browsers_language_is_remembered_for_mails_and_nothing_else_changes(stage):
    stage.preferences.kept[REP.id] = Preferences(zone="Europe/Rome", signature="<b>Rosa</b>")
    browser = stage.browser()
    browser.get("/app/sign-in")
    browser.sign_in(REP, accept_language="it-IT,it;q=0.9")
    assert stage.preferences.read(REP.id) == Preferences(
        zone="Europe/Rome", signature="<b>Rosa</b>", browser_language="it"
    )


def test_the_session_cookie_is_for_this_host_alone_and_out_of_reach_of_scripts(stage):
    browser = stage.browser()
    done = browser.sign_in(REP)
    cookie = next(text for text in done.cookies if text.startswith(sign_in.SESSION))
    assert cookie.startswith("__Host-")
    for wanted in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert wanted in cookie
    assert "Domain" not in cookie


def test_the_table_never_learns_the_name_of_a_session_nor_the_refresh_token(stage):
    browser = stage.browser(REP)
    stored = repr(stage.sessions.sessions)
    assert browser.jar[sign_in.SESSION] not in stored
    assert "refresh rep@" not in stored


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "/applause",
        "javascript:alert(1)",
        "/app\r\nX: y",
        "/v1/docs",
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(stage, address):
    assert stage.browser().sign_in(REP, to=address).headers["location"] == "/app"


def test_a_sign_in_that_was_begun_elsewhere_is_refused(stage):
    victim, attacker = stage.browser(), stage.browser()
    pending = attacker.get("/app/sign-in")
    state = parse_qs(urlsplit(pending.headers["location"]).query)["state"][0]
    back = f"/app/callback?{urlencode({'state': state, 'code': f'{OTHER.address}|{state}'})}"
    assert victim.get(back).status == 401
    victim.get("/app/sign-in")
    assert victim.get(back).status == 401
    assert sign_in.SESSION not in victim.jar


def test_an_answer_with_another_state_is_refused_whatever_else_is_right(stage):
    browser = stage.browser()
    pending = browser.get("/app/sign-in")
    state = parse_qs(urlsplit(pending.headers["location"]).query)["state"][0]
    good = {"code": f"{REP.address}|{state}", "state": state}
    assert browser.get(f"/app/callback?{urlencode(good | {'state': state[::-1]})}").status == 401
    assert browser.get(f"/app/callback?{urlencode(good)}").status == 303


def test_a_sign_in_cookie_of_another_key_or_another_age_is_refused(stage):
    browser = stage.browser()
    pending = browser.get("/app/sign-in")
    state = parse_qs(urlsplit(pending.headers["location"]).query)["state"][0]
    back = f"/app/callback?{urlencode({'state': state, 'code': f'{REP.address}|{state}'})}"
    good = browser.jar[sign_in.UNDER_WAY]
    carried = jwt.decode(good, sign_in.key_of(KEYS), algorithms=["HS256"])
    browser.jar[sign_in.UNDER_WAY] = jwt.encode(carried, "another key of at least 32 bytes, as it must be")
    assert browser.get(back).status == 401
    browser.jar[sign_in.UNDER_WAY] = good
    stage.clock.pass_by(601)
    assert browser.get(back).status == 401


def test_an_id_token_for_another_sign_in_is_refused(stage):
    browser = stage.browser()
    pending = browser.get("/app/sign-in")
    state = parse_qs(urlsplit(pending.headers["location"]).query)["state"][0]
    stage.provider.nonces[state] = "another"
    assert browser.get(f"/app/callback?state={state}&code={REP.address}|{state}").status == 401


def test_who_was_not_invited_does_not_get_in(stage):
    stage.provider.people[STRANGER.address] = claims_of(STRANGER)
    browser = stage.browser()
    assert browser.sign_in(STRANGER).status == 403
    assert sign_in.SESSION not in browser.jar


def test_who_is_disabled_is_out_at_the_next_request(stage):
    browser, admin = stage.browser(REP), stage.browser(ADMIN)
    assert admin.post(f"/app/users/{REP.id}/disabled", {"disabled": "true"}).status == 303
    assert browser.get("/app").status == 403
    assert browser.get("/app").status == 303


def test_signing_out_ends_the_session_on_both_sides(stage):
    browser = stage.browser(REP)
    name = browser.jar[sign_in.SESSION]
    left = browser.post("/app/sign-out")
    assert left.headers["location"] == "https://id.test/logout"
    browser.jar[sign_in.SESSION] = name
    assert browser.get("/app").headers["location"] == "/app/sign-in"


def test_a_session_gets_a_new_name_and_asks_the_provider_again(stage):
    browser = stage.browser(REP)
    old = browser.jar[sign_in.SESSION]
    stage.clock.pass_by(sessions.RENEW_MS / 1000)
    assert browser.get("/app").status == 200
    assert browser.jar[sign_in.SESSION] != old
    assert stage.provider.refreshed == 1
    late = stage.browser()
    late.jar[sign_in.SESSION] = old
    assert late.get("/app").status == 200, "requests under way with the old name still pass"
    stage.clock.pass_by(sessions.GRACE_MS / 1000)
    assert late.get("/app").status == 303


def test_a_session_ends_when_the_provider_no_longer_knows_the_person(stage):
    browser = stage.browser(REP)
    stage.provider.refused.add(REP.address)
    stage.clock.pass_by(sessions.RENEW_MS / 1000)
    assert browser.get("/app").status == 303
    assert not stage.sessions.sessions


def test_an_idle_session_is_over_even_if_its_page_keeps_asking_by_itself(stage):
    browser = stage.browser(REP)
    for _ in range(int(sessions.IDLE_MS / sessions.RENEW_MS)):
        stage.clock.pass_by(sessions.RENEW_MS / 1000)
        last = browser.get("/app/alerts/bulb", hx_request="true")
    assert last.status == 401
    assert last.headers["hx-redirect"] == "/app/sign-in"


def test_a_busy_session_is_over_after_its_longest_time(stage):
    browser = stage.browser(REP)
    for _ in range(int(sessions.ABSOLUTE_MS / sessions.RENEW_MS) - 1):
        stage.clock.pass_by(sessions.RENEW_MS / 1000)
        assert browser.get("/app").status == 200
    stage.clock.pass_by(sessions.RENEW_MS / 1000)
    assert browser.get("/app").status == 303


POSTS = [route.template for route in ROUTES if route.method == "POST"] + ["/app/sign-out"]


@pytest.mark.parametrize("template", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {},
    ],
    ids=["other origin", "no origin", "cross-site", "sibling site", "says nothing"],
)
def test_no_change_is_made_for_another_site(stage, template, headers):
    browser = stage.browser(ADMIN)
    before = repr((stage.users, stage.settings, stage.keys, stage.accounts, stage.sessions, stage.drafts))
    answer = browser.ask("POST", template, form={"csrf": browser.csrf()}, headers=headers)
    assert answer.status == 403
    assert repr((stage.users, stage.settings, stage.keys, stage.accounts, stage.sessions, stage.drafts)) == before


@pytest.mark.parametrize("template", POSTS)
def test_no_change_is_made_without_the_sessions_own_token(stage, template):
    browser = stage.browser(ADMIN)
    for token in ("", stage.browser(REP).csrf()):
        assert browser.ask("POST", template, form={"csrf": token}, headers=browser.origin).status == 403


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_no_page_is_for_anonymous(stage, route):
    answer = stage.browser().ask(route.method, route.template, form={}, headers={"origin": "https://app.test"})
    assert answer.status == 303
    assert answer.headers["location"].startswith("/app/sign-in")


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.need == "administrator"], ids=lambda route: f"{route.method} {route.template}"
)
def test_an_administrators_page_does_not_exist_for_others(stage, route):
    browser = stage.browser(REP)
    answer = browser.ask(route.method, route.template, form={"csrf": browser.csrf()}, headers=browser.origin)
    assert answer.status == 404


def test_every_answer_carries_the_strict_policy(stage):
    browser = stage.browser(REP)
    for address in ("/app", "/app/compose", "/app/nowhere", "/app/settings", "/app/static/x/ocello.css"):
        policy = browser.get(address).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy


def test_static_files_are_kept_for_ever_under_their_own_content_only(stage):
    page = stage.browser(REP).get("/app").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    browser = stage.browser()
    assert "immutable" in browser.get(address).headers["cache-control"]
    older = address.replace(address.split("/")[3], "0" * 16)
    assert browser.get(older).headers["cache-control"] == "no-cache"
    assert browser.get(older.replace("ocello.css", "../handler.py")).status == 404
