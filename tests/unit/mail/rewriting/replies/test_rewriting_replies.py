"""Replies: none of our earlier addresses is left, whatever a mail client made of them, so no earlier reader is counted."""

import base64
import email
import html
import quopri
import re
import textwrap
from dataclasses import replace
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.domain.mail import rewriting
from ocello.services.sending.outgoing import Tracker
from tests.fakes.engagement.tracking import MESSAGE, ORIGIN, READER, TRACKER, content_of
from tests.fakes.world import KEYRING

EARLIER = replace(MESSAGE, id="01936c3e-7a10-7c4f-9b21-ffffffffffff")
CONTEXT = TRACKER._context(EARLIER, 0)
PIXEL = CONTEXT.open_url
TARGETS = ("https://e.test/a?b=1&c=2", "https://e.test/b_", "https://e.test/" + "long/" * 30, "https://e.test/d#e")
OLD = tuple(CONTEXT.click_url(index, target) for index, target in enumerate(TARGETS))
HTML = "<p>Thank you</p><blockquote type=cite>{}</blockquote>".format(
    "".join(f'<a href="{address}">x</a>' for address in OLD) + f'<img src="{PIXEL}">'
)


def reply(text, head="Content-Type: text/plain; charset=utf-8"):
    return (
        "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
        f"--b\r\n{head}\r\n\r\n{text}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{HTML}\r\n--b--\r\n"
    ).encode()


def text_of(raw, mail=MESSAGE, head="Content-Type: text/plain; charset=utf-8", **changes):
    """Rewrite a reply; return the text beside its HTML."""
    tracked = rewriting.track(raw, TRACKER._context(replace(mail, **changes), 0))
    assert rewriting.restore(tracked.copy, tracked.edits) == raw
    assert TRACKER.copy(tracked.copy, replace(mail, **changes), READER).raw == tracked.copy
    return tracked.copy.decode().partition(f"{head}\r\n\r\n")[2].partition("\r\n--b\r\n")[0]


THUNDERBIRD = """\
Thank you,

Am 25.11.26 um 10:00 schrieb Rosa:
> Dear buyer,
>
> see the offer <{0}>, the\x20
> other <{1}>
>
> <{2}>
> and {3}.
> [{pixel}]""".replace("\n", "\r\n")
ROUNDCUBE = """\
Thank you

Il 2026-11-25 10:00 Rosa ha scritto:

> Dear buyer,
> see the offer [1], the other [2], more [3].
>\x20
> Links:
> ------
> [1] {0}
> [2] {1}
> [3] {2}
> [4] {3}
> [5] {pixel}""".replace("\n", "\r\n")
MARKDOWN = "See [the offer]({0}), [other]({1}).\r\n*{2}*\r\n[3]: {3}\r\n![]({pixel})"
OUTLOOK = "Offer<{0}>\r\nOther <{1}> [{pixel}]\r\n[image: {pixel}]\r\n{2} {3}"
SHAPES = {"thunderbird": THUNDERBIRD, "roundcube": ROUNDCUBE, "markdown": MARKDOWN, "outlook": OUTLOOK}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("changes", [{}, {"track_clicks": False}, {"track_opens": False, "track_clicks": False}])
def test_a_text_part_beside_html_gets_the_targets_back(shape, changes):
    text = SHAPES[shape]
    found = text_of(reply(text.format(*OLD, pixel=PIXEL)), **changes)
    assert ORIGIN not in found
    expected = text.format(*TARGETS, pixel="@")
    for removed in ("[image: @]", "[@]", "(@)", "@"):
        expected = expected.replace(removed, "")
    assert found == expected


@pytest.mark.parametrize("width", [40, 60, 72, 78])
@pytest.mark.parametrize("quote", ["", "> ", ">> ", "> > ", "    "])
@pytest.mark.parametrize("flowed", ["", " "])
@pytest.mark.parametrize("form", ["<{}>", "[1] {}", "{}", "see {}"])
def test_an_address_that_was_broken_into_lines_is_taken_back(width, quote, flowed, form):
    for address, target in zip(OLD, TARGETS, strict=True):
        line = form.format(address)
        lines = [line[place : place + width] for place in range(0, len(line), width)]
        text = f"{flowed}\r\n".join(quote + each for each in lines) + f"\r\n{quote}and more.\r\n"
        found = text_of(reply(text))
        assert found == f"{quote}{form.format(target)}\r\n{quote}and more.\r\n"


