"""Records what a real headless Chromium sends when it shows a mail and follows its links, into headless.json.

Run: `.venv/dev/bin/python -m tests.simulated.record_headless`. It browses a server of its own on this machine, which browsers
trust as they trust https. Ways of hiding are those that scanners' authors know: another agent, and the agent of its own version
without the word Headless.
"""

import json
import re
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

TARGET = Path(__file__).with_name("headless.json")
KEPT = re.compile(r"sec-|accept-language$")
CLAIMED = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
MAIL = '<p><a id="link" href="http://localhost:{port}/click">read</a><img src="http://localhost:{port}/open" width=1 height=1>'


class Site(ThreadingHTTPServer):
    """Answers everything, and records the requests: paths and headers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listening)
        self.seen: list[tuple[str, dict[str, str]]] = []


class Listening(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, headers))
        mail = MAIL.format(port=self.server.server_port) if self.path == "/mail" else "ok"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(mail.encode())

    def log_message(self, *_words: object) -> None:
        """Log nothing."""


def _record(browser: Browser, agent: str | None, server: Site) -> list[dict[str, object]]:
    port = server.server_port
    server.seen.clear()
    page = browser.new_context(user_agent=agent).new_page()
    page.goto(f"http://127.0.0.1:{port}/mail")  # another site than localhost: a mail's pictures are from elsewhere
    page.wait_for_load_state("networkidle")
    page.click("#link")
    page.goto(f"http://localhost:{port}/click")  # as scanners do that take links out of the text
    page.context.close()
    return [
        {
            "kind": path.strip("/"),
            "agent": headers["user-agent"],
            "headers": {name: value for name, value in headers.items() if KEPT.match(name)},
        }
        for path, headers in server.seen
        if path in ("/open", "/click")
    ]


def main() -> None:
    """Record each way of hiding."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    server = Site()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        plain = _record(browser, None, server)
        own = str(plain[0]["agent"]).replace("HeadlessChrome", "Chrome")
        recorded = {
            "plain": plain,
            "another_agent": _record(browser, CLAIMED, server),
            "own_agent": _record(browser, own, server),
        }
        browser.close()
    server.shutdown()
    TARGET.write_text(json.dumps(recorded, indent=2) + "\n")
    print(f"wrote {TARGET.name}: {sum(map(len, recorded.values()))} requests")  # noqa: T201 — a program that a person runs


if __name__ == "__main__":
    main()
