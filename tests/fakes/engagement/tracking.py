"""Tracking contexts for tests of rewriting: with tokens that can be read without a key, and with real ones."""

from email.message import Message as Part
from typing import Any

from ocello.domain.mail import rewriting
from ocello.domain.messages.message import Mailbox, Message, Recipient
from ocello.services.sending.outgoing import Tracker
from tests.fakes.world import KEYRING

HOST = "t.test"
OPEN_URL = f"https://{HOST}/o/PIXEL"
OLD_PIXEL = f"https://{HOST}/o/OLD"
ABOUT = f"https://{HOST}/about"


def footer(name: str = "r", sentence: str = "Opens are recorded.", language: str = "en") -> rewriting.Footer:
    return rewriting.Footer(sentence, "Your choice", f"https://{HOST}/p/{name}", language)


def click(index: int, target: str, recipient: str = "r") -> str:
    return f"https://{HOST}/c/{recipient}{index}-{target.encode().hex()}"


def own(url: str) -> str | None:
    if url.startswith(f"https://{HOST}/o/"):
        return rewriting.PIXEL
    if url.startswith(f"https://{HOST}/p/"):
        return ABOUT
    name, _, token = url.removeprefix(f"https://{HOST}/c/").partition("-")
    if not url.startswith(f"https://{HOST}/c/") or not name:
        return None
    try:
        return bytes.fromhex(token).decode() or None
    except ValueError:
        return None


def context(recipient: str = "r", **changes: Any) -> rewriting.TrackingContext:
    given: dict[str, Any] = {
        "open_url": OPEN_URL,
        "click_url": lambda index, target: click(index, target, recipient),
        "own": own,
        "about": ABOUT,
    }
    return rewriting.TrackingContext(HOST, **(given | changes))


def content_of(part: Part) -> bytes:
    """Return the content of a part that has no parts of its own, without its transfer encoding."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


ORIGIN = "https://t.example.test"
TRACKER = Tracker(KEYRING, ORIGIN)
MESSAGE = Message(
    id="01936c3e-7a10-7c4f-9b21-0a1b2c3d4e5f",
    owner="u",
    message_id="<m@example.test>",
    conversation_id="c",
    sender=Mailbox("rep@example.test"),
    subject="case",
    created_at=1_732_000_000_000,
    track_opens=True,
    track_clicks=True,
)
READER = Recipient(0, Mailbox("buyer@customer.test"), "to")
