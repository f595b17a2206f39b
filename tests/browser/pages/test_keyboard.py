"""Keys: each does what a visible button does, never in a field, and not at all for whom does not want them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages.test_live import mail
from tests.fakes.web import REP


@pytest.fixture
def mails(stage):
    return [mail(stage, f"Mail {number}") for number in range(4)]


def focused(page):
    return page.locator(":focus")


def test_a_mail_is_answered_without_a_pointer(open_page, stage, mails):
    page = open_page()
    for _ in range(3):
        page.keyboard.press("j")
    expect(focused(page)).to_contain_text("Mail 1")
    page.keyboard.press("k")
    expect(focused(page)).to_contain_text("Mail 2")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(mails[2]))
    page.keyboard.press("r")
    page.keyboard.type("Joking aside: any news?")  # letters are letters in a field
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("On its way.")).to_be_visible()
    assert stage.messages.messages[max(stage.messages.messages)].message.preview == "Joking aside: any news?"


@pytest.mark.usefixtures("mails")
def test_a_list_is_one_stop_of_the_tab_key(open_page):
    page = open_page()
    page.keyboard.press("j")
    expect(focused(page)).to_contain_text("Mail 3")
    page.keyboard.press("j")
    page.keyboard.press("Tab")
    expect(page.locator(".mails :focus")).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    expect(focused(page)).to_contain_text("Mail 2")


@pytest.mark.parametrize(
    ("keys", "path"), [("c", "/app/compose"), ("gt", "/app/items"), ("gs", "/app/statistics"), ("gd", "/app/drafts")]
)
def test_keys_lead_to_the_pages(open_page, keys, path):
    page = open_page()
    page.locator("#bulb button").wait_for()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_url(f"**{path}")
    if path != "/app/compose":  # there the first field has the focus
        page.keyboard.press("g")
        page.keyboard.press("i")
        page.wait_for_url("**/app")


def test_keys_open_what_a_pointer_opens(open_page, server, mails, stage):
    page = open_page()
    page.locator("#bulb button").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(".bubble dl")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".bubble").first).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("?b")
    expect(page.locator("#q")).to_have_value("?b")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("h1").click()
    page.keyboard.press("b")
    expect(page.get_by_role("dialog", name="Alerts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.goto(f"{server.origin}/app/conversations/{mails[0]}")
    page.keyboard.press("e")
    expect(page.locator(".recipient")).to_be_visible()
    page.keyboard.press("m")
    expect(page.get_by_text("Alerts of these mails are muted.")).to_be_visible()
    assert stage.messages.messages[mails[0]].message.muted
    page.keyboard.press("u")
    page.wait_for_url("**/app")


def test_every_key_has_a_button_in_sight(open_page, server, mails):
    page = open_page()
    page.locator("#bulb button").wait_for()
    for key in ("c", "b", "/", "e"):
        expect(page.locator(f'[aria-keyshortcuts="{key}"]').first).to_be_visible()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.goto(f"{server.origin}/app/conversations/{mails[0]}")
    for key in ("u", "r", "m", "e"):
        expect(page.locator(f'[aria-keyshortcuts="{key}"]').first).to_be_visible()


@pytest.mark.usefixtures("mails")
def test_who_switches_them_off_has_none(open_page, server, stage):
    page = open_page(path="/app/settings")
    page.get_by_role("switch", name="Keyboard shortcuts").uncheck()
    page.locator("form[action='/app/settings/preferences']").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert not stage.preferences.read(REP.id).shortcuts
    page.goto(f"{server.origin}/app")
    page.locator("#bulb button").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_timeout(300)
    assert page.url.endswith("/app")
    expect(page.locator(".mails :focus")).to_have_count(0)
    expect(page.locator(".mails [tabindex]")).to_have_count(0)