@pytest.mark.parametrize("around", ["*{}*", "_{}_", "'{}'", '"{}"', "({}).", "{}_", "{}, and", "{}?", "~{}~:", "{}?_"])
def test_an_address_is_taken_back_out_of_what_stands_around_it(around):
    for address, target in zip(OLD, TARGETS, strict=True):
        found = text_of(reply(around.format(address)))
        assert found == around.replace("?_", "_").format(target)


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
@pytest.mark.parametrize("head", ["charset=iso-8859-1", "charset=utf-16", "charset=utf-8; format=flowed; delsp=yes"])
def test_the_text_may_be_encoded(encoding, head):
    text = f"caffè <{OLD[0]}>\r\n".encode(head.removeprefix("charset=").partition(";")[0])
    body = base64.encodebytes(text).decode() if encoding == "base64" else quopri.encodestring(text).decode()
    raw = reply(body, f"Content-Type: text/plain; {head}\r\nContent-Transfer-Encoding: {encoding}")
    copy = rewriting.track(raw, TRACKER._context(MESSAGE, 0))
    plain = email.message_from_bytes(copy.copy).get_payload(0)
    assert isinstance(plain, Message)
    words = content_of(plain).decode(plain.get_content_charset())
    assert words.strip() == f"caffè <{TARGETS[0]}>"
    assert rewriting.restore(copy.copy, copy.edits) == raw


def test_other_addresses_beside_html_stay_and_are_not_reported():
    text = "see https://e.test/x and https://e.test/unsubscribe, <https://t.example.test/c/junk>"
    raw = reply(text)
    assert text_of(raw) == text
    found = rewriting.track(raw, TRACKER._context(MESSAGE, 0))
    assert [link.url for link in found.links] == list(TARGETS)
    assert found.untracked == ()


def test_where_plain_text_is_tracked_an_earlier_address_becomes_one_of_this_mail():
    tracker = replace(TRACKER, plain_text=True)
    found = rewriting.track(reply(f"<{OLD[0]}> [{PIXEL}]"), tracker._context(MESSAGE, 0))
    assert [link.url for link in found.links] == [TARGETS[0], *TARGETS]
    assert OLD[0].encode() not in found.copy
    assert PIXEL.encode() not in found.copy


def test_a_plain_mail_without_html_has_its_earlier_addresses_replaced():
    raw = f"Content-Type: text/plain\r\n\r\n> see {OLD[1]}\r\n> [{PIXEL}]\r\n".encode()
    found = rewriting.track(raw, TRACKER._context(MESSAGE, 0))
    assert [link.url for link in found.links] == [TARGETS[1]]
    assert PIXEL.encode() not in found.copy


@pytest.mark.parametrize(
    "address", ["https://T.Example.Test{}", "HTTPS://t.example.test{}", "https://t.example.test:443{}"]
)
def test_an_address_is_ours_however_a_client_spells_its_host(address):
    spelled = address.format(OLD[0].removeprefix(ORIGIN))
    assert TRACKER.own(spelled) == TARGETS[0]
    assert TRACKER.own(spelled + "?x=1") == TARGETS[0]
    assert TRACKER.own(spelled.replace("t.example", "x.example").replace("T.Example", "x.example")) is None
    assert text_of(reply(f"<{spelled}>")) == f"<{TARGETS[0]}>"


@settings(deadline=None)
@given(
    st.text(alphabet=" \r\n>_*.<[]()a-", max_size=12),
    st.text(alphabet=" \r\n>_*.<[]()a-", max_size=12),
    st.sampled_from(OLD),
)
def test_no_earlier_address_survives_whatever_stands_around_it(before, after, address):
    text = f"x {before} {address} {after} {textwrap.shorten(before, 9)}"
    assert ORIGIN not in text_of(reply(text))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p>see {0} and</p><a href="{1}">{1}</a>', '<p>see {0} and</p><a href="{1}">{1}</a>'),
        ("<pre>&gt; &lt;{0}&gt;\r\n&gt; [{pixel}]</pre>", "<pre>&gt; &lt;{0}&gt;\r\n&gt; []</pre>"),
        ("<style>{0}</style><!-- {0} --><p title='{0}'>{2}", None),
    ],
)
def test_earlier_addresses_are_taken_out_of_the_text_that_html_shows(html, expected):
    nothing = TRACKER._context(replace(MESSAGE, track_clicks=False, track_opens=False), 0)
    raw = html.format(*OLD, pixel=PIXEL).encode()
    found = rewriting.track_html(raw, "utf-8", nothing)
    if expected is None:
        assert found.copy.decode() == html.replace("{2}", TARGETS[2]).format(*OLD)
    else:
        assert found.copy.decode() == expected.format(*(target.replace("&", "&#38;") for target in TARGETS))
    assert rewriting.restore(found.copy, found.edits) == raw
    again = rewriting.track_html(raw, "utf-8", CONTEXT)
    assert rewriting.track_html(again.copy, "utf-8", CONTEXT).edits == ()


