import json
from dataclasses import replace
from urllib.parse import quote

import pytest

from ocello.domain.common.times import DAY_MS
from ocello.domain.engagement.summary import Engagement, Summary
from ocello.domain.people.credentials import Password, parse
from ocello.domain.people.users import Account
from ocello.domain.verdicts.exchangers import exchange_of
from ocello.services.alerts.ports import ShownAlert
from tests.contract.api.conftest import COLLEAGUE, REP
from tests.fakes.world import NOON

ON = {"track_opens": True, "track_clicks": True, "alerts": True}
OFF = {"track_opens": False, "track_clicks": False, "alerts": True}
REST = {"never_track": [], "alert_choice": "every", "quiet_hours": None}  # of a new user


def test_a_new_user_has_tracking_off_and_alerts_on(api):
    assert api.call("GET", "/v1/settings", auth=api.colleague).json == {**OFF, **REST}


def test_tracking_is_switched_on_only_with_a_connected_and_verified_account(api):
    refused = api.call("PUT", "/v1/settings", ON, auth=api.colleague)
    assert refused.status == 409
    assert "connect a sending account first" in refused.json["detail"]
    api.accounts.write(Account(COLLEAGUE.id, "other@example.test", "", "ses", verified=False))
    assert api.call("PUT", "/v1/settings", ON, auth=api.colleague).status == 409
    api.accounts.write(Account(COLLEAGUE.id, COLLEAGUE.address, "", "ses", verified=True))
    on = {**ON, **REST}
    assert api.call("PUT", "/v1/settings", ON, auth=api.colleague).json == on
    assert api.call("GET", "/v1/settings", auth=api.colleague).json == on
    assert api.call("GET", "/v1/settings").json["track_opens"] is True


def test_domains_never_to_track_are_kept_as_hosts_are_compared_and_stay_where_they_are_not_named(api):
    typed = ["*.Example.COM.", "https://bücher.example/shop", "@acme.co.uk", "example.com"]
    kept = ["acme.co.uk", "example.com", "xn--bcher-kva.example"]
    assert api.call("PUT", "/v1/settings", {**ON, "never_track": typed}).json["never_track"] == kept
    assert api.call("PUT", "/v1/settings", OFF).json["never_track"] == kept
    assert api.call("GET", "/v1/settings").json["never_track"] == kept
    assert api.call("PUT", "/v1/settings", {**ON, "never_track": []}).json["never_track"] == []


@pytest.mark.parametrize(
    ("domains", "field"),
    [
        (["a.test", "no domain"], "never_track[1]"),
        ([""], "never_track[0]"),
        ([f"{n}.test" for n in range(101)], "never_track"),
    ],
)
def test_what_is_no_domain_is_refused_by_its_place(api, domains, field):
    refused = api.call("PUT", "/v1/settings", {**ON, "never_track": domains})
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, field)


def test_the_choice_of_alerts_and_the_quiet_hours_are_kept_and_stay_where_they_are_not_named(api):
    hours = {"from": "20:00", "to": "08:00"}
    wanted = {**OFF, "alert_choice": "first_open", "quiet_hours": hours}
    kept = {**OFF, **REST, "alert_choice": "first_open", "quiet_hours": hours}
    assert api.call("PUT", "/v1/settings", wanted).json == kept
    assert api.call("PUT", "/v1/settings", OFF).json == kept
    assert api.call("GET", "/v1/settings").json == kept
    assert api.call("PUT", "/v1/settings", kept).json == kept
    off = {**kept, "quiet_hours": None}
    assert api.call("PUT", "/v1/settings", {**OFF, "quiet_hours": None}).json == off
    assert api.call("PUT", "/v1/settings", {**OFF, "alert_choice": None}).json == off
    assert api.call("GET", "/v1/settings").json == off
    assert api.call("GET", "/v1/settings", auth=api.colleague).json == {**OFF, **REST}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"alert_choice": "opens"}, "alert_choice"),
        ({"alert_choice": True}, "alert_choice"),
        ({"quiet_hours": "20:00-08:00"}, "quiet_hours"),
        ({"quiet_hours": {"from": "20:00"}}, "quiet_hours.to"),
        ({"quiet_hours": {"from": "24:00", "to": "08:00"}}, "quiet_hours.from"),
        ({"quiet_hours": {"from": "20:00", "to": "8"}}, "quiet_hours.to"),
        ({"quiet_hours": {"from": "20:00", "to": "20:00"}}, "quiet_hours.to"),
        ({"quiet_hours": {"from": "20:00", "to": "08:00", "days": []}}, "quiet_hours.days"),
    ],
)
def test_what_is_no_choice_of_alerts_is_refused_by_its_field_and_changes_nothing(api, change, field):
    refused = api.call("PUT", "/v1/settings", {**OFF, "alerts": False, **change})
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, field)
    assert api.call("GET", "/v1/settings").json["alerts"] is True


