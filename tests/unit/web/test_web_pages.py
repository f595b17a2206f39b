"""What people do on the pages: connecting, writing, sending, reading, being alerted; and what cannot be done to them."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest

from ocello.domain.common.ids import uuid7
from ocello.domain.crm.items import Item
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.messages.message import ItemRef, Untracked
from ocello.domain.people.credentials import Password, parse
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.users import Account, TrackingSettings
from ocello.services.alerts.ports import ShownAlert
from tests.fakes.engagement.settling import a_hit
from tests.fakes.web import ADMIN, OTHER, REP

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}${7*7}",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "<a href='java\tscript:alert(1)'>x</a>",
    "\u202eevil",
]


def write(**fields):
    return {
        "version": "0",
        "to": "buyer@customer.test",
        "subject": "Offer",
        "html": '<p>See <a href="https://example.com/a">the offer</a></p>',
        "opens": "on",
        "clicks": "on",
        **fields,
    }


def new_draft(browser):
    return re.search(r'data-draft="([^"]+)"', browser.get("/app/compose").text)[1]


def send(browser, **fields):
    answer = browser.post(f"/app/drafts/{new_draft(browser)}/send", write(**fields))
    assert answer.status == 303, answer.text
    return answer.headers["location"].split("/")[3].split("?")[0]


def engage(stage, message, opens=1, clicks=0):
    at = stage.clock.now
    opened = Summary(opens, 0, 0, at, at, (at,) * opens) if opens else Summary()
    clicked = Summary(clicks, 1, 0, at, at, (at,) * clicks) if clicks else Summary()
    stage.messages.engagements[message] = Engagement(opened, clicked, {0: Actions(opened, clicked)}, {0: clicked})


def test_tracking_cannot_be_switched_on_before_an_account_is_connected(stage):
    browser = stage.browser(OTHER)
    assert "Connect a sending account first" in browser.get("/app/settings").text
    assert browser.post("/app/settings/tracking", {"track_opens": "on", "alerts": "on"}).status == 409
    assert stage.settings.read(OTHER.id) == TrackingSettings()


def test_the_three_switches_are_saved_as_they_stand(stage, rep):
    assert rep.post("/app/settings/tracking", {"track_clicks": "on"}).status == 303
    assert stage.settings.read(REP.id) == TrackingSettings(track_opens=False, track_clicks=True, alerts=False)


def test_an_account_is_connected_only_after_its_server_took_us(stage, rep):
    form = {
        "address": "rep@example.test",
        "name": "Rosa",
        "transport": "smtp",
        "host": "mail.example.test",
        "port": "587",
        "security": "starttls",
        "username": "rosa",
        "password": "s3cret words",
    }
    stage.probe.words = "535 go away"
    refused = rep.post("/app/settings/accounts", form)
    assert refused.status == 422
    assert "535 go away" in refused.text
    assert "mail.example.test" in refused.text, "what was typed stays"
    assert "s3cret words" not in refused.text
    assert stage.accounts.of(REP.id)[0].transport == "ses"
    assert not stage.accounts.of(REP.id)[0].smtp
    stage.probe.words = ""
    assert rep.post("/app/settings/accounts", form).status == 303
    account = stage.accounts.of(REP.id)[0]
    assert account.smtp.host == "mail.example.test"
    kept = stage.accounts.credentials.rows[REP.id, account.address]
    assert parse(stage.seal.open(REP.id, account.address, kept.sealed)) == Password("s3cret words")
    assert "s3cret words" not in rep.get("/app/settings/accounts").text
    assert stage.probe.tried[-1][1] == Password("s3cret words")


def test_ses_can_be_asked_to_write_to_an_address_of_ones_own_and_nothing_is_connected_before_it_says_so(stage):
    browser = stage.browser(OTHER)
    stage.probe.words = "Amazon SES has verified neither this address nor its domain."
    stage.probe.unverified = True
    form = {"address": OTHER.address.upper(), "name": "Otto", "transport": "ses"}
    refused = browser.post("/app/settings/accounts", form)
    assert refused.status == 422
    assert "has verified neither this address nor its domain" in refused.text
    assert "Amazon SES can write to other@example.test." in refused.text
    assert 'value="Otto"' in refused.text
    invited = browser.post("/app/settings/accounts/invite", {"address": OTHER.address, "transport": "ses"})
    assert (invited.status, stage.probe.invited) == (303, [OTHER.address])
    assert "A mail of Amazon SES is on its way" in browser.get(invited.headers["location"]).text
    stage.probe.words = (
        "Amazon SES has sent its verification mail to this address. Open the link in it, then try again."
    )
    stage.probe.unverified = False
    again = browser.post("/app/settings/accounts", form)
    assert "Open the link in it, then try again." in again.text
    assert "Amazon SES can write to" not in again.text
    assert not stage.accounts.of(OTHER.id)
    stage.probe.words = ""
    assert browser.post("/app/settings/accounts", form).status == 303
    assert stage.accounts.of(OTHER.id)[0].verified


def test_ses_is_never_made_to_write_to_strangers(stage):
    browser = stage.browser(OTHER)
    stage.probe.words, stage.probe.unverified = "Amazon SES has verified neither this address nor its domain.", True
    for address in ("stranger@elsewhere.test", REP.address, "nobody", ""):
        form = {"address": address, "transport": "ses"}
        assert "Amazon SES can write to" not in browser.post("/app/settings/accounts", form).text
        assert browser.post("/app/settings/accounts/invite", form).status == 422
    stage.accounts.write(Account(OTHER.id, "team@example.test", "", "ses", verified=False))
    assert browser.post("/app/settings/accounts/invite", {"address": "team@example.test"}).status == 422
    assert not stage.probe.invited
    stage.accounts.write(Account(OTHER.id, "team@example.test", "", "ses", verified=True))
    assert browser.post("/app/settings/accounts/invite", {"address": "team@example.test"}).status == 303
    assert stage.probe.invited == ["team@example.test"], "an administrator said that it is theirs"


@pytest.mark.parametrize(
    ("language", "name", "words"),
    [("en", "Host", "must be a host name"), ("it", "Host", "deve essere un nome di host")],
)
def test_a_refused_account_is_refused_in_the_persons_language(stage, rep, language, name, words):
    stage.preferences.write(REP.id, Preferences(language=language))
    form = {"address": REP.address, "transport": "smtp", "host": "not a host", "port": "25", "security": "tls"}
    assert f"{name}: {words}" in rep.post("/app/settings/accounts", form).text


def test_a_stored_password_is_not_shown_to_another_server(stage, rep):
    form = {"address": "rep@example.test", "transport": "smtp", "port": "587", "security": "tls", "username": "rosa"}
    rep.post("/app/settings/accounts", {**form, "host": "mail.example.test", "password": "s3cret words"})
    tries = len(stage.probe.tried)
    assert rep.post("/app/settings/accounts", {**form, "host": "evil.test"}).status == 422
    assert len(stage.probe.tried) == tries


def test_an_api_key_is_shown_once(stage, rep):
    made = rep.post("/app/settings/keys", {"name": "figures", "scope": "read"})
    key = re.search(r"ock_[\w=-]+", made.text)[0]
    assert key not in rep.get("/app/settings/keys").text
    assert stage.keys.page(REP.id, 5, None).items[0].scopes == ("read",)
    identifier = stage.keys.page(REP.id, 5, None).items[0].id
    assert rep.post(f"/app/settings/keys/{identifier}/revoke").status == 303
    assert not stage.keys.page(REP.id, 5, None).items


def test_an_administrator_invites_and_cannot_lock_the_door_from_outside(stage):
    admin = stage.browser(ADMIN)
    assert admin.post("/app/users", {"address": "new@example.test", "name": "Nina"}).status == 303
    assert admin.post("/app/users", {"address": "new@example.test"}).status == 409
    assert admin.post(f"/app/users/{ADMIN.id}/disabled", {"disabled": "true"}).status == 409
    assert not stage.users.get(ADMIN.id).disabled


def test_an_administrator_gives_groups_that_a_sign_in_does_not_take_away(stage):
    admin = stage.browser(ADMIN)
    assert admin.post(f"/app/users/{REP.id}/groups", {"groups": "sales, board"}).status == 303
    stage.browser(REP)
    assert stage.users.get(REP.id).given_groups == ("board", "sales")


def test_a_mail_is_sent_with_its_links_and_is_in_the_inbox_at_once(stage, rep):
    conversation = send(rep)
    stored = stage.messages.load(conversation)
    assert [recipient.mailbox.address for recipient in stored.recipients] == ["buyer@customer.test"]
    assert [link.url for link in stored.report.links] == ["https://example.com/a"]
    assert stage.queue.queued == [(conversation, 0)]
    assert "Offer" in rep.get("/app").text
    assert not stage.drafts.kept, "the draft has become the mail"


def test_a_second_press_on_send_sends_nothing_more(stage, rep):
    draft = new_draft(rep)
    first = rep.post(f"/app/drafts/{draft}/send", write())
    second = rep.post(f"/app/drafts/{draft}/send", write())
    assert first.headers["location"] == second.headers["location"]
    assert len(stage.messages.messages) == 1


def test_a_refused_mail_stays_a_draft_and_names_what_is_wrong(stage, rep):
    draft = new_draft(rep)
    answer = rep.post(f"/app/drafts/{draft}/send", write(to="buyer@customer.test\nnobody", subject="Kept"))
    assert answer.status == 422
    assert "“nobody”" in answer.text
    assert stage.drafts.get(REP.id, draft).content.subject == "Kept"
    assert not stage.messages.messages


def test_what_two_windows_wrote_is_kept_twice(stage, rep):
    draft = new_draft(rep)
    assert rep.post(f"/app/drafts/{draft}", write(subject="one")).status == 200
    other = rep.post(f"/app/drafts/{draft}", write(subject="two"))
    assert "Both are kept" in other.text
    assert {kept.content.subject for kept in stage.drafts.kept.values()} == {"one", "two"}


def test_nothing_typed_makes_no_draft(stage, rep):
    assert rep.post(f"/app/drafts/{new_draft(rep)}", {"version": "0", "html": ""}).status == 204
    assert not stage.drafts.kept


def test_the_switches_of_one_mail_leave_the_defaults_alone(stage, rep):
    fields = write()
    del fields["opens"]
    rep.post(f"/app/drafts/{new_draft(rep)}/send", fields)
    stored = next(iter(stage.messages.messages.values())).message
    assert (stored.track_opens, stored.track_clicks) == (False, True)
    assert stage.settings.read(REP.id).track_opens


def test_where_settings_switch_tracking_off_the_composer_has_no_icon_and_a_form_cannot_switch_it_on(stage, rep):
    rep.post("/app/settings/tracking", {"track_clicks": "on"})
    page = rep.get("/app/compose").text
    assert 'name="opens"' not in page
    assert 'name="clicks"' in page
    stored = stage.messages.load(send(rep)).message
    assert not stored.track_opens


def test_the_check_says_what_will_be_tracked_and_what_not(stage, rep):
    html = (
        '<p><a href="https://example.com/a">https://www.other.test</a> <a href="mailto:a@b.test">write</a>'
        '<a href="https://example.com/unsubscribe">bye</a> <a href="https://example.com/b">the offer</a></p>'
    )
    page = rep.post("/app/check", write(html=html, to="sales@customer.test"), hx_request="true").text
    assert "1 link is tracked." in page
    assert "a way to unsubscribe" in page
    assert "shows its whole address" in page
    assert 'data-name="https://example.com/a"' in page
    assert "sales@customer.test" in page
    assert "another domain" in page
    assert not stage.messages.messages


def test_the_check_admits_that_an_empty_mail_cannot_be_tracked(rep):
    assert "The mail is empty" in rep.post("/app/check", write(html="<div><br></div>")).text


def test_the_eye_is_hollow_until_something_happened_and_an_open_does_not_reorder_the_list(stage, rep):
    first = send(rep, subject="First")
    stage.clock.pass_by(60)
    send(rep, subject="Second")
    assert "on seen" not in rep.get("/app").text
    engage(stage, first)
    page = rep.get("/app").text
    assert page.count("on seen") == 1
    assert page.index("Second") < page.index("First")


@pytest.mark.parametrize(
    ("name", "wanted"), [("tracked", {"opened", "waiting"}), ("opened", {"opened"}), ("unopened", {"waiting"})]
)
def test_filters_show_their_own(stage, rep, name, wanted):
    opened = send(rep, subject="opened")
    stage.clock.pass_by(60)
    send(rep, subject="waiting")
    stage.clock.pass_by(60)
    plain = write(subject="plain")
    del plain["opens"], plain["clicks"]
    rep.post(f"/app/drafts/{new_draft(rep)}/send", plain)
    engage(stage, opened)
    rep.get("/app")  # whoever looks puts the lists right
    page = rep.get(f"/app?show={name}").text
    assert {text for text in ("opened", "waiting", "plain") if f">{text}</span>" in page} == wanted


def test_mail_sent_in_another_way_is_in_the_inbox_when_it_is_next_read(stage, rep):
    conversation = send(rep)
    stage.inbox.kept.clear()
    assert "Offer" in rep.get("/app").text
    stage.clock.pass_by(120)
    rep.get("/app")
    assert stage.inbox.marks[REP.id] == conversation


def test_a_search_finds_by_words_of_the_subject_and_by_address_without_case_or_accents(stage, rep):
    send(rep, subject="Pre\u0301ventivo Rossi", to="Ugo <ugo@customer.test>")
    stage.clock.pass_by(60)
    send(rep, subject="Other", to="x@elsewhere.test")
    for text in ("preventivo", "PREV ross", "ugo@customer.test", "customer", "Ugo"):
        page = rep.get(f"/app?q={text}").text
        assert "Rossi" in page, text
        assert "Other" not in page, text
    assert "Nothing was found" in rep.get("/app?q=absent").text


def test_a_conversation_tells_who_did_what(stage, rep):
    conversation = send(rep)
    engage(stage, conversation, opens=2, clicks=1)
    page = rep.get(f"/app/conversations/{conversation}").text
    assert "https://example.com/a" in page
    assert "1 by a machine" in page
    assert rep.get(f"/app/conversations/{conversation}/times").text.count("<time") >= 3


def test_a_follow_up_joins_its_conversation(stage, rep):
    conversation = send(rep)
    stage.clock.pass_by(60)
    page = rep.get(f"/app/compose?reply={conversation}").text
    assert "Re: Offer" in page
    reply = re.search(r'name="in_reply_to" value="([^"]+)"', page)[1].replace("&lt;", "<").replace("&gt;", ">")
    assert send(rep, subject="Re: Offer", in_reply_to=reply) == conversation
    assert stage.inbox.kept[REP.id, conversation].entry.total == 2


def thread_of(stage, rep, count):
    """Send a mail and follow up on it; return the conversation."""
    conversation = send(rep, subject="Nr 0")
    for number in range(1, count):
        stage.clock.pass_by(60)
        send(rep, subject=f"Nr {number}", in_reply_to=stage.messages.messages[conversation].message.message_id)
    return conversation


def test_no_mail_of_a_long_conversation_is_out_of_reach(stage, rep):
    conversation = thread_of(stage, rep, 45)
    address, found, pages = f"/app/conversations/{conversation}", [], 0
    while address:
        page = rep.get(address).text
        found += re.findall(r'id="m-([^"]+)"', page)[::-1]
        older = re.search(r'href="([^"]+)">Older mail', page)
        address, pages = older[1] if older else "", pages + 1
    subjects = [stage.messages.messages[message].message.subject for message in found]
    assert subjects == [f"Nr {number}" for number in reversed(range(45))]
    assert pages == 4
    for message in stage.messages.messages:
        there = rep.get(f"/app/messages/{message}").headers["location"]
        assert f'id="m-{message}"' in rep.get(there).text
    assert (
        rep.get(f"/app/messages/{max(stage.messages.messages)}")
        .headers["location"]
        .startswith(f"/app/conversations/{conversation}#")
    )


@pytest.mark.parametrize("path", ["conversations/x", "conversations/{}?at=x", "conversations/{}?at=" + "9" * 5000])
def test_an_address_that_names_no_mail_is_not_there(rep, path):
    assert rep.get("/app/" + path.format(send(rep))).status == 404


def sharing(page):
    """Return the fields of the form by which a mail's owner changes who may see it, as a browser would send them."""
    form = page.split('/sharing">')[1].split("</form>")[0]
    chosen = re.search(r'<option value="(\w+)" selected>', form)[1]
    items = re.findall(r'name="item" value="([^"]+)"', form)
    return {"version": re.search(r'name="version" value="(\d+)"', form)[1], "visibility": chosen, "item": items}