def test_a_link_is_not_remembered_by_an_earlier_address():
    html = f'<a href="{OLD[0]}">our offer {OLD[0]}</a>'
    found = rewriting.track_html(html.encode(), "utf-8", TRACKER._context(MESSAGE, 0))
    assert [(link.url, link.text) for link in found.links] == [(TARGETS[0], f"our offer {TARGETS[0]}")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see {0}?utm_source=x&b=1. And", "see {1}. And"),
        ("see {0}#top, and", "see {1}, and"),
        ("did you see {0}?", "did you see {1}?"),
        ("{0}|{0}", "{1}|{1}"),
        ("https://e.test/?next={0}", "https://e.test/?next={1}"),
    ],
)
def test_a_query_that_somebody_put_on_goes_with_our_address(text, expected):
    assert text_of(reply(text.format(OLD[0], TARGETS[0]))) == expected.format(OLD[0], TARGETS[0])


def encoded(address):
    return address.replace(":", "%3A").replace("/", "%2F")


def encoded_twice(address):
    """Return an address as urldefense's second version does: percent-encoded, then other letters for `%` and `/`."""
    spelled = address.replace("-", "%2D").replace("_", "%5F").replace(":", "%3A").replace("=", "%3D")
    return spelled.replace("%", "-").replace("/", "_")


