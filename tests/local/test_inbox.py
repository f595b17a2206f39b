"""A rep's day on the real stack: the pool's own sign-in page, a mail in the local mailbox, a recipient who reads it."""

import re
import shutil
import uuid

import pytest
from playwright.sync_api import expect, sync_playwright

from infra.local.api import wait
from infra.local.mailbox import clients

WAIT = 30_000  # ms; functions start cold, beside other work


@pytest.fixture(scope="module")
def page(run):  # noqa: ARG001 — the stack must run
    path = shutil.which("chromium")
    assert path, "install chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(locale="en-GB")
        context.set_default_timeout(WAIT)
        yield context.new_page()
        browser.close()


def sign_in(page, run, who="rep"):
    user = next(user for user in run.facts["users"] if user["email"] == f"{who}@example.test")
    page.goto(run.facts["app"])
    page.fill("input[name=username]", user["email"])
    page.fill("input[name=password]", user["password"])
    page.click("button, input[type=submit]")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible(timeout=WAIT)


def test_a_mail_is_sent_read_and_rung_for(run, page):
    alerts = run.api().get("/v1/alerts?limit=1")["items"]
    if alerts:  # of other tests' mail
        run.api().ask("POST", "/v1/alerts/read", {"up_to": alerts[0]["id"]})
    sign_in(page, run)
    who = f"buyer-{uuid.uuid4().hex[:8]}@customer.test"
    page.get_by_role("link", name="Write", exact=True).first.click()
    page.locator("#to-next").fill(who)
    page.keyboard.press("Enter")
    page.get_by_label("Subject").fill("A live offer")
    page.locator("#editor").click()
    page.keyboard.type("Dear buyer, ")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Link").get_by_label("Address").fill("https://example.com/offer")
    page.keyboard.press("Enter")
    expect(page.locator("#editor a")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sent")).to_have_text(re.compile("It was sent"), timeout=WAIT)  # by itself, as the copy leaves
    message = run.api().message(page.url.split("/")[-1].split("?")[0])
    copy = run.tracked(who, message)
    clients.load_image(clients.CLIENTS["gmail"], copy.pixels[0])
    clients.open_link(clients.CLIENTS["browser"], copy.links[0])
    expect(page.locator("#bulb .badge")).to_contain_text("2", timeout=WAIT)

    page.get_by_role("link", name="Inbox", exact=True).click()
    line = page.get_by_role("listitem").filter(has_text=who)
    expect(line.locator(".g.on")).to_have_count(2)
    line.locator("summary").hover()
    expect(line.locator(".bubble dl")).to_contain_text(who)
    page.get_by_role("link", name="Clicked", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text=who)).to_have_count(1)
    page.goto(f"{run.facts['app']}/app?q={who}")
    expect(page.get_by_role("listitem").filter(has_text=who)).to_have_count(1)


def test_a_mail_that_was_refused_comes_to_a_list_of_its_own(run, page):
    page.goto(f"{run.facts['app']}/app/compose")
    page.locator("#to-next").fill("refuse@customer.test")
    page.keyboard.press("Enter")
    page.get_by_label("Subject").fill("To nobody")
    page.locator("#editor").click()
    page.keyboard.type("Is anybody there?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sent")).to_have_text(
        re.compile("did not arrive"), timeout=WAIT
    )  # by itself, as it is refused
    line = page.get_by_role("listitem").filter(has_text="To nobody")

    def listed():
        page.goto(f"{run.facts['app']}/app?show=troubled")
        return line.count()

    assert wait(listed, 60)
    expect(line.locator(".marks").get_by_text("not delivered")).to_have_count(1)


def test_a_server_is_tried_before_it_is_connected(run, page):
    page.goto(f"{run.facts['app']}/app/settings/accounts")
    page.get_by_label("Host").fill("127.0.0.1")
    page.get_by_label("Port").fill("1")
    page.get_by_label("Encryption").select_option("none")
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be talked to", timeout=WAIT)
    expect(page.get_by_label("Host")).to_have_value("127.0.0.1")


def test_signing_out_ends_both_sides(run, page):
    page.goto(f"{run.facts['app']}/app/settings")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto(f"{run.facts['app']}/app")
    expect(page.locator("input[name=password]")).to_be_visible(timeout=WAIT)


def test_what_the_sender_opens_where_they_are_signed_in_is_their_own(run, page):
    here = "198.51.100.60"
    context = page.context.browser.new_context(locale="en-GB", extra_http_headers={"X-Forwarded-For": here})
    context.set_default_timeout(WAIT)
    sign_in(context.new_page(), run)
    context.close()
    who = f"buyer-{uuid.uuid4().hex[:8]}@customer.test"
    message = run.api().send(to=[who], subject="Mine too", html="<p>Hello</p>", track={"opens": True, "clicks": False})
    pixel = run.tracked(who, message).pixels[0]
    reader = clients.CLIENTS["browser"]
    clients.load_image(reader, pixel, here)
    clients.load_image(reader, pixel, "203.0.113.200")

    def verdicts():
        return [hit["verdict"] for hit in run.api().get(f"/v1/messages/{message['id']}/hits")["items"]]

    assert wait(lambda: run.api().message(message["id"])["opens"]["unknown"] == len(verdicts()) == 2), verdicts()
    own, other = verdicts()
    assert own == "self"
    assert other != "self", "it came from elsewhere"
