"""Validates a draft, and builds the original of a message from it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime

from ocello.domain.common.errors import Invalid, TooLarge
from ocello.domain.common.texts import Text
from ocello.domain.consent.modes import Mode
from ocello.domain.crm.items import MAX_LINKED, check_refs
from ocello.domain.mail import addresses, mime, threads
from ocello.domain.mail import images as pictures
from ocello.domain.messages import exceptions
from ocello.domain.messages.message import (
    MAX_MESSAGE_BYTES,
    MAX_ORIGINAL_BYTES,
    MAX_RECIPIENTS,
    ItemRef,
    Mailbox,
    Recipient,
    Visibility,
    number_recipients,
)

MAX_SUBJECT, MAX_ATTACHMENTS, MAX_FILENAME = 2_000, 50, 255
type TrackValue = bool | Mode
_VISIBILITIES: tuple[Visibility, ...] = ("private", "shared")


@dataclass(frozen=True, slots=True)
class Track:
    """What a mail says of tracking opens and clicks: true is as far as allowed, a mode just that, None as the user's settings."""

    opens: TrackValue | None
    clicks: TrackValue | None


@dataclass(frozen=True, slots=True)
class Enclosed:
    """An attachment of a draft: an upload, and the name that recipients see."""

    upload: str
    filename: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail to send, not validated yet. `track` None means the user's defaults; `images` are uploads."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    html: str | None = None
    text: str | None = None
    track: Track | None = None
    visibility: str = "private"
    items: tuple[ItemRef, ...] = ()
    in_reply_to: str | None = None
    attachments: tuple[Enclosed, ...] = ()
    images: tuple[str, ...] = ()
    sender: str = ""  # one of the user's verified addresses; empty means the usual one
    excepted: tuple[str, ...] = ()  # addresses of links to leave untracked in this mail


@dataclass(frozen=True, slots=True)
class Composed:
    """A validated draft."""

    recipients: tuple[Recipient, ...]
    subject: str
    html: str | None
    text: str | None
    visibility: Visibility
    items: tuple[ItemRef, ...]
    in_reply_to: str  # with angle brackets, or empty
    excepted: tuple[str, ...]

    @property
    def preview(self) -> str:
        """Return the first characters of its text."""
        from ocello.domain.mail.bodies import preview_of  # noqa: PLC0415 — 30 ms to import, and only needed to send

        return preview_of(self.html, self.text)


