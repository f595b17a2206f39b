"""The footer: in HTML and in plain text, below what the sender wrote, for its own recipient alone."""

import base64
import binascii
import email
import html
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.mail import rewriting
from ocello.domain.mail.rewriting.footer import PlainPlace
from tests.fakes.engagement.tracking import ABOUT, HOST, content_of, context, footer

FOOTER = footer()
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "8bit": bytes,
    "quoted-printable": binascii.b2a_qp,
    "base64": base64.encodebytes,
}
PLAIN = "Opens are recorded.\r\nYour choice:\r\nhttps://t.test/p/r"


def track(raw, given=FOOTER, **changes):
    tracked = rewriting.track(raw, context(footer=given, **changes))
    assert rewriting.restore(tracked.copy, tracked.edits) == raw
    again = rewriting.track(tracked.copy, context(footer=given, **changes))
    assert (again.copy, again.links) == (tracked.copy, tracked.links)
    return tracked


def single(text, kind="html", coding="8bit", charset="utf-8"):
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    return head.encode() + text.encode(charset)


def part(text, kind):
    return f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n{text}\r\n"


def multipart(*parts, kind="alternative"):
    body = "".join(f"--B\r\n{each}" for each in parts)
    return f"Content-Type: multipart/{kind}; boundary=B\r\n\r\n{body}--B--\r\n".encode()


def bodies(copy):
    found = [each for each in email.message_from_bytes(copy).walk() if not each.is_multipart()]
    return [content_of(each).decode() for each in found]


def placed(markup):
    """Return the HTML of the copy with a bar in the footer's place."""
    copy = track(single(markup), open_url=None, click_url=None).copy.partition(b"\r\n\r\n")[2].decode()
    assert copy.count(FOOTER.url) == 1
    return re.sub(r'(?s)\r?\n<div lang="en" dir="ltr".*?</div>\r?\n', "|", copy)


@pytest.mark.parametrize(
    "markup",
    [
        "<html><body><p>x</p>|</body></html>",
        "<p>x</p>|",
        "<p>x</p>|<!-- never closed",
        '<p>x<br>|<div class="gmail_quote">On … wrote:<blockquote>q</blockquote></div>',
        "<body>x|<div id=appendonsend></div><hr><div id=divRplyFwdMsg dir=ltr>q</div></body>",
        '<body><div class="moz-cite-prefix">On … wrote:</div><blockquote type="cite">q</blockquote><p>answer</p>|</body>',
        '<body><br>&nbsp;<div class="gmail_quote">q</div>|</body>',
    ],
)
def test_the_footer_stands_where_the_bar_is(markup):
    assert placed(markup.replace("|", "")) == markup


@pytest.mark.parametrize(
    "text",
    [
        "Hello|",
        "Hello\r\n|",
        "|",
        "Thanks!\r\n\r\n|On Tue, 3 Nov 2026, Ann <a@e.test> wrote:\r\n> Old\r\n>\r\n> text\r\n",
        "Thanks!\r\n|Il giorno 3 nov 2026 Anna <a@e.test>\r\nha scritto:\r\n\r\n> Old\r\n",
        "Thanks!\n|On 3 November Ann\nwrote:\n> Old",
        "Thanks!\r\n|> Old\r\n",
        "Thanks!\r\n|-----Original Message-----\r\nFrom: a@e.test\r\n\r\nOld\r\n",
        "Thanks!\r\n|________________________________\r\nDa: a@e.test\r\nOld\r\n",
        "Thanks!\r\n|-------- Messaggio inoltrato --------\r\nOld\r\n",
        "On 3 November Ann wrote:\r\n> Old\r\nThe answer below.\r\n|",
        "Above.\r\n> Old\r\nThe answer inside.\r\n> Old\r\n|",
        "> Old\r\n|",
        "a > b\r\n|",
    ],
)
def test_in_plain_text_the_footer_stands_where_the_bar_is(text):
    before, _, after = text.partition("|")
    at, new = PlainPlace(before + after).insert(FOOTER)
    assert at == len(before)
    lines = re.split(r"\r?\n", (before + new + after))
    assert FOOTER.url in lines
    assert FOOTER.sentence in lines


