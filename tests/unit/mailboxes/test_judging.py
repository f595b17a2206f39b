"""Judging received mail: answers of people, of programs, and reports of servers, by their headers alone."""

import ast
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.tools import fetch
from ocello.domain.mailboxes import heads, reasons
from ocello.domain.mailboxes.judge import ANSWERS, judge
from ocello.domain.mailboxes.received import LONGEST_HEAD, REPORT_PARTS, MailRef, ReceivedHeader, ReportPart
from tests.fakes.received_mail import received

OURS = "<0197-offer@example.test>"
ANSWERING = f"Message-ID: <r1@customer.test>\r\nIn-Reply-To: {OURS}\r\nReferences: {OURS}\r\n"


def mail(fields: str, body: str = "Bye.\r\n") -> ReceivedHeader:
    return received(f"{ANSWERING}{fields.strip()}\n\n{body}".replace("\r\n", "\n").replace("\n", "\r\n").encode())


AUTOMATIC = {
    "Exchange, English": """
        From: Ann Buyer <ann@customer.test>
        Subject: Automatic reply: Offer
        Auto-Submitted: auto-generated
        X-Auto-Response-Suppress: All
        X-MS-Exchange-Inbox-Rules-Loop: ann@customer.test
        """,
    "Exchange, Italian": """
        From: Anna Acquisti <anna@cliente.test>
        Subject: =?iso-8859-1?Q?Risposta_automatica:_Offerta?=
        X-Auto-Response-Suppress: DR, OOF, AutoReply
        """,
    "Exchange, German, its subject in UTF-8": """
        From: =?utf-8?Q?J=C3=BCrgen?= <j@kunde.test>
        Subject: =?utf-8?B?QXV0b21hdGlzY2hlIEFudHdvcnQ6IEFuZ2Vib3Q=?=
        X-Auto-Response-Suppress: All
        """,
    "Exchange, French": """
        From: Anne <anne@client.test>
        Subject: =?utf-8?Q?R=C3=A9ponse_automatique_=3A_Offre?=
        X-Auto-Response-Suppress: All
        """,
    "Gmail's vacation responder": """
        From: Ann <ann@gmail.test>
        Subject: Re: Offer
        Auto-Submitted: auto-replied
        Precedence: bulk
        X-Autoreply: yes
        """,
    "vacation beside Postfix": """
        Return-Path: <>
        From: ann@customer.test (Ann Buyer)
        Subject: away from my mail
        Auto-Submitted: auto-replied (vacation)
        """,
    "an old vacation, German": """
        From: j@kunde.test
        Subject: Abwesenheitsnotiz: Angebot
        Precedence: bulk
        """,
    "Sieve, Italian": """
        From: anna@cliente.test
        Subject: Fuori sede fino al 3 dicembre
        Auto-Submitted: auto-replied
        Return-Path: <>
        """,
    "a ticket system, English": """
        From: Support <support@customer.test>
        Subject: [Ticket 4711] We received your request
        Auto-Submitted: auto-generated
        X-Auto-Response-Suppress: All
        Precedence: bulk
        """,
    "a ticket system, French, by mark alone": """
        From: Support <aide@client.test>
        Subject: Votre demande no 12
        X-Autorespond: yes
        """,
    "an appliance, by class": """
        From: ann@customer.test
        Subject: Offer
        X-POST-MessageClass: 9; Autoresponder
        """,
    "an auto-responder by precedence": """
        From: ann@customer.test
        Subject: Thank you
        Precedence: auto_reply
        """,
}


@pytest.mark.parametrize("name", AUTOMATIC)
def test_an_automatic_answer_is_no_persons(name: str) -> None:
    found = judge(mail(re.sub(r"^ +", "", AUTOMATIC[name], flags=re.MULTILINE)))
    assert found.kind == "auto"
    assert found.answers == (OURS,)


PEOPLE = {
    "a plain answer": "From: Ann <ann@customer.test>\nSubject: Re: Offer",
    "a colleague's field that wants no automatic answers": (
        "From: ann@customer.test\nSubject: Re: Offer\nX-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply"
    ),
    "an answer that says it is not automatic": "From: ann@customer.test\nSubject: Re: Offer\nAuto-Submitted: no",
    "a subject of absence alone": "From: ann@customer.test\nSubject: Out of office space we could rent",
    "an answer written at postmaster": "Return-Path: <postmaster@customer.test>\nFrom: postmaster@customer.test",
    "a mark that says no": "From: ann@customer.test\nX-Autoreply: no",
    "another class of mail": "From: ann@customer.test\nX-POST-MessageClass: 3",
    "an answer that wants a receipt": "From: ann@customer.test\nPrecedence: normal",
}


@pytest.mark.parametrize("name", PEOPLE)
def test_what_no_mark_of_a_program_is_on_is_a_reply(name: str) -> None:
    assert judge(mail(PEOPLE[name])).kind == "reply"


