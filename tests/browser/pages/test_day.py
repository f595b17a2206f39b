"""A rep's day in a real browser."""

import base64
import re

from playwright.sync_api import expect

from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.services.alerts.ports import ShownAlert
from tests.fakes.web import REP

DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")  # one transparent pixel


def compose(page, subject="Offer", to="buyer@customer.test"):
    page.get_by_role("link", name="Write", exact=True).first.click()
    page.locator("#to-next").wait_for()  # the chips are drawn by a script
    page.get_by_label("To", exact=True).fill(to)
    page.keyboard.press("Enter")
    page.get_by_label("Subject").fill(subject)
    page.locator("#editor").click()


def until(page, true):
    """Wait until an expression is true; the policy forbids the library's own way of waiting."""
    for _ in range(60):
        if page.evaluate(true):
            return
        page.wait_for_timeout(100)
    raise AssertionError(true)


def link_to(page, address):
    dialog = page.get_by_role("dialog", name="Link")
    dialog.get_by_label("Address").fill(address)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def describe(page, words):
    dialog = page.get_by_role("dialog", name="Image")
    dialog.get_by_label("What the image shows").fill(words)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def play_recipient(stage, message, opens=1, clicks=0):
    at = stage.clock.now
    opened, clicked = Summary(opens, 0, 0, at, at, (at,) * opens), Summary()
    if clicks:
        clicked = Summary(clicks, 0, 0, at, at, (at,) * clicks)
    stage.messages.engagements[message] = Engagement(opened, clicked, {0: Actions(opened, clicked)}, {0: clicked})
    stage.alerts.alerts[REP.id] = [
        ShownAlert("1", "open", at, message, "Offer", "buyer@customer.test", None, "new"),
        ShownAlert("2", "click", at, message, "Offer", "buyer@customer.test", "https://example.com/a", "new"),
    ]


def test_a_mail_is_written_checked_sent_opened_and_its_eye_fills(open_page, stage):
    page = open_page()
    compose(page)
    page.keyboard.type("Dear buyer, please see ")
    page.keyboard.type("offer")
    page.keyboard.press("Control+Shift+ArrowLeft")
    page.get_by_role("button", name="Link", exact=True).click()
    link_to(page, "https://example.com/a")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#check")).to_contain_text("1 link is tracked.")
    page.locator("#editor").click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("On its way.")).to_be_visible()
    message = next(iter(stage.messages.messages))
    raw = stage.mail.get(f"messages/{message}/original.eml").decode()
    assert 'href=3D"https://example.com/a"' in raw
    assert "Dear buyer" in raw

    page.get_by_role("link", name="Inbox", exact=True).click()
    line = page.get_by_role("listitem").filter(has_text="Offer")
    expect(line.locator(".g.on")).to_have_count(0)
    play_recipient(stage, message, clicks=1)
    expect(page.locator("#bulb .badge")).to_contain_text("2", timeout=5_000)
    expect(line.locator(".g.on")).to_have_count(2)  # by itself, without reloading

    line.locator("summary").hover()
    expect(line.locator(".bubble dl")).to_contain_text("buyer@customer.test")
    expect(line.locator(".bubble time").first).to_be_visible()

    page.locator("#bulb button").click()
    panel = page.get_by_role("dialog", name="Alerts")
    expect(panel).to_contain_text("clicked")
    panel.get_by_role("button", name="Mark all as read").click()
    expect(page.locator("#bulb .badge")).to_have_count(0)

    page.get_by_role("link", name="Opened", exact=True).click()
    page.get_by_role("link", name="buyer@customer.test Offer").click()
    expect(page.locator(".strip > summary")).to_contain_text("buyer@customer.test opened 1×, clicked 1×")
    expect(page.frame_locator("iframe").get_by_text("Dear buyer")).to_be_visible()


