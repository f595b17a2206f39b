"""The original: what a draft may hold, and that reading it back with another parser gives what was written."""

import email
import email.message
import email.policy
import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common.errors import Invalid, TooLarge
from ocello.domain.mail import compose, mime
from ocello.domain.mail.compose import Draft, Enclosed
from ocello.domain.messages.message import ItemRef, Mailbox
from tests.fakes.world import NOON

SENDER = Mailbox("rep@example.test", "Rita Rep")
ID = "<0190@example.test>"
DRAFT = Draft(to=("Ann <ann@customer.test>",), subject="Offer", html="<p>Hello</p>", text="Hello")


def written(draft, *, sender=SENDER, attachments=(), random_bytes=b"twelve bytes"):
    composed = compose.check(draft)
    return compose.build_original(composed, sender, ID, at_ms=NOON, attachments=attachments, random_bytes=random_bytes)


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


REFUSED = [
    (replace(DRAFT, to=()), "to"),
    (replace(DRAFT, to=("ann",)), "to[0]"),
    (replace(DRAFT, cc=("a@b.test", "b@c.test\r\nX: y")), "cc[1]"),
    (replace(DRAFT, bcc=("a@b.test\n",)), "bcc[0]"),
    (replace(DRAFT, to=tuple(f"a{n}@b.test" for n in range(30)), cc=tuple(f"c{n}@b.test" for n in range(21))), "to"),
    (replace(DRAFT, subject="Offer\r\nBcc: x@y.test"), "subject"),
    (replace(DRAFT, subject="Offer\0"), "subject"),
    (replace(DRAFT, subject="x" * 2001), "subject"),
    (replace(DRAFT, html="a\0b"), "html"),
    (replace(DRAFT, text="\ud800"), "text"),
    (replace(DRAFT, visibility="public"), "visibility"),
    (replace(DRAFT, items=(ItemRef("boat", "1"),)), "items[0].type"),
    (replace(DRAFT, items=(ItemRef("deal", "1"), ItemRef("deal", "a/b"))), "items[1].id"),
    (replace(DRAFT, items=(ItemRef("deal", "1"), ItemRef("deal", "1"))), "items"),
    (replace(DRAFT, items=tuple(ItemRef("deal", str(number)) for number in range(41))), "items"),
    (replace(DRAFT, in_reply_to="nonsense"), "in_reply_to"),
    (replace(DRAFT, in_reply_to="<a@b>\r\nX: y"), "in_reply_to"),
    (replace(DRAFT, attachments=(Enclosed("u", "a/b"),)), "attachments[0].filename"),
    (replace(DRAFT, attachments=(Enclosed("u", "a\r\nb"),)), "attachments[0].filename"),
    (replace(DRAFT, attachments=(Enclosed("u", ""),)), "attachments[0].filename"),
]


@pytest.mark.parametrize(("draft", "field"), REFUSED)
def test_what_must_not_be_sent_is_refused_by_name(draft, field):
    with pytest.raises(Invalid) as refused:
        compose.check(draft)
    assert refused.value.field == field


def test_forty_items_are_not_too_many():
    refs = tuple(ItemRef("deal", str(number)) for number in range(40))
    assert compose.check(replace(DRAFT, items=refs)).items == refs


def test_fifty_recipients_are_not_too_many():
    draft = replace(DRAFT, to=tuple(f"a{n}@b.test" for n in range(25)), bcc=tuple(f"c{n}@b.test" for n in range(25)))
    assert len(compose.check(draft).recipients) == 50


def test_an_address_named_twice_is_one_recipient():
    composed = compose.check(replace(DRAFT, cc=("ANN@customer.test", "bob@customer.test")))
    assert [(r.index, r.mailbox.address, r.kind) for r in composed.recipients] == [
        (0, "ann@customer.test", "to"),
        (1, "bob@customer.test", "cc"),
    ]


def test_the_original_says_what_the_draft_says():
    raw = written(replace(DRAFT, cc=("Bob <bob@customer.test>",), in_reply_to="earlier@customer.test"))
    message = read(raw)
    assert message["From"] == "Rita Rep <rep@example.test>"
    assert message["To"] == "Ann <ann@customer.test>"
    assert message["Cc"] == "Bob <bob@customer.test>"
    assert message["Subject"] == "Offer"
    assert message["Message-ID"] == ID
    assert message["In-Reply-To"] == message["References"] == "<earlier@customer.test>"
    assert int(parsedate_to_datetime(message["Date"]).timestamp()) == NOON // 1000
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("html",)).get_content() == "<p>Hello</p>"


