"""Why a received mail is taken for what it is: codes that are stored, and the sentences by which people are told."""

from typing import Literal, NamedTuple

ReasonCode = Literal[
    "no_header",
    "not_delivered",
    "still_trying",
    "delivery_told",
    "mail_program",
    "addresses_failed",
    "displayed",
    "not_displayed",
    "complaint",
    "feedback",
    "auto_replied",
    "auto_generated",
    "auto_marked",
    "no_return_address",
    "absence_suppressing",
    "absence_bulk",
    "mailing_list",
    "bulk",
    "calendar_answer",
    "no_program",
    "by_address",
]


class MailReason(NamedTuple):
    """A reason: its code, where the rule is from, and how it is said to people."""

    code: ReasonCode
    source: str
    sentence: str


TABLE: tuple[MailReason, ...] = (
    MailReason("no_header", "", "its header cannot be read"),
    MailReason("not_delivered", "RFC 3464, section 2.3.3: failed", "a mail server reports that it could not deliver a mail"),
    MailReason("still_trying", "RFC 3464, section 2.3.3: delayed", "a mail server reports that it is still trying to deliver"),
    MailReason("delivery_told", "RFC 3464, section 2.3.3", "a mail server reports what became of a mail"),
    MailReason("mail_program", "RFC 5321, section 4.5.1; usage of mail servers", "it comes from a mail server itself"),
    MailReason("addresses_failed", "Exim and Gmail: X-Failed-Recipients", "it names addresses that a mail did not reach"),
    MailReason("displayed", "RFC 8098, section 3.2.6", "a mail program reports that a mail was shown to its reader"),
    MailReason("not_displayed", "RFC 8098, section 3.2.6", "a mail program reports what became of a mail"),
    MailReason("complaint", "RFC 5965, section 3.1", "a mailbox provider passes on that a mail was reported as unwanted"),
    MailReason("feedback", "RFC 5965, section 3.1", "a mailbox provider reports on a mail"),
    MailReason("auto_replied", "RFC 3834, section 5: auto-replied", "it says of itself that it is an automatic answer"),
    MailReason("auto_generated", "RFC 3834, section 5", "it says of itself that a program made it"),
    MailReason("auto_marked", "usage of programs that answer", "it carries the mark of a program that answers"),
    MailReason("no_return_address", "RFC 3834, section 3.3: the null address", "it can have no answer, as mail of programs"),
    MailReason("absence_suppressing", "Exchange; alone the field says nothing",
           "it wants no automatic answer, and its subject is that of a note of absence"),
    MailReason("absence_bulk", "vacation programs before RFC 3834",
           "it is marked as mail to many, and its subject is that of a note of absence"),
    MailReason("mailing_list", "RFC 2919", "it came through a mailing list"),
    MailReason("bulk", "RFC 3834, section 3.1.8", "it is marked as mail to many"),
    MailReason("calendar_answer", "RFC 5546, section 3.2.3", "it answers an invitation"),
    MailReason("no_program", "", "nothing says that a program wrote it"),
    MailReason("by_address", "one copy alone went there within five days",
               "it names no mail, and was matched by the address that it reports on"),
)  # fmt: skip

BY_CODE = {each.code: each for each in TABLE}
