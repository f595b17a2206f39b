"""Desktop notifications: turned on by a person, shown while the page is hidden, and turned off again."""

import json

import pytest
from playwright.sync_api import expect

from ocello.domain.common.ids import uuid7
from ocello.services.alerts.ports import ShownAlert
from tests.browser.pages.test_day import until
from tests.fakes.web import REP

STUB = """
  window.rung = [];
  window.asked = 0;
  window.Notification = class extends EventTarget {
    static permission = %s;
    static async requestPermission() { window.asked += 1; Notification.permission = %s; return Notification.permission; }
    constructor(title, given) { super(); window.rung.push([title, given.body]); }
  };
  Object.defineProperty(document, "hidden", { get: () => window.away ?? false });
"""


def notified(open_page, server, before, answer):
    page = open_page(path="/app/settings")
    page.add_init_script(STUB % (json.dumps(before), json.dumps(answer)))
    page.goto(f"{server.origin}/app")
    page.locator("#bulb button").wait_for()
    return page


def ring(stage, *alerts):
    at = stage.clock.now
    message = uuid7(at, bytes(10))
    stage.alerts.alerts[REP.id] = [
        ShownAlert(str(place), "open", at + place, message, f"Mail {place}", "b@customer.test", None, state)
        for place, state in alerts
    ]


def test_a_notice_rings_on_the_desktop_where_it_is_allowed_and_the_page_is_out_of_sight(open_page, server, stage):
    page = notified(open_page, server, "granted", "granted")
    page.evaluate("window.away = true")
    ring(stage, (1, "new"))
    until(page, "window.rung.length === 1")
    assert page.evaluate("window.rung[0]") == ["Opened: Mail 1", "b@customer.test"]
    ring(stage, (1, "new"), (2, "withdrawn"))
    page.wait_for_timeout(4_500)
    assert page.evaluate("window.rung.length") == 1, "neither what was withdrawn nor what rang before"
    page.evaluate("window.away = false")
    ring(stage, (1, "new"), (3, "new"))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#toasts")).to_contain_text("Mail 3", timeout=6_000)
    assert page.evaluate("window.rung.length") == 1, "who looks at the page sees it there"


def test_notices_are_allowed_and_switched_off_again_in_the_panel(open_page, server, stage):
    page = notified(open_page, server, "default", "granted")
    page.locator("#bulb button").click()
    panel = page.get_by_role("dialog", name="Alerts")
    assert page.evaluate("window.asked") == 0, "nobody is asked who did not ask"
    panel.get_by_role("button", name="Turn on desktop notifications").click()
    expect(panel.get_by_role("button", name="Turn off desktop notifications")).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Turn on desktop notifications")).to_be_visible()
    page.evaluate("window.away = true")
    ring(stage, (1, "new"))
    expect(page.locator("#toasts")).to_contain_text("Mail 1", timeout=6_000)
    assert page.evaluate("window.rung.length") == 0
    panel.get_by_role("button", name="Turn on desktop notifications").click()
    assert page.evaluate("window.asked") == 1, "the browser allows it already"


@pytest.mark.parametrize("before", ["default", "denied"])
def test_who_refused_notices_is_told_so_and_rung_nothing(open_page, server, stage, before):
    page = notified(open_page, server, before, "denied")
    page.locator("#bulb button").click()
    panel = page.get_by_role("dialog", name="Alerts")
    if before == "default":
        panel.get_by_role("button", name="Turn on desktop notifications").click()
    expect(panel).to_contain_text("This browser does not allow desktop notifications.")
    page.evaluate("window.away = true")
    ring(stage, (1, "new"))
    expect(page.locator("#toasts")).to_contain_text("Mail 1", timeout=6_000)
    assert page.evaluate("window.rung.length") == 0