WRAPPED = {
    "safe links": lambda address: (
        f"https://eur01.safelinks.protection.outlook.com/?url={encoded(address)}&data=05%7C02&sdata=q%2Bw%3D&reserved=0"
    ),
    "urldefense": lambda address: f"https://urldefense.com/v3/__{address}__;!!Nq7!x$",
    "urldefense, version 2": lambda address: (
        f"https://urldefense.proofpoint.com/v2/url?u={encoded_twice(address)}&d=DwMFaQ&c=a_b-c&r=x&m=y&s=z&e="
    ),
    "urldefense, version 1": lambda address: (
        f"https://urldefense.proofpoint.com/v1/url?u={encoded(address)}&k=x%3D&r=y&m=z&s=w"
    ),
    "google": lambda address: f"https://www.google.com/url?q={encoded(address)}&source=gmail&ust=1",
    "google, clear": lambda address: f"https://www.google.com/url?q={address}&source=gmail",
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
@pytest.mark.parametrize("clicks", [True, False])
def test_an_earlier_address_that_a_mail_service_wrapped_leads_to_its_target_again(wrap, clicks):
    mail = replace(MESSAGE, track_clicks=clicks)
    links = "".join(f'<a href="{wrap(old).replace("&", "&amp;")}">x</a>' for old in OLD)
    raw = f"Content-Type: text/html\r\n\r\n<p>{links}</p>".encode()
    tracked = rewriting.track(raw, TRACKER._context(mail, 0))
    assert rewriting.restore(tracked.copy, tracked.edits) == raw
    assert TRACKER.copy(tracked.copy, mail, READER).raw == tracked.copy
    if clicks:
        assert [link.url for link in tracked.links] == list(TARGETS)
    else:
        assert re.findall(r'href="(.*?)"', html.unescape(tracked.copy.decode())) == list(TARGETS)
    text = "\r\n".join(f"> see <{wrap(old)}> and {wrap(old)}" for old in OLD)
    beside = text_of(reply(text), track_clicks=clicks)
    assert beside == "\r\n".join(f"> see <{target}> and {target}" for target in TARGETS)
    alone = rewriting.track(f"Content-Type: text/plain\r\n\r\n{text}".encode(), TRACKER._context(mail, 0))
    assert not [old for old in OLD if old.rpartition("/")[2].encode() in alone.copy]
    assert [link.url for link in alone.links] == [target for target in TARGETS for _ in range(2 * clicks)]


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
def test_the_text_that_shows_a_wrapped_address_shows_its_target_again(wrap):
    shown = [html.escape(wrap(old)) for old in OLD]
    links = "".join(f'<p><a href="{address}">{address}</a>, &lt;{address}&gt;.</p>' for address in shown)
    context = TRACKER._context(MESSAGE, 0)
    tracked = rewriting.track_html(links.encode(), "utf-8", context)
    assert tracked.links == ()  # each text is a whole address of another company
    seen = html.unescape(tracked.copy.decode().partition("<img")[0])
    assert seen == "".join(f'<p><a href="{target}">{target}</a>, <{target}>.</p>' for target in TARGETS)
    assert rewriting.restore(tracked.copy, tracked.edits) == links.encode()
    assert rewriting.track_html(tracked.copy, "utf-8", context).edits == ()


ORIGINS = ["https://go-1.acme-mail.test", "https://t.xn--bcher-kva.test", "https://xn--bcher-kva.xn--p1ai"]


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
@pytest.mark.parametrize("origin", ORIGINS)
def test_a_wrapped_address_is_found_by_any_host_however_the_service_encodes_it(wrap, origin):
    tracker = Tracker(KEYRING, origin)
    shown = html.escape(wrap(tracker._context(EARLIER, 0).click_url(0, TARGETS[0])))
    tracked = rewriting.track_html(f"<p>{shown}</p>".encode(), "utf-8", tracker._context(MESSAGE, 0))
    assert html.unescape(tracked.copy.decode().partition("<img")[0]) == f"<p>{TARGETS[0]}</p>"


@pytest.mark.parametrize(
    ("origin", "quoted"),
    [
        ("https://t.acme.test:8443", "HTTPS://T.ACME.TEST:8443"),
        ("https://t.acme.test:8443", "https://t.acme.test"),
        ("https://t.xn--bcher-kva.test", "https://t.b\u00fccher.test"),
    ],
)
def test_visible_text_with_our_host_in_another_form_shows_the_target_again(origin, quoted):
    tracker = Tracker(KEYRING, origin)
    shown = tracker._context(EARLIER, 0).click_url(1, TARGETS[1]).replace(origin, quoted)
    document = f"<p>see {shown}, now</p>".encode("utf-16-le")
    tracked = rewriting.track_html(document, "utf-16-le", tracker._context(MESSAGE, 0))
    assert tracked.copy.decode("utf-16-le").partition("<img")[0] == f"<p>see {TARGETS[1]}, now</p>"
    assert rewriting.restore(tracked.copy, tracked.edits) == document


def test_a_link_is_remembered_by_the_target_that_its_text_wraps():
    shown = html.escape(f"see {WRAPPED['safe links'](OLD[0])}")
    tracked = rewriting.track_html(f'<a href="{OLD[0]}">{shown}</a>'.encode(), "utf-8", TRACKER._context(MESSAGE, 0))
    assert [(link.url, link.text) for link in tracked.links] == [(TARGETS[0], f"see {TARGETS[0]}")]


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
@pytest.mark.parametrize("other", WRAPPED.values(), ids=WRAPPED)
def test_wrapped_addresses_of_two_services_and_one_of_our_own_stand_in_one_text(wrap, other):
    text = (
        f"> {wrap(OLD[0])}, {other(OLD[1])}; {OLD[2]}\r\n> <{wrap(OLD[3])}> and https://share.test/?u={encoded(OLD[0])}"
    )
    expected = (
        f"> {TARGETS[0]}, {TARGETS[1]}; {TARGETS[2]}\r\n> <{TARGETS[3]}> and https://share.test/?u={encoded(OLD[0])}"
    )
    assert text_of(reply(text)) == expected


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
@pytest.mark.parametrize("width", [40, 72])
def test_a_wrapped_address_in_brackets_may_be_broken_into_lines(wrap, width):
    address = wrap(OLD[0])
    lines = [address[place : place + width] for place in range(0, len(address), width)]
    text = "> see <{}>.".format("\r\n> ".join(lines))
    assert text_of(reply(text)) == f"> see <{TARGETS[0]}>."


def test_an_address_that_only_names_one_of_ours_keeps_its_own():
    raw = f'Content-Type: text/html\r\n\r\n<a href="https://share.test/?u={encoded(OLD[0])}">x</a>'.encode()
    assert rewriting.track(raw, CONTEXT).links[0].url == f"https://share.test/?u={encoded(OLD[0])}"


@pytest.mark.parametrize("after", ["\u00a0two", "\u200btwo", "\u3044", "\u2019s"])
def test_an_earlier_address_in_plain_text_alone_goes_whatever_stands_behind_it(after):
    raw = f"Content-Type: text/plain; charset=utf-8\r\n\r\n> one {OLD[0]}{after}".encode()
    tracked = rewriting.track(raw, TRACKER._context(MESSAGE, 0))
    assert OLD[0].encode() not in tracked.copy
    assert tracked.copy.decode().endswith(f"{TARGETS[0]}{after}")
    assert rewriting.restore(tracked.copy, tracked.edits) == raw
    assert TRACKER.copy(tracked.copy, MESSAGE, READER).raw == tracked.copy


@pytest.mark.parametrize("before", ["here", "7", "one, two: https://e.test/x, here"])
def test_an_earlier_address_in_plain_text_alone_goes_also_where_a_word_touches_it(before):
    for address, target in zip((*OLD, PIXEL), (*TARGETS, ""), strict=True):
        raw = f"Content-Type: text/plain; charset=utf-8\r\n\r\n> {before}{address}\r\nand more".encode()
        tracked = rewriting.track(raw, replace(TRACKER._context(MESSAGE, 0), click_url=None))
        assert tracked.copy.decode().endswith(f"> {before}{target}\r\nand more")
        assert rewriting.restore(tracked.copy, tracked.edits) == raw
