"""Lists and the composer's second thoughts: searching within a filter, recent times, many recipients, discarding."""

import re
from dataclasses import replace

import pytest

from ocello.adapters.language import Forms
from ocello.domain.common.ids import uuid7
from ocello.domain.consent.modes import INDIVIDUAL, OFF, Modes
from ocello.domain.crm.items import Item
from ocello.domain.engagement.reach import Reach, in_order, reach_of
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.ringing import QuietHours
from ocello.domain.people.users import TrackingSettings
from ocello.services.alerts.ports import ShownAlert
from tests.fakes.web import ADMIN, OTHER, REP
from tests.unit.web.test_web_pages import engage, send, write

DRAFT = "01900000-0000-7000-8000-00000000d4af"
NOW = 1_764_000_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def subjects(page):
    return re.findall(r'class="s cut"[^>]*>\s*([^<]*?)\s*<', page)


# --- lists ------------------------------------------------------------------------------------------------------------


def test_a_search_stays_within_its_filter_and_the_filters_keep_the_search(stage, rep):
    opened = send(rep, subject="Offer opened")
    engage(stage, opened)
    send(rep, subject="Offer unread")
    send(rep, subject="Else")
    rep.get("/app")  # whoever looks puts right what the stream has not told yet
    page = rep.get("/app?show=opened&q=offer").text
    assert subjects(page) == ["Offer opened"]
    assert '<input type="hidden" name="show" value="opened">' in page
    assert 'href="/app?show=tracked&amp;q=offer"' in page or 'href="/app?show=tracked&q=offer"' in page
    assert re.search(r'show=opened&(?:amp;)?q=offer" aria-current="page"', page)
    assert len(subjects(rep.get("/app?q=offer").text)) == 2
    nothing = rep.get("/app?show=clicked&q=offer").text
    assert 'href="/app?q=offer">Search in all mail' in nothing
    assert 'href="/app?show=clicked">Clear the search' in nothing


def test_a_search_stays_within_an_item(stage, rep):
    stage.items.put(Item(ItemRef("deal", "9"), "Press", REP.address, "company", version=1), None)
    send(rep, subject="Offer of the press", item="deal:9")
    send(rep, subject="Offer of else")
    assert subjects(rep.get("/app?item=deal:9&q=offer").text) == ["Offer of the press"]


@pytest.mark.parametrize(
    ("ago", "english", "italian"),
    [
        (5_000, "just now", "adesso"), (2 * MINUTE, "2 min ago", "2 min fa"), (3 * HOUR + MINUTE, "3 hr ago", "3 h fa"),
        (25 * HOUR, "yesterday 16:00", "ieri 16:00"), (3 * DAY, "Fri 17:00", "ven 17:00"), (10 * DAY, "14 Nov", "14 nov"),
        (400 * DAY, "20 Oct 2024", "20 ott 2024"), (-2 * HOUR, "19:00", "19:00"),
    ],
)  # fmt: skip
def test_recent_times_say_how_long_ago(ago, english, italian):
    assert Forms("en", "Europe/Rome", NOW).recent(NOW - ago) == english
    assert Forms("it", "Europe/Rome", NOW).recent(NOW - ago) == italian


def test_a_recent_time_is_exact_on_hover(stage, rep):
    stage.preferences.write(REP.id, Preferences(zone="Europe/Rome"))
    engage(stage, send(rep))
    stage.clock.now += 2 * MINUTE
    found = re.search(r'<time datetime="[^"]+" title="([^"]+)" data-ago>2 min ago</time>', rep.get("/app").text)
    assert re.search(r"\d\d:\d\d:\d\d", found[1])


@pytest.mark.parametrize(
    ("ago", "english", "italian"),
    [
        (5_000, "16:59", "16:59"), (17 * HOUR + MINUTE, "Sun", "dom"), (6 * DAY, "Tue", "mar"), (7 * DAY, "17 Nov", "17 nov"),
        (400 * DAY, "20 Oct 2024", "20 ott 2024"), (-2 * HOUR, "19:00", "19:00"),
    ],
)  # fmt: skip
def test_a_list_says_a_time_as_narrow_as_it_can(ago, english, italian):
    assert Forms("en", "Europe/Rome", NOW).day_of_list(NOW - ago) == english
    assert Forms("it", "Europe/Rome", NOW).day_of_list(NOW - ago) == italian


