"""A message that is parsed once for all copies gives the same bytes as one parsed again for each."""

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.mail import rewriting
from ocello.domain.mail.rewriting.context import MAX_LINKS
from ocello.domain.mail.rewriting.parts import body as bodies
from ocello.domain.messages.message import OWN_USER, Mailbox, Recipient
from tests.fakes.engagement.tracking import MESSAGE, TRACKER, click, context, own

CASES = sorted((Path(__file__).parents[3] / "rewriting_cases").glob("*.eml"))
PIECES = st.lists(
    st.sampled_from(
        [
            '<a href="https://e.test/a">x</a>',
            "<a href=https://e.test/b>y</a>",
            "<!--[if mso]><a href=https://e.test/c>z</a><![endif]-->",
            f'<a href="{click(0, "https://e.test/d", "older")}">older</a>',
            f'<a href="{click(0, "https://e.test/a", "r1")}">his own</a>',
            '<img src="https://t.test/o/r1">',
            '<img src="https://t.test/o/r2">',
            '<img src="https://t.test/o/OLD">',
            '<div class="gmail_quote">',
            "https://e.test/f.",
            f"<{click(3, 'https://e.test/g', 'r2')}>",
            "é=\r\n",
            "<!--",
            "y" * 990,
            " ",
        ]
    ),
    max_size=9,
).map("".join)
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "8bit": bytes,
    "quoted-printable": binascii.b2a_qp,
    "base64": base64.encodebytes,
}


def of(name, **changes):
    return context(name, open_url=f"https://t.test/o/{name}", **changes)


def same_as_alone(raw, **changes):
    contexts = [of(name, **changes) for name in ("r0", "r1", "r2")]
    made = rewriting.copier(raw, contexts[0])
    assert [made(each) for each in contexts] == [rewriting.track_or_leave(raw, each) for each in contexts]


@given(
    PIECES,
    st.sampled_from(["html", "plain"]),
    st.sampled_from(["utf-8", "latin-1", "utf-16", "iso-2022-jp"]),
    st.sampled_from(sorted(CODINGS)),
    st.booleans(),
)
def test_each_copy_is_the_one_that_its_context_alone_gives(text, kind, charset, coding, opens):
    head = (
        f"Bcc: b@e.test\r\nContent-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    )
    raw = head.encode() + CODINGS[coding](text.encode(charset, "ignore"))
    if opens:
        same_as_alone(raw)
    contexts = [context(name, open_url=None) for name in ("r0", "r1", "r2")]
    made = rewriting.copier(raw, contexts[0])
    assert [made(each) for each in contexts] == [rewriting.track_or_leave(raw, each) for each in contexts]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_each_copy_of_mail_that_once_failed_is_the_one_that_its_context_alone_gives(case):
    same_as_alone(case.read_bytes(), plain_text=True)


@given(PIECES)
def test_a_copy_of_a_copy_is_the_one_that_its_context_alone_gives(text):
    raw = rewriting.track(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + text.encode(), of("r1")).copy
    same_as_alone(raw)


HIDDEN = b"Content-Type: text/html\r\n%b\r\n<!--[if mso]><a href=%bhttps://e.test/c>x</a><![endif]--><a href=%b'https://e.test'>y</a>"


@pytest.mark.parametrize(
    "raw",
    [
        HIDDEN % (b"", b"", b""),
        HIDDEN % (b"Content-Transfer-Encoding: quoted-printable\r\n", b"3D", b"3D"),
    ],
)
def test_copies_with_tokens_of_every_ending_are_the_same(raw):
    made = TRACKER.copier(raw, MESSAGE)
    recipients = [
        Recipient(index, Mailbox("a@e.test"), "to", untracked=OWN_USER if index % 7 == 3 else "")
        for index in range(150)
    ]
    copies = [made(each) for each in recipients]
    assert copies == [TRACKER.copy(raw, MESSAGE, each) for each in recipients]
    assert any(b'"https:' in copy.raw for copy in copies)  # an address got its quotes
    assert len({copy.raw for copy in copies}) == 150 - 21 + 1  # those of our own users are alike


def test_fifty_copies_are_looked_through_once(monkeypatch):
    search, calls = bodies.search_body, []

    def counted(*args, **named):
        calls.append(1)
        return search(*args, **named)

    monkeypatch.setattr(bodies, "search_body", counted)
    made = rewriting.copier(b"Content-Type: text/html\r\n\r\n<a href=https://e.test>x</a>", of("r0"))
    assert len({made(of(f"r{number}")).copy for number in range(50)}) == 50
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("text", "changes", "reason"),
    [
        (b"<a href=https://e.test>x</a>" * (MAX_LINKS + 1), {}, "too-many-links"),
        (b"<a href=https://t.test/c/a>x</a>", {"own": lambda url: own(url)[0]}, "error: TypeError"),
    ],
)
def test_a_message_that_cannot_be_looked_through_is_left_in_every_copy(text, changes, reason):
    raw = b"Bcc: s@e.test\r\nContent-Type: text/html\r\n\r\n" + text
    made = rewriting.copier(raw, of("r0", **changes))
    for name in ("r0", "r1"):
        tracked = made(of(name, **changes))
        assert tracked.copy == raw.removeprefix(b"Bcc: s@e.test\r\n")
        assert [note.reason for note in tracked.untracked] == [reason]


def test_a_copy_whose_addresses_cannot_be_made_is_left_alone():
    raw = b"Bcc: s@e.test\r\nContent-Type: text/html\r\n\r\n<a href=https://e.test>x</a>"
    made = rewriting.copier(raw, of("r0"))
    tracked = made(of("r1", click_url=lambda *_: "https://t.test/c/<"))
    assert tracked.copy == raw.removeprefix(b"Bcc: s@e.test\r\n")
    assert [note.reason for note in tracked.untracked] == ["error: ValueError"]
