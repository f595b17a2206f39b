"""An open page shows by itself what happens, without disturbing anybody; and owners change sent mail."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from ocello.domain.crm.items import Item
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.users import TrackingSettings
from ocello.services.alerts.ports import ShownAlert
from ocello.services.inbox import inbox
from ocello.services.sending.send import send
from tests.fakes.web import REP

NEWS = 6_000  # ms; a page asks every four seconds
DEAL = ItemRef("deal", "42")


def mail(stage, subject, reply=None, items=(), to=("Bea <buyer@customer.test>",)):
    stage.clock.now += 1_000
    draft = Draft(
        to=to,
        subject=subject,
        html='<p>Dear Bea, <a href="https://example.com/">here</a></p>',
        track=Track(opens=True, clicks=True),
        items=items,
        in_reply_to=reply and stage.messages.messages[reply].message.message_id,
    )
    stored = send(draft, REP, None, stage.context.sending)
    inbox.add_message(stored, stage.inbox)
    return stored.message.id


def happen(stage, message, opens=1, clicks=0, *, ring=True):
    at = stage.clock.now
    opened = Summary(opens, 0, 0, at, at, (at,) * opens)
    clicked = Summary(clicks, 0, 0, at, at, (at,) * clicks) if clicks else Summary()
    stage.messages.engagements[message] = Engagement(opened, clicked, {0: Actions(opened, clicked)}, {0: clicked})
    if ring:
        alert = ShownAlert(f"{opens}{clicks}", "open", at + opens, message, "Offer", "buyer@customer.test", None, "new")
        stage.alerts.alerts.setdefault(REP.id, []).append(alert)


@pytest.fixture
def watched(open_page, server):
    """Return a function that opens a page, waits until the bulb has asked once, and counts what the page loads."""

    def opened(path="/app", **options):
        page = open_page(path="/app/drafts", **options)
        page.loads = []
        page.on("framenavigated", lambda frame: page.loads.append(frame.url))
        page.goto(f"{server.origin}{path}")
        page.locator("#bulb button").wait_for()
        return page

    return opened


@pytest.mark.parametrize("path", ["/app", "/app?show=unopened", "/app?q=first"])
def test_the_eye_of_a_line_fills_by_itself_and_nothing_moves(watched, stage, path):
    first = mail(stage, "First")
    mail(stage, "Second, not the first")
    page = watched(path)
    lines = page.locator(".mails > li")
    expect(lines).to_have_count(2)
    order = lines.locator(".s").all_inner_texts()
    line = lines.filter(has=page.locator(".s", has_text=re.compile("^First$")))
    expect(line.locator(".g.on")).to_have_count(0)
    summary = line.locator("summary")
    summary.hover()
    expect(line.locator(".bubble dl")).to_contain_text("never")
    page.locator("#q").focus()
    summary.hover()
    page.evaluate("window.untouched = true")
    happen(stage, first, opens=2)
    expect(line.locator(".g.on")).to_contain_text("2", timeout=NEWS)
    expect(line.locator(".bubble")).to_be_visible()
    expect(line.locator(".bubble time").first).to_be_visible()  # updated while it is open
    expect(page.locator("#q")).to_be_focused()
    assert lines.locator(".s").all_inner_texts() == order
    assert page.evaluate("window.untouched")


def test_the_focus_stays_on_the_marks_that_are_refreshed(watched, stage):
    message = mail(stage, "Offer")
    page = watched()
    summary = page.locator(".times summary")
    summary.focus()
    happen(stage, message)
    expect(page.locator(".g.on")).to_have_count(1, timeout=NEWS)
    expect(summary).to_be_focused()


def test_a_bubble_that_was_read_before_tells_what_happened_since(watched, stage):
    message = mail(stage, "Offer")
    page = watched()
    page.locator(".times summary").hover()
    expect(page.locator(".bubble dl")).to_contain_text("never")
    page.locator("h1").hover()
    expect(page.locator(".bubble")).to_be_hidden()
    happen(stage, message)
    expect(page.locator(".g.on")).to_have_count(1, timeout=NEWS)
    page.locator(".times summary").hover()
    expect(page.locator(".bubble time").nth(1)).to_be_visible()


@pytest.fixture
def silent(stage):
    """Switch the rep's alerts off: nothing rings, but pages are still updated."""
    stage.settings.write(REP.id, TrackingSettings(track_opens=True, track_clicks=True, alerts=False))


@pytest.mark.usefixtures("silent")
def test_eye_and_cursor_fill_with_alerts_off_on_inbox_conversation_and_item_page(watched, stage, server):
    stage.items.put(Item(DEAL, "Press for Acme", REP.address, "company", maker=REP.id, made_at=1, version=1), None)
    message = mail(stage, "Offer", items=(DEAL,))
    page = watched()
    for address in ("/app", f"/app/conversations/{message}", "/app/items/deal/42"):
        stage.messages.engagements.clear()
        page.goto(f"{server.origin}{address}")
        page.locator("#bulb button").wait_for()
        expect(page.locator("main .g.on")).to_have_count(0)
        page.evaluate("window.untouched = true")
        happen(stage, message, opens=1, clicks=1, ring=False)
        expect(page.locator(".marks .g.on")).to_have_count(2, timeout=NEWS)
        assert page.evaluate("window.untouched"), "the page was not loaded again"
    expect(page.locator(".moments li")).to_have_count(3)
    expect(page.locator("#item-figures")).to_contain_text("100%")