@pytest.mark.usefixtures("rep")
def test_todays_mail_is_told_from_what_was_before_by_the_users_own_day(stage):
    stage.preferences.write(REP.id, Preferences(zone="Asia/Tokyo"))
    stage.clock.now = (stage.clock.now // DAY + 1) * DAY + HOUR  # 10:00 in Tokyo
    rep = stage.browser(REP)
    send(rep, subject="of yesterday")
    headings = r'<h2 class="day">([^<]*)</h2>'
    assert re.findall(headings, rep.get("/app").text) == ["Today"]
    stage.clock.now += 14 * HOUR  # the same day in Greenwich, the next one in Tokyo
    rep = stage.browser(REP)  # the session before has ended
    send(rep, subject="of today")
    page = rep.get("/app").text
    assert re.findall(headings, page) == ["Today", "Yesterday and before"]
    assert subjects(page) == ["of today", "of yesterday"]


def test_a_row_shows_the_first_words_of_the_newest_mail(rep, stage):
    first = send(rep, subject="Offer", html="<p>Dear Maria,</p><p>here is <b>our</b> offer.</p>")
    assert "Dear Maria, here is our offer." in rep.get("/app").text
    send(rep, subject="Re: Offer", html="<p>And?</p>", in_reply_to=stage.messages.load(first).message.message_id)
    page = rep.get("/app").text
    assert "And?" in page
    assert "Dear Maria" not in page


def test_a_conversation_of_one_mail_shows_its_subject_once(stage, rep):
    conversation = send(rep, subject="An only subject")
    page = rep.get(f"/app/conversations/{conversation}").text
    assert len(re.findall(r"<h[12][^>]*>[^<]*An only subject", page)) == 1
    assert 'aria-labelledby="h-' in page
    (message,) = stage.messages.messages
    stored = stage.messages.load(message).message
    send(rep, subject="Re: An only subject", in_reply_to=stored.message_id)
    page = rep.get(f"/app/conversations/{conversation}").text
    assert "own-subject" not in page, "an answer's mark is no other subject"
    send(rep, subject="Now of else", in_reply_to=stored.message_id)
    page = rep.get(f"/app/conversations/{conversation}").text
    assert re.findall(r'class="own-subject">([^<]*)<', page) == ["An only subject", "Re: An only subject"]


def test_a_long_subject_is_cut_and_can_be_seen_whole(rep):
    subject = "long " * 60 + "end"
    conversation = send(rep, subject=subject)
    page = rep.get(f"/app/conversations/{conversation}").text
    heading = re.search(r"<h1[^>]*>([^<]*)</h1>", page)[1]
    assert len(heading) < 150
    assert heading.endswith("…")
    assert f"<summary>Whole subject</summary><p>{subject}</p>" in page
    assert f'title="{subject}"' in rep.get("/app").text
    short = rep.get(f"/app/conversations/{send(rep, subject='short')}").text
    assert "Whole subject" not in short


def summary(count, at):
    return Summary(count, 0, 0, at, at, (at,) * count) if count else Summary()


def test_of_fifty_recipients_it_is_told_how_many_opened_and_who_first(stage, rep):
    conversation = send(rep, to="\n".join(f"p{n}@customer.test" for n in range(50)))
    (message,) = stage.messages.messages
    at = stage.clock.now
    acted = {n: Actions(summary(1, at + n), summary(int(n == 20), at + n)) for n in range(30, 18, -1)}
    acted[7] = Actions(Summary(), summary(1, at + 1))  # a click tells of an open
    stage.messages.engagements[message] = Engagement(summary(12, at), summary(2, at), acted)
    page = rep.get(f"/app/conversations/{conversation}").text
    assert "<b>13 of 50 opened</b> · <b>2 of 50 clicked</b>" in page
    assert re.search(r"First: p7@customer\.test,", page)
    assert re.findall(r'<li class="recipient"><span title="(p\d+)@', page)[:4] == ["p7", "p19", "p20", "p21"]
    bubble = rep.get(f"/app/messages/{message}/times").text
    assert bubble.count("<dt") == 13
    assert "37 others have done nothing yet." in bubble
    stage.preferences.write(REP.id, Preferences(language="it"))
    assert "Hanno aperto: 13 su 50" in rep.get(f"/app/conversations/{conversation}").text


def test_a_mail_counted_for_all_together_tells_no_number_of_readers(stage, rep):
    conversation = send(rep, to="a@customer.test\nb@customer.test")
    (message,) = stage.messages.messages
    stage.messages.engagements[message] = Engagement(summary(3, stage.clock.now))
    assert "of 2 opened" not in rep.get(f"/app/conversations/{conversation}").text


def test_who_acted_comes_first_and_the_first_of_them_before(stage, rep):
    send(rep, to="a@x.test\nb@x.test\nc@x.test")
    recipients = next(iter(stage.messages.messages.values())).recipients
    acts = [Actions(), Actions(summary(1, 9)), Actions(summary(2, 5))]
    assert [each.index for each, _ in in_order(list(zip(recipients, acts, strict=True)))] == [2, 1, 0]
    tracked = [INDIVIDUAL] * 3
    assert reach_of(zip(tracked, acts, strict=True)) == Reach(3, 3, 2, 0)
    doubtful = [Actions(Summary(0, 1)), Actions(clicks=Summary(0, 0, 1)), Actions(clicks=Summary(0, 2))]
    assert reach_of(zip(tracked, doubtful, strict=True)) == Reach(3, 3, 0, 0, unclear=1, by_machines=2)


def test_who_is_not_tracked_is_in_no_count_of_those_who_opened_and_clicked():
    read, clicked = Actions(summary(1, 9)), Actions(clicks=summary(1, 9))
    opens_only, links_only = Modes("individual", "off"), Modes("off", "individual")
    found = reach_of([(INDIVIDUAL, Actions()), (opens_only, read), (links_only, clicked), (OFF, Actions())])
    assert found == Reach(opens=2, clicks=2, opened=1, clicked=1)


def test_rows_of_an_item_have_the_inboxs_marks_times_and_hover(stage, rep):
    stage.items.put(Item(ItemRef("deal", "9"), "Press", REP.address, "company", version=1), None)
    engage(stage, send(rep, item="deal:9"), opens=3)
    (message,) = stage.messages.messages
    page = rep.get("/app/items/deal/9").text
    assert f'data-from="/app/messages/{message}/times"' in page
    assert f'id="marks-{message}"' in page
    assert "opened 3 times" in page
    assert "data-ago" in page


# --- a lead's list ----------------------------------------------------------------------------------------------------


def shared(stage, number, owner=REP, item="deal:9", visibility="shared"):
    message = uuid7(stage.clock.now + number, number.to_bytes(10, "big"))
    kind, _, identifier = item.partition(":")
    sample = stage.messages.messages[stage.sample]
    changed = replace(
        sample.message, id=message, conversation_id=message, owner=owner.id, subject=f"Mail {number}",
        visibility=visibility, items=(ItemRef(kind, identifier),), created_at=stage.clock.now + number,
    )  # fmt: skip
    stage.messages.create(replace(sample, message=changed), None)


@pytest.fixture
def team(stage, rep):
    """Make the rep and another members of a group that the other leads."""
    send(rep, subject="A private mail", bcc="hidden@customer.test")
    (stage.sample,) = stage.messages.messages
    stage.items.put(Item(ItemRef("deal", "9"), "Press", REP.address, "company", made_at=1, version=1), None)
    stage.items.put(Item(ItemRef("deal", "8"), "Secret", REP.address, "owner", made_at=1, version=1), None)
    stage.users.update(replace(REP, given_groups=("sales",)))
    stage.users.update(replace(OTHER, given_groups=("sales", "leads")))
    return stage.browser(OTHER)


def test_a_lead_lists_what_the_team_shares_and_nothing_else(stage, team):
    shared(stage, 1)
    shared(stage, 2, item="deal:8")
    shared(stage, 3, visibility="private")
    shared(stage, 4, owner=ADMIN)
    shared(stage, 5, owner=OTHER, visibility="private")  # the lead's own
    page = team.get("/app/team/sales").text
    assert re.findall(r"Mail \d|A private mail", page) == ["Mail 1", "Mail 1"]
    assert "Rosa Rep" in page
    assert "hidden@customer.test" not in page
    assert 'href="/app/team/sales">sales' in team.get("/app").text
    assert stage.browser(REP).get("/app/team/sales").status == 404
    assert "/app/team/" not in stage.browser(REP).get("/app").text
    assert team.get("/app/team/sales?cursor=nonsense").status == 422


def test_a_teams_mail_is_paged_without_gaps(stage, team):
    for number in range(1, 6):  # older than what is read at first of the other's mail
        shared(stage, number, owner=OTHER)
    for number in range(6, 136):
        shared(stage, number, visibility="private" if number % 10 else "shared")
    seen, path = [], "/app/team/sales"
    while path:
        page = team.get(path).text
        seen += re.findall(r'title="Mail (\d+)"', page)
        more = re.search(r'href="(/app/team/sales\?cursor=[^"]+)"', page)
        path = more[1] if more else None
    assert list(map(int, seen)) == [*range(130, 5, -10), *range(5, 0, -1)]


# --- drafts -----------------------------------------------------------------------------------------------------------


def test_a_discarded_draft_comes_back_as_it_stood_in_its_window_for_ten_minutes(stage, rep):
    rep.post(f"/app/drafts/{DRAFT}", write(subject="Half"))
    gone = rep.post(f"/app/drafts/{DRAFT}/discard", write(version="1", subject="Half an offer"))
    assert gone.headers["location"] == f"/app/drafts?draft={DRAFT}&done=discarded"
    page = rep.get(gone.headers["location"]).text
    assert "Draft discarded." in page
    assert f'action="/app/drafts/{DRAFT}/restore"' in page
    assert "Half" not in page
    assert stage.browser(OTHER).post(f"/app/drafts/{DRAFT}/restore").status == 404
    back = rep.post(f"/app/drafts/{DRAFT}/restore")
    assert back.headers["location"] == f"/app/drafts/{DRAFT}"
    assert 'value="Half an offer"' in rep.get(f"/app/drafts/{DRAFT}").text
    assert rep.post(f"/app/drafts/{DRAFT}/restore").status == 404, "once"
    rep.post(f"/app/drafts/{DRAFT}/discard")
    stage.clock.now += 601_000
    assert rep.post(f"/app/drafts/{DRAFT}/restore").status == 404


def test_a_window_in_which_nothing_was_typed_leaves_nothing(stage, rep):
    stage.preferences.write(REP.id, Preferences(signature="<p>Rosa, <b>Acme</b></p>"))
    for html in ("", "<div><br></div>", "<div><br></div><div>-- <br><p>Rosa, <b>Acme</b></p></div>"):
        assert rep.post(f"/app/drafts/{DRAFT}", {"version": "0", "html": html}).status == 204
        assert rep.post(f"/app/drafts/{DRAFT}/discard", {"version": "0", "html": html}).headers["location"] == (
            f"/app/drafts?draft={DRAFT}"
        )
    assert not stage.drafts.kept
    assert not stage.drafts.discarded
    assert rep.post(f"/app/drafts/{DRAFT}", {"version": "0", "html": "<p>x</p><p>Rosa, Acme</p>"}).status == 200


# --- links left alone -------------------------------------------------------------------------------------------------


def test_one_link_is_left_untracked_from_the_composer_to_the_copy(stage, rep):
    html = '<p><a href="https://example.com/a?x=1&amp;y=2">one</a> <a href="https://example.com/b">two</a></p>'
    given = write(html=html, **{"except": "https://example.com/a?x=1&y=2"})
    page = rep.post("/app/check", given, hx_request="true").text
    assert "1 link is tracked." in page
    assert "left alone in this mail" in page
    assert 'data-leave="https://example.com/b">Do not track' in page
    assert 'data-leave="https://example.com/a?x=1&amp;y=2">Track<' in page
    rep.post(f"/app/drafts/{DRAFT}", given)
    assert ">https://example.com/a?x=1&amp;y=2</textarea>" in rep.get(f"/app/drafts/{DRAFT}").text
    send(rep, **{key: value for key, value in given.items() if key != "version"})
    (stored,) = stage.messages.messages.values()
    assert [link.url for link in stored.report.links] == ["https://example.com/b"]
    assert stored.message.excepted == ("https://example.com/a?x=1&y=2",)


def test_domains_never_to_track_are_named_in_the_settings_and_hold_for_a_signature(stage, rep):
    answer = rep.post(
        "/app/settings/tracking", {"track_clicks": "on", "never_track": "Own.test\r\nhttps://acme.test/x"}
    )
    assert answer.status == 303
    assert stage.settings.read(REP.id).never_track == ("acme.test", "own.test")
    assert ">acme.test\nown.test</textarea>" in rep.get("/app/settings").text
    signature = '<p><a href="https://www.own.test/me">me</a></p>'
    page = rep.post("/app/check", write(html=f"<p>Hi</p>{signature}"), hx_request="true").text
    assert "a domain that you never track" in page
    refused = rep.post("/app/settings/tracking", {"never_track": "own.test\nno domain!"})
    assert refused.status == 422
    assert "Domains never to track: must be a domain such as example.com, not “domain!”" in refused.text
    assert ">own.test\nno\ndomain!</textarea>" in refused.text
    assert stage.settings.read(REP.id).never_track == ("acme.test", "own.test")


def test_the_check_names_what_is_no_link(rep):
    page = rep.post("/app/check", write(html="<p>See https://example.com/a and more</p>"), hx_request="true").text
    assert 'data-link="https://example.com/a"' in page
    assert "not a link" in page


# --- of which alerts one is told --------------------------------------------------------------------------------------


def test_the_choice_of_alerts_and_the_quiet_hours_are_set_on_the_settings_page(stage, rep):
    page = rep.get("/app/settings").text
    assert '<option value="every" selected>every open and click' in page
    assert 'name="from" type="time" value="20:00"' in page
    assert not re.search(r'name="quiet"[^>]*checked', page)
    before = stage.settings.read(REP.id)
    form = {"alert_choice": "clicks", "quiet": "on", "from": "19:30", "to": "07:15"}
    assert rep.post("/app/settings/alerts", form).headers["location"] == "/app/settings?done=alerts"
    chosen = replace(before, alert_choice="clicks", quiet_hours=QuietHours.between("19:30", "07:15"))
    assert stage.settings.read(REP.id) == chosen
    page = rep.get("/app/settings?done=alerts").text
    assert "Saved." in page
    assert '<option value="clicks" selected>clicks only' in page
    assert re.search(r'name="quiet"[^>]*checked', page)
    assert 'name="to" type="time" value="07:15"' in page
    assert rep.post("/app/settings/alerts", {"alert_choice": "every", "from": "", "to": ""}).status == 303
    assert stage.settings.read(REP.id) == before


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (
            {"alert_choice": "clicks", "quiet": "on", "from": "25:00", "to": "07:00"},
            "Quiet from: must be a time of day",
        ),
        (
            {"alert_choice": "clicks", "quiet": "on", "from": "07:00", "to": "07:00"},
            "Quiet until: must be another time",
        ),
        ({"alert_choice": "clicks", "quiet": "on"}, "Quiet from: must be a time of day"),
        ({"alert_choice": "none"}, "Alerts: must be every"),
    ],
)
def test_a_choice_of_alerts_that_cannot_be_is_refused_in_words_and_shown_as_it_was_typed(stage, rep, form, words):
    before = stage.settings.read(REP.id)
    refused = rep.post("/app/settings/alerts", form)
    assert refused.status == 422
    assert words in refused.text
    assert f'name="from" type="time" value="{form.get("from", "")}"' in refused.text
    assert bool(re.search(r'name="quiet"[^>]*checked', refused.text)) == ("quiet" in form)
    assert stage.settings.read(REP.id) == before


