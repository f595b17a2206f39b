"""Compares rewriting's throughput with PyPI `pytracking` on the same published mail, and checks that work grows linearly.

Run: `.venv/dev/bin/python -m tests.bench.rewriting`. The peer runs in its own environment (`.venv/bench`).
"""

import base64
import hashlib
import hmac
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from ocello.domain.mail import rewriting  # noqa: E402 — found by the path above
from tests import memory as largest  # noqa: E402 — the same
from tests import real_mail  # noqa: E402 — the same

ORIGIN = "https://t.example.com"
ROUNDS = 7
KEY = b"k" * 32

PEER = """
import json, sys, time
from pytracking import Configuration
from pytracking.html import adapt_html
how = Configuration(base_open_tracking_url="https://t.example.com/o/", base_click_tracking_url="https://t.example.com/c/")
documents = [document.encode("latin-1") for document in json.loads(sys.stdin.readline())]
for line in sys.stdin:
    crashes = restored = 0
    good = []
    start = time.process_time()
    for index, document in enumerate(documents):
        try:
            copy = adapt_html(document, {"m": 1, "r": 1}, configuration=how)
        except Exception:
            crashes += 1
            continue
        good.append((index, copy))
    spent = time.process_time() - start
    for index, copy in good:
        # the kindest restoring: what it makes when it has nothing to track
        plain = adapt_html(documents[index], {}, click_tracking=False, open_tracking=False, configuration=how)
        restored += plain.encode("utf-8", "replace") == documents[index]
    print(json.dumps([spent, crashes, restored, [index for index, _ in good]]), flush=True)
"""


def sign(purpose: str, content: bytes) -> str:
    """Return a token that costs about as much as a real one."""
    body = purpose.encode() + bytes(30) + content
    return base64.urlsafe_b64encode(body + hmac.digest(KEY, body, hashlib.sha256)[:16]).rstrip(b"=").decode()


def context() -> rewriting.TrackingContext:
    """Return the tracking context of one copy."""

    def own(url: str) -> str | None:
        if not url.startswith(ORIGIN):
            return None
        return rewriting.PIXEL if "/o/" in url else ""

    return rewriting.TrackingContext(
        tracking_host=ORIGIN.removeprefix("https://"),
        open_url=f"{ORIGIN}/o/{sign('o', b'')}",
        click_url=lambda _, target: f"{ORIGIN}/c/{sign('c', target.encode())}",
        own=own,
    )


def ours(documents: list[bytes]) -> tuple[float, int, int]:
    """Rewrite all documents; return CPU seconds, how many crashed, how many are restored."""
    how = context()
    start = time.process_time()
    copies = [rewriting.track_html(document, "utf-8", how) for document in documents]
    spent = time.process_time() - start
    pairs = zip(copies, documents, strict=True)
    return spent, 0, sum(rewriting.restore(copy.copy, copy.edits) == document for copy, document in pairs)


def against_the_peer(documents: list[bytes]) -> None:
    """Print the ratio of throughputs on the documents that the peer survives, measured in turns."""
    with subprocess.Popen(
        [str(ROOT / ".venv/bench/bin/python"), "-c", PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as peer:
        if peer.stdin is None or peer.stdout is None:
            raise SystemExit("the peer has no pipes")
        peer.stdin.write(json.dumps([document.decode("latin-1") for document in documents]) + "\n")
        times: list[tuple[float, float]] = []
        crashes = restored = mine = 0
        survived: list[int] = []
        for _ in range(ROUNDS):
            peer.stdin.write("go\n")
            peer.stdin.flush()
            theirs, crashes, restored, survived = json.loads(peer.stdout.readline())
            same = [documents[index] for index in survived]
            times.append((ours(same)[0], theirs))
        mine = ours(documents)[2]
        peer.stdin.close()
    size = sum(len(documents[index]) for index in survived)
    here, there = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(theirs / ours_ for ours_, theirs in times)
    print(
        f"mails                    {len(documents)} ({sum(map(len, documents)) / 1e6:.2f} MB), {ROUNDS} rounds, medians"
    )
    print(f"ocello                   {size / here / 1e6:.1f} MB/s, 0 crashed, {mine} restored byte for byte")
    print(f"pytracking               {size / there / 1e6:.1f} MB/s, {crashes} crashed, {restored} restored")
    print(f"throughput ratio         {ratio:.1f}x (aim: at least 3x)")


HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "tags that never end": lambda n: HTML + b"<a " * (n // 3),
    "quotes that never close": lambda n: HTML + b'<a href="' * (n // 9),
    "comments that never end": lambda n: HTML + b"<!--" * (n // 4),
    "white space in a tag": lambda n: HTML + b"<a x=" + b" " * n + b">",
    "style that never ends": lambda n: HTML + b"<style></" + b"</" * (n // 2),
    "one address": lambda n: HTML + b'<a href="http://' + b"a." * (n // 2) + b'">',
    "a line of links": lambda n: HTML + (b"<a href=http://x/>" + b"y" * (n // 1000)) * 999,
    "placeholders": lambda n: HTML + b'<a href="https://x/' + b"%a{a" * (n // 4) + b'">',
    "words that might unsubscribe": lambda n: (
        HTML + (b"<a href=https://x/?a_reset_>annulla " + b"x " * (n // 1000)) * 500
    ),
    "list-unsubscribe": lambda n: b"List-Unsubscribe: " + b"=?a?q?" * (n // 60) + b"\n" + HTML + b"<a href=https://x>y",
    "addresses of ours, broken": lambda n: b"\r\n" + (b"https://t.example.com/c/a\n" + b"b\n" * 50) * (n // 120),
    "brackets": lambda n: b"\r\nhttps://x" + b")" * n,
    "header fields": lambda n: b"Bcc: x\n" * (n // 7),
    "delimiters": lambda n: b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x " * (n // 4),
}


def growth(size: int) -> None:
    """Print how the time grows when hostile input becomes four times as long."""
    for name, made in HOSTILE.items():
        spent = []
        for raw in (made(size), made(4 * size)):
            runs = []
            for _ in range(3):
                start = time.process_time()
                rewriting.track(raw, context())
                runs.append(time.process_time() - start)
            spent.append(min(runs))
        print(f"4x {name:<24} {spent[1] / max(spent[0], 1e-6):.1f}x the time (linear: 4x), {spent[1] * 1e3:.0f} ms")


def memory() -> None:
    """Print the memory that rewriting four megabytes takes, for each kind of text in a process of its own."""
    for kind in largest.TEXTS:
        command = [sys.executable, "-m", "tests.memory", f"rewriting:{kind}", "2000"]
        print(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip())


if __name__ == "__main__":
    against_the_peer([document for _, document in real_mail.mails()])
    growth(250_000)
    memory()
