"""Drafts: mails that a user is writing, stored as typed. They are validated only when sent."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.mail.addresses import format_mailbox
from ocello.domain.messages.exceptions import MAX_BYTES
from ocello.domain.messages.message import Message, Recipient

LONGEST_BODY = 300_000  # characters; DynamoDB allows 400 KB for a row
LONGEST_FIELD = 20_000
MOST_ITEMS = 40
_LONGEST = {
    "html": LONGEST_BODY,
    **dict.fromkeys(("to", "cc", "bcc", "subject"), LONGEST_FIELD),
    "except": MAX_BYTES,
}  # characters of each field of a form
_QUOTE = re.compile(r"<blockquote\b")
_REPLY = re.compile(r"(?i)^\s*re\s*:")


def _text_of(html: str) -> str:
    from ocello.domain.mail.bodies import html_to_text  # noqa: PLC0415 — 30 ms to import, and seldom needed

    return html_to_text(html)


class DraftFile(NamedTuple):
    """A file of a draft: the upload, the name that recipients see, and the size in bytes that the browser reported."""

    upload: str
    filename: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class DraftContent:
    """The fields of a draft as typed. Recipients are one per line."""

    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    html: str = ""
    opens: bool = False
    clicks: bool = False
    visibility: str = "private"
    items: tuple[tuple[str, str], ...] = ()  # type, id
    in_reply_to: str = ""
    attachments: tuple[DraftFile, ...] = ()
    sender: str = ""  # the address to send from; empty means the usual one
    excepted: tuple[str, ...] = ()  # addresses of links to leave untracked

    @property
    def is_empty(self) -> bool:
        """Return whether nothing worth storing was typed."""
        typed = (self.to, self.cc, self.bcc, self.subject)
        has_content = _text_of(self.html) or "<img" in self.html
        return not any(text.strip() for text in typed) and not has_content and not self.attachments


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft in the store. Its `version` grows with each save; `changed_at` in milliseconds."""

    id: str
    version: int
    changed_at: int
    content: DraftContent


def check_lengths(form: Mapping[str, str]) -> None:
    """Raise Invalid, naming the field, if one is longer than a draft's row can hold."""
    for name, longest in _LONGEST.items():
        if len(form[name]) > longest:
            raise Invalid(name, Text("may have at most %(most)s characters", most=longest))


def append_signature(html: str, signature: str) -> str:
    """Return HTML with a signature appended; a quoted mail stays below the signature."""
    if not signature:
        return html
    found = _QUOTE.search(html)
    place = found.start() if found else len(html)
    return f"{html[:place]}<div><br></div><div>-- <br>{signature}</div>{html[place:]}"


def is_untouched(content: DraftContent, signature: str) -> bool:
    """Return whether the draft holds nothing but the signature, with which every new mail begins."""
    beginning = _text_of(append_signature("", signature))
    return content.is_empty or (_text_of(content.html) == beginning and replace(content, html="").is_empty)


def follow_up(content: DraftContent, message: Message, recipients: Iterable[Recipient], sender: str) -> DraftContent:
    """Return the content of a follow-up to a message: from `sender`, in the same thread, to all recipients but Bcc."""
    return replace(
        content,
        to="\n".join(format_mailbox(each.mailbox) for each in recipients if each.kind == "to"),
        subject=message.subject if _REPLY.match(message.subject) else f"Re: {message.subject}",
        in_reply_to=message.message_id,
        visibility=message.visibility,
        items=tuple((item.type, item.id) for item in message.items),
        sender=sender,
    )


def serialize(content: DraftContent) -> dict[str, object]:
    """Return a draft's content as a dictionary for its row."""
    return {field.name: getattr(content, field.name) for field in fields(content)}


def parse(stored: dict[str, object]) -> DraftContent:
    """Return the draft's content that `serialize` stored; unknown fields are ignored, missing ones get defaults."""
    known = {field.name for field in fields(DraftContent)}
    values: dict[str, object] = {name: value for name, value in stored.items() if name in known}
    values["items"] = tuple((str(kind), str(identifier)) for kind, identifier in _listed(values.get("items")))
    values["attachments"] = tuple(
        DraftFile(str(upload), str(filename), int(*size))
        for upload, filename, *size in _listed(values.get("attachments"))
    )
    values["excepted"] = tuple(map(str, _listed(values.get("excepted"))))
    return DraftContent(**values)  # type: ignore[arg-type]  # stored by `serialize`, of the same class


def _listed(value: object) -> list[Any] | tuple[Any, ...]:
    return value if isinstance(value, list | tuple) else ()