def test_the_owner_mutes_a_conversations_mails_on_its_page_and_ends_that_there(stage, rep):
    conversation = send(rep)
    send(rep, in_reply_to=stage.messages.load(conversation).message.message_id)
    page = rep.get(f"/app/conversations/{conversation}").text
    for act, label, other, words in (
        ("mute", "Mute alerts", "Unmute alerts", "Alerts of these mails are muted."),
        ("unmute", "Unmute alerts", "Mute alerts", "You are alerted of these mails again."),
    ):
        assert f'action="/app/conversations/{conversation}/{act}"' in page
        assert f"{label}</span></button>" in page
        assert f">{other}</span></button>" not in page
        answer = rep.post(f"/app/conversations/{conversation}/{act}")
        assert answer.headers["location"] == f"/app/conversations/{conversation}?done={act}d"
        assert {each.message.muted for each in stage.messages.messages.values()} == {act == "mute"}
        page = rep.get(answer.headers["location"].partition("#")[0]).text
        assert words in page
    stage.preferences.write(REP.id, Preferences(language="it"))
    assert "Silenzia gli avvisi</span></button>" in rep.get(f"/app/conversations/{conversation}").text


def test_a_mail_that_is_not_tracked_or_another_persons_has_no_button_to_mute_it(stage, rep):
    stage.settings.write(REP.id, TrackingSettings())
    untracked = send(rep, subject="Plain", track="")
    assert not stage.messages.messages[untracked].message.tracked
    assert "Mute alerts" not in rep.get(f"/app/conversations/{untracked}").text
    stage.items.put(
        Item(ItemRef("deal", "9"), "Press", REP.address, "company", maker=REP.id, made_at=1, version=1), None
    )
    stage.settings.write(REP.id, TrackingSettings(track_opens=True, track_clicks=True))
    shared = send(rep, subject="Shared", item="deal:9", visibility="shared")
    assert "Mute alerts" in rep.get(f"/app/conversations/{shared}").text
    seen = stage.browser(OTHER).get(f"/app/conversations/{shared}")
    assert seen.status == 200
    assert "Mute alerts" not in seen.text
    assert "Unmute alerts" not in seen.text


