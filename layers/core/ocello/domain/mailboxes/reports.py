"""Reads the parts of a report that machines read: of delivery (RFC 3464), of display (RFC 8098), of complaints (RFC 5965).

They may come from anyone: no content causes an error or unlimited work.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ocello.domain.common.texts import truncate
from ocello.domain.mail import foreign_text
from ocello.domain.mailboxes import heads
from ocello.domain.mailboxes.received import LONGEST_HEAD, MOST_PARTS, ReportPart

Action = Literal["failed", "delayed", "other"]

LONGEST_DIAGNOSTIC = 500  # characters kept of a server's words
_MOST_GROUPS = 60  # recipients of one report that are read: a mail has fifty at most
_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_DISPLAY = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_BY_CLASS: dict[str, Action] = {"5": "failed", "4": "delayed"}
_ACTIONS: dict[str, Action] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "other",
    "relayed": "other",
    "expanded": "other",
    "failure": "failed",  # this and the next are not in RFC 3464, but in reports
    "error": "failed",
}
_XTEXT = re.compile(r"\+([0-9A-F]{2})")  # RFC 3461, section 4
_EMBEDDED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533, section 3


class Fate(NamedTuple):
    """What a report says of a mail to one recipient, whom it may name by two addresses; both in lower case."""

    addresses: tuple[str, ...]
    action: Action
    status: str = ""  # of RFC 3463, as 5.1.1
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class MailReport:
    """What the parts of a report say. `answers` are the ids of the mail that was returned, nearest first."""

    fates: tuple[Fate, ...] = ()
    displayed: bool | None = None  # None where it is not about display
    complaint: bool | None = None  # None where it is not about complaints
    answers: tuple[str, ...] = ()


def read(parts: Sequence[ReportPart]) -> MailReport:
    """Read the parts of a report."""
    fates, answers = list[Fate](), list[str]()
    displayed = complaint = None
    for part in parts[:MOST_PARTS]:
        content = part.content[:LONGEST_HEAD]
        if part.type in _DELIVERY:
            fates += _fates(content)
        elif part.type in _DISPLAY:
            head = heads.read(content)
            displayed = "displayed" in heads.value(head, "disposition").lower()
            fates += [Fate(found, "other") for found in [_named(head)] if found]
            answers += _original(head)
        elif part.type == "message/feedback-report":
            head = heads.read(content)
            complaint = heads.value(head, "feedback-type").lower() in ("abuse", "fraud")
            found = heads.plain_addresses(head.get("original-rcpt-to", ()))
            fates += [Fate((each,), "other") for each in found]
        elif part.type in _RETURNED:
            head = heads.read(content)
            answers += [name for name in (heads.own_id(head), *heads.answered_ids(head)) if name]
    return MailReport(tuple(fates[:_MOST_GROUPS]), displayed, complaint, tuple(dict.fromkeys(answers)))


def _original(head: heads.Head) -> tuple[str, ...]:
    return heads.answered_ids({"in-reply-to": head.get("original-message-id", ())})


def _fates(content: bytes) -> list[Fate]:
    """Read the groups of a delivery report; a group without a recipient is that of the mail as a whole."""
    found = list[Fate]()
    for group in _BLANK_LINE.split(content.lstrip(b"\r\n"), _MOST_GROUPS):
        head = heads.read(group.lstrip(b"\r\n"))
        if "final-recipient" in head or "original-recipient" in head:
            found.append(_fate(head))
    return found


def _fate(head: heads.Head) -> Fate:
    status = _STATUS.search(heads.value(head, "status"))
    stated = heads.value(head, "action").split(" ", 1)[0].lower().rstrip(";")
    action = _ACTIONS.get(stated) or _BY_CLASS.get(status[1] if status else "", "other")
    words = heads.value(head, "diagnostic-code")
    kind, mark, rest = words.partition(";")
    said = rest if mark and " " not in kind.strip() else words
    diagnostic = heads.shown(foreign_text.decode_bytes(said.encode("latin-1")))
    return Fate(_named(head), action, status[0] if status else "", truncate(diagnostic, LONGEST_DIAGNOSTIC))


def _named(head: heads.Head) -> tuple[str, ...]:
    """Return the addresses of a report's recipient: as the sender wrote it first, then as the last server knew it."""
    return heads.plain_addresses(
        _decoded(heads.value(head, name)) for name in ("original-recipient", "final-recipient")
    )


def _decoded(typed: str) -> str:
    """Return the address of `rfc822; address` or `utf-8; address`; one of another type is no mail address."""
    kind, mark, address = typed.partition(";")
    kind = kind.strip().lower()
    if mark and kind not in ("rfc822", "utf-8"):
        return ""
    address = foreign_text.decode_bytes((address if mark else typed).encode("latin-1"))
    if kind == "utf-8":
        return _EMBEDDED.sub(lambda match: _char(int(match[1], 16)), address)
    return _XTEXT.sub(lambda match: chr(int(match[1], 16)), address)


def _char(code: int) -> str:
    return chr(code) if code < 0xD800 or 0xDFFF < code <= 0x10FFFF else ""
