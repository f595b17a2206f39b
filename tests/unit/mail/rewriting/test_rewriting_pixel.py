"""The pixel: one ordinary image, where the reader's client will load it."""

import pytest

from ocello.domain.mail import rewriting
from ocello.domain.mail.rewriting.pixel import image
from tests.fakes.engagement.tracking import OLD_PIXEL, OPEN_URL, context

PIXEL = image(OPEN_URL)


def placed(html):
    copy = rewriting.track_html(html.encode(), "utf-8", context(click_url=None)).copy.decode()
    assert copy.count(OPEN_URL) == 1
    return copy


@pytest.mark.parametrize(
    "html",
    [
        "<html><body><p>x</p>|</body></html>",
        "<html><body><p>x</p>|</BODY ></html>",
        "<p>x</p></body>|</body></html>",
        "<body><p>x</p>|</body><!-- </body> --></html>",
        "<body><p>x</p>|</body><!--[if mso]></body><![endif]-->",
        "<body><script>'</body>'</script>|</body>",
        "<html><body><p>x</p>|</html>",
        "<p>x</p>|",
        "x|",
        "|",
        "<p>x</p>|<!-- never closed",
        "<html><body><p>x</p>|<!--[if mso]><p>y</p></body></html>",
        "<p>x</p>|<!--[if mso]><style>",
        "<p>x</p><!--[if mso]><p>y</p><![endif]--><b>z</b>|<!--[if gte mso 9]><table><tr><td>",
        "<body>x<!--[if mso]></body>--> y|<!--[if mso]></body>",
        "<p>x</p>|<a href='never closed",
        "<p>x</p>|<style>never closed",
        "<p>x</p><title></title>|<title>never closed",
        '<p>x<br>|<div class="gmail_quote gmail_quote_container">On … wrote:<blockquote>q</blockquote></div>',
        "<body>x|<div id=appendonsend></div><hr><div id=divRplyFwdMsg dir=ltr>q</div></body>",
        "<body>x|<div id='x_divRplyFwdMsg'>q</div></body>",
        '<body>x<div>|<blockquote type="cite">q</blockquote></div></body>',
        '<body>x|<div class="moz-cite-prefix">On … wrote:</div><blockquote type="cite" cite="mid:x">q</blockquote></body>',
        "<body>x|<div id=ydp1 class='yahoo_quoted'>q</div></body>",
        "<body>x|<div class=protonmail_quote>q</div></body>",
        "<body>x<div>|<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>q</div></div></body>",
        "<body><!-- <div class=gmail_quote> --><p>gmail_quote</p>|</body>",
        "<body><div type=cite class=quote>x</div>|</body>",
    ],
)
def test_the_pixel_stands_where_the_bar_is(html):
    before, after = html.split("|")
    assert placed(before + after) == before + PIXEL + after


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("<html><head><title>x</title></head><body class='a>b'>|", "</body></html>"),
        ("<!doctype html><html><head></head>|", ""),
        ("<!doctype html><html>|", "</html>"),
        ("\ufeff|", ""),
        ("<!--[if mso]><body><![endif]--><body>|", "</body>"),
    ],
)
def test_in_html_that_clients_clip_the_pixel_stands_first(start, end):
    before, _, after = start.partition("|")
    long = "<p>text</p>" * 9_000 + end
    assert placed(before + after + long) == before + PIXEL + after + long


def test_in_long_html_a_quotation_near_its_beginning_still_comes_after_the_pixel():
    html = "<body>answer<div class=gmail_quote>" + "<p>text</p>" * 9_000
    assert placed(html) == html.replace("<div", PIXEL + "<div", 1)


def test_in_long_html_a_quotation_beyond_the_clip_does_not_take_the_pixel_with_it():
    html = "<body>" + "<p>text</p>" * 9_000 + "<div class=gmail_quote>q</div>"
    assert placed(html) == html.replace("<body>", "<body>" + PIXEL)


def test_html_that_grows_too_long_by_its_links_counts_as_long():
    html = "<body>" + '<a href="https://e.test/">x</a>' * 900 + "x" * 30_000 + "</body>"
    copy = rewriting.track_html(html.encode(), "utf-8", context()).copy
    assert copy.index(OPEN_URL.encode()) < 100
    assert rewriting.track_html(copy, "utf-8", context()).edits == ()


def test_an_older_pixel_makes_room_for_this_one():
    assert placed(f"<body>a<IMG alt='' src = {OLD_PIXEL} >b</body>") == f"<body>ab{PIXEL}</body>"


def test_a_pixel_of_this_very_copy_stays_where_it_is():
    html = f"<body>{PIXEL}<p>x</p></body>"
    assert placed(html) == html


def test_without_opens_no_pixel_is_put_in():
    html = b"<body>x</body>"
    assert rewriting.track_html(html, "utf-8", context(open_url=None)).copy == html


def test_the_pixel_hides_nothing():
    assert "display" not in PIXEL
    assert "visibility" not in PIXEL
    assert "opacity" not in PIXEL
    assert 'width="1" height="1"' in PIXEL


@pytest.mark.parametrize(
    "older",
    [
        f'<img src="{OLD_PIXEL}" width="1" height="1" alt="">',
        image(OLD_PIXEL),
        image(OLD_PIXEL).replace(' style="', ' class="x" style="').replace('alt=" "', "alt"),
        f"<img src=3D'{OLD_PIXEL}'/>".replace("3D", ""),
        f'<img src="https://proxy.test/s0-d#{OLD_PIXEL}" alt="">',
    ],
)
def test_a_pixel_of_any_form_is_taken_out_of_a_reply(older):
    assert placed(f"<p>new</p><blockquote type=cite>a{older}b</blockquote>") == (
        f"<p>new</p>{PIXEL}<blockquote type=cite>ab</blockquote>"
    )


def test_an_address_that_would_need_quoting_is_refused():
    with pytest.raises(ValueError, match="quoting"):
        rewriting.track_html(b"x", "utf-8", context(open_url='https://t.test/o/"'))
