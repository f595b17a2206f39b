"""The composer in a real browser: links, images, files, recipients, the check; nothing typed is lost."""

import re

import pytest
from playwright.sync_api import expect

from ocello.domain.people.preferences import Preferences
from ocello.domain.people.users import Account
from tests.browser.pages.test_day import DOT, compose, describe, link_to, until
from tests.fakes.web import OTHER, REP

PDF = {"name": "offer.pdf", "mimeType": "application/pdf"}


def original(stage):
    return next(content for name, content in stage.mail.files.items() if name.endswith("original.eml"))


def the_draft(stage):
    return next(iter(stage.drafts.kept.values())).content


def drop(page, where, name, kind, content):
    """Drop a file on an element, as a person does: drag it over the page first."""
    page.evaluate(
        """([where, name, kind, content]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(content)], name, { type: kind }));
          const target = document.querySelector(where);
          const box = target.getBoundingClientRect();
          const at = { clientX: box.x + 20, clientY: box.y + 20, bubbles: true, cancelable: true, dataTransfer: data };
          target.dispatchEvent(new DragEvent("dragenter", at));
          window.shown = document.getElementById("compose").classList.contains("dragging");
          target.dispatchEvent(new DragEvent("dragover", at));
          target.dispatchEvent(new DragEvent("drop", at));
        }""",
        [where, name, kind, list(content)],
    )
    assert page.evaluate("window.shown"), "the places to drop on are shown while dragging"
    expect(page.locator("#compose.dragging")).to_have_count(0)


# --- text -------------------------------------------------------------------------------------------------------------


def test_a_link_is_made_refused_in_words_changed_and_taken_away_by_keyboard(open_page):
    page = open_page()
    compose(page)
    page.keyboard.type("Hello ")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Link")
    dialog.get_by_label("Address").fill("not an address")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("cannot lead to this address")
    expect(dialog.get_by_label("Address")).to_be_focused()
    dialog.get_by_label("Text").fill("<our> offer")
    dialog.get_by_label("Address").fill("example.com/a?x=1&y=2")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.keyboard.type(" and more")
    expect(page.locator("#editor")).to_have_text("Hello <our> offer and more")
    link = page.locator("#editor a")
    expect(link).to_have_attribute("href", "https://example.com/a?x=1&y=2")

    link.click()
    page.keyboard.press("Control+k")
    expect(dialog.get_by_label("Text")).to_have_value("<our> offer")
    dialog.get_by_label("Text").fill("the offer")
    page.keyboard.press("Enter")
    expect(link).to_have_text("the offer")
    expect(link).to_have_attribute("href", "https://example.com/a?x=1&y=2")

    link.click()
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#editor")).to_be_focused()
    page.keyboard.press("Control+k")
    dialog.get_by_role("button", name="Remove link").click()
    expect(link).to_have_count(0)
    expect(page.locator("#editor")).to_contain_text("the offer")


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://example.com", "https://example.com"), ("example.com:8080/x", "https://example.com:8080/x"),
        ("ugo@customer.test", "mailto:ugo@customer.test"), ("tel:+39055", "tel:+39055"),
        ("javascript:alert(1)", None), ("data:text/html,x", None), ("https://", None), ("nowhere", None), ("a b.test", None),
    ],
)  # fmt: skip
def test_what_a_person_means_by_an_address(open_page, typed, address):
    page = open_page(path="/app/compose")
    module = page.evaluate("document.querySelector('script[src$=\"compose.js\"]').src").replace(
        "compose/compose.js", "editor/dialogs.js"
    )
    assert page.evaluate("async ([m, t]) => (await import(m)).addressOf(t)", [module, typed]) == address


def test_the_toolbar_is_one_stop_and_a_button_takes_away_what_it_gave(open_page):
    page = open_page()
    compose(page)
    page.keyboard.type("word")
    page.keyboard.press("Control+a")
    bold = page.get_by_role("button", name="Bold")
    bold.click()
    expect(bold).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#editor b")).to_have_text("word")
    bold.click()
    expect(bold).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#editor b")).to_have_count(0)
    page.get_by_label("Subject").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Italic")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#editor")).to_be_focused()


