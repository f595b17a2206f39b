"""Consent in a real browser: asked in the composer without leaving it, and written down on its page."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages.test_accessible import LOOKS, violations
from tests.browser.pages.test_day import compose
from tests.fakes.web import ADMIN

ANN = "ann@customer.test"
HEAD = b"address,opens,links,at,source,notice\n"
LINE = b"ann@customer.test,granted,,2026-01-31T09:30:00Z,fair,You may\n"


def offered(page):
    return page.get_by_role("button", name=f"Ask for consent {ANN}")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_recipient_is_asked_in_the_composer(open_page, stage, axe, look):
    stage.under("eu-strict")
    page = open_page(bypass_csp=True, **LOOKS[look])
    compose(page, to=ANN)
    page.locator("#ask").click()
    expect(offered(page)).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    assert violations(page, axe) == [], "with the button"
    offered(page).click()
    expect(offered(page)).to_have_count(0)
    expect(page.locator("#checked")).to_have_text("Asked: the mail is on its way.")
    assert [entry.event for entry in stage.ledger.entries] == ["requested", "requested"]
    page.locator("#ask").click()
    expect(page.locator("#check")).to_contain_text(re.compile("Opens: not known; asked"))
    expect(page.locator("#subject")).to_have_value("Offer")


def test_what_was_said_aloud_is_written_down_without_a_script(open_page, stage, server):
    page = open_page(java_script_enabled=False)
    page.goto(f"{server.origin}/app/consents?address={ANN}")
    said = page.locator("#spoken")
    said.get_by_label("Opens").select_option("granted")
    said.get_by_label("Who heard it").fill("Rita Rep")
    said.get_by_label("When it was said").fill("2026-01-31T09:30")
    said.get_by_label("What was said").fill("Yes, do")
    said.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    assert [(entry.event, entry.source) for entry in stage.ledger.entries] == [("granted", "Rita Rep: Yes, do")]
    page.locator("#ask").get_by_role("button").click()
    expect(page.get_by_role("status").first).to_contain_text("The mail that asks is on its way.")


def test_a_refused_word_has_no_violation(open_page, stage, server, axe):
    stage.say(ANN, "refused", "refused")
    page = open_page(bypass_csp=True)
    page.goto(f"{server.origin}/app/consents?address={ANN}")
    assert violations(page, axe) == [], "who refused is not asked"
    said = page.locator("#spoken")
    said.get_by_label("When it was said").fill("2026-01-31T09:30")
    said.get_by_label("What was said").fill("Yes, do")
    said.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page, axe) == [], "with its alert"


def test_consent_is_imported_and_its_report_appears_by_itself(open_page, stage, server):
    page = open_page(ADMIN.address)
    page.goto(f"{server.origin}/app/consents/import")
    page.get_by_label("File").set_input_files(
        {
            "name": "consents.csv",
            "mimeType": "text/csv",
            "buffer": HEAD + LINE + b"bob@customer.test,granted,,,fair,x\n",
        }
    )
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#progress")).to_contain_text("The file waits for its turn.")
    with server.lock:
        stage.advance_import()
    expect(page.locator("#report")).to_contain_text("Rejected lines")
    expect(page.locator("#report tbody tr")).to_contain_text(["at"])
