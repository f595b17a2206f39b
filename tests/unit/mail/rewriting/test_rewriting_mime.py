"""Whole messages: which parts are rewritten, how they are encoded, and that restoring is exact."""

import base64
import email
import email.policy
import quopri

import pytest

from ocello.domain.mail import rewriting
from ocello.domain.mail.rewriting.pixel import image
from tests.fakes.engagement.tracking import OPEN_URL, click, content_of, context

TARGET = "https://example.com/a"
HTML = f'<html><body><p>caff\u00e8 = <a href="{TARGET}">x</a></p></body></html>\n'
PIXEL = image(OPEN_URL)
TRACKED = HTML.replace(TARGET, click(0, TARGET)).replace("</body>", PIXEL + "</body>")
ENCODED = {
    "8bit": lambda body: body,
    "binary": lambda body: body,
    "quoted-printable": quopri.encodestring,
    "base64": base64.encodebytes,
}


def part(body, coding="8bit", kind="text/html; charset=utf-8", more=""):
    head = f"Content-Type: {kind}\nContent-Transfer-Encoding: {coding}\n{more}\n".encode()
    return head + (ENCODED[coding](body.encode()) if isinstance(body, str) else body)


def multipart(*parts, kind="mixed", boundary="=_b", more=""):
    lines = b"".join(b"--" + boundary.encode() + b"\n" + each + b"\n" for each in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}\n\npreamble\n'.encode()
        + lines
        + (b"--" + boundary.encode() + b"--\nepilogue\n")
    )


def message(content, eol=b"\r\n"):
    raw = b"From: a@example.test\nSubject: =?utf-8?q?x?=\n  y\nMIME-Version: 1.0\n" + content
    return raw.replace(b"\n", eol)


def track(raw, **changes):
    tracked = rewriting.track(raw, context(**changes))
    assert rewriting.restore(tracked.copy, tracked.edits) == raw
    again = rewriting.track(tracked.copy, context(**changes))
    assert (again.copy, again.edits, again.links, again.untracked) == (
        tracked.copy,
        (),
        tracked.links,
        tracked.untracked,
    )
    return tracked


def html_of(raw):
    found = [each for each in email.message_from_bytes(raw).walk() if each.get_content_type() == "text/html"]
    return [content_of(each).decode(each.get_content_charset("utf-8")).replace("\r\n", "\n") for each in found]


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
@pytest.mark.parametrize("coding", ENCODED)
def test_a_part_is_rewritten_in_its_own_transfer_encoding(coding, eol):
    raw = message(part(HTML, coding), eol)
    copy = track(raw).copy
    assert html_of(copy) == [TRACKED]
    assert copy.partition(eol * 2)[0] == raw.partition(eol * 2)[0]
    assert (b"\r\n" in copy) == (eol == b"\r\n")


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_in_quoted_printable_only_changed_spans_are_encoded_anew(eol):
    html = "".join(
        f"<p>caff\u00e8 {number} <a href='https://e.test/{'y' * number}'>link</a> = \t</p>  \n" for number in range(90)
    )
    raw = message(part(html, "quoted-printable"), eol)
    tracked = track(raw)
    assert max(map(len, tracked.copy.splitlines())) <= 76
    assert len(tracked.links) == 90
    assert sum(len(old) for _, _, old in tracked.edits) < 90 * 130
    expected = html
    for link in reversed(tracked.links):
        expected = expected.replace(f"'{link.url}'", f"'{click(link.index, link.url)}'")
    assert (
        html_of(tracked.copy)[0].replace("  \n", "\n").rstrip()
        == expected.replace("  \n", "\n").rstrip() + "\n" + PIXEL
    )


def test_a_line_that_grows_too_long_gets_a_transfer_encoding_that_can_carry_it():
    target = "https://e.test/" + "y" * 900
    for more in ("Content-Transfer-Encoding: 7bit\n", "Content-transfer-encoding:\n 8BIT \n", ""):
        raw = message(f"Content-Type: text/html\n{more}\n<p>x = .\n.\n--=20 <a href='{target}'>x</a> \n".encode())
        copy = track(raw).copy
        assert max(map(len, copy.splitlines())) <= 78
        assert email.message_from_bytes(copy)["content-transfer-encoding"].strip() == "quoted-printable"
        assert html_of(copy) == [f"<p>x = .\n.\n--=20 <a href='{click(0, target)}'>x</a> \n{PIXEL}"]


def test_a_line_of_a_binary_part_may_be_of_any_length():
    copy = track(message(part(f"<a href='https://e.test/{'y' * 900}'>x</a>", "binary"))).copy
    assert b"binary" in copy


@pytest.mark.parametrize("width", [4, 60, 72, 76, 400])
def test_base64_keeps_the_length_of_its_lines(width):
    text = base64.b64encode(HTML.encode() * 20)
    raw = message(
        part(b"\n".join(text[place : place + width] for place in range(0, len(text), width)) + b"\n", "base64")
    )
    body = track(raw).copy.partition(b"\r\n\r\n")[2]
    assert {len(line) for line in body.splitlines()[:-1]} == {width}
    assert body.endswith(b"\r\n")