def too_large_error() -> TooLarge:
    """Return the error for a mail whose attachments and images are too large."""
    pattern = "a message with its attachments may have at most %(most)s MB"
    return TooLarge(Text(pattern, most=MAX_MESSAGE_BYTES // 1_000_000))


def check(draft: Draft) -> Composed:
    """Validate a draft. Raise Invalid, naming the field as in the JSON (`to[2]`)."""
    named = {
        field: [addresses.parse(f"{field}[{place}]", text) for place, text in enumerate(texts)]
        for field, texts in (("to", draft.to), ("cc", draft.cc), ("bcc", draft.bcc))
    }
    recipients = checked_recipients("to", number_recipients(named["to"], named["cc"], named["bcc"]))
    addresses.refuse_controls("subject", draft.subject)
    addresses.refuse_bidi_controls("subject", draft.subject, marks=False)
    if len(draft.subject) > MAX_SUBJECT:
        raise Invalid("subject", Text("must be at most %(most)s characters", most=MAX_SUBJECT))
    visibility = visibility_in(draft.visibility)
    for field, body in (("html", draft.html), ("text", draft.text)):
        _check_body(field, body)
    check_refs("items", draft.items, MAX_LINKED)
    _check_attachments(draft.attachments)
    if len(draft.images) > pictures.MAX_IMAGES:
        raise Invalid("images", Text("must be at most %(most)s", most=pictures.MAX_IMAGES))
    reply = message_id_in(draft.in_reply_to)
    excepted = exceptions.addresses("track.except", draft.excepted)
    return Composed(recipients, draft.subject.strip(), draft.html, draft.text, visibility, draft.items, reply, excepted)


def visibility_in(text: str) -> Visibility:
    """Return the visibility of that name. Raise Invalid."""
    visibility = next((known for known in _VISIBILITIES if known == text), None)
    if visibility is None:
        raise Invalid("visibility", "must be private or shared")
    return visibility


def checked_recipients(field: str, recipients: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
    """Return the recipients unchanged. Raise Invalid, naming `field`, if there are none or more than fifty."""
    if not recipients:
        raise Invalid(field, "must name at least one recipient")
    if len(recipients) > MAX_RECIPIENTS:
        pattern = "a message may have at most %(most)s recipients, Cc and Bcc included"
        raise Invalid(field, Text(pattern, most=MAX_RECIPIENTS))
    return recipients


def message_id_of(identifier: str, sender: Mailbox) -> str:
    """Return the Message-ID of one of our messages."""
    domain = addresses.domain_of(sender.address)
    return f"<{identifier}@{'localhost' if domain.startswith('[') else domain}>"


def build_original(
    composed: Composed,
    sender: Mailbox,
    message_id: str,
    *,
    at_ms: int,
    attachments: Sequence[mime.Attachment],
    images: Sequence[mime.Image] = (),
    references: Sequence[str] = (),
    random_bytes: bytes,
) -> bytes:
    """Return the original as bytes. Its boundaries are made of 12 `random_bytes`. It has no Bcc, so that none can leak.

    `references` are those of a reply whose parent is known; without them, the reply refers to its parent only.
    An address with a non-ASCII local part makes the header UTF-8 (RFC 6532). Raise TooLarge.
    """
    files = [each.content for each in attachments] + [each.content for each in images]
    if sum(map(len, files)) > MAX_MESSAGE_BYTES:
        raise too_large_error()
    by_kind = {
        kind: [each.mailbox for each in composed.recipients if each.kind == kind] for kind in ("to", "cc", "bcc")
    }
    headers = [
        mime.mailboxes_header("From", [sender]),
        *(mime.mailboxes_header(name, by_kind[name.lower()]) for name in ("To", "Cc") if by_kind[name.lower()]),
        mime.text_header("Subject", composed.subject),
        f"Date: {format_datetime(dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC))}{mime.CRLF}",
        mime.ids_header("Message-ID", [message_id]),
    ]
    if not by_kind["to"] and not by_kind["cc"]:
        headers.insert(1, f"To: undisclosed-recipients:;{mime.CRLF}")
    if composed.in_reply_to:
        headers.append(mime.ids_header("In-Reply-To", [composed.in_reply_to]))
        headers.append(mime.ids_header("References", references or [composed.in_reply_to]))
    headers.append(f"MIME-Version: 1.0{mime.CRLF}")
    raw = ("".join(headers) + _body(composed, attachments, images, random_bytes)).encode("utf-8")
    if len(raw) > MAX_ORIGINAL_BYTES:
        raise too_large_error()
    return raw


def _body(
    composed: Composed, attachments: Sequence[mime.Attachment], images: Sequence[mime.Image], random_bytes: bytes
) -> str:
    parts = [] if composed.text is None else [mime.text_part("plain", composed.text)]
    if composed.html is not None:
        html = mime.text_part("html", composed.html)
        parts.append(mime.related(f"=_r{random_bytes.hex()}", html, images) if images else html)
    body = (parts[0] if parts else mime.text_part("plain", "")) + mime.CRLF
    if len(parts) > 1:
        body = mime.multipart("alternative", f"=_a{random_bytes.hex()}", parts)
    if attachments:
        files = [mime.attachment_part(attachment) for attachment in attachments]
        body = mime.multipart("mixed", f"=_m{random_bytes.hex()}", [body, *files])
    return body


def _check_body(field: str, body: str | None) -> None:
    """Raise Invalid for half a surrogate pair, which cannot be encoded, and for NUL, which servers refuse."""
    if body is not None and ("\0" in body or any("\ud800" <= char <= "\udfff" for char in body)):
        raise Invalid(field, "must be Unicode text without NUL")


def _check_attachments(attachments: Sequence[Enclosed]) -> None:
    if len(attachments) > MAX_ATTACHMENTS:
        raise Invalid("attachments", Text("must be at most %(most)s", most=MAX_ATTACHMENTS))
    for place, enclosed in enumerate(attachments):
        field = f"attachments[{place}].filename"
        addresses.refuse_controls(field, enclosed.filename)
        addresses.refuse_bidi_controls(field, enclosed.filename)
        if not 1 <= len(enclosed.filename) <= MAX_FILENAME or set("/\\") & set(enclosed.filename):
            raise Invalid(field, Text("must be 1 to %(most)s characters, without slashes", most=MAX_FILENAME))


def message_id_in(text: str | None) -> str:
    """Return a Message-ID, given with or without angle brackets; an empty text stays empty. Raise Invalid."""
    if not text:
        return ""
    addresses.refuse_controls("in_reply_to", text)
    message_id = text.strip()
    message_id = message_id if message_id.startswith("<") else f"<{message_id}>"
    if not threads.is_message_id(message_id):
        raise Invalid("in_reply_to", "must be a Message-ID: <left@right>")
    return message_id
