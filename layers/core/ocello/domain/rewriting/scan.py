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
_NAMES = r"(?:a(?:rea)?|img|v:[a-z]+|/?(?:body|h(?:tml|ead)))"
_TAG = rf"<({_NAMES})(?=[{_WS}/>])({_ATTRS})(?:(>)|\Z)"
_OTHER = rf"<(?!(?:{_NAMES}|{_RAW_NAMES})[{_WS}/>])/?[A-Za-z][^{_WS}/>]*+{_ATTRS}(?:>|\Z)"

# A "<" that opens nothing, or what would be a script if it had an end.
_STRAY = rf"<(?![A-Za-z!?/])|<(?:{_RAW_NAMES})(?=[{_WS}/>]){_ATTRS}\Z"

_FLAGS = re.ASCII | re.IGNORECASE
_MATTERS = re.compile(
    rf"(?:[^<]++|{_OTHER}|{_COMMENT}|{_RAW}|{_CDATA}|{_BOGUS}|{_STRAY})*+(?:{_TAG}|({_CONDITION})|\Z)", _FLAGS
)
_EVERY = re.compile(
    rf"{_COMMENT}|({_CONDITION})|{_CDATA}|{_BOGUS}|{_RAW}|<(/?[A-Za-z][^{_WS}/>]*+)({_ATTRS})(?:(>)|\Z)", _FLAGS
)
_TAG_GROUP, _CONDITION_GROUP = 3, 4  # in _MATTERS
_PROBE = '<img alt="">'


class Tag(NamedTuple):
    """A tag: its name in lower case (`/` before it in an end tag), the span of its attributes, its own span.

    `hidden` says that browsers see it as part of a comment: it stands inside `<!--[if …]>`.
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
    hidden_until = 0
    for match in _MATTERS.finditer(text):
        if match.lastindex == _TAG_GROUP:
            start, (attrs, end) = match.start(1) - 1, match.span(2)
            yield _tag((match[1].lower(), start, attrs, end, end + 1, start < hidden_until))
        elif match.lastindex == _CONDITION_GROUP:
            hidden_until = _hidden_until(text, match.start(_CONDITION_GROUP), hidden_until)


def every_tag(text: str) -> Iterator[Tag]:
    """Give all tags, in their order, script and the like left out with their content."""
    hidden_until = 0
    for match in _EVERY.finditer(text):
        if match[1]:
            hidden_until = _hidden_until(text, match.start(), hidden_until)
        elif match[4]:
            yield Tag(match[2].lower(), match.start(), *match.span(3), match.end(), match.start() < hidden_until)


def open_end(text: str, start: int) -> int:
    """Give where markup can be put at the end of `text`: before a comment or tag that never ends, or after all of it.

    `start` is a place outside any tag, from which to look.
    """
    rest = text[start:]
    if any(tag.start == len(rest) and not tag.hidden for tag in tags(rest + _PROBE)):
        return len(text)
    last = hidden_until = 0
    for match in _EVERY.finditer(rest + _PROBE):
        if match.start() >= hidden_until:
            last = match.start()
        if match[1]:
            hidden_until = _hidden_until(rest + _PROBE, match.start(), hidden_until)
    return start + last


def _hidden_until(text: str, start: int, known: int) -> int:
    """Give where the comment that opens at `start` ends for a browser."""
    if start < known:
        return known
    end = text.find("-->", start + 4)
    return len(text) if end < 0 else end + 3
