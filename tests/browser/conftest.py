"""A real browser at the web application's handler, whose stores are in memory and whose provider asks for no password."""

import base64
import contextlib
import shutil
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import sync_playwright

from infra.tools import vendor_static
from tests.fakes.web import REP, Stage

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class WebServer(ThreadingHTTPServer):
    """The web application on this machine; its provider signs in as `person`."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock, self.person = threading.Lock(), REP.address
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.stage = Stage(self.origin, provider=f"{self.origin}/id")
        self.stage.clock.now = time.time_ns() // 1_000_000


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into the gateway's events and back; `/id/…` plays the provider."""

    server: WebServer
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urlsplit(self.path)
        if parts.path.startswith("/id/"):
            self._provide(parts)
            return
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        event = {
            "rawPath": parts.path,
            "rawQueryString": parts.query,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "requestContext": {"http": {"method": self.command, "path": parts.path}},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        with self.server.lock:
            answer = self.server.stage.handler.answer(event)
        content = answer["body"].encode()
        if answer["isBase64Encoded"]:
            content = base64.b64decode(answer["body"])
        headers = [*answer["headers"].items(), *(("Set-Cookie", cookie) for cookie in answer["cookies"])]
        self._send(answer["statusCode"], headers, content)

    do_POST = do_GET  # noqa: N815 — the library's name

    def _provide(self, parts):
        request = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/id/logout":
            self._send(200, [("Content-Type", "text/html")], b"<title>Signed out</title>signed out")
            return
        code = urlencode({"state": request["state"], "code": f"{self.server.person}|{request['state']}"})
        self._send(303, [("Location", f"/app/callback?{code}")], b"")

    def _send(self, status, headers, content):
        self.send_response(status)
        for name, value in headers:
            if name.lower() != "strict-transport-security":
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if status != 204:
            self.wfile.write(content)

    def log_message(self, *_):
        """Log nothing."""


def chromium_path():
    """Return the path of the browser that the system's package manager installed."""
    path = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    assert path, "install chromium: apt-get install chromium"
    return path


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """Return the source of axe-core."""
    return vendor_static.contents(vendor_static.AXE)["axe.js"].decode()


@contextlib.contextmanager
def serving(server):
    """Let a server answer in a thread of its own, and stop it at the end."""
    with server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def server():
    with serving(WebServer()) as made:
        yield made


@pytest.fixture
def stage(server):
    return server.stage


class Watched:
    """A page on which an error of a script, or a breach of the policy, fails the test."""

    def __init__(self, page):
        self.page = page
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._note)

    def _note(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.troubles.append(message.text)


@pytest.fixture
def open_page(chromium, server):
    """Return a function that opens a signed-in page."""
    contexts, watched = [], []

    def opened(person="rep@example.test", path="/app", **options):
        server.person = person
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options})
        context.set_default_timeout(8_000)
        contexts.append(context)
        page = context.new_page()
        watched.append(Watched(page))
        page.goto(f"{server.origin}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [one.troubles for one in watched] == [[] for _ in watched]