OTHERS = [
    ("list", "From: ann@customer.test\nList-Id: <news.customer.test>", ("mailing_list",)),
    ("list", "From: ann@customer.test\nPrecedence: list\nList-Id: <a.b>", ("mailing_list", "bulk")),
    ("calendar", "From: a@b.test\nContent-Type: text/calendar; method=REPLY; charset=utf-8", ("calendar_answer",)),
    ("reply", "From: a@b.test\nContent-Type: text/calendar; method=REQUEST", ("no_program",)),
    ("bounce", "From: MAILER-DAEMON@b.test (Mail Delivery System)\nReturn-Path: <>", ("mail_program",)),
    ("bounce", "From: postmaster@b.test\nReturn-Path: < >", ("mail_program",)),
    ("bounce", "From: anybody@b.test\nReturn-Path: <MAILER-DAEMON>", ("mail_program",)),
    ("bounce", f"From: MicrosoftExchange{'0af' * 10}ff@b.test\nSubject: Undeliverable", ("mail_program",)),
    ("bounce", "From: m@b.test\nX-Failed-Recipients: Ann@customer.test,\n b@customer.test", ("addresses_failed",)),
    ("auto", "From: a@b.test\nReturn-Path: <>", ("no_return_address",)),
    ("auto", "From: a@b.test\nAuto-Submitted: auto-notified; owner-email=x", ("auto_generated",)),
    ("auto", "From: a@b.test\nAuto-Submitted: (by a program) Auto-Replied", ("auto_replied",)),
]


@pytest.mark.parametrize(("kind", "fields", "codes"), OTHERS)
def test_each_kind_is_told_with_its_reasons(kind: str, fields: str, codes: tuple[str, ...]) -> None:
    found = judge(mail(fields))
    assert (found.kind, found.reasons) == (kind, codes)


def test_addresses_that_failed_are_read_from_their_field() -> None:
    found = judge(mail("From: m@b.test\nX-Failed-Recipients: Ann@customer.test,\n b@customer.test"))
    assert [fate.addresses for fate in found.fates] == [("ann@customer.test",), ("b@customer.test",)]
    assert {fate.action for fate in found.fates} == {"failed"}


def test_a_mail_whose_header_cannot_be_read_is_said_to_be_unreadable() -> None:
    for head in (b"", b"\0\0\0", b"no field at all\r\n", b"\r\nFrom: a@b.test\r\n"):
        assert judge(ReceivedHeader(MailRef("INBOX", "1.1"), head, 0)).kind == "unreadable"


def test_the_ids_that_a_mail_answers_are_nearest_first_and_thirty_at_most() -> None:
    ids = [f"<{number}@x.test>" for number in range(500)]
    fields = f"From: a@b.test\nReferences: {' '.join(ids)}\nIn-Reply-To: <499@\n x.test>"
    found = judge(received(fields.encode() + b"\n\n")).answers
    assert found[:2] == ("<499@x.test>", "<498@x.test>")
    assert found[-1] == "<0@x.test>"
    assert len(found) == 30


WRITERS = [
    (b"Ann Buyer <Ann@Customer.test>", "ann@customer.test", "Ann Buyer"),
    (b"=?utf-8?Q?J=C3=BCrgen?= <j@kunde.test>", "j@kunde.test", "Jürgen"),
    ("Jürgen <j@kunde.test>".encode(), "j@kunde.test", "Jürgen"),
    ("Jürgen <j@kunde.test>".encode("cp1252"), "j@kunde.test", "Jürgen"),
    (b"ann@customer.test, bob@customer.test", "ann@customer.test", ""),
    (b'"Buyer, Ann" <ann@customer.test>, <bob@customer.test>', "ann@customer.test", "Buyer, Ann"),
    (b"Ann <ann@customer.test", "ann@customer.test", ""),
    (b"Ann: Buyer <ann@customer.test>", "ann@customer.test", "Ann: Buyer"),
    (b"nobody", "", ""),
    (b"<@>", "", ""),
    ("Ann \u202egpj <ann@customer.test>".encode(), "ann@customer.test", "Ann gpj"),
]


@pytest.mark.parametrize(("field", "address", "name"), WRITERS)
def test_the_writer_is_read_from_any_from_that_names_an_address(field: bytes, address: str, name: str) -> None:
    found = heads.writer(heads.read(b"From: " + field + b"\r\n"))
    assert (found.address, found.name) == (address, name)


def test_a_mail_has_one_name_wherever_it_is_read_and_another_mail_another() -> None:
    with_id = [b"Message-ID: <a@x>\r\nFrom: a@b.test\r\n", b"From: a@b.test\r\nmessage-id:\r\n <a@x>\r\n"]
    without = [b"From: a@b.test\r\n", b"From: c@b.test\r\n", b"Message-ID: <b@x>\r\n"]
    names = [heads.identity(heads.read(head), head) for head in (*with_id, *without)]
    assert names[0] == names[1]
    assert len(set(names)) == 4