def test_an_owner_changes_who_may_see_a_mail_and_its_items_afterwards(stage, rep):
    made: dict[str, Any] = {"owner": REP.address, "visibility": "company", "maker": REP.id, "made_at": 1, "version": 1}
    stage.items.put(Item(ItemRef("deal", "42"), "Press", **made), None)
    stage.items.put(Item(ItemRef("person", "7"), "Bea", addresses=("buyer@customer.test",), **made), None)
    conversation = send(rep)
    page = rep.get(f"/app/conversations/{conversation}").text
    assert sharing(page) == {"version": "0", "visibility": "private", "item": []}
    assert re.search(r'chip stays">Bea', page), "a recipient stays linked"
    form = {**sharing(page), "visibility": "shared", "item": ["deal:42"]}
    answer = rep.post(f"/app/messages/{conversation}/sharing", form)
    assert answer.headers["location"] == f"/app/conversations/{conversation}?done=changed#m-{conversation}"
    page = rep.get(answer.headers["location"]).text
    assert "Saved." in page
    assert sharing(page) == {"version": "1", "visibility": "shared", "item": ["deal:42"]}
    assert "Offer" in stage.browser(OTHER).get("/app/items/deal/42").text
    assert stage.browser(OTHER).get(f"/app/conversations/{conversation}").status == 200
    assert ">Offer<" in rep.get("/app?item=deal:42").text
    late = rep.post(f"/app/messages/{conversation}/sharing", {**form, "visibility": "private"})
    assert (late.status, "changed meanwhile" in late.text) == (409, True)
    away = rep.post(f"/app/messages/{conversation}/sharing", {**sharing(page), "item": []})
    assert away.status == 303
    assert ">Offer<" not in rep.get("/app?item=deal:42").text
    assert stage.messages.messages[conversation].message.items == (ItemRef("person", "7"),)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"visibility": "public"}, 422),
        ({"item": [f"deal:{number}" for number in range(41)]}, 422),
        ({"version": "x", "visibility": "shared"}, 303),
        ({"version": "9" * 99}, 303),
        ({"item": ["nonsense", "boat:1", "deal:"]}, 303),
    ],
)
def test_a_form_of_nonsense_breaks_nothing(stage, rep, form, status):
    conversation = send(rep)
    assert rep.post(f"/app/messages/{conversation}/sharing", form).status == status
    assert stage.messages.messages[conversation].message.items == ()