def test_a_message_is_muted_until_that_ends_and_each_may_be_asked_twice(api):
    path = f"/v1/messages/{api.send()['id']}/mute"
    assert api.call("GET", path).json == {"muted": False}
    for method, muted in (("PUT", True), ("PUT", True), ("DELETE", False), ("DELETE", False)):
        answer = api.call(method, path)
        assert (answer.status, answer.raw) == (204, b"")
        assert api.call("GET", path).json == {"muted": muted}


def test_who_lost_the_account_may_still_switch_tracking_off(api):
    api.accounts.accounts.clear()
    assert api.call("PUT", "/v1/settings", OFF).status == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"alerts": None}, "alerts"),
        ({"track_opens": 1}, "track_opens"),
        ({"track_clicks": "true"}, "track_clicks"),
        ({"more": True}, "more"),
    ],
)
def test_settings_are_three_booleans_and_nothing_else(api, change, field):
    answer = api.call("PUT", "/v1/settings", {**OFF, **change})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
    left_out = {name: value for name, value in OFF.items() if name != "alerts"}
    assert api.call("PUT", "/v1/settings", left_out).status == 422


def alert(number, **changes):
    usual = {
        "id": f"{NOON + number:013d}#m#r",
        "kind": "open",
        "at": NOON + number,
        "message": "m",
        "subject": "Offer",
        "recipient": "buyer@customer.test",
        "link": None,
        "state": "new",
    }
    return ShownAlert(**{**usual, **changes})


def test_alerts_are_listed_newest_first_and_marked_read_up_to_one(api):
    api.alerts.alerts[REP.id] = [alert(1), alert(2, state="withdrawn"), alert(3, kind="click", link="https://e.test/")]
    listed = api.call("GET", "/v1/alerts").json
    assert listed["next"] is None
    assert listed["items"][0] == {
        "id": alert(3).id,
        "kind": "click",
        "at": "2026-09-21T14:13:20.003Z",
        "message": {"id": "m", "subject": "Offer"},
        "recipient": "buyer@customer.test",
        "link": "https://e.test/",
        "state": "new",
    }
    assert [entry["state"] for entry in listed["items"]] == ["new", "withdrawn", "new"]
    assert api.call("POST", "/v1/alerts/read", {"up_to": alert(2).id}).status == 204
    assert [entry["state"] for entry in api.call("GET", "/v1/alerts").json["items"]] == ["new", "withdrawn", "read"]
    assert api.call("POST", "/v1/alerts/read", {"up_to": "x"}).status == 422
    assert api.call("GET", "/v1/alerts", auth=api.colleague).json["items"] == []


def stats(api, **query):
    answer = api.call("GET", "/v1/stats", query=[(name.rstrip("_"), value) for name, value in query.items()])
    assert answer.status == 200, answer.raw
    return answer.json


def opened(api, sent):
    api.messages.engagements[sent["id"]] = Engagement(Summary(1, first=1, last=1, times=(1,)))


def test_statistics_count_the_messages_of_each_day_and_what_became_of_them(api):
    one = api.send()
    api.send(track={"opens": False, "clicks": False})
    api.clock.pass_by(86_400)
    api.send()
    opened(api, one)
    found = stats(api, from_="2026-09-20", to="2026-09-22")
    day = {"sent": 0, "tracked": 0, "opened": 0, "clicked": 0}
    assert found == {
        "from": "2026-09-20",
        "to": "2026-09-22",
        "days": [
            {"day": "2026-09-20", **day},
            {"day": "2026-09-21", **day, "sent": 2, "tracked": 1, "opened": 1},
            {"day": "2026-09-22", **day, "sent": 1, "tracked": 1},
        ],
        "total": {"sent": 3, "tracked": 2, "opened": 1, "clicked": 0},
    }


