"""Pages of administrators, what a person is told of them, and the ends of sessions and keys."""

import re
from dataclasses import replace

import pytest

from functions.web.handler import WebHandler
from functions.web.pages import sign_in
from functions.web.routes import ROUTES
from ocello.domain.crm.items import ItemInput
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.preferences import Preferences
from ocello.domain.retention.log import Deleted, Deletion
from ocello.domain.tracking.tokens import EVERYONE
from ocello.services.items.change_items import ItemWriter
from tests.fakes.engagement.settling import a_hit
from tests.fakes.web import ADMIN, OTHER, REP, Stage, claims_of
from tests.fakes.world import NOON

DEAL = ItemRef("deal", "42")


@pytest.fixture
def stage():
    return Stage()


def test_inviting_makes_the_sign_in_and_the_list_says_who_never_came(stage):
    admin = stage.browser(ADMIN)
    done = admin.post("/app/users", {"address": "new@example.test"})
    assert stage.directory.mailed == ["new@example.test"]
    assert "on its way by mail" in admin.get(done.headers["location"]).text
    made = stage.users.by_address("new@example.test")
    page = admin.get("/app/users").text
    assert "invited, has never come" in page
    assert f"/app/users/{made.id}/invitation" in page
    assert admin.post(f"/app/users/{made.id}/invitation").status == 303
    assert stage.directory.mailed == ["new@example.test"] * 2
    stage.provider.people[made.address] = claims_of(made)
    stage.browser(made)
    page = admin.get("/app/users").text
    assert "invited, has never come" not in page
    assert "/invitation" not in page
    assert admin.post(f"/app/users/{made.id}/invitation").status == 409


def test_a_pool_that_does_not_answer_is_no_page_of_faults(stage):
    admin = stage.browser(ADMIN)
    stage.directory.down = True
    refused = admin.post("/app/users", {"address": "new@example.test"})
    assert refused.status == 503
    assert 'value="new@example.test"' in refused.text, "what was typed stays"


def test_where_the_pool_is_not_ours_nobody_is_promised_a_mail(stage):
    stage = Stage()
    stage.handler = WebHandler(ROUTES, replace(stage.context, directory=None))
    admin = stage.browser(ADMIN)
    assert "first password" not in admin.get("/app/users").text
    assert admin.post("/app/users", {"address": "new@example.test"}).headers["location"] == "/app/users?done=invited"
    assert "/invitation" not in admin.get("/app/users").text


def test_the_trail_shows_who_changed_what(stage):
    admin = stage.browser(ADMIN)
    admin.post(f"/app/users/{OTHER.id}/groups", {"groups": "board"})
    admin.post(f"/app/users/{OTHER.id}/disabled", {"disabled": "true"})
    page = admin.get("/app/audit").text
    for words in (ADMIN.address, OTHER.address, "Groups changed", "User disabled", "board"):
        assert words in page
    for user, visibility, group in ((OTHER, "group", "sales"), (OTHER, "company", None), (OTHER, "owner", None)):
        stage.clock.pass_by(1)
        given_ = ItemInput("A deal", visibility=visibility, group=group)
        ItemWriter(stage.items, stage.users, stage.clock).write(user, DEAL, given_)
    stage.preferences.write(ADMIN.id, Preferences(language="it"))
    page = admin.get("/app/audit").text
    owned = f"(proprietario: {OTHER.address})"
    for words in (
        "Utente disattivato",
        f"il gruppo sales {owned}",
        f"tutta l&#39;azienda {owned}",
        f"solo {OTHER.address}<",
    ):
        assert words in page


def test_an_owner_is_told_on_every_page_until_having_seen_it(stage):
    rep = stage.browser(REP)
    assert "An administrator has changed" not in rep.get("/app").text
    for user, visibility in ((REP, "owner"), (ADMIN, "company")):
        given_ = ItemInput("A deal", visibility=visibility)
        ItemWriter(stage.items, stage.users, stage.clock).write(user, DEAL, given_)
        stage.clock.pass_by(1)
    assert "An administrator has changed" in rep.get("/app/items").text
    assert "An administrator has changed" not in stage.browser(OTHER).get("/app/items").text
    page = rep.get("/app/notices").text
    assert ADMIN.address in page
    assert 'href="/app/items/deal/42"' in page
    up_to = page.split('name="up_to" value="')[1].split('"')[0]
    assert rep.post("/app/notices/seen", {"up_to": "x"}).status == 422
    assert rep.post("/app/notices/seen", {"up_to": up_to}).status == 303
    assert "An administrator has changed" not in rep.get("/app").text
    assert "deal/42" in rep.get("/app/notices").text, "it stays to be read"


def test_what_comes_after_what_was_shown_is_not_taken_as_seen(stage):
    rep = stage.browser(REP)
    stage.users.update(replace(REP, notices_at=100))
    assert rep.post("/app/notices/seen", {"up_to": "50"}).status == 303
    assert stage.users.get(REP.id).has_notices
    assert rep.post("/app/notices/seen", {"up_to": "999999999999999"}).status == 303
    assert stage.users.get(REP.id).notices_seen_at == 100, "nothing of the future is seen"


def test_signing_out_everywhere_ends_every_browsers_session(stage):
    here, there, other = stage.browser(REP), stage.browser(REP), stage.browser(OTHER)
    stage.clock.pass_by(2)
    left = here.post("/app/settings/sign-out-everywhere")
    assert left.headers["location"] == "https://id.test/logout"
    assert sign_in.SESSION not in here.jar
    assert there.get("/app").status == 303
    assert other.get("/app").status == 200
    stage.clock.pass_by(2)
    assert stage.browser(REP).get("/app").status == 200


