"""Takes a picture of each page, light and dark, into docs/screenshots: `make screenshots`."""

import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from functions.api import openapi
from tests.browser.conftest import WebServer, chromium_path
from tests.browser.story import tell
from tests.fakes.web import ADMIN, OTHER, REP

OUT = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
PAGES = {
    "inbox": "/app",
    "conversation": "/app/conversations/{message}",
    "compose": "/app/drafts/01900000-0000-7000-8000-00000000d4af",
    "alerts": "/app",
    "items": "/app/items",
    "item": "/app/items/deal/1042",
    "item-form": "/app/items/deal/1042/edit",
    "item-delete": "/app/items/deal/1042/delete",
    "imports": "/app/items/import",
    "import": "/app/items/import/01900000-0000-7000-8000-000000001001",
    "statistics": "/app/statistics",
    "team": "/app/statistics?group=sales",
    "drafts": "/app/drafts",
    "settings": "/app/settings",
    "accounts": "/app/settings/accounts",
    "keys": "/app/settings/keys",
    "users": "/app/users",
    "audit": "/app/audit",
    "rules": "/app/rules",
    "team-mail": "/app/team/sales",
    "api": "/v1/docs",
}
OF_OTHERS = {"users": ADMIN, "audit": ADMIN, "rules": ADMIN, "team": OTHER, "team-mail": OTHER}  # who leads the team
WHOLE = {"conversation", "compose", "statistics", "team"}


def take(page, name, message, origin):
    """Open one page, in the state to be shown, and take its picture."""
    page.goto(origin + PAGES[name].format(message=message))
    if name == "api":
        page.locator("#sendMessage > summary").click()
        return
    page.locator("#bulb button").wait_for()
    if name == "inbox":
        page.locator("details.times summary").first.hover()
        page.locator(".bubble time").first.wait_for()
    if name == "alerts":
        page.locator("#bulb button").click()
        page.get_by_role("dialog").wait_for()
    if name == "conversation":
        page.locator("details[open] > .inside details.strip > summary").click()
        page.locator(".judged details.why").first.wait_for()
        page.frame_locator("details[open] > .inside iframe").last.locator("p").first.wait_for()
    if name == "compose":
        page.locator("#ask").click()
        page.locator("#check section").wait_for()
    page.evaluate("scrollTo(0, 0)")


def main():
    """Take all pictures."""
    OUT.mkdir(parents=True, exist_ok=True)
    with WebServer() as server, sync_playwright() as playwright:
        message = tell(server.stage)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        for look in ("light", "dark"):
            for person in (REP, OTHER, ADMIN):
                names = [name for name in PAGES if OF_OTHERS.get(name, REP) == person]
                server.person = person.address
                context = browser.new_context(
                    viewport={"width": 1180, "height": 760}, color_scheme=look, reduced_motion="reduce"
                )
                page = context.new_page()
                page.route("**/v1/docs", lambda route: route.fulfill(body=openapi.page(), content_type="text/html"))
                for name in names:
                    take(page, name, message, server.origin)
                    page.screenshot(path=OUT / f"{name}-{look}.png", full_page=name in WHOLE)
                context.close()
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
