"""Reports that machines read: of delivery (RFC 3464, 6533), of display (RFC 8098), of complaints (RFC 5965)."""

import pytest

from ocello.domain.mailboxes.judge import judge
from ocello.domain.mailboxes.reports import Fate, read
from tests.fakes.received_mail import received

OURS = "<0197-offer@example.test>"


def report(kind: str, second: str, third: str = "", fields: str = "From: Mail <mailer-daemon@mx.test>") -> bytes:
    """Write a multipart/report of two or three parts."""
    parts = ["Content-Type: text/plain\n\nSorry.\n", second.strip("\n") + "\n", third.strip("\n") + "\n"]
    body = "".join(f"--b\n{part}" for part in parts if part.strip())
    typed = f"Content-Type: multipart/report; report-type={kind}; boundary=b"
    text = f"{fields}\nMessage-ID: <report@mx.test>\n{typed}\n\n{body}--b--\n"
    return text.replace("\n", "\r\n").encode()


def delivery(groups: str, returned: str = "", **fields: str) -> bytes:
    second = f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n{groups.strip()}\n"
    return report("delivery-status", second, returned, **fields)


HEADERS = f"Content-Type: text/rfc822-headers\n\nMessage-ID: {OURS}\nReferences: <root@customer.test>\nSubject: Offer\n"
WHOLE = (
    f"Content-Type: message/rfc822\n\nMessage-ID: {OURS}\nSubject: Offer\nReferences: <root@customer.test>\n\nText\n"
)

FAILED = """
Original-Recipient: rfc822;Ann@customer.test
Final-Recipient: rfc822;ann@inside.customer.test
Action: failed
Status: 5.1.1 (no such user)
Remote-MTA: dns; inside.customer.test
Diagnostic-Code: smtp; 550 5.1.1 <ann@inside.customer.test>: unknown
 user; please ask again
"""
ANN = Fate(
    ("ann@customer.test", "ann@inside.customer.test"),
    "failed",
    "5.1.1",
    "550 5.1.1 <ann@inside.customer.test>: unknown user; please ask again",
)


@pytest.mark.parametrize("returned", [HEADERS, WHOLE])
def test_a_failure_names_recipient_status_words_and_the_mail_that_came_back(returned: str) -> None:
    found = judge(received(delivery(FAILED, returned)))
    assert (found.kind, found.reasons) == ("bounce", ("not_delivered",))
    assert found.fates == (ANN,)
    assert found.answers == (OURS, "<root@customer.test>")


def test_a_report_on_several_recipients_tells_them_apart_and_one_failure_makes_it_a_bounce() -> None:
    groups = f"""{FAILED}
Final-Recipient: rfc822; bob@customer.test
Action: delayed
Status: 4.4.1
Will-Retry-Until: Thu, 7 Jul 2044 17:15:49 -0400

Final-Recipient: rfc822; cem@customer.test
Action: relayed
Status: 2.1.9
"""
    found = judge(received(delivery(groups)))
    assert found.kind == "bounce"
    assert [(fate.addresses[-1], fate.action) for fate in found.fates] == [
        ("ann@inside.customer.test", "failed"),
        ("bob@customer.test", "delayed"),
        ("cem@customer.test", "other"),
    ]


ACTIONS = [
    ("Action: delayed\nStatus: 4.4.7", "delay"),
    ("Action: delivered\nStatus: 2.0.0", "report"),
    ("Action: expanded\nStatus: 2.0.0", "report"),
    ("Action: failed (for good)\nStatus: 4.0.0", "bounce"),  # the action is the word of it, not the class
    ("ACTION: FAILED", "bounce"),
    ("Status: 5.2.2", "bounce"),  # without an action, the class tells
    ("Status: 4.2.2", "delay"),
    ("Action: failure\nStatus: 553 too large", "bounce"),
    ("Action: nonsense", "report"),
]


@pytest.mark.parametrize(("lines", "kind"), ACTIONS)
def test_what_became_of_a_mail_is_told_by_its_action_else_by_its_status(lines: str, kind: str) -> None:
    found = judge(received(delivery(f"Final-Recipient: rfc822;ann@customer.test\n{lines}")))
    assert found.kind == kind
    assert [fate.addresses for fate in found.fates] == [("ann@customer.test",)]


NAMED = [
    ("Final-Recipient: rfc822;ann+2Btag@customer.test", "ann+tag@customer.test"),  # RFC 3461, section 4: xtext
    (r"Final-Recipient: utf-8;j\x{FC}rgen@kunde.test", "jürgen@kunde.test"),  # RFC 6533, section 3
    ("Final-Recipient: ann@customer.test", "ann@customer.test"),
    ("Final-Recipient: rfc822;<Ann@Customer.test>", "ann@customer.test"),
    ("Final-Recipient: x400;/C=de/O=customer/S=ann@no.mail/", None),
    ("Final-Recipient: rfc822;", None),
]


@pytest.mark.parametrize(("line", "address"), NAMED)
def test_a_recipients_address_is_read_in_each_of_its_spellings(line: str, address: str | None) -> None:
    (fate,) = judge(received(delivery(f"{line}\nAction: failed"))).fates
    assert fate.addresses == (() if address is None else (address,))


def test_words_of_a_server_are_cut_and_hold_no_control_characters() -> None:
    (fate,) = judge(
        received(
            delivery(
                f"Final-Recipient: rfc822;a@b.test\nAction: failed\nDiagnostic-Code: smtp; 5\x07\x1b[2J{'0' * 900}"
            )
        )
    ).fates
    assert fate.diagnostic.startswith("5[2J0")
    assert len(fate.diagnostic) == 500


def test_a_report_that_a_mail_was_displayed_is_a_receipt_and_any_other_is_none() -> None:
    for disposition, kind in (("manual-action/MDN-sent-manually; displayed", "receipt"), ("x/y; deleted", "report")):
        second = (
            "Content-Type: message/disposition-notification\n\nReporting-UA: x\n"
            f"Final-Recipient: rfc822;ann@customer.test\nOriginal-Message-ID: {OURS}\nDisposition: {disposition}\n"
        )
        found = judge(received(report("disposition-notification", second, fields="From: ann@customer.test")))
        assert (found.kind, found.answers) == (kind, (OURS,))
        assert [fate.addresses for fate in found.fates] == [("ann@customer.test",)]


def test_a_complaint_that_a_provider_passes_on_is_one_and_a_word_of_praise_is_not() -> None:
    for said, kind in (("abuse", "complaint"), ("not-spam", "report")):
        second = (
            f"Content-Type: message/feedback-report\n\nFeedback-Type: {said}\nVersion: 1\n"
            "Original-Rcpt-To: <Ann@customer.test>\n"
        )
        found = judge(received(report("feedback-report", second, WHOLE, fields="From: fbl@provider.test")))
        assert (found.kind, found.answers[0]) == (kind, OURS)
        assert [fate.addresses for fate in found.fates] == [("ann@customer.test",)]


def test_a_report_in_which_nothing_can_be_read_claims_nothing_of_any_recipient() -> None:
    found = judge(received(report("delivery-status", "Content-Type: text/plain\n\nno", fields="From: x@mx.test")))
    assert (found.kind, found.fates) == ("report", ())


def test_a_report_of_a_thousand_recipients_is_read_up_to_sixty() -> None:
    groups = "\n\n".join(f"Final-Recipient: rfc822;a{number}@b.test\nAction: failed" for number in range(1_000))
    assert len(read(received(delivery(groups)).report).fates) == 60