@pytest.mark.parametrize(
    ("content", "reasons"),
    [
        (multipart(part(HTML), kind="signed"), ["signed", "no-html"]),
        (multipart(part(HTML), kind="encrypted"), ["encrypted", "no-html"]),
        (part("x", kind="application/pkcs7-mime"), ["encrypted", "no-html"]),
        (part(HTML, kind="message/rfc822"), ["no-html"]),
        (multipart(part(HTML, kind="message/rfc822")), ["no-html"]),
        (multipart(b"\n" + HTML.encode(), kind="digest"), ["no-html"]),
        (part(HTML, kind="text/calendar"), ["no-html"]),
        (part(HTML, more="Content-Disposition: attachment\n"), ["no-html"]),
        (part(HTML, more='Content-Disposition: inline; filename="a.html"\n'), ["no-html"]),
        (part(HTML, kind='text/html; name="a.html"'), ["no-html"]),
        (part("-----BEGIN PGP MESSAGE-----\n<a href=https://e.test>"), ["pgp"]),
        (part(HTML, more="Content-Type: text/plain\n"), ["ambiguous-header", "no-html"]),
        (part(HTML, more="Content-Transfer-Encoding: 7bit\n"), ["ambiguous-header", "no-html"]),
        (b"Content-Type: text/html\nContent-Transfer-Encoding: x-uuencode\n\n<p>", ["transfer-encoding"]),
        (part(b"not base64!", "base64"), ["transfer-encoding"]),
        (b"Content-Type: multipart/mixed\n\n--x\n\n--x--", ["no-boundary", "no-html"]),
        (
            b"Content-Type: multipart/mixed; boundary=x\nContent-Transfer-Encoding: base64\n\nLS14",
            ["transfer-encoding", "no-html"],
        ),
        (b"Content-Type: multipart/mixed; boundary=x\n\n--y\n\n--y--", ["no-html"]),
        (b"Content-Type: text/html", ["no-body", "no-html"]),
        (part(f"<p>{TARGET}</p>", kind="text/x-amp-html"), ["part", "no-html"]),
    ],
)
def test_what_must_not_be_touched_is_left_with_its_reason(content, reasons):
    raw = message(content)
    tracked = track(raw)
    assert tracked.copy == raw
    assert [note.reason for note in tracked.untracked] == reasons


def test_what_stands_beside_a_sealed_part_is_rewritten():
    sealed = multipart(part(HTML), kind="signed", boundary="s")
    raw = message(multipart(sealed, part(HTML)))
    copy = track(raw).copy
    assert html_of(copy)[0] == HTML
    assert html_of(copy)[1].strip() == TRACKED.strip()


def test_a_real_shape_of_mail_gets_one_pixel_and_keeps_all_else():
    related = multipart(
        part(HTML, "quoted-printable"),
        part(b"R0lGODlh\n", "base64", "image/gif", "Content-ID: <i>\n"),
        kind="related",
        boundary="r",
    )
    raw = message(
        multipart(
            multipart(part(f"see {TARGET}", kind="text/plain"), related, kind="alternative", boundary="a"),
            part(b"JVBERi0=\n", "base64", "application/pdf", "Content-Disposition: attachment; filename=a.pdf\n"),
            part("<p>footer</p>"),
        )
    )
    tracked = track(raw)
    assert tracked.copy.replace(b"=\r\n", b"").count(OPEN_URL.encode()) == 1
    assert [link.url for link in tracked.links] == [TARGET]
    before, after = (
        [(each.get_content_type(), each.items()) for each in email.message_from_bytes(mail).walk()]
        for mail in (raw, tracked.copy)
    )
    assert before == after


def test_each_html_alternative_gets_a_pixel():
    tracked = track(message(multipart(part("<p>a"), part("<p>b"), kind="alternative")))
    assert tracked.copy.count(OPEN_URL.encode()) == 2


@pytest.mark.parametrize(
    "raw",
    [
        multipart(part(HTML)).replace(b"--=_b--\nepilogue\n", b""),
        multipart(part(HTML)).replace(b"preamble\n", b""),
        multipart(multipart(part(HTML), boundary="=_b2").replace(b"--=_b2--\n", b"")),
        multipart(part(HTML)).replace(b"--=_b\n", b"--=_b \t\n"),
        multipart(part(HTML)).replace(b"\n", b"\r\n", 3),
        multipart(part(HTML)).replace(b'; boundary="=_b"', b";\n\tBOUNDARY*0==_; boundary*1=b"),
        multipart(part(HTML)).replace(b'; boundary="=_b"', b"; x=\"a;b\"; boundary*=us-ascii'en'%3D_b"),
        multipart(part(HTML)).replace(
            b"Content-Type: text/html; charset=utf-8", b'CONTENT-TYPE :  Text/HTML;\n charset="UTF-8" (c)'
        ),
        b"From somebody Mon Jan  1 00:00:00 2026\n" + part(HTML),
        part(HTML, more="Content-Disposition: inline\n"),
        part(HTML) + b"\nFrom: no header here\n",
    ],
)
def test_mail_that_bends_the_rules_is_read_as_mail_readers_do(raw):
    assert [link.url for link in track(raw).links] == [TARGET]


