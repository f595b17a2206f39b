"""Hostile strings of a public list on pages in a real browser: none runs, and no request leaves the origin."""

import html
import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from functions.web.rendering.composer_html import clean
from ocello.domain.common.errors import Invalid
from ocello.domain.common.ids import uuid7
from ocello.domain.crm.items import Item
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.mail.addresses import quoted_string, refuse_bidi_controls, refuse_controls
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.drafts import DraftContent, DraftFile, StoredDraft
from ocello.domain.messages.message import ItemRef
from ocello.services.alerts.ports import ShownAlert
from ocello.services.inbox import inbox
from ocello.services.sending.outgoing import original_name
from ocello.services.sending.send import send
from tests import naughty
from tests.fakes.web import REP, TRACKING
from tests.hostile_bodies import BODIES

STRINGS = naughty.acting()
DEAL = ItemRef("deal", "1042")
DRAFT = "01900000-0000-7000-8000-00000000d4af"
WATCH = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = () => { window.ran.push(name); return null; };
addEventListener("securitypolicyviolation", (event) => window.ran.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
# Whatever in a document could act, had a string become markup: none of it is ours.
ACTING = """() => [...document.querySelectorAll("*")].filter((element) =>
  [...element.attributes].some(({ name, value }) => name.startsWith("on")
    || (/^(?:href|src|action|formaction)$/.test(name) && /^(?:javascript|vbscript|data:text)/i.test(value.replace(/\\s/g, ""))))
  || (element.localName === "script" && !(element.getAttribute("src") ?? "").startsWith("/app/static/"))
  || ["object", "embed", "base", "applet", "marquee", "frameset"].includes(element.localName)
).map((element) => element.outerHTML.slice(0, 200))"""
PICTURES = f'<img src="https://elsewhere.test/a.png" alt=""><img src="{TRACKING}/o/token" alt="">'


def sendable(text):
    """Return whether a string may be in a header; one with line breaks or bidi controls is refused at once."""
    try:
        refuse_controls("subject", text)
        refuse_bidi_controls("subject", text)
    except Invalid:
        return False
    return True


def chunks(strings, size):
    return [strings[start : start + size] for start in range(0, len(strings), size)]


def raw_of(body):
    return b"Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body.encode("utf-8", "replace")


@pytest.fixture
def told(stage):
    """Fill the rep's application with the strings; return the conversation that holds names, subjects, links and bodies."""
    fit = [text for text in STRINGS if sendable(text)]
    first, reply = "", None
    for place, names in enumerate(chunks(fit, 40)):
        stage.clock.now += 1
        anchors = "".join(
            f'<a href="https://example.com/?{html.escape(text)}">{html.escape(text)}</a>' for text in names
        )
        draft = Draft(
            to=tuple(f"{quoted_string(text)} <b{n}@customer.test>" for n, text in enumerate(names)), subject=names[0],
            html=anchors, track=Track(opens=True, clicks=True), in_reply_to=reply, items=(DEAL,), visibility="shared",
        )  # fmt: skip
        stored = send(draft, REP, None, stage.context.sending)
        first, reply = first or stored.message.id, reply or stored.message.message_id
        now = stage.clock.now
        once = Summary(1, 0, 0, now, now, (now,))
        links = {link.index: once for link in stored.report.links}
        stage.messages.engagements[stored.message.id] = Engagement(once, once, {0: Actions(once, once)}, links)
        inbox.add_message(stored, stage.inbox)
        body = PICTURES + "".join(f"<div>{text}</div>" for text in STRINGS[place * 40 :])
        stage.mail.put(original_name(stored.message.id), raw_of(body), "message/rfc822")
    for text in fit:
        stage.clock.now += 1
        plain = Draft(to=(f"{quoted_string(text)} <b@customer.test>",), subject=text, html="<p>x</p>", items=(DEAL,))
        inbox.add_message(send(plain, REP, None, stage.context.sending), stage.inbox)
    now = stage.clock.now
    stage.items.put(Item(DEAL, STRINGS[0], REP.address, "company", maker=REP.id, made_at=1, version=1), None)
    stage.alerts.alerts[REP.id] = []
    for place, text in enumerate(STRINGS):
        ref = ItemRef("lead", str(place))
        stage.items.put(Item(ref, text, REP.address, "group", text, maker=REP.id, made_at=1, version=1), None)
        stage.drafts.write(
            REP.id,
            StoredDraft(uuid7(now, place.to_bytes(10, "big")), 1, now, DraftContent(to=text, subject=text, html=text)),
            None,
        )
        stage.alerts.alerts[REP.id].append(ShownAlert(f"{place:05d}", "click", now, first, text, text, text, "new"))
    everything = DraftContent(
        to="\n".join(fit[:60]), cc="\n".join(fit[60:120]), subject=" ".join(fit[:40]),
        html=clean("".join(f"<div>{text}</div>" for text in STRINGS)),
        attachments=tuple(DraftFile(first, text) for text in STRINGS[:40]),
    )  # fmt: skip
    stage.drafts.write(REP.id, StoredDraft(DRAFT, 1, now, everything), None)
    return first


@pytest.fixture
def hostile_page(chromium, server, told):
    """Return a signed-in page that records whatever runs, leaves the origin, or is blocked."""
    assert told
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.left, page.troubles = [], []

    def leaving(route):
        page.left.append((route.request.resource_type, route.request.url))
        route.abort()

    context.route(lambda url: not url.startswith(server.origin), leaving)
    page.on("dialog", lambda dialog: (page.troubles.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda said: page.troubles.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{server.origin}/app")
    yield page
    context.close()


def nothing_acted(page):
    assert page.evaluate("window.ran") == []
    assert page.evaluate(ACTING) == []
    assert page.troubles == []
    assert [each for each in page.left if each[0] != "image"] == []


def test_no_string_acts_on_any_list(hostile_page, server):
    page = hostile_page
    for address in ("/app", "/app/drafts", "/app/alerts", "/app/items"):
        following, pages = address, 0
        while following:
            page.goto(server.origin + following, wait_until="load")
            nothing_acted(page)
            pages += 1
            more = page.locator("p.more a")
            following = more.get_attribute("href") if more.count() else None
        assert pages > 3, address
    assert page.left == []


def test_no_string_acts_where_mails_links_and_figures_are_shown(hostile_page, server, told):
    page = hostile_page
    for address in (f"/app/conversations/{told}", f"/app/messages/{told}", "/app/items/deal/1042", "/app/statistics"):
        page.goto(server.origin + address, wait_until="load")
        for summary in page.locator("main summary").all():
            summary.evaluate("summary => { summary.parentElement.open = true; }")
        page.wait_for_load_state("networkidle")
        nothing_acted(page)
    assert page.left == []


def test_no_string_acts_in_the_panel_the_bubble_of_times_or_a_toast(hostile_page, server, stage):
    page = hostile_page
    newest = stage.alerts.alerts[REP.id].pop()
    page.goto(f"{server.origin}/app", wait_until="load")
    page.locator("#bulb button").click()
    page.get_by_role("dialog").wait_for()
    nothing_acted(page)
    page.keyboard.press("Escape")
    text = "<img src=x onerror=alert(123) />"
    newest = replace(newest, at=newest.at + 1, subject=text, recipient=text)
    stage.alerts.alerts[REP.id].append(newest)
    page.locator("#toasts a").wait_for(timeout=8_000)
    assert text in page.locator("#toasts a").text_content()
    nothing_acted(page)
    page.goto(f"{server.origin}/app?show=tracked", wait_until="load")
    page.locator("details.times summary").first.click()
    page.locator(".bubble dt").first.wait_for()
    nothing_acted(page)
    assert page.left == []


def test_no_string_acts_in_the_editor_and_none_is_fetched_for_it(hostile_page, server):
    page = hostile_page
    page.goto(f"{server.origin}/app/drafts/{DRAFT}", wait_until="load")
    page.locator("#editor").wait_for()
    page.wait_for_load_state("networkidle")
    nothing_acted(page)
    page.locator("#ask").click()
    page.locator("#check section").wait_for()
    nothing_acted(page)
    assert page.left == []


def test_what_is_pasted_or_was_kept_in_the_browser_does_not_act_either(hostile_page, server):
    """The sanitiser parses it in an inactive document; Chromium still reports the handlers that it found there."""
    page = hostile_page
    page.goto(f"{server.origin}/app/drafts/{DRAFT}", wait_until="load")
    page.locator("#editor").wait_for()
    for texts in chunks(STRINGS, 20):
        page.evaluate(
            """texts => {
              const data = new DataTransfer();
              data.setData("text/html", texts.map((text) => `<div>${text}</div>`).join("") + "<p>pasted</p>");
              const pasted = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
              document.getElementById("editor").dispatchEvent(pasted);
            }""",
            texts,
        )
    page.wait_for_timeout(300)
    assert "pasted" in page.locator("#editor").text_content()
    assert set(page.evaluate("window.ran")) <= {"script-src-attr inline", "style-src-attr inline"}
    assert page.evaluate(ACTING) == []
    assert page.left == []


@pytest.mark.parametrize("images", [False, True], ids=["images off", "images on"])
def test_no_body_acts_in_its_frame(hostile_page, server, told, images):
    page = hostile_page
    page.goto(f"{server.origin}/app/conversations/{told}", wait_until="load")
    page.locator(".thread details:has(.letter), .letter > details").evaluate_all(
        "all => all.map((one) => { one.open = true; })"
    )
    for frame in page.locator("iframe").all():
        frame.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    if images:
        page.locator("button[data-images]:not([hidden])").evaluate_all("all => all.forEach((one) => one.click())")
        page.wait_for_load_state("networkidle")
    frames = [frame for frame in page.frames if frame is not page.main_frame]
    assert len(frames) > 3
    for frame in frames:
        assert "/body" in frame.url
        assert "<div>" in frame.content()
    nothing_acted(page)
    assert not [url for _, url in page.left if url.startswith(TRACKING)]
    fetched = {url for _, url in page.left}
    assert fetched == ({"https://elsewhere.test/a.png"} if images else set()), "pictures come when they are asked for"


@pytest.mark.parametrize("images", ["", "?images=1"], ids=["images off", "images on"])
def test_no_body_that_was_made_for_a_sanitiser_acts_or_has_our_origin_asked(hostile_page, server, stage, told, images):
    page = hostile_page
    for body in BODIES:
        stage.mail.put(original_name(told), raw_of('<p style="color: red">kept</p>' + body), "message/rfc822")
        page.goto(f"{server.origin}/app/messages/{told}/body{images}", wait_until="load")
        assert (
            page.locator("p", has_text="kept").first.evaluate("p => getComputedStyle(p).color") == "rgb(255, 0, 0)"
        ), body
        assert page.evaluate(ACTING) == [], body
    assert page.evaluate("window.ran") == []
    assert page.troubles == []
    hosts = {urlsplit(url).hostname for _, url in page.left}
    assert not [host for host in hosts if host.rstrip(".") == urlsplit(TRACKING).hostname]


@pytest.mark.parametrize("images", ["", "?images=1"], ids=["images off", "images on"])
def test_what_is_left_of_a_body_does_not_act_even_where_nothing_holds_it(chromium, stage, told, images):
    """Put each sanitised body into a page that has neither a policy nor a sandbox: the sanitiser alone must do."""
    context = chromium.new_context()
    context.add_init_script(WATCH)
    context.route("**/*", lambda route: route.abort())
    page = context.new_page()
    page.set_content("<p>")
    browser = stage.browser(REP)
    for text in (*STRINGS, *BODIES):
        stage.mail.put(original_name(told), raw_of(text), "message/rfc822")
        shown = browser.get(f"/app/messages/{told}/body{images}")
        assert shown.status == 200
        inside = re.search(r"<body>(.*)</body>", shown.text, re.DOTALL)[1]
        ran = page.evaluate(
            """async (inside) => {
              document.body.innerHTML = inside;
              for (const element of document.body.querySelectorAll("*"))
                for (const name of ["mouseover", "focus", "error", "load", "keyup"]) element.dispatchEvent(new Event(name));
              await new Promise((done) => setTimeout(done));
              return window.ran;
            }""",
            inside,
        )
        assert ran == [], text
        assert page.evaluate(ACTING) == [], text
    context.close()


def test_what_acts_is_found_where_nothing_is_sanitised(chromium):
    """The recording works: the same strings, put into a page without sanitising, do run."""
    context = chromium.new_context()
    context.add_init_script(WATCH)
    context.route("**/*", lambda route: route.abort())
    page = context.new_page()
    page.goto("about:blank")
    acted = 0
    for text in STRINGS:
        page.evaluate("text => { document.body.innerHTML = text; }", text)
        acted += bool(page.evaluate(ACTING))
    assert acted > 100
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran").count("alert") > 0
    context.close()