def test_statistics_are_of_the_last_thirty_days_unless_told(api):
    found = stats(api)
    assert (found["from"], found["to"], len(found["days"])) == ("2026-08-23", "2026-09-21", 30)


def test_a_closed_days_figures_are_kept_until_something_behind_them_changes(api):
    sent = api.send()
    api.clock.pass_by(4 * 86_400)
    span = {"from_": "2026-09-21", "to": "2026-09-21"}
    assert stats(api, **span)["total"]["opened"] == 0
    opened(api, sent)
    assert stats(api, **span)["total"]["opened"] == 0
    api.kept_days.forget(REP.id, "2026-09-21")
    assert stats(api, **span)["total"]["opened"] == 1
    assert api.kept_days.days[REP.id, "2026-09-21"].figures.opened == 1


def test_an_open_days_figures_are_counted_each_time(api):
    sent = api.send()
    assert stats(api)["total"]["opened"] == 0
    opened(api, sent)
    assert stats(api)["total"]["opened"] == 1
    assert all(kept < "2026-09-19" for _, kept in api.kept_days.days)


def test_a_change_while_a_day_is_counted_wins_over_what_was_counted(api):
    api.send()
    api.clock.pass_by(4 * 86_400)
    honest = api.messages.between

    def between_while_it_changes(*args):
        found = honest(*args)
        api.kept_days.forget(REP.id, "2026-09-21")
        return found

    api.messages.between = between_while_it_changes
    stats(api, from_="2026-09-21", to="2026-09-21")
    assert api.kept_days.days[REP.id, "2026-09-21"].figures is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ([("from", "yesterday")], "from"),
        ([("to", "2026-02-30")], "to"),
        ([("from", "2026-1-1")], "from"),
        ([("from", "2026-09-22"), ("to", "2026-09-21")], "from"),
        ([("from", "2025-09-20"), ("to", "2026-09-21")], "from"),
        ([("from", "0001-01-01"), ("to", "0001-01-02")], "from"),
    ],
)
def test_statistics_of_no_span_are_refused(api, query, field):
    answer = api.call("GET", "/v1/stats", query=query)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


def test_statistics_reach_over_three_hundred_and_sixty_six_days(api):
    assert len(stats(api, from_="2025-09-21", to="2026-09-21")["days"]) == 366
    assert NOON // DAY_MS * DAY_MS < NOON


SMTP = {"host": "mail.example.test", "port": 465, "security": "tls", "username": "rep", "password": "hush-hush"}


def test_an_own_address_is_connected_by_smtp_and_its_password_is_sealed(api):
    person = api.token()
    answer = api.call("PUT", "/v1/accounts/rep@example.test", {"transport": "smtp", "smtp": SMTP}, auth=person)
    assert answer.status == 200
    assert answer.json == {
        "address": "rep@example.test",
        "name": "",
        "transport": "smtp",
        "verified": True,
        "smtp": {"host": "mail.example.test", "port": 465, "security": "tls", "username": "rep"},
        "warnings": [],
    }
    kept = api.accounts.credentials.rows[REP.id, REP.address]
    assert parse(api.seal.open(REP.id, REP.address, kept.sealed)) == Password("hush-hush")
    assert "hush" not in repr(api.accounts)
    assert api.call("GET", "/v1/accounts/rep@example.test", auth=person).json == answer.json
    assert api.call("DELETE", f"/v1/accounts/{quote('rep@example.test', safe='')}", auth=person).status == 204
    assert api.call("GET", "/v1/accounts", auth=person).json == {"items": [], "next": None}
    assert api.accounts.credentials.rows == {}