def test_the_inbox_says_which_item_it_shows_the_mail_of_and_helps_to_find_another(stage, rep):
    seen: dict[str, Any] = {"visibility": "company", "maker": REP.id, "made_at": 1, "version": 1}
    stage.items.put(Item(ItemRef("deal", "42"), "New <press>", REP.address, **seen), None)
    stage.items.put(Item(ItemRef("deal", "9"), "Secret press", OTHER.address, "owner", maker=OTHER.id), None)
    send(rep, subject="Linked", item=["deal:42"])
    send(rep, subject="Other")
    assert "Only mail of <b>" not in rep.get("/app").text
    page = rep.get("/app?item=deal:42").text
    assert "Only mail of <b>New &lt;press&gt;</b>" in page
    assert ("Linked" in page, "Other<" in page) == (True, False)
    assert "Only mail of <b>Deal 9</b>" in rep.get("/app?item=deal:9").text
    for address in ("/app?find=press", "/app/pick?to=inbox&find=press"):  # without scripts, and with them
        found = rep.get(address).text
        assert 'href="/app?item=deal%3A42"' in found
        assert "Secret" not in found
    assert rep.get("/app?item=nonsense").status == rep.get(f"/app?item=deal:{'x' * 3000}").status == 404


def test_marks_are_told_anew_for_ones_own_conversations_alone(stage, rep):
    first, second = send(rep, subject="First"), send(rep, subject="Second")
    engage(stage, first, opens=3)
    answer = rep.get(f"/app/alerts/bulb?live=inbox&of={second}&of={first}&of=nonsense")
    marks = re.findall(r'id="marks-([^"]+)" hx-swap-oob="true">(.*?)id="last-', answer.text, re.DOTALL)
    assert [(name, "on seen" in text) for name, text in marks] == [(second, False), (first, True)]
    assert "marks-" not in stage.browser(OTHER).get(f"/app/alerts/bulb?live=inbox&of={first}").text