def silent_alert(stage, place, silent, state):
    at = stage.clock.now + place
    return ShownAlert(
        str(place), "open", at, uuid7(at, bytes(10)), f"Offer {place}", "b@c.test", None, state, silent=silent
    )


def test_the_panel_says_why_nobody_was_told_and_the_bulb_counts_but_does_not_ring_in_quiet_hours(stage, rep):
    told = rep.get("/app/alerts/bulb", hx_request="true").text
    stamp = re.search(r"seen=([\d.]+)", told)[1]
    stage.alerts.alerts[REP.id] = [
        silent_alert(stage, 1, "", "new"),
        silent_alert(stage, 2, "muted", "read"),
        silent_alert(stage, 3, "choice", "read"),
    ]
    rung = rep.get(f"/app/alerts/bulb?seen={stamp}", hx_request="true").text
    assert '<span class="badge">1' in rung
    assert "Opened: Offer 1" in rung
    stamp = re.search(r"seen=([\d.]+)", rung)[1]
    stage.alerts.alerts[REP.id].append(silent_alert(stage, 4, "quiet", "new"))
    listed = rep.get(f"/app/alerts/bulb?seen={stamp}", hx_request="true").text
    assert '<span class="badge">2' in listed
    assert 'class="fresh"' not in listed, "no notice on the desktop"
    panel = rep.get("/app/alerts").text
    for place, words in (
        (2, "alerts of this mail are muted"),
        (3, "only listed, as you chose"),
        (4, "in your quiet hours"),
    ):
        assert words in panel.partition(f"Offer {place}<")[2].partition("</li>")[0]
