"""Items in a real browser: made and linked by keyboard, edited by two people, imported while the page is open."""

import re

import pytest
from playwright.sync_api import expect

from ocello.domain.crm.items import Item
from ocello.domain.messages.message import ItemRef
from tests.browser.pages.test_accessible import violations
from tests.browser.story import tell
from tests.fakes.web import OTHER, REP

SHEET = (
    "type;id;title\r\n" + "".join(f"lead;{number};Lead {number}\r\n" for number in range(500)) + "deal;;Nameless\r\n"
)


def advance(server):
    """Do what the imports function does with one message of its queue."""
    with server.lock:
        server.stage.advance_import()


def pick(page, label, text, option):
    """Choose an option with the keyboard alone."""
    box = page.get_by_role("combobox", name=label, exact=True)
    box.focus()
    page.keyboard.type(text)
    expect(page.get_by_role("option", name=re.compile(option))).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text(option)
    page.keyboard.press("Enter")
    expect(box).to_have_value(option)
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_a_deal_is_made_and_related_by_keyboard(open_page, stage):
    tell(stage)
    page = open_page(path="/app/items")
    page.get_by_role("link", name="New item").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Title").focus()
    page.keyboard.type("A second press")
    pick(page, "Person", "ros", "Maria Rossi")
    pick(page, "Organization", "acm", "Acme S.p.A.")
    page.get_by_label("everyone in the company").check()
    page.get_by_role("button", name="Create item").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The item was created.")).to_be_visible()
    expect(page.get_by_role("heading", name="A second press")).to_be_visible()
    page.get_by_role("link", name="Acme S.p.A.").click()
    expect(page.get_by_role("link", name="A second press")).to_be_visible()
    expect(page.get_by_role("link", name="Maria Rossi")).to_be_visible()


def test_what_is_half_typed_is_no_choice_and_a_choice_can_be_taken_back(open_page, stage):
    tell(stage)
    page = open_page(path="/app/items/deal/1042/edit")
    box = page.get_by_role("combobox", name="Person", exact=True)
    expect(box).to_have_value("Maria Rossi")
    box.fill("nobody at all")
    expect(page.get_by_text("No item that you see has these words.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/edit$"))
    page.keyboard.press("Tab")
    expect(box).to_have_value("Maria Rossi")
    page.get_by_role("button", name="Remove Acme S.p.A.").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert (stage.items.get(ItemRef("deal", "1042")).person, stage.items.get(ItemRef("deal", "1042")).organization) == (
        "77",
        "",
    )


def test_the_form_shows_what_its_type_has(open_page):
    page = open_page(path="/app/items/new")
    for kind, shown in {
        "deal": ("Person", "Organization"),
        "person": ("Organization", "E-mail addresses"),
        "organization": (),
    }.items():
        page.get_by_label("Type").select_option(kind)
        page.get_by_label("Title").fill("kept")
        for label in ("Person", "Organization", "E-mail addresses"):
            expect(page.get_by_label(label, exact=True)).to_be_visible(visible=label in shown)
    expect(page.get_by_label("Title")).to_have_value("kept")
    expect(page.get_by_label("Group", exact=True)).to_be_hidden()
    page.get_by_label("a group").check()
    expect(page.get_by_label("Group", exact=True)).to_be_visible()
    page.get_by_role("button", name="Create item").click()
    expect(page.get_by_role("alert")).to_contain_text("Group")
    expect(page.get_by_label("Group", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Title")).to_have_value("kept")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Group", exact=True)).to_be_focused()


def test_two_people_edit_at_once_and_the_second_is_told(open_page, stage):
    tell(stage)
    stage.items.put(Item(ItemRef("deal", "5"), "Ours", OTHER.address, "company", maker=REP.id, version=1), None)
    first, second = (
        open_page(person.address, path="/app/items/deal/5/edit", locale="en-GB") for person in (REP, OTHER)
    )
    for page, title in ((first, "Rosa's"), (second, "Otto's")):
        page.get_by_label("Title").fill(title)
        page.get_by_role("button", name="Save").click()
    expect(first.get_by_text("Saved.")).to_be_visible()
    expect(second.get_by_role("alert")).to_contain_text("Somebody else changed this item")
    expect(second.get_by_label("Title")).to_have_value("Otto's")
    expect(second.locator("#theirs-title")).to_contain_text("Rosa's")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("heading", name="Otto's")).to_be_visible()


def test_an_item_is_deleted_after_a_question(open_page, stage):
    tell(stage)
    page = open_page(path="/app/items/deal/1042")
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_text("5 mails that you see are linked to it.")).to_be_visible()
    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete this item").click()
    expect(page.get_by_text("The item was deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="New press for Acme")).to_have_count(0)
    page.get_by_role("link", name="Inbox", exact=True).click()
    expect(page.get_by_text("Offer for the new press").first).to_be_visible()


def test_a_csv_is_imported_while_one_watches(open_page, server, tmp_path):
    page = open_page(path="/app/items")
    page.get_by_role("main").get_by_role("link", name="Import").first.click()
    with page.expect_download() as sample:
        page.get_by_role("link", name="A sample CSV to begin with").click()
    assert sample.value.suggested_filename == "sample.csv"
    page.get_by_label("File").set_input_files(
        {"name": "leads.csv", "mimeType": "text/csv", "buffer": SHEET.encode("utf-8-sig")}
    )
    page.get_by_role("button", name="Import").click()
    status = page.get_by_role("status").filter(has=page.get_by_role("progressbar"))
    expect(status).to_contain_text("The file waits for its turn.")
    advance(server)
    expect(status).to_contain_text("400 of 501 lines are done.")
    assert page.get_by_role("progressbar").evaluate("bar => bar.value / bar.max") == pytest.approx(400 / 501)
    advance(server)
    expect(page.locator("#progress")).to_contain_text("Done: 501 lines.")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    refused = page.get_by_role("table")
    expect(refused).to_contain_text("must be 1 to 128 printable characters")
    expect(refused.get_by_role("rowheader", name="502")).to_be_visible()
    with page.expect_download() as report:
        page.get_by_role("link", name="Rejected lines as CSV").click()
    report.value.save_as(tmp_path / "refused.csv")
    assert (tmp_path / "refused.csv").read_text("utf-8-sig").startswith('line,field,reason\n502,id,"must be')
    polled: list[str] = []
    page.on("request", lambda request: polled.append(request.url) if "/progress" in request.url else None)
    page.wait_for_timeout(2_600)
    assert polled == [], "it asks no more once it is over"
    page.get_by_role("link", name="See the items").click()
    expect(page.get_by_role("link", name="Lead 0 ")).to_be_visible()


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(open_page, stage):
    page = open_page(path="/app/items/import")
    page.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"x" * 4_000_000})
    page.get_by_role("button", name="Import").click()
    assert page.get_by_label("File").evaluate("input => input.validationMessage") == "A file may have at most 4 MB."
    expect(page).to_have_url(re.compile("/app/items/import$"))
    assert not stage.imports.kept


def test_the_form_has_no_violation_with_its_list_open_and_with_something_wrong(open_page, stage, axe):
    tell(stage)
    page = open_page(path="/app/items/deal/1042/edit", bypass_csp=True)
    page.get_by_role("combobox", name="Organization").fill("acm")
    page.get_by_role("option", name="Acme S.p.A.").wait_for()
    page.keyboard.press("ArrowDown")
    assert violations(page, axe) == [], "with the list open"
    page.keyboard.press("Escape")
    page.get_by_label("Owner", exact=True).fill("nobody@example.test")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    assert violations(page, axe) == [], "with a wrong owner"