def test_figures_are_told_anew_without_what_need_not_change(stage, rep):
    conversation = send(rep)
    engage(stage, conversation, opens=2, clicks=1)
    answer = rep.get(f"/app/alerts/bulb?live=conversation&of={conversation}").text
    assert f'id="people-{conversation}" hx-swap-oob="true"' in answer
    assert f'id="state-{conversation}" hx-swap-oob="true"' in answer
    assert "1 by a machine" in answer
    assert "<iframe" not in answer


def asked_again(page, seen="0"):
    """Return the address at which a page that was shown asks what changed."""
    form = re.search(r'<form id="live"[^>]*>(.*?)</form>', page, re.DOTALL)[1]
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form)
    return "/app/alerts/bulb?" + urlencode([("seen", seen), *fields])


@pytest.mark.parametrize("alerts", [True, False], ids=["alerts on", "alerts off"])
def test_a_page_is_told_what_changed_of_what_it_shows_whether_or_not_an_alert_tells_of_it(stage, rep, alerts):
    stage.settings.write(REP.id, TrackingSettings(track_opens=True, track_clicks=True, alerts=alerts))
    stage.items.put(
        Item(ItemRef("deal", "42"), "New press", REP.address, "company", maker=REP.id, made_at=1, version=1), None
    )
    conversation = send(rep, item=["deal:42"])
    for address, mark in (
        ("/app", f'id="marks-{conversation}" hx-swap-oob'),
        (f"/app/conversations/{conversation}?done=sent", f'id="people-{conversation}" hx-swap-oob'),
        ("/app/items/deal/42", f'id="marks-{conversation}" hx-swap-oob'),
    ):
        stage.messages.engagements.clear()
        again = asked_again(rep.get(address).text)
        assert rep.get(again, hx_request="true").status == 204, "nothing changed"
        engage(stage, conversation, opens=2, clicks=1)
        told = rep.get(again, hx_request="true")
        assert mark in told.text
        assert told.headers["hx-trigger"] == "news"
        assert told.headers["hx-reswap"] == "none", "the bulb stays as it is"
        assert rep.get(asked_again(told.text), hx_request="true").status == 204, "told once"