def test_a_mail_of_text_alone_gets_lines_at_its_end():
    copy = track(single("Hello\r\n", "plain"), open_url=None, click_url=None).copy
    assert copy == single(f"Hello\r\n\r\n{PLAIN}\r\n", "plain")


def test_html_and_text_both_get_the_footer():
    copy = track(multipart(part("Hello", "plain"), part("<p>Hello</p>", "html"))).copy
    plain, marked = bodies(copy)
    assert plain == f"Hello\r\n\r\n{PLAIN}"
    assert 'href="https://t.test/p/r"' in marked
    assert "Opens are recorded." in marked


def test_of_parts_that_are_shown_together_only_the_first_gets_it():
    copy = track(multipart(part("Hello", "plain"), part("<p>List</p>", "html"), kind="mixed")).copy
    assert [FOOTER.url in each for each in bodies(copy)] == [True, False]


def test_an_attachment_gets_none():
    file = "Content-Type: text/plain; name=notes.txt\r\nContent-Disposition: attachment\r\n\r\nNotes\r\n"
    copy = track(multipart(file, part("<p>Hello</p>", "html"), kind="mixed")).copy
    assert [FOOTER.url in each for each in bodies(copy)] == [False, True]


@pytest.mark.parametrize("coding", ["8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("kind", ["html", "plain"])
@pytest.mark.parametrize("charset", ["us-ascii", "latin-1", "utf-8", "utf-16", "iso-2022-jp"])
def test_each_coding_and_charset_carries_it(coding, kind, charset):
    text = "<p>Hello</p>\r\n" if kind == "html" else "Hello \r\n"
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    copy = track(head.encode() + CODINGS[coding](text.encode(charset))).copy
    shown = content_of(email.message_from_bytes(copy)).decode(charset)
    assert shown.startswith(text.rstrip())
    assert "\r\nYour choice:\r\nhttps://t.test/p/r\r\n" in shown or 'href="https://t.test/p/r"' in shown


@pytest.mark.parametrize(
    "raw",
    [
        multipart(part("Hello", "plain"), part("SIG", "x-signature"), kind="signed"),
        multipart(part("x", "x-octets"), kind="encrypted"),
        b"Content-Type: application/pkcs7-mime\r\n\r\nx",
        b"Content-Type: image/png\r\n\r\nx",
        single("-----BEGIN PGP MESSAGE-----\r\nx\r\n", "plain"),
    ],
)
def test_where_no_footer_can_be_written_nothing_is_tracked(raw):
    tracked = track(raw)
    assert tracked.copy == raw
    assert [(each.what, each.reason) for each in tracked.untracked] == [("message", "no-footer")]


def test_a_tracked_part_beside_a_sealed_one_is_left_too_if_the_footer_had_to_stand_in_that():
    raw = multipart(
        part("-----BEGIN PGP MESSAGE-----", "plain"), part("<a href=https://e.test>x</a>", "html"), kind="mixed"
    )
    assert track(raw).copy == raw


def test_a_footer_in_a_reply_leads_to_no_recipients_page():
    quoted = '<blockquote type="cite"><a href="https://t.test/p/earlier">Your choice</a> https://t.test/p/earlier</blockquote>'
    copy = track(single(f"<p>new</p>{quoted}")).copy.decode()
    assert "/p/earlier" not in copy
    assert copy.count(f'href="{ABOUT}"') == 1
    assert FOOTER.url in copy


def test_a_footer_in_the_text_of_a_reply_leads_to_no_recipients_page():
    quoted = "> Your choice:\r\n> https://t.test/p/earlier\r\n"
    copy = track(multipart(part(f"new\r\n\r\n{quoted}", "plain"), part("<p>new</p>", "html"))).copy.decode()
    assert "/p/earlier" not in copy
    assert f"> {ABOUT}\r\n" in copy
    assert "/p/earlier" not in track(single(quoted, "plain"), plain_text=True).copy.decode()


@pytest.mark.parametrize(
    "wrapped",
    [
        "https://eu01.safelinks.protection.outlook.com/?url=https%3A%2F%2Ft.test%2Fp%2Fearlier&data=x",
        "https://www.google.com/url?q=https://t.test/p/earlier&source=gmail",
    ],
)
def test_a_footer_that_the_readers_mail_service_wrapped_leads_to_no_page_either(wrapped):
    copy = track(single(f'<p>new</p><blockquote type=cite><a href="{html.escape(wrapped)}">x</a></blockquote>')).copy
    assert b"earlier" not in copy


def test_without_a_footer_of_its_own_a_copy_loses_the_quoted_one_all_the_same():
    copy = track(single('<a href="https://t.test/p/earlier">x</a>'), given=None, open_url=None, click_url=None).copy
    assert copy == single(f'<a href="{ABOUT}">x</a>')


def test_what_it_says_cannot_be_read_as_markup():
    copy = track(single("<p>x</p>"), footer(sentence="<b>&")).copy.decode()
    assert "&lt;b&gt;&amp;" in copy


def test_each_copy_has_its_own_footer_whose_length_may_differ():
    raw = multipart(part("Hello", "plain"), part("<p>Hello</p>", "html"))
    contexts = [
        context(footer=footer("a")),
        context(footer=footer("b", "Le aperture vengono registrate, e anche i clic.", "it")),
        context(footer=footer("c", "x" * 300, "fr"), open_url=None),
    ]
    made = rewriting.copier(raw, contexts[0])
    assert [made(each) for each in contexts] == [rewriting.track(raw, each) for each in contexts]


@pytest.mark.parametrize("mark", ["y", "7", "See yhttps://e.test/a and y"])
@pytest.mark.parametrize("after", ["\r\n", "", "\r\nhttps://e.test/b\r\n"])
def test_an_earlier_footer_that_a_word_touches_leads_to_the_page_about_tracking(mark, after):
    copy = track(single(f"{mark}https://{HOST}/p/earlier{after}", "plain"), open_url=None, click_url=None).copy.decode()
    assert f"{mark}{ABOUT}" in copy
    assert "/p/earlier" not in copy


PIECES = st.lists(
    st.sampled_from(
        [
            "<p>x</p>",
            "Text with é. \r\n",
            "> quoted\r\n",
            "\r\n",
            "On 3 May Ann wrote:\r\n",
            '<a href="https://e.test/a">x</a>',
            '<a href="https://t.test/p/earlier">x</a>',
            f"https://{HOST}/p/earlier\r\n",
            f"https://{HOST}/p/r\r\n",
            '<div class="gmail_quote">',
            "=",
            " ",
            "<!--",
            "y" * 990,
        ]
    ),
    max_size=9,
).map("".join)


@given(
    PIECES,
    st.sampled_from(["html", "plain"]),
    st.sampled_from(["utf-8", "latin-1", "utf-16", "iso-2022-jp"]),
    st.sampled_from(sorted(CODINGS)),
    st.booleans(),
)
def test_whatever_the_mail_the_footer_is_there_once_and_can_be_taken_out(text, kind, charset, coding, opens):
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    raw = head.encode() + CODINGS[coding](text.encode(charset, "ignore"))
    tracked = track(raw, **({} if opens else {"open_url": None, "click_url": None}))
    if any(note.reason in ("no-footer", "charset") for note in tracked.untracked) or tracked.copy == raw:
        return
    shown = content_of(email.message_from_bytes(tracked.copy)).decode(charset, "replace")
    assert shown.count(FOOTER.url) >= 1
    assert "/p/earlier" not in re.sub(r"(?s)<!--.*", "", shown)
