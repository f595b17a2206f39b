"""Which parts of a mail are attachments, and under which name they can be saved."""

import base64
import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.mail import attachments, mime, parts
from ocello.domain.mail.attachments import LONGEST_NAME, content_disposition, list_attachments
from tests.fakes.web import OTHER
from tests.unit.web.test_web_pages import new_draft, write

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))


def part(*fields, content=b"x", encoding=""):
    lines = [*fields, *([f"Content-Transfer-Encoding: {encoding}"] if encoding else [])]
    body = base64.encodebytes(content) if encoding == "base64" else content
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def mixed(*pieces, kind="mixed", boundary="b"):
    joined = b"".join(b"\r\n--" + boundary.encode() + b"\r\n" + piece for piece in pieces)
    return (
        f"Content-Type: multipart/{kind}; boundary={boundary}\r\n\r\n".encode()
        + joined
        + f"\r\n--{boundary}--".encode()
    )


def named(field):
    return [file.name for file in list_attachments(mixed(part(content=b"text"), part(field)))]


TEXT, HTML = part("Content-Type: text/plain"), part("Content-Type: text/html", content=b"<img src='cid:1@x'>")
PICTURE = part("Content-Type: image/png", "Content-ID: <1@x>", "Content-Disposition: inline; filename=logo.png")


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (TEXT, []),
        (mixed(TEXT, HTML, kind="alternative"), []),
        (mixed(HTML, PICTURE, kind="related"), []),
        (
            mixed(
                mixed(HTML, PICTURE, kind="related", boundary="r"), part("Content-Type: application/pdf; name=a.pdf")
            ),
            ["a.pdf"],
        ),
        (mixed(TEXT, PICTURE), ["logo.png"]),  # nothing shows it
        (mixed(HTML, part("Content-Type: image/svg+xml; name=a.svg", "Content-ID: <2>"), kind="related"), ["a.svg"]),
        (mixed(TEXT, part("Content-Type: text/calendar"), kind="alternative"), []),
        (mixed(TEXT, part("Content-Type: text/plain; name=notes.txt")), ["notes.txt"]),
        (mixed(TEXT, part("Content-Type: text/plain")), []),
        (
            mixed(TEXT, part("Content-Type: message/rfc822", content=mixed(TEXT, PICTURE, boundary="n"))),
            ["attachment-1.eml"],
        ),
        (mixed(TEXT, part("Content-Disposition: attachment", "Content-Type: text/html")), ["attachment-1.html"]),
        (mixed(TEXT, part("Content-Disposition: unheard-of; filename=x.bin")), ["x.bin"]),
        (part("Content-Type: application/pdf; name=a.pdf"), ["a.pdf"]),
        (mixed(TEXT, kind="mixed")[:60], []),
        (b"", []),
    ],
)
def test_files_are_told_from_texts_and_from_pictures_of_the_text(raw, names):
    assert [file.name for file in list_attachments(raw)] == names


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('Content-Disposition: attachment; filename="Offer, final (2).pdf"', "Offer, final (2).pdf"),
        ("Content-Disposition: attachment; filename*=UTF-8''%e2%82%ac%20rates.pdf; filename=rates.pdf", "€ rates.pdf"),
        ("Content-Disposition: attachment; filename*=iso-8859-1'de'B%FCro.pdf", "Büro.pdf"),
        (
            "Content-Disposition: a;\r\n filename*0*=utf-8''na%C3;\r\n filename*1*=%AFve;\r\n filename*2=.pdf",
            "naïve.pdf",
        ),
        ("Content-Disposition: attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ("Content-Disposition: attachment; filename*=no-such''%C3%A9", "é"),
        ('Content-Disposition: attachment; filename="=?utf-8?B?w6kucGRm?="', "é.pdf"),
        ('Content-Disposition: attachment; filename="=?utf-8?b?a?="', "=?utf-8?b?a?="),
        ('Content-Disposition: attachment; filename="é.pdf"', "é.pdf"),
        ('Content-Disposition: attachment; filename="\udce9.pdf"', "é.pdf"),  # a byte of cp1252
        ("Content-Type: application/pdf; name*=utf-8''%C3%A9.pdf", "é.pdf"),
        ("Content-Disposition: attachment; filename*0=a; filename*=b", "a"),
        ("Content-Type: application/pdf; x*0=a; x*=b", "attachment-1.pdf"),
        ('Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
        ('Content-Disposition: attachment; filename="C:\\dir\\evil.exe"', "evil.exe"),
        ("Content-Disposition: attachment; filename*=utf-8''..%2F..%5Cevil.exe", "evil.exe"),
        ('Content-Disposition: attachment; filename=".."', "attachment-1.txt"),
        ('Content-Disposition: attachment; filename="a/"', "attachment-1.txt"),
        ("Content-Disposition: attachment; filename*=utf-8''x%E2%80%AEfdp.exe", "xfdp.exe"),
        ("Content-Disposition: attachment; filename*=utf-8''a%0D%0AX%3A%201%00.txt", "a X: 1 .txt"),
        ('Content-Disposition: attachment; filename=""', "attachment-1.txt"),
        (f"Content-Disposition: attachment; filename={'a' * 999}.pdf", "a" * (LONGEST_NAME - 4) + ".pdf"),
        (f"Content-Disposition: attachment; filename=.{'a' * 999}", "a" * LONGEST_NAME),
    ],
)
def test_a_name_is_read_as_it_was_meant_and_leads_nowhere(field, name):
    assert named(field) == [name]


