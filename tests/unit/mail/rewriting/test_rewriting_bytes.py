"""How a body's bytes are read and written: transfer encodings, charsets, which part is the body, broken input."""

import base64
import email
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocello.domain.mail import rewriting
from ocello.domain.mail.rewriting import context as limits
from ocello.domain.mail.rewriting.edits import Change, apply
from ocello.domain.mail.rewriting.parts import transfer
from ocello.domain.mail.rewriting.parts.charsets import View
from ocello.domain.mail.rewriting.pixel import image
from ocello.domain.mail.text_charsets import codec
from tests.fakes.engagement.tracking import OLD_PIXEL, OPEN_URL, click, content_of, context

LINK = '<a href="https://e.test/a">x</a>'
TRACKED = LINK.replace("https://e.test/a", click(0, "https://e.test/a"))
PIXEL = image(OPEN_URL)


def track(raw, **changes):
    tracked = rewriting.track(raw, context(**changes))
    assert rewriting.restore(tracked.copy, tracked.edits) == raw
    again = rewriting.track(tracked.copy, context(**changes))
    assert (again.copy, again.links, again.untracked) == (tracked.copy, tracked.links, tracked.untracked)
    return tracked


def reasons(tracked):
    return [note.reason for note in tracked.untracked]


def single(body, *fields):
    head = "".join(f"{field}\r\n" for field in ("Content-Type: text/html; charset=utf-8", *fields))
    return head.encode() + b"\r\n" + (body.encode() if isinstance(body, str) else body)


def html_of(copy):
    return next(
        content_of(part).decode()
        for part in email.message_from_bytes(copy).walk()
        if part.get_content_type() == "text/html"
    )


QP = LINK.replace("=", "=3D")


@pytest.mark.parametrize("end", ["=", "= ", "=\t ", "=\r", "\r\n=", "=\r\n=", "=20=", "x=41="])
def test_a_soft_break_at_the_very_end_stays_the_last_thing(end):
    raw = single(f"<p>{QP}{end}", "Content-Transfer-Encoding: quoted-printable")
    tracked = track(raw)
    shown = html_of(tracked.copy.rstrip(b"= \t\r") + (b"=" if end.endswith("\n=") else b""))
    assert shown.startswith(f"<p>{TRACKED}")
    assert shown.endswith(PIXEL)
    assert "=<img" not in shown


def decode(raw):
    """Decode quoted-printable by RFC 2045, as a second, simple implementation."""
    pieces = re.split(rb"(=[0-9A-Fa-f]{2}|=[ \t]*\r?\n|(?<![ \t])[ \t]+(?=\r?\n)|=[ \t]*\r?\Z)", raw)
    pieces[1::2] = [bytes.fromhex(piece[1:].decode()) if re.match(rb"=\w", piece) else b"" for piece in pieces[1::2]]
    return b"".join(pieces)


PIECES = st.lists(
    st.sampled_from(
        [b"=", b"=3D", b"=0a", b" ", b"\t", b"\n", b"\r\n", b"=\n", b"= \r\n", b"x", b"yz", b"4", b"=41", b"\r", b"-", b"C3"]
    ),
    max_size=40,
)  # fmt: skip


