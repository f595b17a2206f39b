"""Compares the CPU time of verifying tokens of format 2 and of format 1, in turns, in one run. Prints ratios of CPU time.

.venv/dev/bin/python tests/bench/tokens.py
"""

import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).parents[2] / "layers/core"), str(pathlib.Path(__file__).parents[2])]

from ocello.domain.tracking.tokens import ASK, CLICK, OPEN, Keyring, Token, sign_token, verify  # noqa: E402 — after the path
from tests.tokens_1 import sign_1  # noqa: E402 — after the path

ROUNDS, CALLS = 400, 250
KEYRING = Keyring.parse("1:" + "a" * 40)
MESSAGE = "01936c3e-7a10-7c4f-9b21-0123456789ab"
TOKENS = {
    "open": Token(OPEN, MESSAGE, 0, 1_764_000_000, ASK),
    "click": Token(CLICK, MESSAGE, 1, 1_764_000_003, ASK, 7, "https://example.com/a?x=1&y=2#z"),
}


def best(token: Token) -> list[float]:
    """Return the least CPU time of one verification of each format, microseconds: format 1, then 2."""
    texts = sign_1(KEYRING, token), sign_token(KEYRING, token)
    least = [float("inf")] * 2
    for _ in range(ROUNDS):
        for place, text in enumerate(texts):
            begun = time.process_time_ns()
            for _ in range(CALLS):
                verify(KEYRING, text, token.purpose)
            least[place] = min(least[place], (time.process_time_ns() - begun) / CALLS / 1000)
    return least


for name, token in TOKENS.items():
    one, two = best(token)
    print(f"verify {name}: format 1 {one:.1f} µs, format 2 {two:.1f} µs, ratio {two / one:.2f} (at most 1.6)")