@given(st.text(max_size=300))
def test_any_name_that_we_write_is_read_again_and_harmless(name):
    if (
        any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in name)
        or set("/\\") & set(name)
        or not name
    ):
        name = "plain.txt"
    raw = mixed(TEXT, mime.attachment_part(mime.Attachment(name, b"content")).encode())
    (found,) = list_attachments(raw)
    check_name(found.name)
    if name == " ".join(name.split()).strip(". ") and name.isprintable() and 1 <= len(name) <= LONGEST_NAME:
        assert found.name == name
    assert parts.content(raw, found.leaf) == b"content"


def check_name(name):
    assert 1 <= len(name) <= LONGEST_NAME
    assert name.isprintable()
    assert not set("/\\") & set(name)
    assert name.strip(". ") == name
    head = content_disposition(name)
    assert head.isascii()
    plain, extended = re.fullmatch(r"attachment; filename=\"([^\"\\]*)\"; filename\*=UTF-8''([\w.~%-]*)", head).groups()
    assert unquote(extended) == name
    assert len(plain) == len(name)


@pytest.mark.parametrize("encoding", ["base64", "8bit"])
def test_the_size_is_that_of_the_content(encoding):
    raw = mixed(TEXT, part("Content-Disposition: attachment; filename=a.png", content=PNG, encoding=encoding), TEXT)
    (file,) = list_attachments(raw)
    assert file.size == len(parts.content(raw, file.leaf)) == len(PNG)
    assert parts.content(raw, file.leaf) == PNG


@pytest.mark.parametrize("text", [b"QUJD", b"QUJDRA", b"QUJDR", b"QU!JD\r\n", b"QUJD====="])
def test_broken_base64_is_read_as_far_as_it_goes(text):
    raw = part("Content-Type: application/x", "Content-Transfer-Encoding: base64", content=text)
    (file,) = list_attachments(raw)
    assert parts.content(raw, file.leaf).startswith(b"ABC")


# --- on the pages -----------------------------------------------------------------------------------------------------


def sent_with(stage, rep, raw):
    """Send a mail, and let its original be `raw`; return the address of its attachments."""
    sent = rep.post(f"/app/drafts/{new_draft(rep)}/send", write())
    assert sent.status == 303, sent.text
    name = next(name for name in stage.mail.files if name.endswith("original.eml"))
    stage.mail.files[name] = raw
    return f"/app/messages/{name.split('/')[1]}/attachments"


def test_a_mail_shows_its_attachments_and_gives_each_as_a_file(stage, rep):
    html = part(
        "Content-Disposition: attachment; filename*=utf-8''B%C3%BCro.html",
        "Content-Type: text/html",
        content=b"<script>x",
    )
    pdf = part("Content-Type: application/pdf; name=a.pdf", content=PNG, encoding="base64")
    address = sent_with(stage, rep, mixed(TEXT, html, pdf))
    listing = rep.get(address, hx_request="true").text
    assert re.findall(r"<bdi>(.*?)</bdi> <small>(.*?)</small>", listing) == [
        ("Büro.html", "HTML · 1 kB"),
        ("a.pdf", "PDF · 1 kB"),
    ]
    assert "<html" not in listing
    assert "<html" in rep.get(address).text, "a page of its own where no script asks"
    found = rep.get(f"{address}/1")
    assert (found.status, found.raw, found.headers["content-type"]) == (200, b"<script>x", "application/octet-stream")
    assert found.headers["content-disposition"] == "attachment; filename=\"B_ro.html\"; filename*=UTF-8''B%C3%BCro.html"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
    found = rep.get(f"{address}/2")
    assert (found.raw, found.headers["content-type"]) == (PNG, "application/pdf")
    for absent in ("0", "3", "-1", "x", "٣", "1" * 30):
        assert rep.get(f"{address}/{absent}").status == 404
    assert stage.browser(OTHER).get(f"{address}/1").status == 404


def test_a_large_attachment_is_led_to(stage, rep):
    big = part(
        "Content-Disposition: attachment; filename=big.zip",
        "Content-Type: application/zip",
        content=bytes(4_000_001),
        encoding="base64",
    )
    address = sent_with(stage, rep, mixed(TEXT, big))
    for _ in range(2):  # the second time it stands there already
        found = rep.get(f"{address}/1")
        assert found.status == 303
        assert found.headers["location"].startswith("https://bucket.test/uploads/attachments/")
        assert found.headers["location"].endswith("/1?type=application/zip&filename=big.zip")
    (kept,) = [content for name, content in stage.mail.files.items() if name.startswith("uploads/attachments/")]
    assert kept == bytes(4_000_001)


def test_a_mail_without_attachments_or_original_shows_none(stage, rep):
    address = sent_with(stage, rep, TEXT)
    assert "This mail has no attachments." in rep.get(address).text
    assert "<h3>" not in rep.get(address, hx_request="true").text
    stage.mail.files.clear()
    assert "This mail has no attachments." in rep.get(address).text
    assert rep.get(f"{address}/1").status == 404


def test_a_conversation_leads_to_its_attachments_without_script_too(stage, rep):
    address = sent_with(stage, rep, TEXT)
    page = rep.get(rep.get(address.removesuffix("/attachments")).headers["location"]).text
    assert f'<noscript><p><a href="{address}">Attachments</a>' in page
    assert f'hx-get="{address}"' in page


def test_what_may_run_is_never_called_by_its_type():
    for kind in ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/javascript", "x/y"):
        (file,) = list_attachments(part(f"Content-Type: {kind}; name=a.x"))
        assert file.type == attachments.OCTETS