def test_nothing_typed_is_lost(open_page, server):
    page = open_page()
    compose(page, subject="Half an offer")
    page.keyboard.type("Dear")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_label("Subject")).to_have_value("Half an offer")
    expect(page.locator("#editor")).to_contain_text("Dear")
    expect(page.locator(".chip")).to_contain_text("buyer@customer.test")

    page.route("**/app/drafts/*", lambda route: route.abort())
    page.locator("#editor").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" buyer, while the line was down")
    expect(page.locator("#saved")).to_contain_text("Not saved yet")
    page.unroute("**/app/drafts/*")
    address = page.url
    page.goto(f"{server.origin}/app")
    page.goto(address)
    expect(page.locator("#editor")).to_contain_text("while the line was down")


def test_a_wrong_address_is_marked_and_named(open_page):
    page = open_page()
    compose(page, to="nobody")
    expect(page.locator(".chip.wrong")).to_contain_text("nobody")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("“nobody”")


def test_the_switches_change_what_the_composer_offers(open_page):
    page = open_page(path="/app/settings")
    page.get_by_label("Track opens by default").uncheck()
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Write", exact=True).first.click()
    expect(page.get_by_label("Track opens of this mail")).to_have_count(0)
    expect(page.get_by_label("Track clicks in this mail")).to_be_checked()


def test_the_whole_list_works_by_keyboard(open_page, stage):
    page = open_page()
    compose(page)
    page.keyboard.press("Control+Enter")
    page.get_by_text("On its way.").wait_for()
    play_recipient(stage, next(iter(stage.messages.messages)))
    page.goto(page.url.split("/app")[0] + "/app")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.entry > a')"):
            break
    page.keyboard.press("e")
    expect(page.locator(".bubble time").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".bubble time").first).to_be_hidden()


def test_signing_out_leaves_nothing_behind(open_page, stage):
    page = open_page()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Signed out")
    assert not stage.sessions.sessions


def test_a_script_in_a_mail_never_runs_and_no_picture_tells(open_page, server, stage):
    page = open_page()
    compose(page)
    page.keyboard.press("Control+Enter")
    page.get_by_text("On its way.").wait_for()
    message = next(iter(stage.messages.messages))
    hostile = (
        "<script>parent.document.title='owned'</script><img src=x onerror=\"parent.document.title='owned'\">"
        "<img src='http://127.0.0.1:9/o/token'><style>body{background:url(http://127.0.0.1:9/c)}</style><p>harmless</p>"
    )
    raw = f"Subject: x\r\nContent-Type: text/html\r\n\r\n{hostile}".encode()
    stage.mail.put(f"messages/{message}/original.eml", raw, "message/rfc822")
    elsewhere = []
    page.on("request", lambda request: elsewhere.append(request.url) if server.origin not in request.url else None)
    page.goto(f"{server.origin}/app/conversations/{message}")
    expect(page.frame_locator("iframe").get_by_text("harmless")).to_be_visible()
    assert page.title() != "owned"
    assert not elsewhere


def test_an_image_goes_into_the_text(open_page):
    page = open_page()
    compose(page)
    page.locator("#image").set_input_files({"name": "chart.gif", "mimeType": "image/gif", "buffer": DOT})
    describe(page, "A chart")
    shown = page.locator("#editor img")
    expect(shown).to_have_attribute("alt", "A chart")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    expect(page.locator("#html")).to_have_value(re.compile(r'<img src="/app/images/[0-9a-f-]{36}" alt="A chart">'))


def test_a_pasted_image_is_still_there_when_the_draft_is_opened_again(open_page):
    page = open_page()
    compose(page)
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
          data.items.add(new File([bytes], "chart.gif", { type: "image/gif" }));
          const pasted = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.getElementById("editor").dispatchEvent(pasted);
        }""",
        base64.b64encode(DOT).decode(),
    )
    describe(page, "Pasted")
    shown = page.locator("#editor img")
    expect(shown).to_have_attribute("alt", "Pasted")
    expect(page).to_have_url(re.compile("/app/drafts/"))
    page.reload()
    expect(shown).to_have_attribute("alt", "Pasted")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
