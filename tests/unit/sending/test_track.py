"""Instrumenting: the caller's own message, one copy for each recipient, changed in nothing but what is tracked."""

import re
from dataclasses import replace

import pytest

from ocello.domain.common.errors import Invalid, TooLarge
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.people.users import TrackingSettings
from ocello.services.sending.outgoing import copy_name, original_name
from ocello.services.sending.ports import KnownId
from ocello.services.sending.send import send
from ocello.services.sending.track import instrument
from tests import fakes
from tests.fakes.world import USER

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
def sending():
    return fakes.sending_ports(USER)


def test_each_recipient_gets_a_copy_of_its_own(sending):
    stored, copies = instrument(RAW, (), BOTH, USER, sending)
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
    assert sending.mail.files[original_name(stored.message.id)] == RAW
    assert [link.url for link in stored.report.links] == ["https://example.com/x"]
    assert not sending.queue.queued


def test_a_copy_differs_in_tracking_and_bcc_alone(sending):
    _, copies = instrument(RAW, (), BOTH, USER, sending)
    for _, copy in copies:
        assert b"hidden@" not in copy
        plain = re.sub(rb"https://t\.example\.test/c/[\w-]+", b"https://example.com/x", copy)
        plain = re.sub(rb"<img[^>]*t\.example\.test/o/[^>]*>", b"", plain)
        assert plain == RAW.replace(b"Bcc: hidden@customer.test\r\n", b"")


def test_the_envelope_overrides_the_headers(sending):
    stored, copies = instrument(
        RAW, ("ZOE@customer.test", "new@customer.test", "ann@customer.test"), BOTH, USER, sending
    )
    assert [(r.mailbox.address, r.kind) for r in stored.recipients] == [
        ("ann@customer.test", "to"),
        ("ZOE@customer.test", "cc"),
        ("new@customer.test", "bcc"),
    ]
    assert len(copies) == 3


@pytest.mark.parametrize("defaults", [TrackingSettings(), TrackingSettings(track_opens=True, track_clicks=True)])
def test_tracking_left_out_is_the_users_default(sending, defaults):
    sending.settings.write(USER.id, defaults)
    stored, copies = instrument(RAW, (), None, USER, sending)
    assert stored.message.track_opens == stored.message.track_clicks == defaults.track_opens
    assert (b"t.example.test" in copies[0][1]) == defaults.track_opens


def test_without_a_message_id_copies_get_none_and_the_answer_has_ours(sending):
    raw = RAW.replace(b"Message-ID: <mine@elsewhere.test>\r\n", b"")
    stored, copies = instrument(raw, (), BOTH, USER, sending)
    assert stored.message.message_id == f"<{stored.message.id}@elsewhere.test>"
    assert b"message-id" not in copies[0][1].lower()


def test_a_reply_joins_its_conversation(sending):
    first, _ = instrument(RAW, (), BOTH, USER, sending)
    raw = RAW.replace(b"<mine@", b"<next@").replace(b"MIME-V", b"In-Reply-To: <mine@elsewhere.test>\r\nMIME-V")
    reply, _ = instrument(raw, (), BOTH, USER, sending)
    assert reply.message.conversation_id == first.message.id


def named(own, *headers):
    lines = b"".join(header.encode() + b"\r\n" for header in headers)
    return RAW.replace(b"<mine@elsewhere.test>\r\n", f"<{own}@elsewhere.test>\r\n".encode() + lines)


MINE = "<mine@elsewhere.test>"
JOINING = {
    "In-Reply-To": (f"In-Reply-To: {MINE}",),
    "References alone": (f"References: {MINE}",),
    "References, folded": (f"References: <a@x.test>\r\n\t<b@x.test>\r\n {MINE}",),
    "an ancestor further up": (f"In-Reply-To: <unknown@x.test>\r\nReferences: {MINE}\r\n <unknown@x.test>",),
    "with comments": (f"In-Reply-To: (your mail of <no@x.test>) {MINE} (thanks)",),
    "with rubbish": (f"References: ;;=?utf-8?q?x?= <<>> <no> @ {MINE} \x00\x7f (",),
    "with bytes beyond ASCII": (f"References: caf\u00e9 {MINE} \u00ff",),
    "a header given twice": ("References: <a@x.test>", f"References: {MINE}"),
    "a header of a megabyte": ("References: " + "<" * 1_000_000 + MINE,),
    "ids without end": (f"References: {' '.join(f'<{number}@x.test>' for number in range(9_000))} {MINE}",),
}