def test_what_becomes_of_a_copy_is_told_to_the_pages_that_show_it(stage, rep):
    conversation = send(rep)
    page = rep.get(f"/app/conversations/{conversation}?done=sent").text
    assert "On its way." in page
    row = stage.messages.rows[conversation, 0]
    for status, words in (("sent", "It was sent."), ("bounced", "A copy did not arrive, or nobody knows.")):
        stage.messages.rows[conversation, 0] = replace(row, status=status)
        told = rep.get(asked_again(page), hx_request="true").text
        assert (words in told, "On its way." in told) == (True, False)
        assert f'id="state-{conversation}" hx-swap-oob' in told
        page = told
    assert words in rep.get(f"/app/conversations/{conversation}?done=sent").text


def test_an_item_page_is_told_its_figures_and_timeline_too(stage, rep):
    stage.items.put(
        Item(ItemRef("deal", "42"), "New press", REP.address, "company", maker=REP.id, made_at=1, version=1), None
    )
    conversation = send(rep, item=["deal:42"])
    again = asked_again(rep.get("/app/items/deal/42").text)
    engage(stage, conversation, opens=1)
    told = rep.get(again, hx_request="true").text
    assert 'id="item-figures" hx-swap-oob' in told
    assert re.search(r"<dt>Opened</dt><dd>1", told)
    assert 'id="timeline" hx-swap-oob' in told


