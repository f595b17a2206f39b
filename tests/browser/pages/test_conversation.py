"""A conversation: the mail first, its readers in one line, the evidence one step deeper, the answer within reach."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.mail.compose import Draft, Track
from ocello.services.sending.send import send
from tests.browser.pages.test_live import mail
from tests.fakes.web import REP

BOX = "one => { const {x, y, width, height} = one.getBoundingClientRect(); return {x, y, width, height}; }"
PEOPLE = ("Maria Rossi <maria@acme.test>", "Paolo Verdi <paolo@acme.test>", "Carla Neri <carla@acme.test>")


@pytest.fixture
def thread(stage):
    """Put a conversation of three mails to three people; the last was opened by one of them and clicked by another."""
    first = mail(stage, "Offer for the new press", to=PEOPLE)
    mail(stage, "Re: Offer for the new press", first, to=PEOPLE)
    last = mail(stage, "Re: Offer for the new press", first, to=PEOPLE)
    at = stage.clock.now
    for index in range(3):
        stage.messages.rows[last, index] = replace(stage.messages.rows[last, index], status="sent")
    opened, clicked = Summary(3, 0, 0, at, at, (at,) * 3), Summary(1, 0, 0, at, at, (at,))
    stage.messages.engagements[last] = Engagement(
        opened, clicked, {0: Actions(opened), 1: Actions(Summary(), clicked)}, {0: clicked}
    )
    return first, last


def place(locator):
    return locator.evaluate(BOX)


def first_line(page, frame):
    """Return how far down the window the first line of a mail stands."""
    inside = page.frame_locator("iframe").last.get_by_text("Dear", exact=False).first
    expect(inside).to_be_visible()
    return place(frame)["y"] + inside.evaluate(BOX)["y"]


def test_the_newest_mail_stands_in_sight_under_one_line_of_its_readers(open_page, thread):
    page = open_page(path=f"/app/conversations/{thread[0]}")
    letter = page.locator(".letter").last
    assert first_line(page, letter.locator("iframe")) <= 420
    strip = letter.locator(".strip")
    assert place(strip)["y"] - place(letter)["y"] <= 72
    assert place(strip)["height"] <= 50
    expect(strip.locator("summary")).to_contain_text("Paolo clicked 1×")
    expect(strip.locator("summary")).to_contain_text("Maria opened 3×")
    expect(strip.locator("summary")).to_contain_text("Carla not opened yet")
    answer = place(page.locator(".answer"))
    assert answer["height"] <= 56
    assert answer["y"] + answer["height"] <= 800, "the answer box is in sight"


@pytest.mark.parametrize(
    ("width", "height"), [(360, 740), (390, 844), (768, 1024), (1280, 800), (1600, 900), (320, 640)]
)
@pytest.mark.parametrize("folded", [True, False], ids=["folded", "unfolded"])
def test_nothing_of_it_scrolls_sideways(open_page, thread, width, height, folded):
    page = open_page(path=f"/app/conversations/{thread[0]}", viewport={"width": width, "height": height})
    if not folded:
        page.locator("main details").evaluate_all("all => all.map((one) => { one.open = true; })")
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0
    assert first_line(page, page.locator(".letter").last.locator("iframe")) > 0


def test_earlier_mails_are_folded_to_one_line_and_many_of_them_to_one(open_page, stage):
    first = mail(stage, "Offer")
    page = open_page(path=f"/app/conversations/{first}")
    expect(page.locator(".letter details[open] iframe")).to_have_count(1)
    for _ in range(2):
        mail(stage, "Re: Offer", first)
    page.reload()
    assert [place(each)["height"] <= 66 for each in page.locator(".letter").all()] == [True, True, False]
    mail(stage, "Re: Offer", first)
    page.reload()
    expect(page.locator(".earlier > summary")).to_have_text("3 earlier mails")
    expect(page.locator(".letter:visible")).to_have_count(1)
    page.locator(".earlier > summary").click()
    expect(page.locator(".letter:visible")).to_have_count(4)


def test_an_address_of_a_folded_mail_unfolds_it(open_page, stage):
    first = mail(stage, "Offer")
    for _ in range(3):
        mail(stage, "Re: Offer", first)
    page = open_page(path=f"/app/messages/{first}")
    expect(page.locator(f"#m-{first}")).to_be_visible()


def test_a_mail_that_is_not_tracked_has_no_line_of_readers(open_page, stage):
    draft = Draft(
        to=("bea@customer.test",), subject="Plain", html="<p>Dear Bea</p>", track=Track(opens=False, clicks=False)
    )
    message = send(draft, REP, None, stage.context.sending).message.id
    page = open_page(path=f"/app/conversations/{message}")
    expect(page.locator(".letter summary").first).to_contain_text("Not tracked")
    expect(page.locator(".strip")).to_have_count(0)


def test_what_is_typed_into_the_answer_box_is_sent_to_its_people(open_page, stage, thread):
    page = open_page(path=f"/app/conversations/{thread[0]}")
    page.get_by_label("Your answer").fill("Dear all,\n\nany <news>?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("On its way.")).to_be_visible()
    sent = max(stage.messages.messages)
    message, recipients = stage.messages.messages[sent].message, stage.messages.load(sent).recipients
    assert (message.subject, message.conversation_id) == ("Re: Offer for the new press", thread[0])
    assert [str(each.mailbox) for each in recipients] == list(PEOPLE)
    assert (message.track_opens, message.track_clicks) == (True, True)
    assert message.preview == "Dear all, any <news>?"
    expect(page.frame_locator("iframe").last.get_by_text("any <news>?")).to_be_visible()


def test_an_answer_can_be_sent_untracked_and_be_finished_in_the_composer(open_page, stage, thread):
    page = open_page(path=f"/app/conversations/{thread[0]}")
    page.get_by_label("Your answer").fill("Half of it")
    page.locator(".answer .toggle").first.click()
    page.get_by_role("button", name="Go on in the composer").click()
    expect(page.locator("#editor")).to_contain_text("Half of it")
    expect(page.locator("#compose [name=opens]")).not_to_be_checked()
    expect(page.locator("#compose [name=clicks]")).to_be_checked()
    assert len(stage.messages.messages) == 3


def test_without_scripts_the_readers_unfold_and_an_answer_is_sent(open_page, stage, thread):
    page = open_page(path=f"/app/conversations/{thread[0]}", java_script_enabled=False)
    page.locator(".strip:visible > summary").click()
    expect(page.locator(".judged:visible li", has_text="Paolo Verdi clicked")).to_be_visible()
    page.get_by_role("link", name="Every open and click, and how it was judged").last.click()
    expect(page.get_by_role("heading", name="Opens and clicks")).to_be_visible()
    page.go_back()
    page.get_by_label("Your answer").fill("Any news?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("On its way.")).to_be_visible()
    assert len(stage.messages.messages) == 4


def test_pictures_are_offered_only_where_a_mail_has_some(open_page, stage):
    message = mail(stage, "Offer")
    page = open_page(path=f"/app/conversations/{message}")
    expect(page.frame_locator("iframe").get_by_text("Dear")).to_be_visible()
    expect(page.get_by_role("button", name="Show pictures")).to_be_hidden()
    raw = b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>Dear Bea</p><img src='https://elsewhere.test/a.png'>"
    stage.mail.put(f"messages/{message}/original.eml", raw, "message/rfc822")
    page.reload()
    page.route("https://elsewhere.test/**", lambda route: route.abort())
    with page.expect_request("https://elsewhere.test/a.png"):
        page.get_by_role("button", name="Show pictures").click()


def test_a_half_written_answer_and_what_is_unfolded_survive_news(open_page, stage, thread):
    page = open_page(path=f"/app/conversations/{thread[0]}")
    page.locator("#bulb button").wait_for()
    page.locator(".strip:visible > summary").click()
    page.get_by_label("Your answer").fill("Half of")
    last = thread[1]
    engagement = stage.messages.engagements[last]
    more = replace(engagement.message_opens, count=7)
    stage.messages.engagements[last] = replace(engagement, message_opens=more, recipients={0: Actions(more)})
    expect(page.locator(".strip:visible > summary")).to_contain_text("opened 7×", timeout=9_000)
    expect(page.get_by_label("Your answer")).to_have_value("Half of")
    expect(page.get_by_label("Your answer")).to_be_focused()
    expect(page.locator(".strip:visible .recipient").first).to_be_visible()
