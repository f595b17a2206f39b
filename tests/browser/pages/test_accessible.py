"""axe-core finds nothing on any page: light and dark, wide and narrow, in both languages."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from functions.api import openapi
from ocello.domain.common.ids import uuid7
from ocello.domain.common.times import DAY_MS, day_of
from ocello.domain.people.audit import new_entry
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.users import SCOPES, Principal
from ocello.services.consent.consents import Said
from ocello.services.consent.ports import RulesPeriod
from tests.browser.pages.test_day import DOT
from tests.browser.story import tell
from tests.fakes.web import ADMIN, OTHER, REP

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "/app",
    "/app?q=nothing",
    "/app?item=deal:1042&find=press",
    "/app/conversations/{message}",
    "/app/conversations/{message}?at={message}",
    "/app/compose",
    "/app/drafts",
    "/app/drafts/01900000-0000-7000-8000-00000000d4af",
    "/app/items",
    "/app/items/deal/1042",
    "/app/items/organization/9",
    "/app/items/new",
    "/app/items/person/77/edit",
    "/app/items/deal/1042/delete",
    "/app/items/import",
    "/app/items/import/01900000-0000-7000-8000-000000001001",
    "/app/items/import/01900000-0000-7000-8000-000000001002",
    "/app/alerts",
    "/app/statistics",
    "/app/statistics?group=sales&from={long_ago}&to={today}",
    "/app/statistics?from=2020-01-01&to=2020-01-31",
    "/app/statistics/pools",
    "/app/team/sales",
    "/app/drafts?done=discarded&draft=01900000-0000-7000-8000-00000000d4a0",
    "/app/settings",
    "/app/settings/accounts",
    "/app/settings/keys",
    "/app/notices",
    "/app/users",
    "/app/audit",
    "/app/evidence?message={message}",
    "/app/deletions",
    "/app/rules",
    "/app/consents?address=someone@customer.test",
    "/app/consents/import",
    "/app/consents/import/01900000-0000-7000-8000-000000001003",
    "/app/consents/import/01900000-0000-7000-8000-000000001004",
    "/app/privacy",
    "/app/privacy/counts",
    "/app/privacy/closings",
    "/app/privacy/people",
    "/app/privacy/people/{job}",
    "/app/nowhere",
]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "locale": "it-IT"},
}


def violations(page, axe):
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
    return [(one["id"], one["help"], [node["html"][:160] for node in one["nodes"]]) for one in found]


def make_a_team(stage, message):
    """Make the rep the lead of a team of two, who both sent the story's mails."""
    stage.users.update(replace(REP, given_groups=("leads", "sales")))
    sent = stage.messages.messages[message]
    copy = uuid7(sent.message.created_at, bytes(10))
    stage.messages.create(replace(sent, message=replace(sent.message, id=copy, owner=OTHER.id)), None)
    stage.messages.engagements[copy] = stage.messages.engagements[message]
    raw = stage.mail.get(f"messages/{message}/original.eml")
    stage.mail.put(f"messages/{copy}/original.eml", raw, "message/rfc822")


def change_an_item(stage):
    """Let an administrator change who sees an item of the rep's, so that every page shows a notice."""
    told = new_entry(stage.clock.now, ADMIN, "item.visibility", "deal/1042", f"owner {REP.address}", "company")
    stage.users.trail.append(told)
    stage.tell(REP.id, told)


def ask_for_an_export(stage):
    """Let somebody say no, mail be counted, and an administrator ask for an export, which is done; return its job."""
    stage.consents.record(Said("no@customer.test", {"opens": "refused", "links": "refused"}, "page", stage.clock.now))
    stage.mode_days.add(day_of(stage.clock.now), ["opens_individual_consent", "links_off"])
    periods = (RulesPeriod(1, "none/1", "individual", "individual", footers=False),)
    stage.workspace.write(stage.workspace.read()._replace(periods=periods), [])
    by = Principal(ADMIN, frozenset(SCOPES), by_key=False)
    job = stage.subject_requests.begin(by, "somebody@customer.test", "export", "asked by mail")
    stage.subject_jobs.jobs[job.id] = replace(job, state="done", exported=True, changed_at=stage.clock.now)
    return job.id