ODD = ("odd", "item&of=odd", "item&of=deal:none", "conversation&of=x", "inbox&of=x", "item&of=deal:42&cursor=odd")


@pytest.mark.parametrize("query", ODD)
def test_what_is_not_there_any_more_changes_nothing(rep, query):
    assert rep.get(f"/app/alerts/bulb?seen=0&live={query}", hx_request="true").status in (200, 204)


def test_a_new_alert_changes_the_bulb_alone(stage, rep):
    conversation = send(rep)
    again = asked_again(rep.get(f"/app/conversations/{conversation}").text)
    at = stage.clock.now
    stage.alerts.alerts[REP.id] = [ShownAlert("1", "open", at, uuid7(at, bytes(10)), "Offer", "b@c.test", None, "new")]
    told = rep.get(again, hx_request="true")
    assert '<span class="badge">1' in told.text
    assert "people-" not in told.text
    assert not {"hx-trigger", "hx-reswap"} & set(told.headers)


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(stage, rep):
    conversation = send(rep)
    seen = max(session.seen_at for session in stage.sessions.sessions.values())
    stage.clock.pass_by(600)
    for path in (f"alerts/bulb?live=conversation&of={conversation}", f"conversations/{conversation}/times"):
        assert rep.get(f"/app/{path}").status == 200
    assert max(session.seen_at for session in stage.sessions.sessions.values()) == seen
    rep.get("/app")
    assert max(session.seen_at for session in stage.sessions.sessions.values()) > seen


def test_the_reasons_of_a_verdict_are_shown(stage, rep):
    conversation = send(rep)
    stage.hits.hits = [a_hit(message=conversation, agent="Googlebot/2.1"), a_hit(at=5, message=conversation)]
    page = rep.get(f"/app/messages/{conversation}/hits").text
    assert "a bot (95%)" in page
    assert "a program of the crawler list" in page
    assert "a person (77%)" in page
    stage.preferences.write(REP.id, Preferences(language="it"))
    page = rep.get(f"/app/messages/{conversation}/hits").text
    assert "un bot (95%)" in page
    assert "un programma dell&#39;elenco dei crawler" in page


def test_a_hit_that_repeats_another_says_so(stage, rep):
    conversation = send(rep)
    stage.hits.hits = [a_hit(at=at, request=f"r{at}", message=conversation) for at in (0, 1_000, 2_000)]
    page = rep.get(f"/app/messages/{conversation}/hits").text
    assert page.count("it repeats one before it and is not counted again") == 2
    stage.preferences.write(REP.id, Preferences(language="it"))
    assert "ripete una richiesta precedente" in rep.get(f"/app/messages/{conversation}/hits").text


