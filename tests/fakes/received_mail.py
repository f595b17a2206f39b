"""Makes what a mailbox shows of a received mail out of the whole mail, as its reader would."""

import email
import email.policy
from email.message import Message

from ocello.domain.mailboxes.received import FIELDS, REPORT_PARTS, MailRef, ReceivedHeader, ReportPart

_NAMES = frozenset(name.lower() for name in FIELDS)
_RETURNED = ("message/rfc822", "message/global")
RECEIVED_AT = 1_764_000_600_000  # ms


def received(raw: bytes, at: int = RECEIVED_AT, name: str = "1.1", folder: str = "INBOX") -> ReceivedHeader:
    """Return the header of a mail, and the parts of a report that a reader fetches with it."""
    parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
    report = _parts(parsed) if parsed.get_content_type() == "multipart/report" else ()
    return ReceivedHeader(MailRef(folder, name), head_of(raw), at, folder == "Junk", report)


def head_of(raw: bytes) -> bytes:
    """Return the fields that a reader asks for, byte for byte as they stand in a mail."""
    kept, wanted = list[bytes](), False
    for line in raw.partition(b"\n\n" if b"\r\n\r\n" not in raw else b"\r\n\r\n")[0].splitlines(keepends=True):
        if line[:1] not in (b" ", b"\t"):
            wanted = line.partition(b":")[0].strip().lower().decode("latin-1") in _NAMES
        if wanted:
            kept.append(line if line.endswith(b"\n") else line + b"\r\n")
    return b"".join(kept)


def _parts(parsed: Message) -> tuple[ReportPart, ...]:
    inside = [part for part in _inside(parsed) if part.get_content_type() in REPORT_PARTS]
    return tuple(ReportPart(part.get_content_type(), _content(part)) for part in inside)


def _inside(parsed: Message) -> list[Message]:
    held = parsed.get_payload()
    return [part for part in held if isinstance(part, Message)] if isinstance(held, list) else []


def _content(part: Message) -> bytes:
    if part.get_content_type() in _RETURNED:
        return head_of(_inside(part)[0].as_bytes())
    if groups := _inside(part):  # of a delivery report
        return b"\n".join(group.as_bytes() for group in groups)
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content