@pytest.mark.usefixtures("silent")
def test_what_becomes_of_a_copy_shows_on_the_page_that_says_it_is_on_its_way(watched, stage):
    message = mail(stage, "Offer")
    row = stage.messages.rows[message, 0]
    page = watched(f"/app/conversations/{message}?done=sent")
    expect(page.locator("#sent")).to_have_text("On its way.")
    stage.messages.rows[message, 0] = replace(row, status="sent")
    expect(page.locator("#sent")).to_have_text("It was sent.", timeout=NEWS)
    expect(page.locator(f"#state-{message}")).to_have_text("sent")
    stage.messages.rows[message, 0] = replace(row, status="bounced", diagnostic="550 no such user")
    expect(page.locator("#sent")).to_contain_text("did not arrive", timeout=NEWS)
    expect(page.locator(".failed")).to_contain_text("550 no such user")
    expect(page.locator(".strip > summary")).to_contain_text("not delivered")


def test_a_page_that_nobody_sees_asks_seldom(watched, stage):
    mail(stage, "Offer")
    page = watched()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/bulb" in request.url else None)
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { get: () => window.away ?? true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.wait_for_timeout(9_000)
    assert asked == []
    page.evaluate("() => { window.away = false; document.dispatchEvent(new Event('visibilitychange')); }")
    page.wait_for_timeout(1_000)
    assert asked, "at once"


def test_who_comes_back_to_the_page_sees_what_happened_without_waiting(watched, stage):
    message = mail(stage, "Offer")
    page = watched()
    happen(stage, message, ring=False)
    expect(page.locator(".g.on")).to_have_count(0)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".g.on")).to_have_count(1, timeout=2_000)


def test_the_figures_of_a_conversation_refresh_in_place(watched, stage):
    first = mail(stage, "Offer")
    second = mail(stage, "Re: Offer", first)
    stage.messages.rows[second, 0] = stage.messages.rows[second, 0].__class__(
        0, stage.messages.rows[second, 0].mailbox, "to", "failed", diagnostic="550 no"
    )
    page = watched(f"/app/conversations/{first}")
    expect(page.frame_locator("iframe").last.get_by_text("Dear Bea")).to_be_visible()
    again = page.get_by_role("button", name="Send again")
    again.focus()
    page.loads.clear()
    happen(stage, first, opens=3, clicks=1)
    letter = page.locator(".letter", has=page.locator(f"#m-{first}"))
    expect(letter.locator(".marks .g.on")).to_have_count(2, timeout=NEWS)
    expect(page.locator(f"#people-{first} .recipient time")).to_have_count(4)
    expect(again).to_be_focused()
    expect(page.frame_locator("iframe").last.get_by_text("Dear Bea")).to_be_visible()
    assert page.loads == [], "no frame was loaded again"


def test_a_list_of_recipients_that_was_scrolled_stays_where_it_was(watched, stage):
    message = mail(stage, "Offer", to=tuple(f"buyer{number}@customer.test" for number in range(50)))
    page = watched(f"/app/conversations/{message}")
    page.locator(".strip > summary").click()
    listed = page.get_by_role("region", name="Recipients")
    listed.evaluate("list => list.scrollTo(0, 300)")
    happen(stage, message)
    expect(page.locator(".strip > summary")).to_contain_text("opened 1×", timeout=NEWS)
    assert listed.evaluate("list => list.scrollTop") == 300


def test_an_owner_shares_a_mail_and_links_it_by_keyboard(open_page, stage):
    stage.items.put(
        Item(DEAL, "Press for Acme", REP.address, "company", maker=REP.id, made_at=stage.clock.now + 9_000, version=1),
        None,
    )
    message = mail(stage, "Offer")
    page = open_page(path=f"/app/conversations/{message}")
    page.get_by_text("Visibility and linked items").focus()
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Visibility", exact=True).select_option("shared")
    find = page.get_by_role("searchbox", name="Linked items")
    find.focus()
    page.keyboard.type("press")
    page.locator(".picked [data-link]").wait_for()
    page.keyboard.press("Enter")
    expect(page.locator(".picked [data-link]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(find).to_be_focused()
    expect(page.locator(".linked .chip")).to_contain_text("Press for Acme")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert stage.messages.messages[message].message.items == (DEAL,)

    colleague = open_page("other@example.test", "/app/items/deal/42")
    colleague.locator(".mails a").click()
    expect(colleague.get_by_role("heading", name="Offer")).to_be_visible()
    expect(colleague.get_by_text("Visibility and linked items")).to_have_count(0)

    page.get_by_text("Visibility and linked items").click()
    page.get_by_role("button", name="Remove Press for Acme").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert stage.messages.messages[message].message.items == ()
    colleague.reload()
    expect(colleague.get_by_role("heading", name="Offer")).to_have_count(0)


def test_without_scripts_who_may_see_a_mail_is_changed_all_the_same(open_page, stage):
    message = mail(stage, "Offer")
    page = open_page(path=f"/app/conversations/{message}", java_script_enabled=False)
    page.get_by_text("Visibility and linked items").click()
    page.get_by_role("combobox", name="Visibility", exact=True).select_option("shared")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert stage.messages.messages[message].message.visibility == "shared"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_inbox_is_filtered_by_an_item_that_one_looks_for(open_page, stage, scripts):
    stage.items.put(Item(DEAL, "Press for Acme", REP.address, "company", maker=REP.id, made_at=1, version=1), None)
    mail(stage, "Offer")
    page = open_page(java_script_enabled=scripts)
    page.locator(".by-item summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("searchbox", name="Search titles and addresses").focus()
    page.keyboard.type("acme")
    if not scripts:
        page.keyboard.press("Enter")
    page.get_by_role("link", name="Press for Acme deal 42").press("Enter")
    expect(page.get_by_text("Only mail of Press for Acme")).to_be_visible()
    expect(page.get_by_text("No mail is on this list.")).to_be_visible()
    page.get_by_role("link", name="All mail").click()
    expect(page.locator(".mails > li")).to_have_count(1)