@pytest.mark.parametrize("path", ["conversations/{}", "conversations/{}/times", "messages/{}", "messages/{}/body"])
@pytest.mark.parametrize("who", [OTHER, ADMIN], ids=["colleague", "admin"])
def test_another_persons_mail_does_not_exist(stage, rep, path, who):
    conversation = send(rep)
    address = "/app/" + path.format(conversation)
    assert rep.get(address).status in (200, 303)
    missing = stage.browser(who).get("/app/" + path.format("01900000-0000-7000-8000-00000000dead"))
    found = stage.browser(who).get(address)
    assert (found.status, found.said) == (404, missing.said)
    assert "Offer" not in stage.browser(who).get("/app?q=offer").text


def test_the_bulb_counts_what_is_new_and_marks_it_read(stage, rep):
    at = stage.clock.now
    stage.alerts.alerts[REP.id] = [
        ShownAlert("1", "open", at, uuid7(at, bytes(10)), "Offer", "buyer@customer.test", None, "new"),
        ShownAlert("2", "click", at, uuid7(at, bytes(10)), "Offer", "b@customer.test", "https://example.com/", "new"),
        ShownAlert("3", "open", at, uuid7(at, bytes(10)), "Withdrawn one", "c@customer.test", None, "withdrawn"),
    ]
    bulb = rep.get("/app/alerts/bulb", hx_request="true")
    assert '<span class="badge">2' in bulb.text
    stamp = re.search(r"seen=([\d.]+)", bulb.text)[1]
    assert rep.get(f"/app/alerts/bulb?seen={stamp}", hx_request="true").status == 204
    panel = rep.get("/app/alerts", hx_request="true").text
    assert "withdrawn: it was a machine" in panel
    assert rep.post("/app/alerts/read", {"up_to": "3"}, hx_request="true").status == 200
    assert "badge" not in rep.get("/app/alerts/bulb", hx_request="true").text


def test_a_body_is_shown_without_what_could_act_or_tell(stage, rep):
    conversation = send(rep)
    ours = stage.context.sending.tracker
    hostile = (
        '<p style="color:red;position:fixed" onclick="alert(1)">hi</p><script>alert(1)</script>'
        '<img src="https://links.test/o/x" alt="spy"><img src="https://elsewhere.test/a.png" alt="far">'
        '<a href="javascript:alert(1)">x</a><a href="data:text/html,x">y</a><form action="https://evil.test"><input></form>'
        '<iframe src="https://evil.test"></iframe><meta http-equiv="refresh" content="0;https://evil.test">'
    )
    raw = f"Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{hostile}".encode()
    stage.mail.put(f"messages/{conversation}/original.eml", raw, "message/rfc822")
    for images in ("", "?images=1"):
        shown = rep.get(f"/app/messages/{conversation}/body{images}")
        for gone in ("alert", "links.test", "<form", "<iframe", "refresh", "javascript", "data:text", "position"):
            assert gone not in shown.text, gone
        assert ("elsewhere.test/a.png" in shown.text) == bool(images)
        policy = shown.headers["content-security-policy"]
        assert "sandbox" in policy
        assert "allow-scripts" not in policy
        assert "'unsafe-inline'" not in policy
        assert "default-src 'none'" in policy
    assert "color:red" in shown.text.replace(" ", "")
    assert ours.origin == "https://links.test"


@pytest.mark.parametrize("text", XSS)
def test_hostile_text_is_text_on_every_page(stage, rep, text):
    sendable = text.replace("\u202e", "")  # what turns the direction of a subject is refused
    conversation = send(
        rep, subject=sendable, html=f"<p>{text}</p><p><a href='https://example.com/?{text}'>{text}</a></p>"
    )
    stage.drafts.write(REP.id, _draft(stage, text), None)
    stage.preferences.write(REP.id, Preferences(signature=text))
    at = stage.clock.now
    stage.alerts.alerts[REP.id] = [ShownAlert("1", "open", at, conversation, text, text, text, "new")]
    pages = [
        "/app", f"/app?q={conversation}", f"/app/conversations/{conversation}", f"/app/conversations/{conversation}/times",
        f"/app/messages/{conversation}/hits", f"/app/messages/{conversation}/body", "/app/drafts", "/app/alerts",
        f"/app/drafts/{new_draft_id()}", "/app/alerts/bulb", "/app/settings",
    ]  # fmt: skip
    for page in pages:
        found = Acting()
        found.feed(rep.get(page).text)
        assert not found.ways, page


class Acting(HTMLParser):
    """Notes every way in which a page could act beyond our own scripts."""

    def __init__(self):
        super().__init__()
        self.ways = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in ("script", "link", "iframe", "img") and not (given.get("src") or given.get("href", "")).startswith(
            "/app/"
        ):
            self.ways.append((tag, attrs))
        for name, value in attrs:
            scheme = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
            if name.startswith("on") or (
                name in ("href", "src", "action", "formaction") and scheme.startswith("javascript:")
            ):
                self.ways.append((tag, name, value))