def test_a_password_left_out_stays_but_is_shown_to_no_other_server_and_used_for_no_other_user_name(api):
    person, address = api.token(), "/v1/accounts/rep@example.test"
    kept = {name: value for name, value in SMTP.items() if name != "password"}
    assert api.call("PUT", address, {"transport": "smtp", "smtp": kept}, auth=person).status == 422
    assert api.call("PUT", address, {"transport": "smtp", "smtp": SMTP}, auth=person).status == 200
    assert api.call("PUT", address, {"transport": "smtp", "smtp": {**kept, "port": 587}}, auth=person).status == 200
    for change in ({"host": "evil.test"}, {"username": "boss"}, {"username": "REP"}, {"security": "none"}):
        elsewhere = api.call("PUT", address, {"transport": "smtp", "smtp": {**kept, **change}}, auth=person)
        assert (elsewhere.status, elsewhere.json["errors"][0]["field"]) == (422, "smtp.password"), change
    assert api.call("GET", address, auth=person).json["smtp"]["username"] == "rep"
    assert api.call("PUT", address, {"transport": "ses"}, auth=person).status == 200
    assert api.accounts.accounts[REP.id, REP.address].smtp is None


def test_an_address_that_is_not_ones_own_waits_for_an_administrator(api):
    person = api.token()
    mine = api.call("PUT", "/v1/accounts/sales@example.test", {"transport": "ses"}, auth=person).json
    assert (mine["verified"], len(mine["warnings"])) == (False, 1)
    admin = api.token(sub="boss", email="boss@allowed.test", **{"cognito:groups": ["admins"]})
    done = api.call("PUT", f"/v1/users/{REP.id}/accounts/sales@example.test", {"transport": "ses"}, auth=admin)
    assert done.json["verified"] is True
    again = api.call("PUT", "/v1/accounts/sales@example.test", {"transport": "ses", "name": "Sales"}, auth=person)
    assert (again.json["verified"], again.json["name"]) == (True, "Sales")


@pytest.mark.parametrize("host", ["smtp.gmail.com", "smtp.office365.com"])
def test_a_server_that_files_each_copy_is_warned_about(api, host):
    body = {"transport": "smtp", "smtp": {**SMTP, "host": host}}
    answer = api.call("PUT", "/v1/accounts/rep@example.test", body, auth=api.token())
    assert "Sent" in answer.json["warnings"][0]


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        ("rep@example.test", {"transport": "smtp"}, "smtp"),
        ("rep@example.test", {"transport": "ses", "smtp": SMTP}, "smtp"),
        ("rep@example.test", {"transport": "pigeon"}, "transport"),
        ("rep@example.test", {"transport": "smtp", "smtp": {**SMTP, "port": 0}}, "smtp.port"),
        ("rep@example.test", {"transport": "smtp", "smtp": {**SMTP, "host": "a b"}}, "smtp.host"),
        ("rep@example.test", {"transport": "smtp", "smtp": {**SMTP, "username": "a\r\nb"}}, "smtp.username"),
        ("rep@example.test", {"transport": "ses", "name": "a\r\nBcc: x"}, "name"),
        ("nobody", {"transport": "ses"}, "address"),
        ("a%0D%0Ab@example.test", {"transport": "ses"}, "address"),
    ],
)
def test_an_account_that_cannot_be_is_refused(api, address, body, field):
    before = dict(api.accounts.accounts)
    answer = api.call("PUT", f"/v1/accounts/{address}", body, auth=api.token())
    assert answer.status == 422
    assert field in [error["field"] for error in answer.json["errors"]]
    assert (api.accounts.accounts, api.secrets.secrets) == (before, {})


def test_a_whole_number_may_be_spelled_with_a_fraction_of_nought(api):
    def ask(port):
        body = json.dumps({"transport": "smtp", "smtp": SMTP}).replace(f'"port": {SMTP["port"]}', f'"port": {port}')
        return api.call("PUT", "/v1/accounts/rep@example.test", body, auth=api.token())

    assert ask("25.0").json["smtp"]["port"] == 25
    assert [ask(port).status for port in ("25.5", "1e400", '"25"', "true")] == [422, 422, 422, 422]