@pytest.mark.parametrize("headers", JOINING.values(), ids=JOINING)
def test_a_mail_joins_the_conversation_of_whichever_mail_it_names(sending, headers):
    first, _ = instrument(RAW, (), BOTH, USER, sending)
    next_, copies = instrument(named("next", *headers), (), BOTH, USER, sending)
    assert next_.message.conversation_id == first.message.conversation_id
    kept = [sending.mail.files.get(copy_name(next_.message.id, recipient.index)) for recipient, _ in copies]
    assert all(b"<next@elsewhere.test>" in (copy or file) for (_, copy), file in zip(copies, kept, strict=True))


def test_of_two_known_mails_the_nearer_one_decides(sending):
    near, _ = instrument(RAW, (), BOTH, USER, sending)
    far, _ = instrument(named("far"), (), BOTH, USER, sending)
    assert near.message.conversation_id != far.message.conversation_id
    third, _ = instrument(named("third", f"References: <far@elsewhere.test> {MINE}"), (), BOTH, USER, sending)
    assert third.message.conversation_id == near.message.conversation_id


def test_two_mails_that_name_one_unknown_mail_belong_together(sending):
    one, _ = instrument(named("one", "References: <root@x.test> <left@x.test>"), (), BOTH, USER, sending)
    two, _ = instrument(named("two", "References: <root@x.test> <right@x.test>"), (), BOTH, USER, sending)
    three, _ = instrument(named("three", "In-Reply-To: <right@x.test>"), (), BOTH, USER, sending)
    assert {each.message.conversation_id for each in (one, two, three)} == {one.message.id}


def test_a_mail_that_others_named_before_it_came_joins_them(sending):
    reply, _ = instrument(named("next", f"In-Reply-To: {MINE}"), (), BOTH, USER, sending)
    late, _ = instrument(RAW, (), BOTH, USER, sending)
    assert late.message.conversation_id == reply.message.conversation_id


def test_of_two_mails_at_once_that_name_one_unknown_mail_the_second_joins_the_first(sending):
    first, _ = instrument(named("one", "References: <root@x.test> <left@x.test>"), (), BOTH, USER, sending)

    class Behind(fakes.MemoryConversations):
        def find(self, owner, message_ids):
            return {}

    late = replace(sending, conversations=Behind(sending.messages))
    second, _ = instrument(named("two", "References: <root@x.test> <right@x.test>"), (), BOTH, USER, late)
    assert second.message.conversation_id == first.message.conversation_id
    assert sending.conversations.find(USER.id, ["<right@x.test>"])["<right@x.test>"].conversation == first.message.id


def test_a_reply_written_here_to_an_instrumented_mail_carries_its_thread(sending):
    instrument(named("next", "References: <root@x.test> <mid@x.test>"), (), BOTH, USER, sending)
    draft = Draft(to=("a@b.test",), subject="Re", text="x", in_reply_to="<next@elsewhere.test>")
    reply = send(draft, USER, None, sending)
    assert reply.message.references == ("<root@x.test>", "<mid@x.test>", "<next@elsewhere.test>")


def test_a_mail_joins_the_conversation_of_a_copy_that_a_transport_renamed(sending):
    sent = send(Draft(to=("a@b.test",), subject="Offer", text="x"), USER, None, sending).message
    sending.conversations.remember(USER.id, "<0102@ses.test>", KnownId(sent.conversation_id, sent.id))
    reply, _ = instrument(named("next", "References: <0102@ses.test> <theirs@b.test>"), (), BOTH, USER, sending)
    assert reply.message.conversation_id == sent.id


