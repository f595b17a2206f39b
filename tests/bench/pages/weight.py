"""What a first visit to the inbox weighs over the wire, and how it appears in Chromium, a part of `make bench`.

The page has 50 lines, each with people, a subject and first words of its own. Weights are counted from the answers of the
handler, packed as it packs them; they are the same in every run. Status 1 if one is above its limit. Times are printed only.
"""

import sys
import threading

from playwright.sync_api import sync_playwright

from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.mail.compose import Draft, Track
from ocello.services.inbox import inbox
from ocello.services.sending.send import send
from tests.browser.conftest import WebServer, chromium_path
from tests.fakes.web import REP

LINES = 50
MOST = {"HTML and style sheet": 25_000, "everything": 40_000}  # bytes
NAMES = ("Maria Rossi", "Paolo Verdi", "Ines Moreau", "Tom Baker", "Helga Huber", "Ugo Bianchi", "Élodie Martin")
WORDS = (
    "offer", "press", "delivery", "terms", "calendar", "contract", "meeting",
    "catalogue", "pumps", "valves", "drawing", "foundation", "price", "service",
)  # fmt: skip
VITALS = """() => new Promise((done) => {
  let [lcp, shift] = [0, 0];
  const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (one) => { lcp = one.startTime; });
  watch("layout-shift", (one) => { shift += one.value; });
  setTimeout(() => done([lcp, shift]), 500);
})"""


def fill(stage):
    """Send 50 mails that differ, of which every second was opened."""
    for number in range(LINES):
        stage.clock.now += 60_000
        spun = [WORDS[(number * step + step) % len(WORDS)] for step in range(1, 12)]
        name = NAMES[number % len(NAMES)]
        draft = Draft(
            to=(f"{name} <p{number}@customer{number % 9}.test>",),
            subject=f"mail {number}: {' '.join(spun[:4])}",
            html=f"<p>Dear {name}, {' '.join(spun)}, {' '.join(reversed(spun))}.</p>",
            track=Track(opens=True, clicks=True),
        )
        stored = send(draft, REP, None, stage.context.sending)
        inbox.add_message(stored, stage.inbox)
        if number % 2:
            opened = Summary(number, 0, 0, stage.clock.now, stage.clock.now, (stage.clock.now,))
            stage.messages.engagements[stored.message.id] = Engagement(opened, recipients={0: Actions(opened)})


def main() -> int:
    """Open the page once with nothing kept, and print what came."""
    with WebServer() as server, sync_playwright() as playwright:
        fill(server.stage)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.new_page().goto(f"{server.origin}/app/nowhere")  # signs in; nothing of it is kept
        page = context.new_page()
        page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        weights: dict[str, int] = {}
        page.on("response", lambda one: weights.update({one.url: int(one.headers.get("content-length", 0))}))
        page.goto(f"{server.origin}/app?q=mail", wait_until="networkidle")
        lines = page.locator(".mails > li").count()
        lcp, shift = page.evaluate(VITALS)
        browser.close()
        server.shutdown()
    of = {"HTML": "/app?q=", "style sheet": ".css", "scripts": ".js", "pictures": ".svg"}
    parts = {name: sum(size for url, size in weights.items() if mark in url) for name, mark in of.items()}
    totals = {"HTML and style sheet": parts["HTML"] + parts["style sheet"], "everything": sum(weights.values())}
    print(f"inbox of {lines} lines, first visit, bytes over the wire:")
    for name, size in (*parts.items(), *totals.items()):
        print(f"  {name:22} {size:7,}" + (f"   at most {MOST[name]:,}" if name in MOST else ""))
    print(f"  largest paint after {lcp:.0f} ms, layout shift {shift:.4f} (Chromium, this machine)")
    return int(lines != LINES or any(totals[name] > most for name, most in MOST.items()))


if __name__ == "__main__":
    sys.exit(main())
