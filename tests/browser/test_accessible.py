"""axe-core finds nothing on any page: light and dark, wide and narrow, in both languages."""

import pytest

from ocello.domain.preferences import Preferences
from tests.browser.story import tell
from tests.browser.test_day import DOT
from tests.fakes_web import ADMIN, REP

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "/app",
    "/app?q=nothing",
    "/app/conversations/{message}",
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


def dialogs_have_none(page, axe):
    """Look at the composer with all that can be open in it: a dialog with its error, marked recipients, files, the check."""
    page.locator("#to-next").fill("nobody, otto@huber.test,")
    page.locator("#attach").set_input_files({"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    page.locator("#files .chip:not(.going)").wait_for()
    page.locator(".copies summary").click()
    page.locator("#ask").click()
    page.locator("#check section").wait_for()
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
        assert violations(page, axe) == [], path
        if "4af" in path:
            dialogs_have_none(page, axe)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{path} scrolls sideways"
