"""Whatever a mail contains, each reader of it either works or says what it refuses."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common.errors import Invalid
from ocello.domain.mail import bodies, foreign_text, parts, rewriting
from ocello.domain.mail.attachments import list_attachments
from ocello.domain.mail.compose import Track
from ocello.domain.mail.rewriting.links import unsubscribe
from ocello.services.sending.track import instrument
from tests.fakes.sending.ports import sending_ports
from tests.fakes.web import REP
from tests.unit.mail.test_attachments import check_name

JUNK = (
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Type: multipart/related; boundary=b; start=<1>",
    "\r\n--b\r\n",
    "--b--",
    "Content-Type: text/plain; x*0=a; x*=b",
    "; charset*=utf-8'",
    "; charset*0*=x''%",
    "; name*=''",
    "\r\n ",
    "\r\n",
    "\r\n\r\n",
    "Content-Disposition: attachment; filename*1*=a; filename*=b",
    "Content-Disposition: \udcff",
    "=?utf-8?b?a?=",
    "=?utf-8?q?=e9?=",
    "=?punycode?b?AAAA?=",
    "Content-ID: <",
    "Content-Transfer-Encoding: base64",
    "Content-Transfer-Encoding: (quoted-printable",
    "A=B=\r\n=",
    "====",
    "A",
    "\udce9",
    "Content-Type: message/rfc822",
    "From: =?x?=, <a@b",
    "To: a@b.test",
    'To: "',
    "Subject: =?utf-8?b?a?=",
    "Message-ID: <a",
    "List-Unsubscribe: <=?utf-8?b?a?=>",
    "In-Reply-To: [",
    ": ",
    ";",
    '"',
    "(",
    ")",
    "<html><a href=https://example.com/x>",
    "\0",
    "utf-8''%C3%A9",
)
junk = st.lists(st.sampled_from(JUNK), max_size=14).map(
    lambda pieces: "".join(pieces).encode("utf-8", "surrogateescape")
)
junk_lines = st.lists(st.sampled_from(JUNK), max_size=14).map(
    lambda p: "\r\n".join(p).encode("utf-8", "surrogateescape")
)


mails = st.one_of(junk, junk_lines, st.binary(max_size=200))


@given(mails)
def test_nothing_that_a_stranger_writes_stops_a_mail_from_being_shown(raw):
    assert isinstance(bodies.parse_body(raw).text, str)
    for file in list_attachments(raw):
        check_name(file.name)
        assert file.size >= 0
        parts.content(raw, file.leaf)


@given(mails)
def test_nothing_that_a_stranger_writes_stops_a_mail_from_being_tracked(raw):
    context = rewriting.TrackingContext(
        open_url="https://links.test/o/x",
        click_url=lambda link, _: f"https://links.test/c/{link}",
        own=lambda _: None,
        tracking_host="links.test",
    )
    tracked = rewriting.track_or_leave(raw, context)
    assert rewriting.restore(tracked.copy, tracked.edits) == raw or tracked.untracked


@given(mails)
def test_nothing_that_a_stranger_writes_stops_a_mail_from_being_instrumented(raw):
    for rcpt in (["a@b.test"], []):
        with contextlib.suppress(Invalid):  # what it refuses it names
            stored, copies = instrument(raw, rcpt, Track(opens=True, clicks=True), REP, sending_ports(REP))
            assert stored.message.subject.isprintable()
            assert len(copies) == len(stored.recipients)


@pytest.mark.parametrize("text", ["=?utf-8?b?a?=", "=?no-such?q?x?=", "=?punycode?b?AAAA?=", "=?utf-8?q?=e9?="])
def test_encoded_words_that_cannot_be_read_stay_as_they_stand(text):
    assert foreign_text.decode_words(text) == text
    assert unsubscribe.parse_list_unsubscribe([f"<https://a.test/{text}>"])
