"""Judges a received mail: whether a person wrote it, by its header and the parts of a report that machines read.

The order of the rules: reports first, then programs that answer, then lists; what nothing speaks against is a reply. A
reply that is taken for a program's costs a mark in a list; a program's that is taken for a reply silences alerts: so a
single sure mark of a program is enough.
"""

import re
from dataclasses import dataclass
from typing import Literal

from ocello.domain.mail.rewriting.parts import headers
from ocello.domain.mailboxes import heads, reports
from ocello.domain.mailboxes.heads import Head
from ocello.domain.mailboxes.reasons import ReasonCode
from ocello.domain.mailboxes.received import ReceivedHeader
from ocello.domain.mailboxes.reports import Fate, MailReport

# bounce: a mail did not arrive; delay: a server is still trying; report: any other of a program on a mail that was sent
Kind = Literal["reply", "calendar", "auto", "list", "bounce", "delay", "report", "receipt", "complaint", "unreadable"]
ANSWERS: frozenset[Kind] = frozenset({"reply", "calendar"})  # what a person wrote

_MAIL_PROGRAM = re.compile(r"(?:mailer-?daemon|mail-daemon|microsoftexchange[0-9a-f]{32})\b")
_POSTMASTER = "postmaster"  # a person may write from there too
_ABSENCE = re.compile(
    r"\s*(?:(?:re|r|aw|rif|ré|tr)\s*:\s*)*\W*(?:"
    r"auto(?:matic)?[\s\-]?(?:reply|response|answer)|out[\s\-]of[\s\-](?:the[\s\-])?office|ooo\b|on (?:vacation|leave)\b"
    r"|risposta automatica|fuori (?:sede|ufficio)|assen(?:te|za)\b"
    r"|automatische (?:antwort|r(?:ü|ue)ckmeldung)|abwesen(?:d|heit)|nicht im (?:b(?:ü|ue)ro|haus)"
    r"|r(?:é|e)ponse automatique|absen(?:t|ce)\b|en cong(?:é|e)s?\b"
    r")",
    re.IGNORECASE,
)
_LONGEST_SUBJECT = 200  # characters of a subject that are looked at


@dataclass(frozen=True, slots=True)
class MailJudgement:
    """What a received mail is, why, and what it says: whom it is from, what it answers, and what became of recipients.

    `answers` are the ids of the mails that it refers to, nearest first.
    """

    kind: Kind
    reasons: tuple[ReasonCode, ...]
    answers: tuple[str, ...] = ()
    fates: tuple[Fate, ...] = ()


def judge(mail: ReceivedHeader) -> MailJudgement:
    """Judge a received mail. Never raises, whatever the mail holds."""
    head = heads.read(mail.head)
    if not head:
        return MailJudgement("unreadable", ("no_header",))
    report = reports.read(mail.report)
    kind, *reasons = _of_report(head, report) or _of_program(head) or _of_person(head)
    answers = report.answers + tuple(name for name in heads.answered_ids(head) if name not in report.answers)
    failed = heads.plain_addresses(head.get("x-failed-recipients", ()))
    fates = report.fates or tuple(Fate((each,), "failed") for each in failed if kind == "bounce")
    return MailJudgement(kind, tuple(reasons), answers, fates)


type _Found = tuple[Kind, *tuple[ReasonCode, ...]]


def _of_report(head: Head, report: MailReport) -> _Found | None:
    """Judge what servers and mail programs report of a mail; None where it is no report."""
    actions = {fate.action for fate in report.fates}
    local = heads.writer(head).address.partition("@")[0]
    returns = heads.value(head, "return-path").lower().lstrip("< ")
    by_program = local == _POSTMASTER and (_no_return(head) or bool(_auto_submitted(head)))
    by_server = by_program or any(_MAIL_PROGRAM.match(each) for each in (local, returns))
    typed = headers.content_type(heads.value(head, "content-type"), "text/plain").type == "multipart/report"
    checks: tuple[tuple[bool, Kind, ReasonCode], ...] = (
        (report.complaint is True, "complaint", "complaint"),
        (report.complaint is False, "report", "feedback"),
        (report.displayed is True, "receipt", "displayed"),
        (report.displayed is False, "report", "not_displayed"),
        ("failed" in actions, "bounce", "not_delivered"),
        ("delayed" in actions, "delay", "still_trying"),
        (bool(actions), "report", "delivery_told"),
        ("x-failed-recipients" in head, "bounce", "addresses_failed"),
        (by_server, "bounce", "mail_program"),
        (typed, "report", "delivery_told"),
    )
    return next(((kind, code) for holds, kind, code in checks if holds), None)


def _of_program(head: Head) -> _Found | None:
    """Judge what a program sent that answers, or a list passed on; None where no mark of either is there."""
    absence = _ABSENCE.match(heads.text(head, "subject")[:_LONGEST_SUBJECT]) is not None
    precedence = heads.value(head, "precedence").lower()
    many = precedence in ("bulk", "list", "junk")
    checks: tuple[tuple[bool, Kind, ReasonCode], ...] = (
        (_auto_submitted(head) == "auto-replied", "auto", "auto_replied"),
        (bool(_auto_submitted(head)), "auto", "auto_generated"),
        (_marked(head) or precedence == "auto_reply", "auto", "auto_marked"),
        (_no_return(head), "auto", "no_return_address"),
        (absence and "x-auto-response-suppress" in head, "auto", "absence_suppressing"),
        (absence and many, "auto", "absence_bulk"),
        ("list-id" in head, "list", "mailing_list"),
        (many, "list", "bulk"),
    )
    found = [(kind, code) for holds, kind, code in checks if holds]
    if not found:
        return None
    kind = found[0][0]
    codes = [code for other, code in found if other == kind]
    if codes[0] == "auto_replied":
        codes.remove("auto_generated")  # the same word again
    return kind, *codes


def _of_person(head: Head) -> _Found:
    kind = headers.content_type(heads.value(head, "content-type"), "text/plain")
    answers = kind.type == "text/calendar" and kind.parameters.get("method", "").lower() == "reply"
    return ("calendar", "calendar_answer") if answers else ("reply", "no_program")


def _auto_submitted(head: Head) -> str:
    """Return the keyword of Auto-Submitted; empty for none and for `no`, which a person's mail may carry."""
    found = headers.first_token(heads.value(head, "auto-submitted"))
    return "" if found == "no" else found


def _no_return(head: Head) -> bool:
    return "".join(heads.value(head, "return-path").split()) == "<>"


def _marked(head: Head) -> bool:
    named = ("x-autoreply", "x-autorespond", "x-autoresponder")
    stands = any(heads.value(head, name).lower() not in ("", "no", "false", "0") for name in named)
    return stands or heads.value(head, "x-post-messageclass").split(";")[0].strip() == "9"