def new_draft_id():
    return "01900000-0000-7000-8000-00000000d4af"


def _draft(stage, text):
    from ocello.domain.messages.drafts import DraftContent, StoredDraft  # noqa: PLC0415

    return StoredDraft(new_draft_id(), 1, stage.clock.now, DraftContent(to=text, subject=text, html=text))


def test_pages_speak_italian_to_who_prefers_it(stage, rep):
    stage.preferences.write(REP.id, Preferences(language="it", zone="Europe/Rome"))
    page = rep.get("/app/settings").text
    assert '<html lang="it"' in page
    assert "Impostazioni" in page


def test_a_part_of_a_page_asked_for_after_the_session_ended_leads_to_sign_in(stage):
    answer = stage.browser().get("/app/alerts/bulb", hx_request="true")
    assert (answer.status, answer.headers["hx-redirect"]) == (401, "/app/sign-in")


def test_a_conversation_says_of_whom_nobody_can_tell(stage, rep):
    hidden = send(rep)
    stage.messages.engagements[hidden] = Engagement(Summary(0, 1), Summary(), {0: Actions(Summary(0, 1))})
    conversation = stage.messages.load(hidden).message.conversation_id
    assert "nobody can tell whether it was read" in rep.get(f"/app/conversations/{conversation}").text


def test_a_click_tells_of_an_open_where_opens_are_off(stage, rep):
    message = send(rep)
    stored = stage.messages.messages[message]
    report = replace(stored.report, untracked=(Untracked("message", "", "too-many-links"),))
    stage.messages.messages[message] = replace(
        stored, message=replace(stored.message, track_opens=False), report=report
    )
    engage(stage, message, opens=0, clicks=1)
    page = rep.get(f"/app/conversations/{stored.message.conversation_id}").text
    assert "opened (inferred)" in page
    assert "The whole mail, for every recipient" in page
    assert "too many links" in page


def test_a_browser_says_where_a_person_is_until_the_person_does(stage, rep):
    assert rep.post("/app/settings/zone", {"zone": "Europe/Rome"}).status == 204
    assert stage.preferences.read(REP.id).zone == "Europe/Rome"
    rep.post("/app/settings/zone", {"zone": "Asia/Tokyo"})
    assert stage.preferences.read(REP.id).zone == "Europe/Rome"
    stage.browser(OTHER).post("/app/settings/zone", {"zone": "../../etc/passwd"})
    assert stage.preferences.read(OTHER.id).zone == ""


def test_following_an_alert_marks_it_read_and_no_other(stage, rep):
    at, conversation = stage.clock.now, send(rep)
    stage.alerts.alerts[REP.id] = [
        ShownAlert("1", "open", at, conversation, "Offer", "a@customer.test", None, "new"),
        ShownAlert("2", "click", at, conversation, "Offer", "b@customer.test", None, "new", "Bea <Buyer>"),
        ShownAlert("3", "bounced", at, conversation, "Offer", "c@customer.test", None, "new"),
    ]
    panel = rep.get("/app/alerts", hx_request="true").text
    assert '<b title="b@customer.test">Bea &lt;Buyer&gt;</b> clicked' in panel
    assert 'did not reach <b title="c@customer.test">c@customer.test</b>' in panel
    assert (
        panel.index("Mark all as read") < panel.index("Turn on desktop notifications") < panel.index('class="alerts"')
    )
    answer = rep.get("/app/alerts/follow?alert=2")
    assert (answer.status, answer.headers["location"]) == (303, f"/app/messages/{conversation}")
    assert [each.state for each in stage.alerts.page(REP.id, 9, None).items] == ["new", "read", "new"]
    assert rep.get("/app/alerts/follow?alert=none").status == 404
    assert stage.browser(OTHER).get("/app/alerts/follow?alert=1").status == 404


def test_all_alerts_are_marked_read_without_scripts_too(stage, rep):
    at = stage.clock.now
    stage.alerts.alerts[REP.id] = [ShownAlert("1", "open", at, uuid7(at, bytes(10)), "Offer", "a@c.test", None, "new")]
    assert 'action="/app/alerts/read"' in rep.get("/app/alerts").text
    answer = rep.post("/app/alerts/read", {"up_to": "1"})
    assert (answer.status, answer.headers["location"]) == (303, "/app/alerts")
    assert "badge" not in rep.get("/app/alerts/bulb", hx_request="true").text
