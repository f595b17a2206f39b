"""HTML is bounded before a parser builds its tree: the work for each tag depends on the open elements, which are few."""

from collections import Counter
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.web.pages.mail import body as body_page
from functions.web.rendering import composer_html
from ocello.domain.mail import bodies, nesting
from ocello.domain.mail.bodies import Body
from ocello.domain.mail.nesting import MOST_OPEN, MOST_REOPENED, MOST_STYLED, limit_nesting
from tests.fakes.sending.ports import sending_ports
from tests.fakes.web import REP

TAGS = body_page._TAGS
MANY = 20_000


class Parser(HTMLParser):
    """Counts the open elements of a tree builder that closes none by itself."""

    void = frozenset({"br", "hr", "img", "wbr", "area", "col"})
    closed_by_next = frozenset({"p", "li", "dd", "dt", "td", "tr", "tbody"})

    def __init__(self, html):
        super().__init__()
        self.open: Counter[str] = Counter()
        self.deepest, self.tags = 0, 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags += 1
        if tag not in self.void | self.closed_by_next:
            self.open[tag] += 1
            self.deepest = max(self.deepest, self.open.total())

    def handle_endtag(self, tag):
        self.open[tag] -= self.open[tag] > 0


def depth(html):
    """Return how deep the tree is that the sanitiser's own parser builds: what it closes is closed here too."""
    return Parser(html).deepest


NESTED = {
    "blocks": "<div>",
    "blocks with text": "<div>x",
    "quotations": "<blockquote>",
    "spans": "<span>",
    "tables": "<table><tr><td>",
    "tables and blocks": "<div><table><tr><td></div></table>",
    "lists": "<ul><li>",
    "end tags that a list stops": "<ul><li></ul><ol><li></ul></li>",
    "end tags that a block stops": "<span><div></span></div>",
    "end tags that a cell stops": "<table><tr><td><div></tbody></div></tr><div>",
    "formatting around blocks": "<b><div></b>",
    "formatting around tables": "<b id=x><table></b></table>",
    "blocks in what looks like a section of characters": "<![CDATA[><div>",
    "blocks that a comment makes": "<<!-- -->div>",
    "blocks in other languages": "<svg><desc><div></svg>",
    "blocks beside text areas": "<div><textarea></div></textarea>",
    "blocks in upper case": "<DIV/CLASS=x>",
    "headings": "<h1><h2>",
    "anchors": "<a href=x><div>",
    "captions": "<table><caption><div></tr>",
}


@pytest.mark.parametrize("piece", NESTED.values(), ids=NESTED)
def test_nothing_is_open_beyond_the_bound(piece):
    cleaned = nh3.clean(limit_nesting(piece * MANY, TAGS), tags=set(TAGS))
    assert depth(cleaned) <= 3 * (MOST_OPEN + MOST_STYLED)


@pytest.mark.parametrize(
    "piece", ["<p><font size={}>x", "<b id={}><p>x", "<font color={}><td>x</td><div>y</div>", "<i id={}><div></i>x"]
)
def test_formatting_is_not_opened_anew_without_end(piece):
    html = "".join(piece.format(number) for number in range(MANY))
    made = limit_nesting(html, TAGS)
    assert len(made) <= len(html) + 100 * MOST_STYLED
    assert Parser(nh3.clean(made, tags=set(TAGS))).tags <= 5 * MANY + 2 * MOST_REOPENED


def test_the_work_for_a_tag_does_not_grow_with_the_document():
    def steps(count):
        made = []
        real = nesting._Bounded.tag

        def counted(self, *given, **how):
            made.append(self._open)
            real(self, *given, **how)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(nesting._Bounded, "tag", counted)
            limit_nesting("<div>x" * count + "</div>" * count, TAGS)
        return sum(made)

    assert steps(4 * MANY) < 5 * steps(MANY)


