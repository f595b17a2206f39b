"""axe-core finds nothing on any page: light and dark, wide and narrow, in both languages."""

import pytest

from ocello.domain.preferences import Preferences
from tests.browser.story import tell
from tests.fakes_web import ADMIN, REP

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
    "/app/alerts",
    "/app/statistics",
    "/app/settings",
    "/app/settings/accounts",
    "/app/settings/keys",
    "/app/users",
    "/app/nowhere",
]
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "locale": "it-IT"},
}


def violations(page, axe):
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
    return [(one["id"], one["help"], [node["html"][:160] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_has_a_violation(open_page, server, stage, axe, look):
    message = tell(stage)
    if look == "phone":
        stage.preferences.write(REP.id, Preferences(language="it"))
    page = open_page(bypass_csp=True, **LOOKS[look])
    for address in PAGES:
        path = address.format(message=message)
        if path == "/app/users":
            page = open_page(ADMIN.address, bypass_csp=True, **LOOKS[look])
        page.goto(server.origin + path)
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
            page.locator(".sharing summary").first.click()
            page.locator("[name=find]").first.fill("press")
            page.locator(".picked [data-link]").first.wait_for()
        assert violations(page, axe) == [], path
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{path} scrolls sideways"