REFUSED = [
    (b"From: a@b.test\r\n\r\n", (), "to"),
    (b"To: undisclosed-recipients:;\r\n\r\n", (), "to"),
    (b"To: not an address\r\n\r\n", (), "to[0]"),
    (b"To: " + b", ".join(b"a%d@b.test" % n for n in range(51)) + b"\r\n\r\n", (), "to"),
    (b"To: " + b"a@b.test, " * 20_000 + b"\r\n\r\n", (), "to"),
    (RAW, ("x",), "rcpt[0]"),
    (RAW, ("a@b.test\r\nX: y",), "rcpt[0]"),
    (b"", (), "body"),
    (b" \r\n\r\n\t", (), "body"),
    (b"", ("a@b.test",), "body"),
    (b"\xff\x00" * 100, (), "to"),
]


@pytest.mark.parametrize(("raw", "rcpt", "field"), REFUSED)
def test_what_names_no_recipients_is_refused(sending, raw, rcpt, field):
    with pytest.raises(Invalid) as refused:
        instrument(raw, rcpt, BOTH, USER, sending)
    assert refused.value.field == field
    assert not sending.mail.files


ODD = [
    "Undisclosed Recipients",
    "<<>>",
    "a@b@c",
    "x" * 200_000,
    "a@b.test, " * 20_000,
    ", , ;",
    "Ann <ann@customer.test",
    "=?",
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("name", ["To", "Cc", "Bcc", "From"])
def test_with_an_envelope_the_headers_need_not_be_valid(sending, name, odd):
    raw = re.sub(rf"(?m)^{name}: (?:.*\r\n )*.*\r$".encode(), f"{name}: {odd}\r".encode(), RAW)
    assert odd.encode() in raw
    stored, copies = instrument(raw, ("new@customer.test",), BOTH, USER, sending)
    assert [each.mailbox.address for each in stored.recipients] == ["new@customer.test"]
    assert b"t.example.test/o/" in copies[0][1]


@pytest.mark.parametrize("rcpt", [(), ("m\u00e4ry@ex\u00e4mple.test",)])
def test_headers_in_utf_8_are_read(sending, rcpt):
    raw = 'From: J\u00f6rg <j\u00f6rg@ex\u00e4mple.test>\r\nTo: "M\u00e4ry S" <m\u00e4ry@ex\u00e4mple.test>\r\n'
    raw += "Subject: gr\u00fcezi =?utf-8?q?=C3=A4?=\r\nContent-Type: text/html\r\n\r\nx"
    stored, copies = instrument(raw.encode(), rcpt, BOTH, USER, sending)
    found = stored.recipients[0]
    assert (found.mailbox.address, found.kind) == ("m\u00e4ry@xn--exmple-cua.test", "to")
    assert stored.message.sender.address == "j\u00f6rg@xn--exmple-cua.test"
    assert stored.message.sender.name == "J\u00f6rg"
    assert stored.message.subject == "gr\u00fcezi \u00e4"
    assert copies[0][1].startswith(raw.encode()[:60])


def test_headers_in_what_was_common_before_utf_8_are_read_too(sending):
    raw = RAW.replace(b"To: Ann ", b"To: M\xe4ry ")
    stored, _ = instrument(raw, (), BOTH, USER, sending)
    assert stored.recipients[0].mailbox.name == "M\u00e4ry"


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: =?punycode?q?" + b"x-" * 400 + b"?=",
        b"Subject: =?unicode_escape?q?=5Cx41?=",
        b"Subject: =?utf-8?q?a=0D=0ABcc:_x?=",
        b"Subject: =?nonsense?q?x?=",
        b"Subject: =?utf-8?b?!!!?=",
        b"Subject: caf\xe9\xff",
        b"From: <<>>\r\nMessage-ID: none\r\nIn-Reply-To: <",
        b"From: caf\xe9 <a@b.test>",
    ],
)
def test_odd_headers_are_survived(sending, head):
    stored, copies = instrument(head + b"\r\nTo: a@b.test\r\n\r\nHello\r\n", (), BOTH, USER, sending)
    assert stored.message.subject.isprintable()
    assert copies[0][1].startswith(head)


def test_a_message_beyond_25_megabytes_is_too_large(sending):
    with pytest.raises(TooLarge):
        instrument(RAW + b"x" * 25_000_000, (), BOTH, USER, sending)
    assert not sending.mail.files
