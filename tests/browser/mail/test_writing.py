"""Writing in a real browser: typed addresses become links, recipients are completed, and a discarded draft comes back."""

import pytest
from playwright.sync_api import expect

from ocello.domain.crm.items import Item
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.preferences import Preferences
from tests.browser.pages.test_day import compose
from tests.fakes.web import REP

# --- addresses become links -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "shown", "address"),
    [
        ("See https://example.com/offer", "example.com/offer", "https://example.com/offer"),
        ("See http://example.com/a?x=1&y=2.", "example.com/a?x=1&y=2", "http://example.com/a?x=1&y=2"),
        ("(www.example.com/a)", "www.example.com/a", "https://www.example.com/a"),
    ],
)
def test_an_address_typed_at_the_very_end_is_linked_tracked_and_shown_without_its_scheme(
    open_page, stage, typed, shown, address
):
    page = open_page()
    compose(page)
    page.keyboard.type(typed)
    page.keyboard.press("Control+Enter")
    page.get_by_text("On its way.").wait_for()
    (stored,) = stage.messages.messages.values()
    assert [(link.url, link.text) for link in stored.report.links] == [(address, shown)]


def test_an_address_is_linked_once_something_stands_behind_it_and_undone_stays_text(open_page):
    page = open_page()
    compose(page)
    page.keyboard.type("See https://example.com/a and ")
    link = page.locator("#editor a")
    expect(link).to_have_text("example.com/a")
    page.keyboard.type("more")
    expect(page.locator("#editor")).to_have_text("See example.com/a and more")
    link.click()
    page.get_by_role("button", name="Remove link").first.click()
    expect(link).to_have_count(0)
    page.locator("#editor").press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("https://example.com/b")
    page.keyboard.press("Enter")
    expect(page.locator("#editor a")).to_have_text(["example.com/b"])


def test_a_removed_address_stays_text_until_the_check_is_asked_for_a_link(open_page):
    page = open_page()
    compose(page)
    page.keyboard.type("See www.example.com/a and ")
    page.locator("#editor a").click()
    page.get_by_role("button", name="Remove link").first.click()
    expect(page.locator("#editor a")).to_have_count(0)
    check = page.locator("#check")
    expect(check).to_contain_text("not a link")
    check.get_by_role("button", name="Make it a link").click()
    expect(page.locator("#editor a")).to_have_attribute("href", "https://www.example.com/a")
    expect(check).not_to_contain_text("not a link")