def test_bcc_is_nowhere_in_the_original():
    raw = written(replace(DRAFT, bcc=("Secret <hidden@customer.test>",)))
    assert b"hidden@customer.test" not in raw
    assert b"bcc" not in raw.lower()


def test_mail_to_bcc_alone_names_nobody():
    assert read(written(replace(DRAFT, to=(), bcc=("hidden@customer.test",))))["To"] == "undisclosed-recipients:;"


@pytest.mark.parametrize(
    ("html", "text", "expected"),
    [
        ("<p>x</p>", None, "text/html"),
        (None, "x", "text/plain"),
        (None, None, "text/plain"),
        ("", None, "text/html"),
        ("", "", "multipart/alternative"),
    ],
)
def test_bodies_left_out_are_not_invented(html, text, expected):
    assert read(written(replace(DRAFT, html=html, text=text))).get_content_type() == expected


def test_attachments_come_back_whole():
    files = [
        mime.Attachment("offer.pdf", bytes(range(256)) * 9),
        mime.Attachment('Grüße "für" Zoë und noch viel mehr Text in einem langen Namen.txt', b"x"),
        mime.Attachment("mail.eml", b"Subject: x\r\n\r\n"),
    ]
    message = read(written(DRAFT, attachments=files))
    found = list(message.iter_attachments())
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in found] == [
        (f.filename, f.content) for f in files
    ]
    assert [part.get_content_type() for part in found] == ["application/pdf", "text/plain", "application/octet-stream"]
    assert message.get_body(("html",)).get_content() == "<p>Hello</p>"


def test_files_of_25_megabytes_fit_whatever_their_encoding_adds_and_more_is_too_large():
    files = [mime.Attachment("one.bin", bytes(12_000_000)), mime.Attachment("two.bin", bytes(12_999_000))]
    assert len(written(DRAFT, attachments=files)) > 33_000_000
    with pytest.raises(TooLarge):
        written(DRAFT, attachments=[*files, mime.Attachment("three.bin", bytes(1_001))])


def test_the_same_draft_time_and_chance_give_the_same_bytes():
    assert written(DRAFT) == written(DRAFT)
    assert written(DRAFT) != written(DRAFT, random_bytes=b"other chance")


def test_a_name_beyond_ascii_in_an_address_makes_a_utf8_header():
    raw = written(replace(DRAFT, to=("用户@customer.test",)))
    assert "用户@customer.test".encode() in raw


TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200)
BODY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=400)


def test_a_subject_that_looks_encoded_is_not_decoded():
    assert read(written(replace(DRAFT, subject="=?utf-8?q?x?= 5 =?= 5")))["Subject"] == "=?utf-8?q?x?= 5 =?= 5"


@given(TEXT)
def test_a_subject_comes_back_as_it_was(subject):
    raw = written(replace(DRAFT, subject=subject))
    assert read(raw)["Subject"] == subject.strip()


@given(TEXT.map(lambda name: " ".join(name.split())))
def test_a_name_comes_back_as_it_was(name):
    raw = written(DRAFT, sender=Mailbox("rep@example.test", name))
    # The older reader: the newer one puts spaces between the encoded words of a name, against RFC 2047, section 6.2.
    spelled, address = parseaddr(" ".join(email.message_from_bytes(raw)["From"].splitlines()))
    assert (str(make_header(decode_header(spelled))), address) == (name, "rep@example.test")


@given(BODY, BODY)
def test_bodies_come_back_as_they_were(html, text):
    message = read(written(replace(DRAFT, html=html, text=text)))
    decoded = [part.get_payload(decode=True).decode().replace("\r\n", "\n") for part in message.iter_parts()]
    assert decoded == [text, html]


@given(
    TEXT, BODY, st.lists(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40), max_size=9)
)
def test_every_line_is_ascii_and_short_and_ends_with_crlf(subject, html, names):
    people = tuple(f"{mailbox_name(name)} <p{n}@customer.test>" for n, name in enumerate(names)) or DRAFT.to
    raw = written(replace(DRAFT, to=people, subject=subject, html=html))
    assert raw.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.endswith(b"\r\n")


def mailbox_name(name):
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_a_long_id_stands_in_clear_where_the_standard_library_would_encode_it():
    """Why we write mail ourselves: RFC 2047, section 5, has no encoded words in a field of message ids."""
    parent = f"<{'a' * 90}@customer.test>"
    theirs = email.message.EmailMessage(policy=email.policy.SMTP)
    theirs["References"] = parent
    assert bytes(theirs).startswith(b"References: =?utf-8?q?=3C")
    assert f"\r\nReferences: {parent}\r\n".encode() in written(replace(DRAFT, in_reply_to=parent))