def test_every_reason_has_a_sentence_and_no_code_is_there_twice() -> None:
    assert len(reasons.BY_CODE) == len(reasons.TABLE)
    assert len({each.sentence for each in reasons.TABLE}) == len(reasons.TABLE)


FIELD_NAMES = st.sampled_from(
    ["From", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Content-Type", "Return-Path",
     "Precedence", "X-Failed-Recipients", "Final-Recipient", "Action", "Status", "Diagnostic-Code", "Disposition",
     "Feedback-Type", "Original-Rcpt-To", "Original-Recipient", "X-POST-MessageClass"]
)  # fmt: skip
LINES = st.lists(st.tuples(FIELD_NAMES, st.binary(max_size=80)), max_size=12).map(
    lambda fields: b"".join(name.encode() + b": " + value + b"\r\n" for name, value in fields)
)
CONTENT = st.one_of(st.binary(max_size=300), LINES, st.lists(LINES, max_size=3).map(b"\r\n".join))


@given(CONTENT, st.lists(st.builds(ReportPart, st.sampled_from(REPORT_PARTS), CONTENT), max_size=12).map(tuple))
def test_no_content_causes_an_error(head: bytes, report: tuple[ReportPart, ...]) -> None:
    found = judge(ReceivedHeader(MailRef("INBOX", "1.1"), head, 0, report=report))
    assert set(found.reasons) <= set(reasons.BY_CODE)
    assert all(len(fate.diagnostic) <= 500 for fate in found.fates)
    writer = heads.writer(heads.read(head))
    assert writer.address == writer.address.lower()


HUGE = [
    b"References: " + b"<a@x> " * 200_000,
    b"From: " + b"(" * 1_000_000,
    b"From: " + b'"' * 1_000_000,
    b"From: " + b"a@" * 500_000,
    b"Subject: " + b"=?utf-8?Q?=41?= " * 60_000,
    b"Subject: " + b"re: " * 250_000,
    b"X: y\r\n" * 160_000,
    b"X-Failed-Recipients: " + b"a@b.test," * 100_000,
    b"Content-Type: text/calendar" + b"; a*0=b" * 140_000,
    b"Auto-Submitted: " + b"(" * 500_000 + b")" * 500_000,
]


@pytest.mark.parametrize("head", HUGE, ids=range(len(HUGE)))
def test_a_header_of_a_megabyte_is_cut_before_it_is_read(head: bytes) -> None:
    parts = tuple(ReportPart(name, head) for name in REPORT_PARTS)
    whole = judge(ReceivedHeader(MailRef("INBOX", "1.1"), head, 0, report=parts))
    cut = tuple(ReportPart(part.type, part.content[:LONGEST_HEAD]) for part in parts)
    assert whole == judge(ReceivedHeader(MailRef("INBOX", "1.1"), head[:LONGEST_HEAD], 0, report=cut))


_SAMPLES = fetch.sdist, "flufl.bounce", "6.0.0", "a1df16b9d1877ae4536f7d76c00d8421fcefbe694f80f5285d05c45a2547b1bc"
_EXPECTED = re.compile(r"\('\w+', '(\w+\.txt)', (\[[^\]]*\]), (True|False)\)")


@pytest.fixture(scope="module")
def published():
    """Return the 117 bounces that flufl.bounce publishes (Apache-2.0), and what its tests expect of them."""
    fetched, *package = _SAMPLES
    home = next(fetched(*package).glob("flufl*/tests"))
    expected = _EXPECTED.findall((home / "test_detectors.py").read_text())
    return (
        {path.name: judge(received(path.read_bytes())) for path in sorted((home / "data").glob("*.txt"))},
        {
            name: ({each.decode() for each in ast.literal_eval(addresses)}, temporary == "True")
            for name, addresses, temporary in expected
        },
    )


A_PERSONS = "groupwise_03.txt"  # an answer, kept there because it must not be taken for a bounce


def test_of_the_published_bounces_none_that_names_a_mail_passes_for_an_answer(published) -> None:
    found, _ = published
    assert len(found) == 117
    assert [name for name, each in found.items() if each.kind in ANSWERS and each.answers] == [A_PERSONS]


def test_the_published_bounces_that_machines_can_read_name_whom_they_should(published) -> None:
    found, expected = published
    read = {name: each for name, each in found.items() if each.fates and name in expected}
    assert len(read) >= 15  # else this test looks at little
    for name, each in read.items():
        addresses, temporary = expected[name]
        assert addresses <= {address for fate in each.fates for address in fate.addresses} | {""}, name
        assert (each.kind == "delay") is temporary, name


def test_most_published_bounces_are_known_as_such_by_their_header_alone(published) -> None:
    found, _ = published
    kinds = Counter(each.kind for each in found.values())
    assert kinds["bounce"] + kinds["delay"] >= 80
