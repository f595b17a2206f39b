"""HTML: which links are tracked, how their addresses are read, what is left alone and why."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common import hosts
from ocello.domain.mail import rewriting
from ocello.domain.mail.rewriting.pixel import image
from tests.fakes.engagement.tracking import HOST, OLD_PIXEL, OPEN_URL, click, context, own

NO_PIXEL = {"open_url": None}
TARGET, A = "https://example.com/a", "https://e.test/a"
COMMENT = re.compile(r"<!--.*?(?:--!?>|\Z)", re.DOTALL)


def track(html, charset="utf-8", **changes):
    return rewriting.track_html(html.encode(charset), charset, context(**(NO_PIXEL | changes)))


def reasons(tracked):
    return [note.reason for note in tracked.untracked]


@pytest.mark.parametrize(
    ("html", "target"),
    [
        ('<a href="https://example.com/a">x</a>', TARGET),
        ("<a href='https://example.com/a'>x</a>", TARGET),
        ("<a href=https://example.com/a>x</a>", TARGET),
        ("<a href=https://example.com/a/>x</a>", TARGET + "/"),
        ('<A HREF="HTTPS://example.com/a">x</A>', "HTTPS://example.com/a"),
        ('<a\n\thref\r\n =\f "https://example.com/a"\n>x</a>', TARGET),
        ('<a href="\n  https://example.com/a\t ">x</a>', TARGET),
        ('<a href="https://exam\r\nple.com/\ta">x</a>', TARGET),
        ('<a/href="https://example.com/a"/>x</a>', TARGET),
        ('<a class=b href="https://example.com/a" href="https://other.test/">x</a>', TARGET),
        ('<a title="a>b" href="https://example.com/a">x</a>', TARGET),
        ('<a data-href="https://no.test/" href="https://example.com/a">x</a>', TARGET),
        ('<a title=\'href="https://no.test/"\' href="https://example.com/a">x</a>', TARGET),
        ("<p it's><a href='https://example.com/a'>x</a>", TARGET),
        ('<map><area shape="rect" href="https://example.com/a" alt="x"></map>', TARGET),
        ('<!--[if mso]><a href="https://example.com/a">x</a><![endif]-->', TARGET),
        (
            '<!--[if (gte mso 9)|(IE)]><v:roundrect xmlns:v="u" href="https://example.com/a">x</v:roundrect><![endif]-->',
            TARGET,
        ),
        ('<!--[if !mso]><!--><a href="https://example.com/a">x</a><!--<![endif]-->', TARGET),
        ('<![if !mso]><a href="https://example.com/a">x</a><![endif]>', TARGET),
        ('<v:rect href="https://example.com/a"/>', TARGET),
        ('<!-- c --><a href="https://example.com/a">x</a>', TARGET),
        ('<!--><a href="https://example.com/a">x</a>', TARGET),
        ('<!-- c --!><a href="https://example.com/a">x</a>', TARGET),
        ('<script>if (a < b) "</a>"</script><a href="https://example.com/a">x</a>', TARGET),
        ('1 < 2 <a href="https://example.com/a">x</a>', TARGET),
        ('<a href="https://e.test/?a=1&amp;b=2#c">x</a>', "https://e.test/?a=1&b=2#c"),
        ('<a href="https://e.test/?a=1&b=2">x</a>', "https://e.test/?a=1&b=2"),
        ('<a href="https://e.test/?x=1&sectionid=2&copy=3&lt">x</a>', "https://e.test/?x=1&sectionid=2&copy=3<"),
        ('<a href="https://e.test/?x&copy;&notit;&unknown;">x</a>', "https://e.test/?x©&notit;&unknown;"),
        ('<a href="&#104;ttps://e.test/&#x41;&#65&#128;&#0;">x</a>', "https://e.test/AA€\ufffd"),
        ("<a href=https://e.test/%20?q=a+b>x</a>", "https://e.test/%20?q=a+b"),
        ('<a href="https://bücher.example/straße?q=é">x</a>', "https://bücher.example/straße?q=é"),
    ],
)
def test_a_link_is_tracked_by_the_address_that_a_browser_reads(html, target):
    tracked = track(html)
    assert [link.url for link in tracked.links] == [target]
    assert click(0, target) in tracked.copy.decode()
    assert tracked.copy.decode().count(f"//{HOST}/") == 1


@pytest.mark.parametrize(
    "html",
    [
        '<!-- <a href="https://no.test/">x</a> -->',
        '<script>document.write("<a href=https://no.test/>")</script>',
        '<style><a href="https://no.test/"></style>',
        '<textarea><a href="https://no.test/">x</a></textarea>',
        '<title><a href="https://no.test/">x</a></title>',
        '<TITLE ><a href="https://no.test/">x</a></titles></TITLE>',
        '<![CDATA[ <a href="https://no.test/">x</a> ]]>',
        '<p title="<a href=https://no.test/>">x</p>',
        '<a name="https://no.test/">x</a>',
        '<abbr href="https://no.test/">x</abbr>',
        '<link href="https://no.test/"><img src="https://no.test/a.gif">',
        '<a href="https://no.test/',
        '<a href="https://no.test/>x</a>',
        "<a href=>https://no.test/</a><!--",
        "<?php <a href=https://no.test/",
    ],
)
def test_what_is_no_link_stays(html):
    tracked = track(html)
    assert tracked.copy.decode() == html
    assert tracked.links == ()


@pytest.mark.parametrize(
    ("href", "text", "reason"),
    [
        ("", "x", "empty"),
        ("  ", "x", "empty"),
        ("#top", "x", "fragment"),
        ("mailto:info@example.com", "x", "scheme"),
        ("tel:+391", "x", "scheme"),
        ("sms:+391", "x", "scheme"),
        ("data:text/html,x", "x", "scheme"),
        ("javascript:void(0)", "x", "scheme"),
        ("cid:a@b", "x", "scheme"),
        ("file:///c:/x", "x", "scheme"),
        ("ftp://example.com/", "x", "scheme"),
        ("/path", "x", "relative"),
        ("//example.com/a", "x", "relative"),
        ("page.html", "x", "relative"),
        ("https:", "x", "malformed"),
        ("https:///a", "x", "malformed"),
        ("{{ url }}", "x", "template"),
        ("https://e.test/%%id%%", "x", "template"),
        ("https://e.test/*|ID|*", "x", "template"),
        (f"https://{HOST}/o/x-unverified?", "x", "tracking-host"),
        (f"https://{HOST}:443/c/junk", "x", "tracking-host"),
        ("https://e.test/Unsubscribe?u=1", "x", "unsubscribe"),
        ("https://e.test/opt-out", "x", "unsubscribe"),
        ("https://e.test/opt_out", "x", "unsubscribe"),
        ("https://e.test/d%C3%A9sabonnement", "x", "unsubscribe"),
        ("https://e.test/", "Click to UNSUBSCRIBE", "unsubscribe"),
        ("https://e.test/", "Se d&eacute;sabonner", "unsubscribe"),
        ("https://e.test/", "Se de\u0301sabonner", "unsubscribe"),
        ("https://e.test/", "Disiscriviti", "unsubscribe"),
        ("https://e.test/", "<b>Ab</b>melden? Abmeldung", "unsubscribe"),
        ("https://e.test/", '<img alt="optout" src="x">', "unsubscribe"),
        ("https://e.test/reset-password?t=1", "x", "one-time"),
        ("https://e.test/login?OTP=123", "x", "one-time"),
        ("https://e.test/magic-link/1", "x", "one-time"),
        ("https://bank.test/a", "x", "excluded-domain"),
        ("https://www.Bank.test./a", "x", "excluded-domain"),
        ("https://e.test/" + "a" * 1486, "x", "too-long"),
        ("https://e.test/" + "é" * 743, "x", "too-long"),
    ],
)
def test_a_link_that_is_not_to_be_tracked_stays_and_says_why(href, text, reason):
    html = f'<a href="{href}">{text}</a>'
    tracked = track(html, excluded_domains=frozenset({"bank.test"}))
    assert reasons(tracked) == [reason]
    assert tracked.copy.decode() == html
    assert tracked.untracked[0].what == "link"


@pytest.mark.parametrize(
    ("target", "address", "tracked"), [(1_500, 2_083, True), (1_501, 100, False), (100, 2_084, False)]
)
def test_a_target_is_tracked_up_to_1500_bytes_and_2083_characters_of_the_whole_address(target, address, tracked):
    start = f"https://{HOST}/c/"
    url = "https://e.test/".ljust(target, "a")
    found = track(f'<a href="{url}">x</a>', click_url=lambda _index, _target: start.ljust(address, "A"))
    assert len(found.links) == tracked
    assert reasons(found) == ([] if tracked else ["too-long"])


@pytest.mark.parametrize("host", ["notbank.test", "bank.test.example"])
def test_an_excluded_domain_excludes_itself_and_what_is_under_it_only(host):
    assert track(f"<a href=https://{host}/>x</a>", excluded_domains=frozenset({"bank.test"})).links


@pytest.mark.parametrize("mark", ['data-track="off"', "data-track=OFF", "DATA-TRACK=' off '"])
def test_a_link_marked_off_is_left_alone(mark):
    assert reasons(track(f"<a {mark} href='{TARGET}'>x</a><a href='{TARGET}' {mark}>y</a>")) == ["off"]


def test_a_target_that_no_token_can_carry_is_left_alone():
    def refuse(_index, target):
        raise ValueError(target)

    assert reasons(track(f'<a href="{TARGET}">x</a>', click_url=refuse)) == ["malformed"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("the <b>big</b>\n offer &amp; more", "the big offer & more"),
        ('<img src="x" alt="Buy &quot;now&quot;">', 'Buy "now"'),
        ("<!--[if mso]>&nbsp;<![endif]--><span>Go</span>", "Go"),
        ("", "its title"),
        ("caffè", "caffè"),
        ("x" * 5000, "x" * 200),
        ("è" * 5000, "è" * 200),
    ],
)
def test_a_link_keeps_the_text_by_which_people_know_it(content, text):
    tracked = track(f'<a title="its title" href="{TARGET}">{content}</a> other <a href="{TARGET}">b</a>')
    assert [link.text for link in tracked.links] == [text, "b"]


def test_the_same_address_twice_is_two_links():
    tracked = track(f'<a href="{TARGET}">x</a><a href="{TARGET}">x</a>')
    assert [(link.index, link.url) for link in tracked.links] == [(0, TARGET), (1, TARGET)]


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("https://example.com/a", True),
        ("www.example.com", True),
        ("example.com/path", True),
        (" Example.com. ", True),
        ("the offer", False),
        ("info@example.com", False),
        ("see example.com today", False),
        ("3.14", False),
    ],
)
def test_a_text_that_is_an_address_is_named_and_left_alone_on_demand(text, shows):
    html = f'<a href="{TARGET}">{text}</a>'
    assert [link.shows_address for link in track(html, leave_address_text="false").links] == [shows]
    assert reasons(track(html, leave_address_text="true")) == (["address-text"] if shows else [])


@pytest.mark.parametrize("quote", ['"', "'", ""])
@pytest.mark.parametrize("target", ["https://e.test/?a=1&amp=2&copy;", "https://e.test/é'\"<> `=x"])
def test_an_older_link_of_ours_is_taken_back_to_its_target_when_clicks_are_off(quote, target):
    html = f"<a href={quote}{click(7, target)}{quote}>x</a>"
    back = track(html, click_url=None)
    assert HOST not in back.copy.decode()
    assert back.copy.isascii()
    assert [link.url for link in rewriting.track_html(back.copy, "utf-8", context()).links] == [target]


def test_an_older_link_of_ours_becomes_a_link_of_this_message():
    tracked = track(f'<a href="{click(7, TARGET)}">x</a>')
    assert tracked.copy.decode() == f'<a href="{click(0, TARGET)}">x</a>'
    assert tracked.links[0].url == TARGET


def test_an_older_pixel_is_taken_out_even_through_an_image_proxy():
    html = f'<p>a<img src="{OLD_PIXEL}" width=1>b<img src="https://proxy.test/x#{OLD_PIXEL}"><img src="https://e.test/logo.png">'
    assert track(html).copy.decode() == '<p>ab<img src="https://e.test/logo.png">'


def test_an_image_whose_token_does_not_verify_is_an_ordinary_image():
    html = f'<img src="https://{HOST}/x/junk">'
    assert own(f"https://{HOST}/x/junk") is None
    assert track(html).copy.decode() == html


def test_links_and_their_order_do_not_depend_on_the_recipient():
    html = f'<a href="{TARGET}">x</a><a href="mailto:a@b">m</a><a href="https://b.test/">y</a>'
    one, two = (rewriting.track_html(html.encode(), "utf-8", context(who)) for who in ("r", "another"))
    assert one.links == two.links
    assert one.untracked == two.untracked
    assert one.copy != two.copy


@pytest.mark.parametrize(
    "charset",
    [
        "utf-8",
        "iso-8859-1",
        "windows-1252",
        "koi8-r",
        "shift_jis",
        "gb18030",
        "big5",
        "euc-kr",
        "utf-16",
        "utf-16-le",
        "utf-32",
        "iso-2022-jp",
    ],
)
def test_a_charset_survives_and_addresses_are_read_in_it(charset):
    letter = "é"
    for candidate in ("é", "я", "字"):
        try:
            candidate.encode(charset)
        except UnicodeEncodeError:
            continue
        letter = candidate
    html = f'<p>{letter}<a href="https://e.test/{letter}">{letter}</a></p>'
    tracked = track(html, charset, open_url=OPEN_URL)
    assert tracked.links[0].url == f"https://e.test/{letter}"
    assert tracked.links[0].text == letter
    copy = tracked.copy.decode(charset)
    assert copy.startswith(f'<p>{letter}<a href="{click(0, f"https://e.test/{letter}")}">{letter}</a></p>')
    assert copy.endswith(image(OPEN_URL))
    assert rewriting.restore(tracked.copy, tracked.edits) == html.encode(charset)


@pytest.mark.parametrize("charset", ["us-ascii", "utf-8", "x-unknown", "", "rot13", "base64", "a" * 99])
def test_a_charset_that_lies_is_survived(charset):
    html = '<a href="https://e.test/é">x</a>'.encode("cp1252")
    tracked = rewriting.track_html(html, charset, context())
    assert tracked.links[0].url == "https://e.test/é"
    assert rewriting.restore(tracked.copy, tracked.edits) == html


@pytest.mark.parametrize(("charset", "really"), [("utf-8", "utf-16"), ("utf-16", "ascii"), ("utf-16", "utf-8")])
def test_a_charset_in_which_our_text_would_be_noise_leaves_the_part_alone(charset, really):
    html = '<a href="https://e.test/">xx</a>'.encode(really)
    tracked = rewriting.track_html(html, charset, context())
    assert tracked.copy == html


PIECES = st.lists(
    st.sampled_from(
        [
            "<a href=", "<A\nHREF = ", '"', "'", ">", "</a>", "https://e.test/é?a&amp;b", "x", " ", "\r\n", "<!--", "-->",
            "<!--[if mso]>", "<![endif]-->", "<style>", "</style>", "<title>", "</title>", "<![CDATA[", "]]>", "<body>",
            "</body>", "</html>", "<v:rect href=", "<area href=", "<div class=gmail_quote>", "<blockquote type=cite>",
            f"<img src={OLD_PIXEL}>", f"<img src='{OPEN_URL}'>", click(3, "https://q.test/"), "=", "&", "&sect",
            "&#", "\0", "\x85",
        ]
    ),
    max_size=40,
)  # fmt: skip


@given(PIECES.map("".join), st.sampled_from(["utf-8", "latin-1", "utf-16", "iso-2022-jp"]))
def test_any_html_is_restored_and_tracked_once_only(html, charset):
    raw = html.encode(charset, "replace")
    tracked = rewriting.track_html(raw, charset, context())
    assert rewriting.restore(tracked.copy, tracked.edits) == raw
    again = rewriting.track_html(tracked.copy, charset, context())
    assert (again.copy, again.edits, again.links) == (tracked.copy, (), tracked.links)


@given(PIECES.map("".join), PIECES.map("".join))
def test_text_between_the_changes_stays_byte_for_byte(before, after):
    html = f'{before}<a href="{TARGET}">x</a>{after}'
    tracked = rewriting.track_html(html.encode(), "utf-8", context())
    place = done = 0
    for at, length, old in tracked.edits:
        gap = at - place
        assert tracked.copy[place:at] == html.encode()[done : done + gap]
        done += gap + len(old)
        place = at + length
    assert tracked.copy[place:] == html.encode()[done:]


@pytest.mark.parametrize(
    ("href", "given", "reason"),
    [
        ("https://e.test/a?b=1&amp;c=2", {"excepted": frozenset({"https://e.test/a?b=1&c=2"})}, "except"),
        ("https://e.test/a", {"excepted": frozenset({"https://e.test/"})}, None),
        ("https://e.test/unsubscribe", {"excepted": frozenset({"https://e.test/unsubscribe"})}, "except"),
        ("https://www.bücher.example/a", {"never_track": hosts.parse_domains("BÜCHER.example")}, "never-track"),
        ("https://notbank.test/", {"never_track": hosts.parse_domains("bank.test")}, None),
    ],
)
def test_an_address_or_a_domain_that_the_sender_names_is_left_alone(href, given, reason):
    tracked = track(f'<a href="{href}">x</a>', **given)
    assert reasons(tracked) == ([reason] if reason else [])
    assert len(tracked.links) == (not reason)


@pytest.mark.parametrize(
    "html",
    [
        "<!--[if mso]><a href=https://example.com/a>L</a><![endif]-->",
        "<!--[if mso]><v:rect href=https://example.com/a></v:rect><![endif]-->",
        "<!--[if mso]><a href= https://example.com/a\n>L</a><![endif]-->",
        "<!--[if mso]><a href=https://example.com/a>",
    ],
)
def test_an_unquoted_address_in_a_comment_never_ends_in_a_hyphen(html):
    def dashed(index, target):
        return f"{click(index, target)}--"

    tracked = track(html, click_url=dashed)
    assert [link.url for link in tracked.links] == [TARGET]
    assert f'"{dashed(0, TARGET)}"' in tracked.copy.decode()
    assert rewriting.restore(tracked.copy, tracked.edits).decode() == html
    for visible in ("<a href=https://example.com/a>L</a>", "<![if !mso]><a href=https://example.com/a>L</a><![endif]>"):
        assert f"href={dashed(0, TARGET)}>" in track(visible, click_url=dashed).copy.decode()


@pytest.mark.parametrize(
    ("html", "targets"),
    [
        ('<!--[if mso]><a href="https://e.test/x>Go</a><![endif]--><p>Pay.</p><a href="https://e.test/a">y</a>', [A]),
        ("<!--[if mso]><a href='https://e.test/x>Go</a><![endif]--><a href='https://e.test/a'>y</a>", [A]),
        ('<!--[if mso]><v:rect href="https://e.test/x style=1><![endif]--><p>Pay.</p><a href="https://e.test/a">y</a>', [A]),
        ('<!--[if mso]><td style="a><![endif]--><a href="https://e.test/a">y</a>', [A]),
        ('<!--[if mso]><style>a<![endif]--><a href="https://e.test/a">y</a>', [A]),
        ('<!--[if mso]><title><![endif]--><a href="https://e.test/a">y</a>', [A]),
        ('<!--[if mso]><plaintext><![endif]--><a href="https://e.test/a">y</a>', [A]),
        ('<!--[if mso]><![CDATA[<![endif]--><a href="https://e.test/a">y</a>', [A]),
        ('<!--[if mso]><a <![endif]--!><a href="https://e.test/a">y</a>', [A]),
        ('<!--[if mso]><a href=https://e.test/a><!--[if ie]><a href="z><![endif]--><a href="https://e.test/a">y</a>', [A] * 2),
        ('<!--[if !mso]><!--><a href="https://e.test/a">y</a><!--<![endif]-->', [A]),
        ('<!--[if !mso]>--><a href="https://e.test/a">y</a><!--<![endif]-->', [A]),
        ('<!--[if mso]><a href="https://e.test/a">y</a>', [A]),
        ('<a href="https://e.test/x>Go</a><p>Pay.</p><a href="https://e.test/y">y</a><a href="https://e.test/a">y</a>', [A]),
        ('<a href="https://e.test/x\n<b>Go</b>">y</a><a href="https://e.test/a">y</a>', [A]),
        ('<a href="https://e.test/x&lt;b">y</a>', ["https://e.test/x<b"]),
    ],
)  # fmt: skip
def test_what_begins_in_a_conditional_comment_ends_in_it_and_markup_is_no_part_of_an_address(html, targets):
    tracked = track(html, open_url=OPEN_URL)
    assert [link.url for link in tracked.links] == targets
    assert set(reasons(tracked)) <= {"malformed"}
    copy = tracked.copy.decode()
    assert copy.count(OPEN_URL) == 1
    assert OPEN_URL in COMMENT.sub("", copy)
    assert COMMENT.sub("", html).count("Pay.") == COMMENT.sub("", copy).count("Pay.")
    assert rewriting.restore(tracked.copy, tracked.edits).decode() == html


@pytest.mark.parametrize(
    "name", ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"]
)
@pytest.mark.parametrize("end", ["", "</{}>", "</{}x>"])
def test_where_browsers_see_text_nothing_is_a_link_and_no_pixel_stands(name, end):
    html = f'<a href="{TARGET}">x</a><{name.upper()} class=a><a href="https://no.test/">x</a></body>{end.format(name)}'
    tracked = track(html, open_url=OPEN_URL)
    assert [link.url for link in tracked.links] == [TARGET]
    shown = re.sub(
        rf"(?is)<{name}.*?(?:</{name}>|\Z)" if name != "plaintext" else r"(?is)<plaintext.*", "", tracked.copy.decode()
    )
    assert shown.count(OPEN_URL) == 1


@pytest.mark.parametrize("name", ["listing", "pre", "noscript", "plaintexts", "xmpp"])
def test_what_only_sounds_like_such_an_element_is_ordinary_markup(name):
    assert [link.url for link in track(f'<{name}><a href="{TARGET}">x</a></{name}>').links] == [TARGET]
