"""Find the tags that matter in HTML, as a browser would cut it up, in one pass and in time linear in its length."""

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

# The tokenisation of the HTML standard (13.2.5), as far as mail needs it: where a tag ends, and what is no markup.
_WS = r" \t\n\r\f"
# A quote opens a value only right after "="; one that never closes swallows the rest, and its tag is none.
_ATTRS = rf"""(?:[^>=]++|=[{_WS}]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^{_WS}>"'][^{_WS}>]*+)?+)*+"""
_CONDITION = r"<!--\[if[^\]>]*+\]>"  # what follows is markup to some client
_COMMENT = rf"(?!{_CONDITION})<!--(?:-?>|(?s:.*?)--!?>|(?s:.*+))"
_CDATA = r"<!\[CDATA\[(?:(?s:.*?)\]\]>|(?s:.*+))"
_BOGUS = rf"(?!{_CONDITION})<(?:[!?]|/(?![A-Za-z]))[^>]*+(?:>|\Z)"
_RAW_NAMES = "script|style|textarea|title|xmp|iframe|noembed|noframes"
# All names that are not ordinary, by their first letters: this is asked at each tag.
_SPECIAL = (
    r"(?:a(?:rea)?|i(?:mg|frame)|v:[a-z]+|/?(?:body|h(?:tml|ead))|s(?:cript|tyle)|t(?:extarea|itle)|xmp"
    r"|no(?:embed|frames)|plaintext)"
)
# Spelled out name by name: a group that captures inside a possessive repeat breaks CPython's re (3.13).
_RAW = "|".join(
    rf"<{name}(?=[{_WS}/>]){_ATTRS}>[^<]*+(?:<(?!/{name}[{_WS}/>])[^<]*+)*+" for name in _RAW_NAMES.split("|")
)
_PLAINTEXT = rf"<plaintext(?=[{_WS}/>]){_ATTRS}>(?s:.*+)"  # all that follows is text: it has no end
_NAMES = r"(?:a(?:rea)?|img|v:[a-z]+|/?(?:body|h(?:tml|ead)))"
_TAG = rf"<({_NAMES})(?=[{_WS}/>])({_ATTRS})(?:(>)|\Z)"
_OTHER = rf"<(?!{_SPECIAL}[{_WS}/>])/?[A-Za-z][^{_WS}/>]*+(?:>|{_ATTRS}(?:>|\Z))"

# Most end tags; those of body, head and html matter. What this leaves out, _OTHER takes.
_END = r"</[ac-gi-z][a-z0-9:\-]*+>"

# A "<" that opens nothing, or what would be a script if its tag had an end.
_STRAY = rf"<(?![A-Za-z!?/])|<(?:{_RAW_NAMES}|plaintext)(?=[{_WS}/>]){_ATTRS}\Z"

_FLAGS = re.ASCII | re.IGNORECASE
_MATTERS = re.compile(
    rf"(?:[^<]++|{_END}|{_OTHER}|{_COMMENT}|{_RAW}|{_PLAINTEXT}|{_CDATA}|{_BOGUS}|{_STRAY})*+(?:{_TAG}|({_CONDITION})|\Z)",
    _FLAGS,
)
_EVERY = re.compile(
    rf"{_COMMENT}|({_CONDITION})|{_CDATA}|{_BOGUS}|{_RAW}|{_PLAINTEXT}|<(/?[A-Za-z][^{_WS}/>]*+)({_ATTRS})(?:(>)|\Z)",
    _FLAGS,
)
_COMMENT_END = re.compile("--!?>")
_MATTERS_INSIDE = re.compile(r"<(?:a|img|v:)", _FLAGS)
_TAG_GROUP, _CONDITION_GROUP = 3, 4  # in _MATTERS
_EVERY_CONDITION, _EVERY_TAG = 1, 4  # in _EVERY
_PROBE = '<img alt="">'


class Tag(NamedTuple):
    """A tag: its name in lower case (`/` before it in an end tag), the span of its attributes, its own span.

    `hidden` says that browsers see it as part of a comment: it stands inside `<!--[if …]>`, and ends there.
    """

    name: str
    start: int
    attrs: int
    attrs_end: int
    end: int
    hidden: bool


_tag = partial(tuple.__new__, Tag)  # a good part of all time is spent here


def tags(text: str) -> Iterator[Tag]:
    """Return the tags by which links and the pixel are placed, in their order."""
    place: int | None = 0
    while place is not None:
        found, place = _MATTERS.finditer(text, place), None
        for match in found:
            if match.lastindex == _TAG_GROUP:
                start, (attrs, end) = match.start(1) - 1, match.span(2)
                yield _tag((match[1].lower(), start, attrs, end, end + 1, False))
            elif match.lastindex == _CONDITION_GROUP:
                place = _comment_end(text, match)
                if _MATTERS_INSIDE.search(text, match.end(), place):
                    yield from _hidden_tags(text, match.end(), place)
                break


def _hidden_tags(text: str, start: int, end: int) -> Iterator[Tag]:
    """Return those of the tags in a conditional comment."""
    for match in _MATTERS.finditer(text, start, end):
        if match.lastindex == _TAG_GROUP:
            yield _tag((match[1].lower(), match.start(1) - 1, *match.span(2), match.end(), True))


def every_tag(text: str) -> Iterator[Tag]:
    """Return all tags, in their order, script and the like left out with their content."""
    for match, hidden in _every(text):
        if match.lastindex == _EVERY_TAG:
            yield Tag(match[2].lower(), match.start(), *match.span(3), match.end(), hidden)


def texts(text: str) -> Iterator[tuple[int, int]]:
    """Return the spans of text between markup, as far as people see it: none of comments, scripts and the like."""
    done = 0
    for match, hidden in _every(text):
        if not hidden and done < match.start():
            yield done, match.start()
        done = match.end()
    if done < len(text):
        yield done, len(text)


def open_end(text: str, start: int) -> int:
    """Return where markup can be put at the end of `text`: before what never ends, be it comment or tag, or after it all.

    `start` is a place outside any tag and any comment, from which to look.
    """
    rest = text[start:]
    if any(tag.start == len(rest) and not tag.hidden for tag in tags(rest + _PROBE)):
        return len(text)
    last = 0
    for match, hidden in _every(rest + _PROBE):
        if not hidden:
            last = match.start()
    return start + last


def _every(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Return all markup, and whether it stands in a conditional comment."""
    place, stop, hidden = 0, len(text), False
    while True:
        for match in _EVERY.finditer(text, place, stop):
            yield match, hidden
            if not hidden and match.lastindex == _EVERY_CONDITION:
                place, stop, hidden = match.end(), _comment_end(text, match), True
                break
        else:
            if not hidden:
                return
            place, stop, hidden = stop, len(text), False


def _comment_end(text: str, condition: re.Match[str]) -> int:
    """Return where the comment that a condition opens ends for a browser: what begins inside it ends there too."""
    end = _COMMENT_END.search(text, condition.end() - 1)
    return end.start() if end else len(text)