def test_the_addresses_of_list_unsubscribe_are_sacred():
    raw = message(
        b"List-Unsubscribe: <mailto:u@e.test>,\n < https://e.test/u?1 >\n" + part("<a href='https://e.test/u?1'>x</a>")
    )
    assert [note.reason for note in track(raw).untracked] == ["unsubscribe"]


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (b"To: a\nBcc: b@e.test\nX: y\n", b"To: a\nX: y\n"),
        (b"bCC:b@e.test,\n c@e.test\n\td@e.test\nX: y\n", b"X: y\n"),
        (b"X: y\nBcc : b\nResent-Bcc: c\nBcc:\n", b"X: y\n"),
        (b"junk\nBcc: b\nX: y\n", b"junk\nX: y\n"),
        (b"X: Bcc: b\nX-Bcc: c\nY: z\n bcc: d\n", b"X: Bcc: b\nX-Bcc: c\nY: z\n bcc: d\n"),
        (b"A: b\nBcc: c\n" * 60, b"A: b\n" * 60),
    ],
)
@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_bcc_is_in_no_copy(head, kept, eol):
    body = b"\nBcc: in the text stays\n"
    raw, expected = ((each + body).replace(b"\n", eol) for each in (head, kept))
    assert track(raw, open_url=None, click_url=None).copy == expected
    assert rewriting.without_bcc(raw) == expected


def test_no_header_tells_that_a_copy_is_tracked():
    raw = message(part(HTML))
    assert email.message_from_bytes(track(raw).copy).items() == email.message_from_bytes(raw).items()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (part("<a href=https://e.test/>x</a>" * 1_001), "too-many-links"),
        (part(b"<a href=#>" * 1_001), "too-many-links"),
        (b"X: y\n" * 60_000 + part(HTML), "header-size"),
        (b"X: " + b"y" * 300_000 + b"\n" + part(HTML), "header-size"),
        (multipart(*[b"\n"] * 1_001), "too-many-parts"),
        (
            b"".join(
                b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(9_999)
            ),
            "nesting",
        ),
    ],
)
def test_beyond_a_limit_the_message_stays_as_it_was_without_its_bcc(raw, reason):
    tracked = track(b"Bcc: secret@e.test\n" + raw)
    assert tracked.copy == raw
    assert [(note.what, note.reason) for note in tracked.untracked] == [("message", reason)]
    assert tracked.links == ()


def test_a_failure_leaves_the_message_as_it_was_without_its_bcc():
    def broken(_url):
        raise RuntimeError("broken")

    tracked = rewriting.track_or_leave(b"Bcc: s\n" + part(HTML), context(own=broken))
    assert tracked.copy == part(HTML)
    assert [(note.what, note.reason) for note in tracked.untracked] == [("message", "error: RuntimeError")]
    assert rewriting.restore(tracked.copy, tracked.edits) == b"Bcc: s\n" + part(HTML)


def test_what_was_left_in_the_end_leaves_no_link_behind():
    stateful = "한국어<a href='https://e.test/'>한국어</a>".encode("iso-2022-kr")
    tracked = track(message(part(stateful, "8bit", "text/html; charset=iso-2022-kr")))
    assert tracked.links == ()
    assert [note.reason for note in tracked.untracked] == ["charset"]


@pytest.mark.parametrize("coding", ["quoted-printable", "7bit"])
def test_no_line_of_ours_looks_like_a_delimiter(coding):
    def dashes(_index, _target):
        return f"https://t.test/c/{'-' * 990}"

    raw = message(f"Content-Type: text/html\nContent-Transfer-Encoding: {coding}\n\n<a href='{TARGET}'>x</a>".encode())
    copy = rewriting.track(raw, context(click_url=dashes)).copy
    assert b"\r\n--" not in copy
    assert "-" * 990 in html_of(copy)[0]


def test_a_lone_carriage_return_survives_another_transfer_encoding():
    html = f"<p>a\rb\r\r\nc <a href='https://e.test/{'y' * 900}'>x</a>"
    raw = b"Content-Type: text/html\r\n\r\n" + html.encode()
    tracked = track(raw, open_url=None)
    assert b"\r" not in tracked.copy.replace(b"\r\n", b"")
    copy = content_of(email.message_from_bytes(tracked.copy)).decode()
    assert copy == html.replace("https://e.test/" + "y" * 900, click(0, "https://e.test/" + "y" * 900))


def test_of_related_parts_only_the_first_is_a_body():
    raw = message(multipart(part(HTML), part(HTML, more="Content-ID: <frame>\n"), kind="related"))
    assert len(track(raw).links) == 1