@given(
    PIECES,
    st.lists(st.integers(0, 60), min_size=2, max_size=6),
    st.sampled_from([b"<img>=", b"=", b"--y.", b"\r\n-a \r\n.b\n", b"\n\nx"]),
)
@example([b"x", b"="], [1, 1], b"<img>")
@example([b" ", b"\r\n", b"x"], [0, 1], b"<img>")
def test_changes_of_the_decoded_text_are_all_that_changes(pieces, places, new):
    raw = b"".join(pieces)
    whole = transfer.QuotedPrintable(raw)
    assert whole.body == decode(raw)
    body = whole.body
    cuts = sorted({at for at in places if at <= len(body) and body[max(0, at - 1) : at + 1] != b"\r\n"})
    changes = [Change(start, end, new) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    wanted, _ = apply(body, changes)
    for run in (1, 5, 16_384):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(transfer, "_RUN", run)
            coding = transfer.QuotedPrintable(raw)
            copy, _ = apply(raw, coding.carry(changes))
        assert coding.body == body
        assert decode(copy) == wanted


def test_where_a_byte_stands_is_kept_by_runs_not_by_bytes():
    coding = transfer.QuotedPrintable(b"=C3=A9" * 200_000)
    assert len(coding._starts) < 400
    assert coding.carry([Change(200_000, 200_000, b"x")]) == [Change(600_000, 600_000, b"=\r\nx=\r\n")]


CODED = {
    "quoted-printable": QP.encode(),
    "base64": base64.b64encode(LINK.encode()),
    "7bit": LINK.encode(),
}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize(
    "spelled", ["{}", " (c) {}", "{} (c)", "(a (b) \\) c)\r\n {}", "{0}(c)", "(){0}()", "\t{}\t", "(\u00e9) {}"]
)
def test_comments_are_no_part_of_a_transfer_encoding(coding, spelled):
    named = spelled.format(coding.upper())
    tracked = track(single(CODED[coding], f"Content-Transfer-Encoding: {named}"))
    assert [link.url for link in tracked.links] == ["https://e.test/a"]
    bare = tracked.copy.replace(named.encode(), coding.encode())
    assert html_of(bare) == TRACKED + PIXEL


@pytest.mark.parametrize(
    "named",
    ['"base64"', "base64;", "base64 x", "base64, 7bit", "(base64", "base64)", "x-base64", "base-64", "=?utf-8?q?base64?=",
     "8-bit", "quoted-printable; charset=utf-8", "'base64'", "<base64>"],
)  # fmt: skip
@pytest.mark.parametrize("body", [CODED["base64"], CODED["quoted-printable"]])
def test_nothing_is_added_to_what_is_not_decoded(named, body):
    raw = single(body, f"Content-Transfer-Encoding: {named}")
    tracked = track(raw)
    assert tracked.copy == raw
    assert reasons(tracked) == ["transfer-encoding"]


def multipart(kind, *parts, more=""):
    lines = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return f"MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary=b\r\n{more}\r\n{lines}--b--\r\n".encode()


HTML = f"Content-Type: text/html\r\n\r\n<body>{LINK}</body>"


@pytest.mark.parametrize("named", ["quoted-printable", "BASE64", '"7bit"', "x-what", "(c) base64"])
def test_parts_that_stand_in_clear_have_no_encoding_around_them(named):
    tracked = track(multipart("mixed", HTML, more=f"Content-Transfer-Encoding: {named}\r\n"))
    assert html_of(tracked.copy) == f"<body>{TRACKED}{PIXEL}</body>"
    assert reasons(tracked) == []


@pytest.mark.parametrize("named", ["quoted-printable", "base64", "x-what"])
def test_an_encoded_multipart_is_left(named):
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n"
    raw += f"Content-Transfer-Encoding: {named}\r\n\r\nLS1iDQo=\r\n".encode()
    tracked = track(raw)
    assert tracked.copy == raw
    assert reasons(tracked) == ["transfer-encoding", "no-html"]


def test_two_fields_that_name_the_same_encoding_change_together():
    raw = single(
        f"<p>{LINK}<a href='https://e.test/{'y' * 900}'>z</a>",
        "Content-Transfer-Encoding: 7bit",
        "content-transfer-encoding: 7bit",
    )
    copy = track(raw).copy
    assert email.message_from_bytes(copy).get_all("Content-Transfer-Encoding") == ["quoted-printable"] * 2


def inline(name, more=""):
    return f'Content-Type: text/html\r\nContent-ID: {name}\r\n{more}\r\n<body><a href="https://e.test/{name[1:-1]}">x</a></body>'


@pytest.mark.parametrize(
    ("start", "url"),
    [
        ('; start="<two>"', "two"),
        ("; start=two", "two"),
        ('; start*0="<t"; start*1="wo>"', "two"),
        ('; start="<nobody>"', "one"),
        ('; start=""', "one"),
        ("", "one"),
    ],
)  # fmt: skip
def test_start_names_the_root_of_related_parts(start, url):
    raw = multipart(f"related{start}", inline("<one>"), inline("<two>"), inline("<three>"))
    tracked = track(raw)
    assert [link.url for link in tracked.links] == [f"https://e.test/{url}"]
    assert tracked.copy.count(OPEN_URL.encode()) == 1


def test_the_root_of_related_parts_may_hold_alternatives():
    alternative = (
        'Content-ID: <a>\r\nContent-Type: multipart/alternative; boundary="c"\r\n\r\n--c\r\n' + HTML + "\r\n--c--"
    )
    image_part = "Content-Type: image/png\r\nContent-ID: <i>\r\n\r\nx"
    tracked = track(multipart('related; start="<a>"', image_part, alternative))
    assert [link.url for link in tracked.links] == ["https://e.test/a"]


@pytest.mark.parametrize(
    ("disposition", "read"),
    [
        ("inline", True),
        (" (shown) INLINE", True),
        ("inline; x=y", True),
        ("", True),
        ("attachment", False),
        ("x-archive", False),
        ("form-data; name=x", False),
        ('"inline"', False),
        ("inline; filename=a.html", False),
        ("; filename=a.html", False),
    ],
)
def test_an_unknown_disposition_is_an_attachment(disposition, read):
    raw = single(LINK, f"Content-Disposition: {disposition}")
    tracked = track(raw)
    assert bool(tracked.links) == read
    assert (tracked.copy != raw) == read


@pytest.mark.parametrize(
    "name", ["DKIM-Signature", "ARC-Seal", "ARC-Message-Signature", "Content-MD5", "DomainKey-Signature"]
)
def test_what_a_change_makes_false_is_said(name):
    tracked = track(single(LINK, f"{name}: v=1; b=AAAA"))
    assert ("signature", name, "signature-broken") in {
        (note.what, note.where, note.reason) for note in tracked.untracked
    }


@pytest.mark.parametrize(
    ("raw", "changes"),
    [
        (single(LINK, "DKIM-Signature: v=1"), {"open_url": None, "click_url": None}),
        (single("no address", "DKIM-Signature: v=1"), {"open_url": None}),
        (multipart("mixed", "Content-Type: text/plain\r\nContent-MD5: x\r\n\r\nhello", HTML), {}),
        (single(LINK, "DKIM-Signature: v=1", "Content-Transfer-Encoding: x-what"), {}),
    ],
)
def test_what_stays_true_is_not_called_false(raw, changes):
    assert "signature-broken" not in reasons(track(raw, **changes))


def test_amp_that_stays_untracked_is_said():
    amp = "Content-Type: text/x-amp-html\r\n\r\n<html amp4email></html>"
    tracked = track(multipart("alternative", "Content-Type: text/plain\r\n\r\nhello", amp, HTML))
    assert [(note.what, note.where, note.reason) for note in tracked.untracked] == [("part", "text/x-amp-html", "part")]


JAPANESE = "<p>株式会社の皆様</p><br>あ、お"


@pytest.mark.parametrize("charset", ["", "us-ascii", "x-unknown", "punycode", "iso-2022-jp"])
@pytest.mark.parametrize("kind", ["html", "plain"])
def test_iso_2022_jp_is_known_by_its_escapes(charset, kind):
    text = f"{JAPANESE} https://e.test/a 紹介" if kind == "plain" else f"{JAPANESE}{LINK}終わり"
    head = f"Content-Type: text/{kind}{f'; charset={charset}' if charset else ''}\r\n\r\n".encode()
    tracked = track(head + text.encode("iso2022_jp"))
    copy = tracked.copy.partition(b"\r\n\r\n")[2].decode("iso2022_jp")
    assert copy.replace(click(0, "https://e.test/a"), "https://e.test/a").replace(PIXEL, "") == text
    assert [link.url for link in tracked.links] == ["https://e.test/a"]


@pytest.mark.parametrize(
    "broken", [b'\x1b$B$"', b'\x1b$B$"\x1b(B\x1b(B', b"\x1b$B\xff\xff\x1b(B", b'caf\xc3\xa9 \x1b$B$"\x1b(B']
)
def test_iso_2022_that_cannot_be_told_for_sure_is_left(broken):
    raw = b"Content-Type: text/html\r\n\r\n<p>" + broken
    tracked = track(raw)
    assert tracked.copy == raw
    assert reasons(tracked) == ["charset"]


@pytest.mark.parametrize(
    "name",
    ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "rot13", "rot_13", "undefined", "charmap", "base64",
     "hex", "zlib", "bz2", "quopri", "uu", "mbcs", "oem", "x" * 5_000, "utf\u00e98", "", "../x"],
)  # fmt: skip
def test_only_charsets_are_charsets(name):
    assert codec(name) is None
    source = View(b"<p>caf\xc3\xa9", name).source
    assert source is not None
    assert source.readable(0, 8) == "<p>café"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("UTF-8", "utf_8"),
        ("Windows-1252", "cp1252"),
        ("ISO-8859-1", "latin_1"),
        ("iso8859-15", "iso8859_15"),
        ("ks_c_5601-1987", "euc_kr"),
        ("csISO2022JP", "iso2022_jp"),
        ("us-ascii", "ascii"),
        ("hz-gb-2312", "hz"),
        (" Big5 ", "big5"),
        ("unicode-1-1-utf-7", "utf_7"),
    ],
)
def test_charsets_are_known_as_mail_spells_them(name, known):
    assert codec(name) == known
    "x".encode(known)


def test_beyond_what_a_function_can_hold_the_mail_stays_as_it_was(monkeypatch):
    monkeypatch.setattr("ocello.domain.mail.rewriting.parts.body.MAX_TEXT", 1_000)
    assert limits.MAX_TEXT >= 4_000_000
    raw = b"Bcc: s@e.test\r\n" + single(LINK + "x" * 1_000)
    tracked = track(raw)
    assert tracked.copy == raw.partition(b"\r\n")[2]
    assert [(note.what, note.reason) for note in tracked.untracked] == [("message", "too-large")]


def test_an_older_pixel_after_a_lone_sign_leaves_the_sign_what_it_is():
    raw = single(f"<p>a =<img src=3D'{OLD_PIXEL}'>41", "Content-Transfer-Encoding: quoted-printable")
    assert html_of(track(raw).copy) == f"<p>a =41{PIXEL}"