def test_a_disabled_users_sessions_stay_over_when_let_in_again(stage):
    rep, admin = stage.browser(REP), stage.browser(ADMIN)
    for disabled in ("true", "false"):
        stage.clock.pass_by(2)
        assert admin.post(f"/app/users/{REP.id}/disabled", {"disabled": disabled}).status == 303
    assert rep.get("/app").status == 303
    stage.clock.pass_by(2)
    assert stage.browser(REP).get("/app").status == 200


@pytest.mark.parametrize("minutes", [6, 31], ids=["a note of use", "a new name"])
def test_a_session_that_is_ended_while_it_is_used_does_not_come_back(stage, minutes):
    rep = stage.browser(REP)
    stage.clock.pass_by(minutes * 60)
    stage.sessions.meanwhile = stage.sessions.sessions.clear  # another request signs out
    rep.get("/app")
    assert not stage.sessions.sessions
    assert rep.get("/app").status == 303


def test_a_key_is_made_with_an_end_and_says_when(stage):
    rep = stage.browser(REP)
    assert "90 days" in rep.get("/app/settings/keys").text
    assert rep.post("/app/settings/keys", {"name": "CRM", "scope": "read", "expires": "30"}).status == 200
    key = stage.keys.page(REP.id, 5, None).items[0]
    assert key.expires_at == stage.clock() + 30 * 86_400_000
    assert "expired" not in rep.get("/app/settings/keys").text
    assert rep.post("/app/settings/keys", {"name": "x", "scope": "read", "expires": "31"}).status == 422
    stage.keys.keys[REP.id, key.id] = replace(key, expires_at=stage.clock())
    assert "expired" in rep.get("/app/settings/keys").text


def test_of_two_windows_neither_takes_back_the_others_preferences(stage):
    rep = stage.browser(REP)
    rep.post("/app/settings/signature", {"signature": "<b>Rosa</b>"})
    rep.post("/app/settings/preferences", {"language": "en", "zone": "Europe/Rome", "theme": "dark"})
    assert "Rosa" in stage.preferences.read(REP.id).signature
    assert stage.preferences.read(REP.id).theme == "dark"


# --- what was recorded of a mail ---------------------------------------------------------------------------------------


def a_mail(stage):
    sent = stage.browser(REP).post(
        "/app/drafts/01900000-0000-7000-8000-00000000d4af/send",
        {"version": "0", "to": "buyer@customer.test", "subject": "Confidential", "html": "<p>x</p>"},
    )
    assert sent.status == 303
    (message,) = stage.messages.messages
    return message


def test_an_administrator_sees_of_each_hit_its_network_and_never_its_address(stage):
    message = a_mail(stage)
    stage.hits.hits = [
        a_hit(message=message, address="198.51.100.77"),
        a_hit(at=5, message=message, address="2001:db8:1:2::3"),
        a_hit(at=9, message=message, address="", recipient=EVERYONE),
    ]
    page = stage.browser(ADMIN).get(f"/app/evidence?message={message}")
    assert page.status == 200
    for words in ("198.51.100.0/24", "2001:db8:1::/48", "not recorded", "someone"):
        assert words in page.text
    for secret in ("198.51.100.77", "2001:db8:1:2", "Confidential", "buyer@customer.test"):
        assert secret not in page.text
    assert "198.51" not in stage.browser(REP).get(f"/app/messages/{message}/hits").text


def test_more_hits_than_a_page_holds_are_continued(stage):
    message = a_mail(stage)
    stage.hits.hits = [a_hit(at=at * 1000, request=f"r{at}", message=message) for at in range(60)]
    admin = stage.browser(ADMIN)
    page = admin.get(f"/app/evidence?message={message}").text
    following = re.search(r'href="(/app/evidence\?message=[^"]*cursor=[^"]*)"', page)[1].replace("&amp;", "&")
    assert page.count("<tr><td>") == 50
    assert admin.get(following).text.count("<tr><td>") == 10


@pytest.mark.parametrize("message", ["01900000-0000-7000-8000-00000000ffff", "x", "../users"])
def test_of_a_mail_that_is_not_there_it_is_said_so(stage, message):
    answer = stage.browser(ADMIN).get(f"/app/evidence?message={message}")
    assert answer.status == 404
    assert "There is no such mail." in answer.text


def test_the_page_without_a_mail_asks_for_one(stage):
    answer = stage.browser(ADMIN).get("/app/evidence")
    assert answer.status == 200
    assert 'name="message"' in answer.text


def test_what_was_deleted_is_shown_newest_first_and_says_how_much_and_why(stage):
    stage.deletions.add(Deletion(NOON, "retention", Deleted(addresses=1_234, hits=5), NOON))
    stage.deletions.add(Deletion(NOON + 1, "erasure", Deleted(hits=77), NOON + 1, "s" * 43, "a reason of ours"))
    page = stage.browser(ADMIN).get("/app/deletions").text
    assert page.index("77") < page.index("1,234")
    assert page.index("A person asked for it") < page.index("Kept long enough")
    assert "s" * 43 not in page


def test_where_nothing_was_deleted_the_page_says_so(stage):
    assert "Nothing has been deleted yet." in stage.browser(ADMIN).get("/app/deletions").text
