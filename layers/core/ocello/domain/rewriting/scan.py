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
# Spelled out name by name: a group that captures inside a possessive repeat breaks CPython's re (3.13).
_RAW = "|".join(
    rf"<{name}(?=[{_WS}/>]){_ATTRS}>[^<]*+(?:<(?!/{name}[{_WS}/>])[^<]*+)*+" for name in _RAW_NAMES.split("|")
)
_PLAINTEXT = rf"<plaintext(?=[{_WS}/>]){_ATTRS}>(?s:.*+)"  # all that follows is text: it has no end
_NAMES = r"(?:a(?:rea)?|img|v:[a-z]+|/?(?:body|h(?:tml|ead)))"
_TAG = rf"<({_NAMES})(?=[{_WS}/>])({_ATTRS})(?:(>)|\Z)"
_OTHER = rf"<(?!(?:{_NAMES}|{_RAW_NAMES}|plaintext)[{_WS}/>])/?[A-Za-z][^{_WS}/>]*+{_ATTRS}(?:>|\Z)"

# A "<" that opens nothing, or what would be a script if its tag had an end.
_STRAY = rf"<(?![A-Za-z!?/])|<(?:{_RAW_NAMES}|plaintext)(?=[{_WS}/>]){_ATTRS}\Z"

_FLAGS = re.ASCII | re.IGNORECASE
_MATTERS = re.compile(
    rf"(?:[^<]++|{_OTHER}|{_COMMENT}|{_RAW}|{_PLAINTEXT}|{_CDATA}|{_BOGUS}|{_STRAY})*+(?:{_TAG}|({_CONDITION})|\Z)",
    _FLAGS,
)
_EVERY = re.compile(
    rf"{_COMMENT}|({_CONDITION})|{_CDATA}|{_BOGUS}|{_RAW}|{_PLAINTEXT}|<(/?[A-Za-z][^{_WS}/>]*+)({_ATTRS})(?:(>)|\Z)",
    _FLAGS,
)
_COMMENT_END = re.compile("--!?>")
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
    """Give the tags by which links and the pixel are placed, in their order."""
    for match, hidden in _matches(_MATTERS, _CONDITION_GROUP, text):
        if match.lastindex == _TAG_GROUP:
            start, (attrs, end) = match.start(1) - 1, match.span(2)
            yield _tag((match[1].lower(), start, attrs, end, end + 1, hidden))


def every_tag(text: str) -> Iterator[Tag]:
    """Give all tags, in their order, script and the like left out with their content."""
    for match, hidden in _matches(_EVERY, _EVERY_CONDITION, text):
        if match.lastindex == _EVERY_TAG:
            yield Tag(match[2].lower(), match.start(), *match.span(3), match.end(), hidden)


def texts(text: str) -> Iterator[tuple[int, int]]:
    """Give the spans of text between markup, as far as people see it: none of comments, scripts and the like."""
    done = 0
    for match, hidden in _matches(_EVERY, _EVERY_CONDITION, text):
        if not hidden and done < match.start():
            yield done, match.start()
        done = match.end()
    if done < len(text):
        yield done, len(text)


def open_end(text: str, start: int) -> int:
    """Give where markup can be put at the end of `text`: before what never ends, be it comment or tag, or after it all.

    `start` is a place outside any tag and any comment, from which to look.
    """
    rest = text[start:]
    last = 0
    for match, hidden in _matches(_EVERY, _EVERY_CONDITION, rest + _PROBE):
        if not hidden:
            last = match.start()
    return start + last


def _matches(pattern: re.Pattern[str], condition: int, text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Give what `pattern` finds, and whether it stands in a conditional comment, which its group `condition` opens.

    What begins inside such a comment ends inside it, as it does for browsers: to them the comment has no markup.
    """
    place, stop, hidden = 0, len(text), False
    while True:
        for match in pattern.finditer(text, place, stop):
            yield match, hidden
            if not hidden and match.lastindex == condition:
                end = _COMMENT_END.search(text, match.start() + 4)
                place, stop, hidden = match.end(), end.start() if end else len(text), True
                break
        else:
            if not hidden:
                return
            place, stop, hidden = stop, len(text), False