@pytest.mark.parametrize("clean", ["shown", "written"])
def test_mail_is_bounded_before_it_is_cleaned(monkeypatch, clean):
    given = []
    real = nh3.clean

    def noted(html, **how):
        given.append(html)
        return real(html, **how)

    monkeypatch.setattr(nh3, "clean", noted)
    html = "<div>" * MANY + "end"
    if clean == "shown":
        found, *_ = body_page.harmless(Body(html, ""), remote=False, tracker=sending_ports(REP).tracker)
    else:
        found = composer_html.clean(html)
    assert depth(given[0]) <= MOST_OPEN
    assert "end" in found


HONEST = [
    "<p>one<p>two<ul><li>a<li>b</ul><table><tr><td>x<td>y<tr><td>z</table>",
    "<b>bold<p>still</b> not</p><font color=red>a</font>",
    '<a name=x><a href="https://e.test/?a=1&amp;b=2">x</a>',
    "1 < 2 and 3<4 &amp; <b>5</b><br/><img src=x>",
    "<table><caption>c</caption><thead><tr><th>h</thead><tbody><tr><td><b>x</table>after",
    "<table><tr><td><font size=1>x</td><td>y</td></tr></table>" * 100,
    "<blockquote><div>" * 60 + "old" + "</div></blockquote>" * 60 + "<b>end</b>",
    "<h1>a</h2>b</h1>c</p>d</br>e",
    "<DIV Align='Center' title=\"a>b\">x</DIV>",
]


@pytest.mark.parametrize("html", HONEST, ids=range(len(HONEST)))
def test_ordinary_html_is_cleaned_as_before(html):
    assert nh3.clean(limit_nesting(html, TAGS), tags=set(TAGS)) == nh3.clean(html, tags=set(TAGS))


def test_scripts_titles_and_comments_show_nothing():
    html = "<title>T</title><script>a<b></script><style>p{}</style>x<!-- y --><!--[if mso]>z<![endif]-->"
    assert limit_nesting(html, TAGS) == "x"


@given(
    st.lists(
        st.sampled_from(
            ["<div>", "</div>", "<b>", "</b>", "<table>", "</table>", "<td>", "</td>", "<tr>", "<p>", "</p>", "<span>", "</span>",
             "<a href=x>", "</a>", "<!--", "-->", "<![CDATA[", "<svg>", "</svg>", "<textarea>", "</textarea>", "<", ">", "x", '"',
             "<font a='", "<ul>", "<li>", "</ul>", "</li>", "<caption>", "</tr>", "</tbody>", "<title>", "<h1>", "</h1>", "</"]
        ),
        max_size=300,
    )
)  # fmt: skip
def test_no_document_is_deeper_than_the_bound(pieces):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(nesting, "MOST_OPEN", 4)
        patched.setattr(nesting, "MOST_STYLED", 3)
        made = limit_nesting("".join(pieces), TAGS)
    cleaned = nh3.clean(made, tags=set(TAGS))
    assert depth(cleaned) <= 3 * (4 + 3)


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("multipart/mixed; boundary=b{}", "Content-Type: multipart/mixed; boundary=b0\r\n\r\n--b0\r\n"),
        ("message/rfc822", "--b0\r\nContent-Type: message/rfc822\r\n\r\n--b1\r\n"),  # what the message holds
        (
            "(c)\r\n multipart/digest; boundary=b{}",
            "Content-Type: (c)\r\n multipart/digest; boundary=b0\r\n\r\n--b0\r\n",
        ),
    ],
)
def test_parts_within_parts_without_end_are_shown_as_they_are_written(kind, start):
    raw = "".join(f"Content-Type: {kind.format(level)}\r\n\r\n--b{level}\r\n" for level in range(2_000)).encode()
    found = bodies.parse_body(raw + b"end")
    assert found.html is None
    assert found.text.startswith(start)


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "no-such", "utf-8", ""])
def test_a_body_is_read_in_a_charset_or_as_utf_8(charset):
    raw = f'Content-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: 8bit\r\n\r\ncaf\u00e9'.encode()
    assert bodies.parse_body(raw).text == "caf\u00e9"
