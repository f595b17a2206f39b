"""Find the tags that matter in HTML, as a browser would cut it up, in one pass and in time linear in its length."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# The tokenisation of the HTML standard (13.2.5), as far as mail needs it: where a tag ends, and what is no markup.
_WS = r" \t\n\r\f"
# A quote opens a value only right after "="; one that never closes is taken as an ordinary character.
_ATTRS = rf"""(?:[^>=]++|=[{_WS}]*+(?:"[^"]*+"|'[^']*+'|[^{_WS}>"'][^{_WS}>]*+)?+)*+"""
_CONDITION = r"<!--\[if[^\]>]*+\]>"  # what follows is markup to some client
_COMMENT = rf"(?!{_CONDITION})<!--(?:-?>|[^\-]*+(?:-(?!-!?>)[^\-]*+)*+(?:--!?>|\Z))"
_CDATA = r"<!\[CDATA\[[^\]]*+(?:\](?!\]>)[^\]]*+)*+(?:\]\]>|\Z)"
_BOGUS = rf"(?!{_CONDITION})<(?:[!?]|/(?![A-Za-z]))[^>]*+(?:>|\Z)"
_RAW_NAMES = "script|style|textarea|title|xmp|iframe|noembed|noframes"
# Spelled out name by name: a group that captures inside a possessive repeat breaks CPython's re (3.13).
_RAW = "|".join(
    rf"<{name}(?=[{_WS}/>]){_ATTRS}>[^<]*+(?:<(?!/{name}[{_WS}/>])[^<]*+)*+" for name in _RAW_NAMES.split("|")
)
_NAMES = r"a|area|img|body|html|head|v:[a-z]+"
_TAG = rf"<(/?(?:{_NAMES}))(?=[{_WS}/>])({_ATTRS})(?:>|\Z)"
_OTHER = rf"<(?!/?(?:{_NAMES})[{_WS}/>])/?[A-Za-z][^{_WS}/>]*+{_ATTRS}(?:>|\Z)"

_FLAGS = re.ASCII | re.IGNORECASE
_MATTERS = re.compile(
    rf"(?:[^<]++|<(?![A-Za-z!?/])|{_RAW}|{_OTHER}|{_COMMENT}|{_CDATA}|{_BOGUS})*+(?:{_TAG}|({_CONDITION})|\Z)", _FLAGS
)
_EVERY = re.compile(
    rf"{_COMMENT}|({_CONDITION})|{_CDATA}|{_BOGUS}|{_RAW}|<(/?[A-Za-z][^{_WS}/>]*+)({_ATTRS})(?:>|\Z)", _FLAGS
)
_CLOSED_RAW = re.compile(rf"<(?:{_RAW_NAMES})(?=[{_WS}/>])", _FLAGS)


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


def tags(text: str) -> Iterator[Tag]:
    """Give the tags by which links and the pixel are placed, in their order."""
    hidden_until = 0
    for match in _MATTERS.finditer(text):
        kind = match.lastindex
        if kind is None:  # the end of the text
            continue
        if kind == 3:  # noqa: PLR2004 — the group of a condition
            hidden_until = _hidden_until(text, match.start(3), hidden_until)
            continue
        start = match.start(1) - 1
        attrs, attrs_end = match.span(2)
        yield Tag(match[1].lower(), start, attrs, attrs_end, match.end(), start < hidden_until)


def every_tag(text: str) -> Iterator[Tag]:
    """Give all tags, in their order, script and the like left out with their content."""
    hidden_until = 0
    for match in _EVERY.finditer(text):
        if match[1]:
            hidden_until = _hidden_until(text, match.start(), hidden_until)
        elif match[2]:
            attrs, attrs_end = match.span(3)
            start = match.start()
            yield Tag(match[2].lower(), start, attrs, attrs_end, match.end(), start < hidden_until)


def open_end(text: str, start: int) -> int:
    """Give where markup can be put at the end of `text`: before a comment or tag that never ends, or after all of it.

    `start` is a place outside any tag, from which to look.
    """
    last = None
    for match in _EVERY.finditer(text, start):
        last = match
    if last is None or last.end() < len(text):
        return len(text)
    token = last[0]
    closed = token.endswith(("-->", "--!>")) if token.startswith("<!--") and not last[1] else token.endswith(">")
    if _CLOSED_RAW.match(token):
        closed = False  # its end tag would have been another token
    return len(text) if closed else last.start()


def _hidden_until(text: str, start: int, known: int) -> int:
    """Give where the comment that opens at `start` ends for a browser."""
    if start < known:
        return known
    end = text.find("-->", start + 4)
    return len(text) if end < 0 else end + 3
