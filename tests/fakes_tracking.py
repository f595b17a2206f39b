"""A tracking context for tests of rewriting, whose tokens can be read without a key."""

from ocello.domain import rewriting

HOST = "t.test"
OPEN_URL = f"https://{HOST}/o/PIXEL"
OLD_PIXEL = f"https://{HOST}/o/OLD"


def click(index, target, recipient="r"):
    return f"https://{HOST}/c/{recipient}{index}-{target.encode().hex()}"


def own(url):
    if url.startswith(f"https://{HOST}/o/"):
        return rewriting.PIXEL
    name, _, token = url.removeprefix(f"https://{HOST}/c/").partition("-")
    if not url.startswith(f"https://{HOST}/c/") or not name:
        return None
    try:
        return bytes.fromhex(token).decode() or None
    except ValueError:
        return None


def context(recipient="r", **changes):
    given = {"open_url": OPEN_URL, "click_url": lambda index, target: click(index, target, recipient), "own": own}
    return rewriting.TrackingContext(HOST, **(given | changes))