def test_a_pasted_address_keeps_its_text_and_the_check_offers_to_name_it(open_page):
    page = open_page()
    compose(page)
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "https://example.com/long/offer");
          const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.getElementById("editor").dispatchEvent(paste);
        }"""
    )
    link = page.locator("#editor a")
    expect(link).to_have_text("https://example.com/long/offer")
    page.locator("#check").get_by_role("button", name="Name it").click()
    dialog = page.get_by_role("dialog", name="Link")
    expect(dialog.get_by_label("Text")).to_be_focused()
    page.keyboard.type("the offer")
    page.keyboard.press("Enter")
    expect(link).to_have_text("the offer")
    expect(link).to_have_attribute("href", "https://example.com/long/offer")
    expect(page.locator("#check").get_by_role("button", name="Name it")).to_have_count(0)


def test_one_link_is_left_untracked_and_tracked_again_from_the_check(open_page, stage):
    page = open_page()
    compose(page)
    page.keyboard.type("www.one.test/a and www.two.test/b and ")
    check = page.locator("#check")
    expect(check).to_contain_text("2 links are tracked.")
    check.get_by_role("button", name="Do not track www.one.test/a").click()
    expect(check).to_contain_text("1 link is tracked.")
    expect(check).to_contain_text("left alone in this mail")
    expect(check.get_by_role("button", name="Track https://www.one.test/a")).to_be_focused()
    check.get_by_role("button", name="Track https://www.one.test/a").click()
    expect(check).to_contain_text("2 links are tracked.")
    check.get_by_role("button", name="Do not track www.two.test/b").click()
    expect(check).to_contain_text("1 link is tracked.")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("On its way.").wait_for()
    (stored,) = stage.messages.messages.values()
    assert [link.url for link in stored.report.links] == ["https://www.one.test/a"]


# --- beginning and ending ---------------------------------------------------------------------------------------------


def test_writing_begins_at_the_recipients_and_a_click_makes_no_draft(open_page, stage):
    stage.preferences.write(REP.id, Preferences(signature="<p>Rosa</p>"))
    page = open_page(path="/app/compose")
    expect(page.locator("#to-next")).to_be_focused()
    page.locator("#editor").click()
    page.wait_for_timeout(1_500)  # drafts save themselves before that
    assert not stage.drafts.kept
    page.keyboard.type("x")
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert len(stage.drafts.kept) == 1


def test_a_discarded_draft_is_had_back_with_what_was_not_saved_yet(open_page, stage):
    page = open_page()
    compose(page)
    page.keyboard.type("Half a mail")
    page.get_by_role("button", name="Discard draft").click()
    page.get_by_text("Draft discarded.").wait_for()
    assert not stage.drafts.kept
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#editor")).to_contain_text("Half a mail")


def test_recipients_are_completed_from_persons_and_earlier_mail(open_page, stage):
    stage.items.put(
        Item(ItemRef("person", "1"), "Rossi, Anna", REP.address, "company", addresses=("anna@acme.test",), version=1),
        None,
    )
    page = open_page()
    compose(page, to="Bea Buyer <bea@customer.test>")
    page.keyboard.press("Control+Enter")
    page.get_by_text("On its way.").wait_for()
    page.get_by_role("link", name="Write", exact=True).first.click()
    field, offered = page.get_by_role("combobox", name="To"), page.locator("#to-next-options [role=option]")
    field.press_sequentially("be")
    expect(offered).to_have_text(["Bea Buyer bea@customer.test"])
    field.press("Enter")
    expect(page.locator("[data-people=to] .chip")).to_contain_text("Bea Buyer <bea@customer.test>")
    field.press_sequentially("ann")
    offered.filter(has_text="Rossi, Anna").click()
    expect(page.locator("#to")).to_have_value('Bea Buyer <bea@customer.test>\n"Rossi, Anna" <anna@acme.test>')
    field.press_sequentially("ann")
    expect(offered).to_have_count(1)
    field.press("Escape")
    expect(offered).to_have_count(0)
    field.fill("new@customer.test")
    field.press("Enter")
    expect(page.locator("[data-people=to] .chip")).to_have_count(3)


def test_a_known_address_is_shown_by_name_and_sent_as_it_was_typed(open_page, stage):
    stage.items.put(
        Item(ItemRef("person", "1"), "Anna Rossi", REP.address, "company", addresses=("anna@acme.test",), version=1),
        None,
    )
    page = open_page()
    compose(page, to="anna@acme.test")
    expect(page.locator("[data-people=to] .chip")).to_contain_text("Anna Rossi anna@acme.test")
    expect(page.locator("#to")).to_have_value("anna@acme.test")


def test_the_filters_stand_on_one_line_and_the_recipients_fit_a_phone(open_page):
    page = open_page()
    compose(page, to=", ".join(f"somebody.with.a.long.name.{n}@a-long-domain.customer.test" for n in range(3)))
    page.keyboard.press("Control+Enter")
    page.get_by_text("On its way.").wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    assert page.evaluate(
        """() => [...document.querySelectorAll(".scroll")].every((one) => one.scrollWidth <= one.clientWidth)
          && document.documentElement.scrollWidth <= innerWidth"""
    )
    page.goto(page.url.split("/app")[0] + "/app")
    tops = page.locator("nav.tabs a, .filters nav a").evaluate_all(
        "links => links.map((one) => one.getBoundingClientRect().top)"
    )
    assert len(tops) == 6
    assert len(set(tops)) == 1


def test_on_paper_stands_the_mail_alone(open_page):
    page = open_page()
    compose(page)
    page.keyboard.press("Control+Enter")
    page.get_by_text("On its way.").wait_for()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for gone in (".rail", ".sharing", "#toasts", "a.button"):
        expect(page.locator(gone).first).to_be_hidden()
