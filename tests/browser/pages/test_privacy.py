"""The recipient's page in a browser without scripts: axe finds nothing in three languages, and its buttons work by keyboard."""

from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ocello.domain.retention.jobs import RIGHTS
from ocello.domain.retention.tickets import RightsTicket, digest_of
from ocello.domain.tracking.tokens import ASK, GRANTS
from tests.browser.conftest import serving
from tests.browser.pages.test_accessible import violations
from tests.fakes.engagement.tracking import MESSAGE
from tests.fakes.privacy import PrivacyStage

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}},
    "zoomed": {"viewport": {"width": 320, "height": 256}},  # 400 % of 1280, WCAG 1.4.10
}


class PageServer(ThreadingHTTPServer):
    """The page on this machine; `asked` is what was requested."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.stage = PrivacyStage()
        self.asked: list[tuple[str, str]] = []
        self.origin = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into the gateway's events and back."""

    server: PageServer

    def do_GET(self):
        path = self.path.encode("latin-1").decode()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = self.server.stage.ask(self.command, path, headers, body)
        self.server.asked.append((self.command, path))
        self.send_response(seen.status)
        for name, value in seen.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(seen.body.encode())

    do_POST = do_GET  # noqa: N815 — the library's name

    def log_message(self, *_):
        """Log nothing."""


@pytest.fixture
def server():
    with serving(PageServer()) as made:
        yield made


@pytest.fixture
def reader(chromium):
    contexts = []

    def opened(**options):
        context = chromium.new_context(java_script_enabled=False, **options)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def without_scripts(chromium, axe, html, **options):
    """Return what axe finds on a page as it stands; axe is a script, so it looks at a copy where scripts may run."""
    context = chromium.new_context(**options)
    page = context.new_page()
    page.set_content(html)
    found = violations(page, axe)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    context.close()
    return found, width


@pytest.mark.parametrize("language", ["it", "fr", "en"])
@pytest.mark.parametrize("look", LOOKS)
def test_no_state_of_the_page_has_a_violation(chromium, axe, look, language):
    stage = PrivacyStage()
    link, asking = f"/p/{stage.token()}?lang={language}", f"/p/{stage.token(flags=ASK | GRANTS)}?lang={language}"
    pages = {
        "unknown": stage.get(link),
        "asking": stage.get(asking),
        "allowed": stage.post(asking, "allow"),
        "one stopped": stage.post(link, "stop_opens"),
        "both stopped": stage.post(link, "stop_links"),
        "refused form": stage.post(link, "stop_links", "x"),
        "nowhere": stage.get(f"/p/x?lang={language}"),
    }
    for do in RIGHTS:
        told = f"/p/{stage.token()}?lang={language}&ticket={do}"
        ticket = RightsTicket(digest_of(do), "subject", do, MESSAGE.id, 0, "sealed", stage.clock.now)
        stage.tickets.put(ticket)
        pages |= {f"asked {do}": stage.post(link, do), do: stage.get(told), f"{do} begun": stage.post(told, do)}
        (job,) = [each for each in stage.jobs.jobs.values() if each.do == do]
        stage.jobs.jobs[job.id] = replace(job, state="done", exported=do == "export", changed_at=stage.clock.now)
        pages |= {f"{do} done": stage.get(told), f"{do} fetched": stage.post(told, do)}
        stage.jobs.jobs[job.id] = replace(job, state="failed")
        pages |= {f"{do} failed": stage.get(told)}
        stage.tickets.put(ticket._replace(at=0))
        pages |= {f"{do} over": stage.get(told)}
    stage.subject_queue.down = True
    pages |= {"not asked": stage.post(link, "erase")}
    stage.recipients.down = stage.tickets.down = True
    pages |= {"right unread": stage.get(f"{link}&ticket=export")}
    pages |= {"unread": stage.get(link), "received": stage.post(link, "stop_both")}
    for name, seen in pages.items():
        assert without_scripts(chromium, axe, seen.body, **LOOKS[look]) == ([], 0), name


@pytest.mark.parametrize("look", ["light", "phone"])
def test_the_buttons_are_equal_and_large_enough_to_hit(server, reader, look):
    page = reader(**LOOKS[look])
    page.goto(f"{server.origin}/p/{server.stage.token(flags=ASK | GRANTS)}?lang=it")
    choices, all_buttons = page.locator("form").first.locator("button"), page.locator("button")
    boxes = [button.bounding_box() for button in choices.all()]
    assert len(boxes) == 4
    assert len({(round(box["width"]), round(box["height"])) for box in boxes}) == 1, (
        "no choice looks better than another"
    )
    assert min(button.bounding_box()["height"] for button in all_buttons.all()) >= 44
    assert len({button.get_attribute("class") for button in all_buttons.all()}) == 1


def test_a_reader_refuses_by_keyboard_and_nothing_else_is_asked_for(server, reader):
    page = reader(locale="fr-FR")
    link = f"{server.origin}/p/{server.stage.token()}"
    page.goto(link)
    page.get_by_role("button", name="Ne rien enregistrer").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert "Votre choix s'applique" in page.get_by_role("status").inner_text()
    assert server.stage.said() == [("refused", "opens"), ("refused", "links")]
    assert {path.partition("?")[0] for _, path in server.asked} <= {link.removeprefix(server.origin), "/favicon.ico"}
    assert page.context.cookies() == []


def test_the_languages_are_links(server, reader):
    page = reader(locale="en-GB")
    page.goto(f"{server.origin}/p/{server.stage.token()}")
    page.get_by_role("link", name="Italiano").click()
    assert page.locator("h1").inner_text() == "La sua scelta sul tracciamento"
    page.get_by_role("button", name="Non registrare i clic").click()
    assert page.locator("h1").inner_text() == "La sua scelta sul tracciamento"
    assert server.stage.last.notice.language == "it"
