"""The preview of a mail: the first words that its writer wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.mail.bodies import LONGEST_PREVIEW, preview_in, preview_of

PLAIN = b"From: a@example.test\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"


def test_paragraphs_and_white_space_become_one_line():
    assert preview_of("<p>Dear  Maria,</p>\n<p>here is our&nbsp;offer.</p>", None) == "Dear Maria, here is our offer."


def test_addresses_of_links_and_words_of_images_are_left_out():
    html = '<p>See <a href="https://example.com/a">our offer</a><img src="cid:1" alt="Logo">.</p>'
    assert preview_of(html, None) == "See our offer."


def test_what_stands_in_the_head_is_no_text_of_the_mail():
    head = "<head><title>Mail</title><style>p { color: red }</style></head>"
    assert preview_of(f"<html>{head}<body><p>Hello</p></body></html>", None) == "Hello"
    style = "<style>" + "p { color: red } " * 3_000 + "</style>"
    assert preview_of(f"<html><head>{style}</head><body>Hello</body></html>", None) == "Hello"


def test_the_html_is_read_before_the_text():
    assert preview_of("<p>of the html</p>", "of the text") == "of the html"
    assert preview_of(None, "of the text") == "of the text"
    assert preview_of(None, None) == ""


@pytest.mark.parametrize(
    "quoted",
    [
        "> Thursday at ten?",
        "On Mon, 23 Nov 2026 at 09:00, Maria Rossi <maria@acme.test> wrote:\n> Thursday?",
        "On Mon, 23 Nov 2026 at 09:00, Maria Rossi\n<maria@acme.test> wrote:\n> Thursday?",
        "Il giorno lun 23 nov 2026 alle ore 09:00 Maria Rossi ha scritto:\n> Thursday?",
        "Le lun. 23 nov. 2026 à 09:00, Maria Rossi a écrit :\n> Thursday?",
        "Am 23.11.2026 um 09:00 schrieb Maria Rossi:\n> Thursday?",
        "-----Original Message-----\nFrom: Maria",
        "-------- Messaggio originale --------\nDa: Maria",
        "________________________________\nFrom: Maria",
    ],
)
def test_a_quoted_mail_is_left_out_of_text(quoted):
    assert preview_of(None, f"Fine for me.\n\n{quoted}") == "Fine for me."


def test_a_quoted_mail_is_left_out_of_html():
    quoted = "<div>On Monday Maria Rossi wrote:<br></div><blockquote><p>Thursday?</p></blockquote>"
    assert preview_of(f"<p>Fine for me.</p>{quoted}", None) == "Fine for me."
    assert preview_of("<blockquote>Thursday?</blockquote><p>Fine for me.</p>", None) == "Fine for me."


@pytest.mark.parametrize(
    "text", ["On Monday we deliver: all of it.", "Am I right: yes.", "-- Rosa", "Le prix - 20 - baisse"]
)
def test_words_that_only_look_like_a_quoted_mail_stay(text):
    assert preview_of(None, text) == text


def test_of_a_mail_that_somebody_else_wrote_the_parts_are_read():
    assert preview_in(PLAIN + "Grüße aus Bozen\r\n".encode()) == "Grüße aus Bozen"
    parts = b"--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--b--"
    assert preview_in(b"Content-Type: multipart/alternative; boundary=b\r\n\r\n" + parts) == "html"
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(200))
    assert preview_in(nested + b"\r\ntext") == ""


@given(st.text(max_size=400), st.booleans())
def test_it_is_one_short_line_of_any_text(text, html):
    preview = preview_of(text, None) if html else preview_of(None, text)
    assert len(preview) <= LONGEST_PREVIEW
    assert preview == " ".join(preview.split())
