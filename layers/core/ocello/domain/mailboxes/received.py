"""A received mail as a mailbox shows it, before anything is concluded from it."""

from dataclasses import dataclass
from typing import NamedTuple

# What is read of a received mail's header: for judging it, for finding the mail that it answers, and for naming its writer.
FIELDS = (
    "Auto-Submitted",
    "Content-Type",
    "Date",
    "From",
    "In-Reply-To",
    "List-Id",
    "Message-ID",
    "Precedence",
    "References",
    "Return-Path",
    "Subject",
    "X-Auto-Response-Suppress",
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Failed-Recipients",
    "X-POST-MessageClass",
)
# Parts of a multipart/report that are read with its header, at every level of reading. Of a returned mail (message/rfc822,
# message/global) the content that is read is its Message-ID, In-Reply-To and References alone.
REPORT_PARTS = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/global-disposition-notification",
    "message/feedback-report",
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
)
LONGEST_HEAD = 65_536  # bytes of a header, and of each part of a report, that a reader hands over
MOST_PARTS = 10  # parts of a report that are read


class MailRef(NamedTuple):
    """Where a mailbox keeps a mail; `name` is understood by its reader alone (IMAP: UIDVALIDITY and UID)."""

    folder: str
    name: str


class ReportPart(NamedTuple):
    """One part of a report: its media type in lower case, and its content, decoded."""

    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReceivedHeader:
    """What is known of a received mail without its text. `head` holds the FIELDS that it has, as they stand in the mail."""

    ref: MailRef
    head: bytes
    received_at: int  # ms; when the mailbox took it (IMAP: INTERNALDATE), never what the mail says of itself
    in_spam: bool = False  # it lies in the folder of unwanted mail
    report: tuple[ReportPart, ...] = ()  # of a multipart/report alone
