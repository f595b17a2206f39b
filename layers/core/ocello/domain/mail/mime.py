"""Builds a new message in MIME: ASCII only, CRLF, lines within the limits, and the same bytes for the same input.

The standard library's generator encodes long message ids in `References`, which RFC 2047 forbids and mail programs do not
understand, and it chooses boundaries at random (docs/decisions/0014).
"""

import base64
import binascii
import mimetypes
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ocello.domain.mail.addresses import quoted_string
from ocello.domain.messages.message import Mailbox

CRLF = "\r\n"
_LINE = 76  # characters of a line; RFC 5322 recommends at most 78
_WORD_BYTES = 42  # of UTF-8 in one encoded word: 56 characters in base64, of the 75 allowed (RFC 2047, section 2)
_ATOM_TEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_WORD = 900


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to attach to a message."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Image:
    """An image within the text, which refers to it by `cid:` and its `content_id`."""

    content_id: str
    content_type: str
    content: bytes


def text_header(name: str, text: str) -> str:
    """Return an unstructured header; text that is not plain ASCII is written as encoded words (RFC 2047)."""
    words = text.split(" ")
    if not text.isascii() or "=?" in text or any(len(word) > _LONGEST_WORD for word in words):
        words = list(_encoded_words(text))
    return _folded(name, words)


def mailboxes_header(name: str, mailboxes: Iterable[Mailbox]) -> str:
    """Return a header of mailboxes."""
    words: list[str] = []
    for mailbox in mailboxes:
        if words:
            words[-1] += ","
        words += _mailbox_words(mailbox)
    return _folded(name, words)


def ids_header(name: str, message_ids: Sequence[str]) -> str:
    """Return a header of message ids."""
    return _folded(name, list(message_ids))


def text_part(subtype: str, text: str) -> str:
    """Return a text part in quoted-printable UTF-8, which allows lines of any length and later rewriting."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    body = binascii.b2a_qp(lines.encode("utf-8"), istext=True).decode("ascii").replace("\n", CRLF)
    return (
        f"Content-Type: text/{subtype}; charset=utf-8{CRLF}Content-Transfer-Encoding: quoted-printable{CRLF}{CRLF}"
        f"{body}"
    )


def attachment_part(attachment: Attachment) -> str:
    """Return an attachment in base64; its media type is guessed from its name."""
    content_type = mimetypes.guess_type(attachment.filename, strict=True)[0] or "application/octet-stream"
    if content_type.startswith(("message/", "multipart/")):  # those may not be in base64: RFC 2045, section 6.4
        content_type = "application/octet-stream"
    return (
        f"Content-Type: {content_type}{CRLF}Content-Transfer-Encoding: base64{CRLF}"
        f"Content-Disposition: attachment;{CRLF} {_filename(attachment.filename)}{CRLF}{CRLF}{_base64(attachment.content)}"
    )


def image_part(image: Image) -> str:
    """Return an image of the text in base64 (RFC 2387)."""
    return (
        f"Content-Type: {image.content_type}{CRLF}Content-Transfer-Encoding: base64{CRLF}"
        f"Content-ID: <{image.content_id}>{CRLF}Content-Disposition: inline{CRLF}{CRLF}{_base64(image.content)}"
    )


def related(boundary: str, html: str, images: Sequence[Image]) -> str:
    """Return an HTML part joined with its images; `type` is that of the first part, as RFC 2387, section 3.1, requires."""
    return multipart('related; type="text/html"', boundary, [html, *map(image_part, images)])


def multipart(subtype: str, boundary: str, parts: Sequence[str]) -> str:
    """Return parts joined by `boundary`. No part holds it, as it contains `=_`, which neither encoding produces."""
    joined = "".join(f"--{boundary}{CRLF}{part}{CRLF}" for part in parts)
    return f'Content-Type: multipart/{subtype};{CRLF} boundary="{boundary}"{CRLF}{CRLF}{joined}--{boundary}--{CRLF}'


def _base64(content: bytes) -> str:
    encoded = base64.b64encode(content).decode("ascii")
    return CRLF.join(encoded[start : start + _LINE] for start in range(0, len(encoded), _LINE))


def _encoded_words(text: str) -> Iterable[str]:
    """Return text as encoded words, each of whole characters: RFC 2047, section 5."""
    piece = b""
    for char in text:
        encoded = char.encode("utf-8")
        if len(piece) + len(encoded) > _WORD_BYTES:
            yield f"=?utf-8?b?{base64.b64encode(piece).decode('ascii')}?="
            piece = b""
        piece += encoded
    yield f"=?utf-8?b?{base64.b64encode(piece).decode('ascii')}?="


def _mailbox_words(mailbox: Mailbox) -> list[str]:
    if not mailbox.name:
        return [mailbox.address]
    if _ATOM_TEXT.fullmatch(mailbox.name) and "=?" not in mailbox.name:
        words = mailbox.name.split(" ")
    elif mailbox.name.isascii() and "=?" not in mailbox.name:
        words = [quoted_string(mailbox.name)]
    else:
        words = list(_encoded_words(mailbox.name))
    return [*words, f"<{mailbox.address}>"]


def _folded(name: str, words: Sequence[str]) -> str:
    """Return a header folded before the words that do not fit; no line of it is blank: RFC 5322, section 2.2.3."""
    lines, line = [], f"{name}:"
    for word in words:
        # An empty word stands for a double space: it must not begin a line, or folding would remove it.
        if word and not line.endswith((":", " ")) and len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line = ""
        line += f" {word}"
    return CRLF.join([*lines, line]) + CRLF


def _filename(name: str) -> str:
    if name.isascii() and len(name) < _LINE // 2:
        return f"filename={quoted_string(name)}"
    pieces, piece = [], ""
    for char in name:  # RFC 2231, sections 3 and 4
        encoded = quote(char, safe="")
        if len(piece) + len(encoded) > _LINE - 20:
            pieces.append(piece)
            piece = ""
        piece += encoded
    pieces.append(piece)
    return f";{CRLF} ".join(
        f"filename*{number}*={"utf-8''" if number == 0 else ''}{piece}" for number, piece in enumerate(pieces)
    )
