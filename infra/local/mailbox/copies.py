"""Reads delivered copies as their recipients would, and finds each one's pixel and links."""

import email
import email.policy
import html
import re
from pathlib import Path
from typing import NamedTuple

from infra.local.mailbox.mailbox import folder_of

_ADDRESS = re.compile(r"""(?:href|src)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


class Tracked(NamedTuple):
    """The addresses in a copy that lead to the tracking origin; `pages` are those of footers, in HTML and in text."""

    pixels: tuple[str, ...]
    links: tuple[str, ...]
    pages: tuple[str, ...] = ()


def delivered(mail: Path, recipient: str, containing: str) -> Path | None:
    """Return the newest copy that a recipient got and that contains a text, for example a Message-ID."""
    files = sorted((mail / folder_of(recipient) / "new").glob("*.eml"), reverse=True)
    return next((file for file in files if containing.encode() in file.read_bytes()), None)


def tracked(content: bytes, tracking: str) -> Tracked:
    """Return a copy's pixels and tracked links in HTML, and its footers' links, in their order."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    found: list[str] = []
    pages: list[str] = []
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if part.get_content_maintype() == "text" and isinstance(payload, bytes):
            pages += re.findall(rf"{re.escape(tracking)}/p/[\w-]+", payload.decode("utf-8", "replace"), re.ASCII)
        if part.get_content_type() == "text/html" and isinstance(payload, bytes):
            found += [html.unescape(address) for address in _ADDRESS.findall(payload.decode("utf-8", "replace"))]
    return Tracked(
        tuple(address for address in found if address.startswith(f"{tracking}/o/")),
        tuple(address for address in found if address.startswith(f"{tracking}/c/")),
        tuple(pages),
    )
