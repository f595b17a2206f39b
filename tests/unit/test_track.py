"""Instrumenting: the caller's own message, one copy for each recipient, changed in nothing but what is tracked."""

import re

import pytest

from ocello.domain.compose import Track
from ocello.domain.errors import Invalid, TooLarge
from ocello.domain.people import TrackingSettings
from ocello.services.outgoing import original_name
from ocello.services.track import instrument
from tests import fakes
from tests.fakes import USER

RAW = b"""From: "Rep, Rita" <rita@elsewhere.test>\r
To: Ann <ann@customer.test>,\r
 bob@customer.test\r
Cc: =?utf-8?q?Zo=C3=AB?= <zoe@customer.test>\r
Bcc: hidden@customer.test\r
Subject: =?utf-8?b?R3LDvMOfZQ==?=\r
Message-ID: <mine@elsewhere.test>\r
MIME-Version: 1.0\r
Content-Type: text/html; charset=utf-8\r
\r
<p><a href="https://example.com/x">x</a></p>\r
"""
BOTH = Track(opens=True, clicks=True)


@pytest.fixture
def office():
    return fakes.post_office(USER)


def test_each_recipient_gets_a_copy_of_its_own(office):
    stored, copies = instrument(RAW, (), BOTH, USER, office)
    assert [(r.index, r.mailbox.address, r.mailbox.name, r.kind) for r, _ in copies] == [
        (0, "ann@customer.test", "Ann", "to"),
        (1, "bob@customer.test", "", "to"),
        (2, "zoe@customer.test", "Zoë", "cc"),
        (3, "hidden@customer.test", "", "bcc"),
    ]
    assert len({copy for _, copy in copies}) == 4
    assert all(recipient.status == "sent" for recipient in stored.recipients)
    assert stored.message.by_caller
    assert stored.message.message_id == "<mine@elsewhere.test>"
    assert stored.message.subject == "Grüße"
    assert stored.message.sender.address == "rita@elsewhere.test"
    assert office.mail.files[original_name(stored.message.id)] == RAW
    assert [link.url for link in stored.report.links] == ["https://example.com/x"]
    assert not office.queue.queued


def test_a_copy_differs_in_tracking_and_bcc_alone(office):
    _, copies = instrument(RAW, (), BOTH, USER, office)
    for _, copy in copies:
        assert b"hidden@" not in copy
        plain = re.sub(rb"https://t\.example\.test/c/[\w-]+", b"https://example.com/x", copy)
        plain = re.sub(rb"<img[^>]*t\.example\.test/o/[^>]*>", b"", plain)
        assert plain == RAW.replace(b"Bcc: hidden@customer.test\r\n", b"")


def test_the_envelope_overrides_the_headers(office):
    stored, copies = instrument(
        RAW, ("ZOE@customer.test", "new@customer.test", "ann@customer.test"), BOTH, USER, office
    )
    assert [(r.mailbox.address, r.kind) for r in stored.recipients] == [
        ("ann@customer.test", "to"),
        ("ZOE@customer.test", "cc"),
        ("new@customer.test", "bcc"),
    ]
    assert len(copies) == 3


@pytest.mark.parametrize("defaults", [TrackingSettings(), TrackingSettings(track_opens=True, track_clicks=True)])
def test_tracking_left_out_is_the_users_default(office, defaults):
    office.settings.write(USER.id, defaults)
    stored, copies = instrument(RAW, (), None, USER, office)
    assert stored.message.track_opens == stored.message.track_clicks == defaults.track_opens
    assert (b"t.example.test" in copies[0][1]) == defaults.track_opens


def test_without_a_message_id_copies_get_none_and_the_answer_has_ours(office):
    raw = RAW.replace(b"Message-ID: <mine@elsewhere.test>\r\n", b"")
    stored, copies = instrument(raw, (), BOTH, USER, office)
    assert stored.message.message_id == f"<{stored.message.id}@elsewhere.test>"
    assert b"message-id" not in copies[0][1].lower()


def test_a_reply_joins_its_conversation(office):
    first, _ = instrument(RAW, (), BOTH, USER, office)
    raw = RAW.replace(b"<mine@", b"<next@").replace(b"MIME-V", b"In-Reply-To: <mine@elsewhere.test>\r\nMIME-V")
    reply, _ = instrument(raw, (), BOTH, USER, office)
    assert reply.message.conversation_id == first.message.id


REFUSED = [
    (b"From: a@b.test\r\n\r\n", (), "to"),
    (b"To: undisclosed-recipients:;\r\n\r\n", (), "to"),
    (b"To: not an address\r\n\r\n", (), "to[0]"),
    (b"To: " + b", ".join(b"a%d@b.test" % n for n in range(51)) + b"\r\n\r\n", (), "to"),
    (b"To: " + b"a@b.test, " * 20_000 + b"\r\n\r\n", (), "to"),
    (RAW, ("x",), "rcpt[0]"),
    (RAW, ("a@b.test\r\nX: y",), "rcpt[0]"),
    (b"", (), "to"),
    (b"\xff\x00" * 100, (), "to"),
]


@pytest.mark.parametrize(("raw", "rcpt", "field"), REFUSED)
def test_what_names_no_recipients_is_refused(office, raw, rcpt, field):
    with pytest.raises(Invalid) as refused:
        instrument(raw, rcpt, BOTH, USER, office)
    assert refused.value.field == field
    assert not office.mail.files


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: =?utf-8?q?a=0D=0ABcc:_x?=",
        b"Subject: =?nonsense?q?x?=",
        b"Subject: =?utf-8?b?!!!?=",
        b"Subject: caf\xe9\xff",
        b"From: <<>>\r\nMessage-ID: none\r\nIn-Reply-To: <",
        b"From: caf\xe9 <a@b.test>",
    ],
)
def test_odd_headers_are_survived(office, head):
    stored, copies = instrument(head + b"\r\nTo: a@b.test\r\n\r\nHello\r\n", (), BOTH, USER, office)
    assert stored.message.subject.isprintable()
    assert copies[0][1].startswith(head)


def test_a_message_beyond_25_megabytes_is_too_large(office):
    with pytest.raises(TooLarge):
        instrument(RAW + b"x" * 25_000_000, (), BOTH, USER, office)
    assert not office.mail.files