def test_an_image_needs_words_or_to_be_decoration(open_page):
    page = open_page()
    compose(page)
    page.locator("#image").set_input_files({"name": "dot.gif", "mimeType": "image/gif", "buffer": DOT})
    dialog = page.get_by_role("dialog", name="Image")
    expect(dialog.get_by_label("What the image shows")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Say what the image shows")
    dialog.get_by_label("It is decoration").check()
    dialog.get_by_role("button", name="Insert").click()
    expect(page.locator("#editor img")).to_have_attribute("alt", "")
    page.locator("#editor img").click()
    page.get_by_role("button", name="Image", exact=True).click()
    describe(page, "A dot")
    expect(page.locator("#html")).to_have_value(re.compile('alt="A dot"'))


def test_an_image_is_dropped_into_the_text_and_a_file_beside_it(open_page, stage):
    page = open_page()
    compose(page)
    page.keyboard.type("See ")
    drop(page, "#editor", "dot.gif", "image/gif", DOT)
    describe(page, "Dropped")
    expect(page.locator("#editor img")).to_have_attribute("alt", "Dropped")
    drop(page, ".files", "offer.pdf", "application/pdf", b"words")
    expect(page.locator("#files .chip:not(.going)")).to_contain_text("offer.pdf")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("On its way.").wait_for()
    assert b"offer.pdf" in original(stage)
    assert b"image/gif" in original(stage)


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_large_file_goes_in_slices_survives_one_that_fails_and_leaves_none_behind(open_page, stage):
    page = open_page()
    compose(page)
    failed: list[str] = []

    def once(route):
        if not failed and route.request.url.endswith("/1"):
            failed.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/app/uploads/*/*", once)
    content = bytes(range(256)) * 28_000
    page.locator("#attach").set_input_files({**PDF, "buffer": content})
    chip = page.locator("#files .chip:not(.going)")
    expect(chip).to_contain_text("7.2 MB")
    expect(page.locator("#weight")).to_have_text("7.2 MB of 25 MB")
    assert failed
    assert [kept for name, kept in stage.mail.files.items() if "uploads/" in name] == [content]
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.reload()
    expect(chip).to_contain_text("7.2 MB")
    chip.get_by_role("button").click()
    expect(page.locator("#weight")).to_have_text("")


def test_a_file_that_cannot_be_uploaded_says_so_and_is_tried_again_from_where_it_stopped(open_page):
    page = open_page()
    compose(page)
    page.route("**/app/uploads/*/1", lambda route: route.abort())
    tried = []
    page.on("request", lambda request: tried.append(request.url.split("/")[-1]) if "/uploads/" in request.url else None)
    page.locator("#attach").set_input_files({**PDF, "buffer": bytes(4_000_000)})
    going = page.locator("#files .going")
    expect(going).to_contain_text("could not be uploaded")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saved")).to_contain_text("Some files are not uploaded yet")
    page.unroute("**/app/uploads/*/1")
    going.get_by_role("button", name="Try again").click()
    expect(page.locator("#files .chip:not(.going)")).to_contain_text("4 MB")
    assert tried.count("0") == 1, "what had arrived is not sent again"


def test_sending_waits_for_files_and_an_upload_can_be_cancelled(open_page, stage):
    page = open_page()
    compose(page)
    page.route("**/app/uploads/*/0", lambda _: None)  # never answered
    page.locator("#attach").set_input_files({**PDF, "buffer": b"x"})
    expect(page.locator("#files progress")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#saved")).to_contain_text("Some files are not uploaded yet")
    page.get_by_role("button", name="Cancel offer.pdf").click()
    expect(page.locator("#files .chip")).to_have_count(0)
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("On its way.").wait_for()
    assert b"offer.pdf" not in original(stage)


@pytest.mark.parametrize(
    ("files", "words"),
    [([bytes(25_000_001)], "at most 25 MB"), ([b""], "is empty"), ([b"x"] * 51, "at most 50 files")],
    ids=["too large", "empty", "too many"],
)
def test_a_file_beyond_the_limits_is_refused_in_words(open_page, files, words, tmp_path):
    page = open_page()
    compose(page)
    paths = [tmp_path / f"{place}.bin" for place in range(len(files))]
    for path, content in zip(paths, files, strict=True):
        path.write_bytes(content)
    page.route("**/app/uploads", lambda _: None)
    page.locator("#attach").set_input_files(paths)
    expect(page.locator("#files [role=alert]")).to_contain_text(words)


# --- recipients and the sender ----------------------------------------------------------------------------------------


def test_a_pasted_list_becomes_chips_that_can_be_changed_and_marks_what_is_there_twice(open_page, stage):
    page = open_page(path="/app/compose")
    box = page.locator("#to-next")
    box.wait_for()
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const pasted = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.getElementById("to-next").dispatchEvent(pasted);
        }""",
        '"Rossi, Maria" <maria@acme.test>; ugo@officine.test,\nnobody',
    )
    chips = page.locator("[data-people=to] .chip")
    expect(chips).to_have_count(3)
    expect(chips.first).to_contain_text('"Rossi, Maria" <maria@acme.test>')
    expect(page.locator("[data-people=to] [role=status]")).to_have_text("This is not an e-mail address: “nobody”")
    page.get_by_role("button", name="Edit nobody").focus()
    page.keyboard.press("Enter")
    expect(box).to_have_value("nobody")
    box.fill("Maria@ACME.test")
    page.keyboard.press("Enter")
    expect(page.locator(".chip.wrong")).to_have_count(0)
    expect(page.locator(".chip.twice")).to_contain_text("Maria@ACME.test")
    box.fill('"Bianchi, Ugo')
    page.keyboard.press("End")
    page.keyboard.type(',jr" <u@b.test>,')
    expect(chips.last).to_contain_text('"Bianchi, Ugo,jr" <u@b.test>')
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert '"Bianchi, Ugo,jr" <u@b.test>' in the_draft(stage).to.splitlines()


def test_more_than_fifty_recipients_are_counted_and_the_fifty_first_is_marked(open_page):
    page = open_page(path="/app/compose")
    page.locator("#to-next").fill(", ".join(f"p{number}@customer.test" for number in range(52)))
    page.keyboard.press("Tab")
    expect(page.locator("[data-people=to] [role=status]")).to_contain_text("Now there are 52.")
    expect(page.locator(".chip.wrong")).to_have_text([re.compile("p50@"), re.compile("p51@")])


def test_a_mail_goes_from_the_chosen_account_and_its_draft_remembers(open_page, stage):
    stage.accounts.write(Account(REP.id, "sales@other.test", "Sales", "ses", verified=True))
    page = open_page()
    compose(page)
    chosen = page.get_by_label("From")
    expect(chosen.locator("option")).to_have_text(["rep@example.test", "sales@other.test"])
    chosen.select_option("sales@other.test")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.reload()
    expect(chosen).to_have_value("sales@other.test")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("On its way.").wait_for()
    assert b"From: Sales <sales@other.test>" in original(stage)


# --- the check --------------------------------------------------------------------------------------------------------


def test_the_check_comes_by_itself_and_again_when_something_changed(open_page):
    page = open_page()
    compose(page, to="info@icloud.com")
    page.keyboard.type("See the offer ")
    page.keyboard.press("Control+k")
    link_to(page, "https://example.com/a")
    check = page.locator("#check")
    expect(check).to_contain_text("1 link is tracked.")
    expect(check).to_contain_text("Several people may read this address")
    expect(check).to_contain_text("Apple fetches every picture")
    expect(check).not_to_contain_text("The mail is empty")
    expect(page.locator("#checked")).to_have_text("1 recipient: 1 tracked. 1 link is tracked. 4 things to know.")
    page.locator("label.toggle", has_text="Clicks").click()
    expect(check).to_contain_text("switched off for this mail")
    expect(page.locator("#editor")).not_to_be_focused()


def test_the_switches_tell_their_state_without_colour_and_by_keyboard(open_page, stage):
    page = open_page()
    compose(page)
    eye = page.locator("input[name=opens]")
    shown = page.locator("label.toggle", has_text="Opens")
    expect(shown.locator(".on")).to_be_visible()
    eye.focus()
    page.keyboard.press("Space")
    expect(shown.locator(".on")).to_be_hidden()
    expect(shown.locator(".off")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("On its way.").wait_for()
    assert not next(iter(stage.messages.messages.values())).message.track_opens


# --- nothing typed is lost --------------------------------------------------------------------------------------------


def test_what_was_typed_while_signed_out_is_there_after_signing_in_again(open_page, stage):
    page = open_page()
    compose(page, subject="Before")
    expect(page.locator("#saved")).to_contain_text("Saved")
    stage.sessions.sessions.clear()
    page.locator("#editor").click()
    page.keyboard.type("typed after the session ended")
    expect(page.locator("#saved")).to_contain_text("You are signed out")
    page.wait_for_timeout(4_500)  # the bulb asks, and leads nobody away
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#saved")).to_contain_text("Nothing was sent.")
    assert not stage.messages.messages
    page.get_by_role("link", name="sign in again").click()
    expect(page.locator("#editor")).to_contain_text("typed after the session ended")
    expect(page.get_by_label("Subject")).to_have_value("Before")
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert "typed after the session ended" in the_draft(stage).html


def test_a_mail_that_was_never_saved_is_there_after_signing_in_again(open_page, stage):
    page = open_page()
    stage.sessions.sessions.clear()
    page.goto(page.url)
    page.goto(page.url.replace("/app", "/app/compose"))
    page.locator("#to-next").wait_for()
    stage.sessions.sessions.clear()
    page.get_by_label("Subject").fill("Never saved")
    page.locator("label.toggle", has_text="Opens").click()
    page.get_by_role("link", name="sign in again").click()
    expect(page.get_by_label("Subject")).to_have_value("Never saved")
    expect(page.get_by_label("Track opens of this mail")).not_to_be_checked()
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert (the_draft(stage).subject, the_draft(stage).opens) == ("Never saved", False)


def test_a_session_that_was_renewed_in_another_window_goes_on_in_this_one(open_page, stage, server):
    page = open_page()
    compose(page, subject="One")
    expect(page.locator("#saved")).to_contain_text("Saved")
    stage.sessions.sessions.clear()
    other = page.context.new_page()
    other.goto(f"{server.origin}/app")
    other.get_by_role("heading", name="Inbox").wait_for()
    page.locator("#editor").click()
    page.keyboard.type("typed with the old token")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("On its way.")).to_be_visible()
    assert b"typed with the old token" in original(stage)


def test_two_windows_that_lost_the_line_keep_both_their_texts(open_page, server, stage):
    page = open_page()
    compose(page, subject="One draft")
    expect(page.locator("#saved")).to_contain_text("Saved")
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#to-next").wait_for()
    page.context.route(
        "**/app/drafts/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    for window, text in ((page, "from the first"), (other, "from the second")):
        window.locator("#editor").click()
        window.keyboard.press("Control+End")
        window.keyboard.type(text)
        expect(window.locator("#saved")).to_contain_text("Not saved yet")
    for window in (page, other):
        window.goto("about:blank")
    page.context.unroute("**/app/drafts/*")
    other.close()
    page.goto(f"{server.origin}/app")
    expect(page.locator("#toasts a").first).to_contain_text("is in your drafts: One draft")
    until(page, "localStorage.length === 0")
    texts = [kept.content.html for kept in stage.drafts.kept.values()]
    assert any("from the first" in text for text in texts)
    assert any("from the second" in text for text in texts)


def test_a_window_that_is_still_open_keeps_its_copy(open_page, server, stage):
    page = open_page()
    compose(page, subject="Being written")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.route("**/app/drafts/*", lambda route: route.abort())
    page.locator("#editor").click()
    page.keyboard.type("unsaved")
    expect(page.locator("#saved")).to_contain_text("Not saved yet")
    other = page.context.new_page()
    other.goto(f"{server.origin}/app")
    other.wait_for_load_state("networkidle")
    expect(other.locator("#toasts a")).to_have_count(0)
    assert len(stage.drafts.kept) == 1


def test_nobody_else_gets_what_this_browser_keeps(open_page, server, stage):
    page = open_page()
    compose(page, subject="A secret offer")
    page.route("**/app/drafts/*", lambda route: route.abort())
    page.locator("#editor").click()
    page.keyboard.type("unsaved")
    expect(page.locator("#saved")).to_contain_text("Not saved yet")
    page.goto("about:blank")
    page.unroute("**/app/drafts/*")
    stage.sessions.sessions.clear()
    server.person = OTHER.address
    page.goto(f"{server.origin}/app")
    page.wait_for_load_state("networkidle")
    assert not [owner for owner, _ in stage.drafts.kept if owner == OTHER.id]


def test_a_refusal_of_the_server_is_said_and_the_text_stays(open_page, stage):
    page = open_page()
    compose(page)
    page.keyboard.type("kept")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.evaluate("document.getElementById('subject').value = 'x'.repeat(20001)")
    page.locator("#editor").click()
    page.keyboard.type(" all of it")
    expect(page.locator("#saved")).to_contain_text("may have at most 20,000 characters")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#saved")).to_contain_text("Nothing was sent.")
    page.get_by_label("Subject").fill("Shorter")
    expect(page.locator("#save-status")).to_be_empty()
    assert "all of it" in the_draft(stage).html


def test_a_send_that_fails_leaves_everything_as_it_was_and_the_way_back_too(open_page, stage):
    page = open_page()
    compose(page, to="nobody")
    page.keyboard.type("kept")
    page.locator("#attach").set_input_files({**PDF, "buffer": b"x"})
    page.locator("#files .chip:not(.going)").wait_for()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("“nobody”")
    expect(page.locator("#editor")).to_contain_text("kept")
    expect(page.locator("#files .chip")).to_contain_text("offer.pdf")
    expect(page).to_have_url(re.compile(r"/app/drafts/[0-9a-f-]{36}$"))
    page.reload()
    expect(page.locator("#editor")).to_contain_text("kept")
    page.get_by_role("link", name="Inbox", exact=True).click()
    page.go_back()
    expect(page.locator("#editor")).to_contain_text("kept")
    assert len(stage.drafts.kept) == 1


def test_pressing_send_twice_or_in_two_windows_sends_once(open_page, stage):
    page = open_page()
    compose(page)
    page.keyboard.type("once")
    expect(page.locator("#saved")).to_contain_text("Saved")
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#to-next").wait_for()
    other.locator("#check section").wait_for()
    page.locator("#send").dblclick()
    expect(page.get_by_text("On its way.")).to_be_visible()
    other.get_by_role("button", name="Send", exact=True).click()
    expect(other.locator("#save-status")).to_contain_text("Nothing was sent.")
    expect(other.locator("#save-status")).to_contain_text("sent or discarded in another window")
    assert len(stage.messages.messages) == 1
    assert "once" in the_draft(stage).html


def test_a_network_that_is_down_is_noticed_before_the_page_is_left(open_page, stage):
    page = open_page()
    compose(page)
    page.keyboard.type("kept")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.route("**/app/drafts/**", lambda route: route.abort())
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saved")).to_contain_text("Nothing was sent.")
    page.unroute("**/app/drafts/**")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("On its way.")).to_be_visible()
    assert len(stage.messages.messages) == 1


# --- the signature ----------------------------------------------------------------------------------------------------


def test_a_signature_with_an_image_is_made_seen_and_sent(open_page, stage):
    page = open_page(path="/app/settings")
    page.locator("#editor").click()
    page.keyboard.type("Rosa Rep")
    page.locator("#image").set_input_files({"name": "logo.gif", "mimeType": "image/gif", "buffer": DOT})
    describe(page, "Our logo")
    expect(page.locator("#preview")).to_contain_text("Rosa Rep")
    expect(page.locator("#preview img")).to_have_attribute("alt", "Our logo")
    page.locator("#sign").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    stage.mail.files = {name: kept for name, kept in stage.mail.files.items() if not name.startswith("uploads/")}
    compose(page)
    shown = page.locator("#editor img")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    page.keyboard.press("Control+Enter")
    page.get_by_text("On its way.").wait_for()
    assert b"Content-ID" in original(stage)
    assert original(stage).count(b"Rosa Rep<br>") + original(stage).count(b"Rosa Rep") >= 2


def test_the_signature_is_inserted_once(open_page, stage):
    stage.preferences.write(REP.id, Preferences(signature="Rosa of Example"))
    page = open_page()
    compose(page)
    page.keyboard.type("Dear")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.reload()
    expect(page.locator("#editor")).to_have_text(re.compile("^(?!.*Rosa.*Rosa).*Rosa of Example"))


# --- without scripts ----------------------------------------------------------------------------------------------------


def test_without_scripts_it_is_a_form(open_page, stage):
    page = open_page(java_script_enabled=False)
    page.get_by_role("link", name="Write", exact=True).first.click()
    page.get_by_label("To", exact=True).fill("buyer@customer.test")
    page.get_by_label("Subject").fill("Plain")
    page.locator("#html").fill("<p>Hello</p>")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("On its way.")).to_be_visible()
    assert b"<p>Hello</p>" in original(stage)
    page.goto(page.url.split("/app")[0] + "/app/settings")
    page.locator("#html").fill("<b>Rosa</b>")
    page.locator("#sign").get_by_role("button", name="Save").click()
    assert stage.preferences.read(REP.id).signature == "<b>Rosa</b>"