def people_have_none(page, axe):
    """Check what follows the list of what people ask for: a person, a refusal, the page that confirms an erasure."""
    page.get_by_role("textbox").first.fill("somebody@customer.test")
    page.locator("form.card button").click()
    page.locator("#known").wait_for()
    assert violations(page, axe) == [], "a person"
    page.locator("button[value=erase]").click()
    page.get_by_role("alert").wait_for()
    assert violations(page, axe) == [], "without a reason"
    page.locator("[name=reason]").fill("asked by mail")
    page.locator("button[value=erase]").click()
    page.locator("input[name=confirmed]").wait_for(state="attached")
    assert violations(page, axe) == [], "confirming"


def dialogs_have_none(page, axe):
    """Check the composer with everything open in it: a dialog with its error, marked recipients, files, the check."""
    page.locator("#to-next").fill("nobody, otto@huber.test,")
    page.locator("#attach").set_input_files({"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    page.locator("#files .chip:not(.going)").wait_for()
    page.locator(".copies summary").click()
    page.locator("#ask").click()
    page.locator("#check section").wait_for()
    page.evaluate("scrollTo(0, 0)")  # else the page's head lies over a target, which axe then measures as smaller
    assert violations(page, axe) == [], "with marks, a file and the check"
    page.locator("#editor a").first.click()
    page.keyboard.press("Control+k")
    page.locator("#link-dialog [name=address]").fill("no address")
    page.keyboard.press("Enter")
    page.locator("#link-wrong:not(:empty)").wait_for()
    assert violations(page, axe) == [], "with the dialog of a link"
    page.keyboard.press("Escape")
    page.locator("#image").set_input_files({"name": "dot.gif", "mimeType": "image/gif", "buffer": DOT})
    page.locator("#image-dialog [name=alt]").wait_for()
    assert violations(page, axe) == [], "with the dialog of an image"
    page.keyboard.press("Escape")


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_has_a_violation(open_page, server, stage, axe, look):
    message, now = tell(stage), stage.clock.now
    make_a_team(stage, message)
    change_an_item(stage)
    job = ask_for_an_export(stage)
    if look == "phone":
        stage.preferences.write(REP.id, Preferences(language="it"))
    page = open_page(bypass_csp=True, **LOOKS[look])
    for address in PAGES:
        path = address.format(message=message, job=job, long_ago=day_of(now - 365 * DAY_MS), today=day_of(now))
        if path == "/app/users":
            page = open_page(ADMIN.address, bypass_csp=True, **LOOKS[look])
        answer = page.goto(server.origin + path)
        assert (answer.status == 404) == (path == "/app/nowhere"), path
        page.wait_for_load_state("networkidle") if "/compose" in path or "/drafts/" in path else page.locator(
            "#main"
        ).wait_for()
        if path == "/app":
            page.locator("details.times summary").first.click()
            page.locator(".bubble time").first.wait_for()
            assert violations(page, axe) == [], "with the times shown"
            page.keyboard.press("Escape")
            page.locator("#bulb button").click()
            page.get_by_role("dialog").wait_for()
        if "/conversations/" in path:
            assert violations(page, axe) == [], f"{path}, folded"
            page.locator("main details").evaluate_all("all => all.map((one) => { one.open = true; })")
            page.locator(".judged .why").last.wait_for()
            page.locator("main details").evaluate_all("all => all.map((one) => { one.open = true; })")
            page.locator("[name=find]").first.fill("press")
            page.locator(".picked [data-link]").first.wait_for()
            page.evaluate("scrollTo(0, 0)")
        assert violations(page, axe) == [], path
        if path == "/app/privacy/people":
            people_have_none(page, axe)
        if "4af" in path:
            dialogs_have_none(page, axe)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{path} scrolls sideways"


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_to_try_the_api_has_no_violation(open_page, server, axe, look):
    page = open_page(bypass_csp=True, **LOOKS[look])
    page.route("**/v1/docs", lambda route: route.fulfill(body=openapi.page(), content_type="text/html; charset=utf-8"))
    page.goto(f"{server.origin}/v1/docs")
    page.locator("#sendMessage summary").first.wait_for()
    assert violations(page, axe) == [], "as it opens"
    page.route("**/v1/messages", lambda route: route.fulfill(status=202, json={"id": "1", "of": route.request.headers}))
    page.get_by_label("API key or token").fill("ock_x")
    page.locator("#sendMessage > summary").click()
    page.get_by_role("button", name="Send Send a message").click()
    answer = page.get_by_role("region", name="Answer to: Send a message")
    expect(answer).to_contain_text("202")
    expect(answer).to_contain_text("Bearer ock_x")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page, axe) == [], "with every route open"
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
