"""Finds the relevant tags in HTML as a browser's tokeniser does, in one pass and in linear time."""

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

# The tokenisation of the HTML standard (13.2.5), as far as mail needs it: the ends of tags, and text that is not markup.
_WS = r" \t\n\r\f"
# A quotation mark opens a value only right after "="; if it is never closed, the rest is part of it and there is no tag.
# Loops begin with a run of other characters and end each turn with one, which takes half the turns of a choice between them.
_ATTRS = rf"""[^>=]*+(?:=[{_WS}]*+(?:"[^"]*+"?+|'[^']*+'?+|[^{_WS}>"'][^{_WS}>]*+|)[^>=]*+)*+"""
_CONDITION = r"<!--\[if[^\]>]*+\]>"  # some clients read what follows as markup
_COMMENT = rf"(?!{_CONDITION})<!--(?:-?>|(?s:.*?)--!?>|(?s:.*+))"
_CDATA = r"<!\[CDATA\[(?:(?s:.*?)\]\]>|(?s:.*+))"
_BOGUS = rf"(?!{_CONDITION})<(?:[!?]|/(?![A-Za-z]))[^>]*+(?:>|\Z)"
_RAW_NAMES = "script|style|textarea|title|xmp|iframe|noembed|noframes"
# All names that need special handling, by their first letters: this is checked at each tag.
_SPECIAL = (
    r"(?:a(?:rea)?|i(?:mg|frame)|v:[a-z]+|/?(?:body|h(?:tml|ead))|s(?:cript|tyle)|t(?:extarea|itle)|xmp"
    r"|no(?:embed|frames)|plaintext)"
)
# Written out for each name: a capturing group inside a possessive repeat breaks CPython's re (3.13).
_RAW = "|".join(
    rf"<{name}(?=[{_WS}/>]){_ATTRS}>[^<]*+(?:<(?!/{name}[{_WS}/>])[^<]*+)*+" for name in _RAW_NAMES.split("|")
)
_PLAINTEXT = rf"<plaintext(?=[{_WS}/>]){_ATTRS}>(?s:.*+)"  # everything after it is text
_NAMES = r"(?:a(?:rea)?|img|v:[a-z]+|/?(?:body|h(?:tml|ead)))"
_TAG = rf"<({_NAMES})(?=[{_WS}/>])({_ATTRS})(?:(>)|\Z)"
_OTHER = rf"<(?!{_SPECIAL}[{_WS}/>])/?[A-Za-z][^{_WS}/>]*+(?:>|{_ATTRS}(?:>|\Z))"

# Most end tags, except those of body, head and html, which are relevant. _OTHER matches the rest.
_END = r"</[ac-gi-z][a-z0-9:\-]*+>"

# A "<" that opens nothing, or a start of script and the like whose tag is never closed.
_STRAY = rf"<(?![A-Za-z!?/])|<(?:{_RAW_NAMES}|plaintext)(?=[{_WS}/>]){_ATTRS}\Z"

_FLAGS = re.ASCII | re.IGNORECASE
_MATTERS = re.compile(
    rf"[^<]*+(?:(?:{_END}|{_OTHER}|{_COMMENT}|{_RAW}|{_PLAINTEXT}|{_CDATA}|{_BOGUS}|{_STRAY})[^<]*+)*+"
    rf"(?:{_TAG}|({_CONDITION})|\Z)",
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
    """A tag: its name in lower case (with `/` for an end tag), the span of its attributes, and its own span.

    `hidden`: browsers see it as part of a comment, since it is inside `<!--[if …]>`.
    """

    name: str
    start: int
    attrs: int
    attrs_end: int
    end: int
    hidden: bool


_tag = partial(tuple.__new__, Tag)  # for speed: much of the time of a scan is spent here


def tags(text: str) -> Iterator[Tag]:
    """Return the tags that are needed for links and the pixel, in their order."""
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
    """Return the needed tags in a conditional comment."""
    for match in _MATTERS.finditer(text, start, end):
        if match.lastindex == _TAG_GROUP:
            yield _tag((match[1].lower(), match.start(1) - 1, *match.span(2), match.end(), True))


def every_tag(text: str) -> Iterator[Tag]:
    """Return all tags in their order, except script and the like with their content."""
    for match, hidden in _every(text):
        if match.lastindex == _EVERY_TAG:
            yield Tag(match[2].lower(), match.start(), *match.span(3), match.end(), hidden)


def texts(text: str) -> Iterator[tuple[int, int]]:
    """Return the spans of visible text between markup: nothing of comments, scripts and the like."""
    done = 0
    for match, hidden in _every(text):
        if not hidden and done < match.start():
            yield done, match.start()
        done = match.end()
    if done < len(text):
        yield done, len(text)


def open_end(text: str, start: int) -> int:
    """Return where markup can be inserted at the end of `text`: before a comment or tag that is never closed, or at the end.

    `start` is a position outside any tag or comment, from which the search begins.
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
    """Return all markup, and whether it is in a conditional comment."""
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
    """Return where a browser ends the comment that a condition opens: everything inside it ends there too."""
    end = _COMMENT_END.search(text, condition.end() - 1)
    return end.start() if end else len(text)