def test_a_suppressed_address_is_named_and_allowed_again_on_purpose(api):
    person, address = api.token(), "/v1/suppressions/Gone%40customer.test"
    assert api.call("GET", address, auth=person).json == {
        "address": "gone@customer.test",
        "suppressed": False,
        "reason": None,
    }
    assert api.call("DELETE", address, auth=person).status == 404
    api.suppressions.add("gone@customer.test", "bounce", NOON)
    assert api.call("GET", address, auth=person).json["reason"] == "bounce"
    assert api.call("DELETE", address, auth=person).status == 204
    assert api.call("GET", address, auth=person).json["suppressed"] is False


@pytest.mark.parametrize("spelled", ["a%3Fb@customer.test", "a%23b@customer.test"])
def test_an_address_that_a_gateway_would_cut_is_refused_in_our_own_words_alone(api, spelled):
    answer = api.call("GET", f"/v1/suppressions/{spelled}", auth=api.token())
    assert answer.status == 422
    words = "must have no ? and no #: not every gateway hands them on unharmed"
    assert answer.json["errors"] == [{"field": "address", "reason": words}]


def test_users_are_listed_by_address_to_an_administrator(api):
    admin = api.token(sub="boss", email="boss@allowed.test", name="The Boss", **{"cognito:groups": ["admins"]})
    first = api.call("GET", "/v1/users", auth=admin, query=[("limit", "2")]).json
    rest = api.call("GET", "/v1/users", auth=admin, query=[("cursor", first["next"])]).json
    assert [user["address"] for user in first["items"] + rest["items"]] == [
        "boss@allowed.test",
        "colleague@example.test",
        "rep@example.test",
    ]
    boss = api.users.by_address("boss@allowed.test")
    assert replace(boss, id="", created_at=0) == replace(boss, id="", created_at=0, name="The Boss", admin=True)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["all"]},
        {"name": "  ", "scopes": ["read"]},
    ],
)
def test_a_key_needs_a_name_and_scopes_that_exist(api, body):
    assert api.call("POST", "/v1/keys", body, auth=api.token()).status == 422


@pytest.mark.parametrize("mark", ["?", "#"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/suppressions/{}", None),
        ("DELETE", "/v1/suppressions/{}", None),
        ("GET", "/v1/accounts/{}", None),
        ("PUT", "/v1/accounts/{}", {"name": "A", "transport": "ses"}),
        ("DELETE", "/v1/accounts/{}", None),
    ],
)
def test_an_address_that_aws_would_cut_within_the_path_is_refused_by_name(api, method, path, body, mark):
    """AWS's gateway ends the path at a `?` or `#`, though it came encoded: another address would be meant."""
    answer = api.call(method, path.format(quote(f"a{mark}b@customer.test", safe="")), body, auth=api.token())
    assert answer.status == 422, answer.json
    assert [error["field"] for error in answer.json["errors"]] == ["address"], answer.json


def test_a_forecast_is_given_at_once_and_gets_better_when_the_domain_was_looked_up(api):
    key = api.key_of(REP, ("read",))
    first = api.call("GET", "/v1/forecast", query=[("address", "Ada@customer.test")], auth=key)
    assert first.status == 200
    assert {name: first.json[name] for name in ("address", "domain", "mx")} == {
        "address": "ada@customer.test",
        "domain": "customer.test",
        "mx": None,
    }
    assert {first.json[kind]["level"] for kind in ("opens", "clicks")} == {"unknown"}
    assert api.lookup_queue.asked == ["customer.test"]
    api.mail_domains.resolved("customer.test", exchange_of(["mxa-0012.gslb.pphosted.com"]), api.clock())
    later = api.call("GET", "/v1/forecast", query=[("address", "ada@customer.test")], auth=key).json
    assert later["mx"] == "gateway"
    assert later["clicks"] == {
        "level": "unreliable",
        "text": "Links are scanned first by a mail gateway (Proofpoint): clicks in the first minutes are held.",
    }


@pytest.mark.parametrize(
    "query", [[], [("address", "")], [("address", "ada")], [("address", "a@b")], [("address", "a b@customer.test")]]
)
def test_a_forecast_of_no_address_is_refused_by_name(api, query):
    refused = api.call("GET", "/v1/forecast", query=query, auth=api.key_of(REP, ("read",)))
    assert refused.status == 422
    assert {error["field"] for error in refused.json["errors"]} == {"address"}
    assert api.lookup_queue.asked == []
