"""A sent mail's attachments in a real browser: listed when the mail comes into view, and kept under their names."""

import pytest
from playwright.sync_api import expect

from tests.browser.mail.test_composer import original
from tests.browser.pages.test_day import compose
from tests.fakes.web import OTHER

NAME = "Angebot für Müller (final), v2.html"
CONTENT = b"<script>document.title = 'run'</script>"


@pytest.fixture
def sent(open_page):
    page = open_page()
    compose(page)
    page.keyboard.type("Please see the file.")
    page.locator("#attach").set_input_files({"name": NAME, "mimeType": "text/html", "buffer": CONTENT})
    expect(page.locator(".chip.file")).to_contain_text("Angebot")
    expect(page.locator(".chip.going")).to_have_count(0)
    page.locator("#editor").click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("On its way.")).to_be_visible()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.get_by_role("link", name=NAME).wait_for()
    return page


def test_a_sent_mail_lists_its_attachments_and_a_click_keeps_one(sent, stage):
    assert b"Content-Disposition: attachment" in original(stage)
    link = sent.get_by_role("link", name=NAME)
    expect(link).to_contain_text("HTML · 1 kB")
    with sent.expect_download() as kept:
        link.click()
    assert kept.value.suggested_filename == NAME
    with open(kept.value.path(), "rb") as file:  # noqa: PTH123 — a path as the library gives it
        assert file.read() == CONTENT
    expect(sent.get_by_role("heading", name="Attachments")).to_be_visible()
    assert sent.title() != "run"


def test_without_script_a_link_leads_to_them(sent, open_page):
    plain = open_page(java_script_enabled=False)
    plain.goto(sent.url)
    plain.get_by_role("link", name="Attachments").click()
    expect(plain.get_by_role("link", name=NAME)).to_be_visible()


def test_a_colleague_who_may_not_see_the_mail_finds_no_file(sent, open_page):
    address = sent.get_by_role("link", name=NAME).get_attribute("href")
    other = open_page(person=OTHER.address)
    answer = other.request.get(f"{other.url.split('/app')[0]}{address}")
    assert answer.status == 404
    assert CONTENT not in answer.body()
