"""Sends a million paths that nobody signed, in odd events too, through capture's handler: no 5xx, no redirect, no hit.

Unlike the other benches it fails where one gets another answer. The unit tests try a sample.
"""

import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from ocello.domain.tracking.tokens import CLICK, OPEN, PRIVACY, Keyring, Token, sign_token  # noqa: E402 — after the path
from tests.unit.tracking.test_capture_handler import MESSAGE, FakeRecorder, a_handler, garbage, is_pixel, request, token  # noqa: E402

PATHS = 1_000_000
STRANGERS = Keyring.parse("1:" + "b" * 40)
ODD = [None, "", 7, [], {}, {"": None}, "\ud800", "\0", "x" * 20_000]
PLACES = ["headers", "requestContext", "version", "isBase64Encoded", "body", "queryStringParameters"]


def forged(random_bytes, purpose):
    """Return a well-formed token that is not valid: of another key, of another purpose, or with flipped bits."""
    kind = random_bytes.randrange(3)
    if kind == 0:
        target = "https://evil.test/" + "a" * random_bytes.randrange(50)
        return sign_token(
            STRANGERS, Token(CLICK, MESSAGE, random_bytes.randrange(0xFFFF), random_bytes.getrandbits(32), 0, 1, target)
        )
    if kind == 1:
        return token(OPEN if purpose == CLICK else CLICK) if random_bytes.randrange(2) else token(PRIVACY)
    good = token(purpose)
    place = random_bytes.randrange(len(good))
    other = random_bytes.choice(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".replace(good[place], "")
    )
    return good[:place] + other + good[place + 1 :]


def main():
    """Try them all, and print the answers."""
    random_bytes, recorder = random.Random(20_261_123), FakeRecorder()
    handler, good = a_handler(recorder, "x-forwarded-for"), token(CLICK)
    answers = {"404": 0, "pixel": 0}
    pending = time.perf_counter()
    for number in range(PATHS):
        purpose = CLICK if number % 2 else OPEN
        path = forged(random_bytes, purpose) if number % 3 == 0 else garbage(random_bytes)
        if path == good and purpose == CLICK:
            continue
        event = request(f"/{purpose}/{path}", random_bytes.choice(["GET", "HEAD"]))
        spoilt = number % 5 == 0
        if spoilt:
            event[random_bytes.choice(PLACES)] = random_bytes.choice(ODD)
        answer = handler.answer(event)
        if answer["statusCode"] == 404 and (purpose == CLICK or spoilt):  # a broken event may have no method
            answers["404"] += 1
        elif answer["statusCode"] == 200 and purpose == OPEN and (answer["body"] == "" or is_pixel(answer)):
            answers["pixel"] += 1
        else:
            raise SystemExit(f"{event!r} was answered {answer!r}")
    if recorder.hits:
        raise SystemExit(f"{len(recorder.hits)} hits were recorded, the first is {recorder.hits[0]!r}")
    seconds = time.perf_counter() - pending
    told = ", ".join(f"{count:,} times {name}" for name, count in answers.items())
    print(f"{PATHS:,} bad paths in {seconds:.0f} s: {told}; no redirect, no 5xx, no hit")


if __name__ == "__main__":
    main()
