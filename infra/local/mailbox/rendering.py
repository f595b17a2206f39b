"""Prepares a mail to be shown: its HTML with images and links led through the mailbox, without scripts and frames."""

import base64
import html
from collections.abc import Callable
from email.message import EmailMessage
from html.parser import HTMLParser
from urllib.parse import urlsplit

_DROPPED = {
    "script",
    "iframe",
    "object",
    "embed",
    "applet",
    "frame",
    "frameset",
    "noscript",
    "base",
    "meta",
    "link",
    "form",
}
_SILENT = {"script", "iframe", "object", "applet", "noscript", "frameset"}  # with everything in them
_MAX_CID_BYTES = 5_000_000

Lead = Callable[[str, str], str]  # takes "image" or "follow" and an address; returns the mailbox's own address for it


class _Shown(HTMLParser):
    """Writes a document again, changed so that it can be shown. Nothing of it is mail that is sent."""

    def __init__(self, lead: Lead, inline: Callable[[str], str], *, images: bool) -> None:
        super().__init__(convert_charrefs=False)
        self._lead = lead
        self._inline = inline
        self._images = images
        self._silent = 0
        self.written: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if self._silent or tag in _DROPPED:
            return
        kept = [self._attribute(tag, name, value or "") for name, value in attrs if self._harmless(name)]
        if tag in ("a", "area"):
            kept.append('target="_blank" rel="noopener"')
        self.written.append(f"<{tag} {' '.join(text for text in kept if text)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif not self._silent and tag not in _DROPPED:
            self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._write(f"&#{name};")

    def _write(self, text: str) -> None:
        if not self._silent:
            self.written.append(text)

    @staticmethod
    def _harmless(name: str) -> bool:
        return not name.startswith("on") and name not in (
            "srcset",
            "srcdoc",
            "target",
            "rel",
            "ping",
            "background",
            "action",
        )

    def _attribute(self, tag: str, name: str, value: str) -> str:
        if name == "src":
            value = self._image(value.strip()) if tag == "img" else ""
        elif name in ("href", "xlink:href"):
            value = self._lead("follow", value.strip()) if tag in ("a", "area") and _is_web(value) else ""
        return f'{name}="{html.escape(value)}"' if value or name not in ("src", "href") else ""

    def _image(self, url: str) -> str:
        if url.lower().startswith("cid:"):
            return self._inline(url[4:])
        if not self._images or not _is_web(url):
            return ""
        return self._lead("image", url)


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme in ("http", "https")
    except ValueError:
        return False


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _inline_image(message: EmailMessage, identifier: str) -> str:
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if part.get("Content-ID", "").strip("<> ") == identifier and part.get_content_maintype() == "image":
            content = payload if isinstance(payload, bytes) else b""
            if len(content) <= _MAX_CID_BYTES:
                return f"data:{part.get_content_type()};base64,{base64.b64encode(content).decode()}"
    return ""


def body(message: EmailMessage, lead: Lead, *, images: bool) -> str:
    """Return a mail's body as a document of its own: the HTML part, or the text."""
    parts = [
        part for part in message.walk() if not part.is_multipart() and part.get_content_disposition() != "attachment"
    ]
    for part in parts:
        if part.get_content_type() == "text/html":
            shown = _Shown(lead, lambda identifier: _inline_image(message, identifier), images=images)
            shown.feed(_text(part))
            shown.close()
            return "<!doctype html><meta charset=utf-8>" + "".join(shown.written)
    for part in parts:
        if part.get_content_type() == "text/plain":
            return (
                f"<!doctype html><meta charset=utf-8><pre style='white-space:pre-wrap'>{html.escape(_text(part))}</pre>"
            )
    return "<!doctype html><meta charset=utf-8><p>This mail has no text.</p>"
