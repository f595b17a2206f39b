"""Limits the nesting of HTML before a parser builds a tree: each tag costs the parser time for each open element.

It drops what a sanitiser would drop anyway (comments, unknown tags, scripts, styles) and tags beyond the limits. Everything
else is kept unchanged. Elements that the HTML standard (13.2.6) closes implicitly are counted as closed; where the count is
not exact, it is too high, never too low.
"""

import re
from collections import Counter

MOST_OPEN = 256  # elements open at once; a thread of fifty answers has about 150
MOST_STYLED = 32  # formatting elements open at once: a parser reopens them in each further block
MOST_REOPENED = 200_000  # times that a parser may reopen one, in all

_VALUE = r"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\r\f>"'][^ \t\n\r\f>]*+)"""
_TOKEN = re.compile(
    rf"<!--(?:-?>|(?s:.*?)--!?>|(?s:.*+))|<(?:[!?]|/(?![a-z]))[^>]*+(?:>|\Z)"
    rf"|<(/?)([a-z][^ \t\n\r\f/>]*+)((?:[^>=]++|=[ \t\n\r\f]*+{_VALUE}?+)*+)(?:>|\Z)",
    re.ASCII | re.IGNORECASE,
)
_RAW = frozenset(
    {"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"}
)
_VOID = frozenset({"br", "hr", "img", "wbr", "area"})
_STYLED = frozenset({"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})
_ALONE = frozenset({"a", "nobr"})  # a second one closes the first
_CLOSED_BY_NEXT = frozenset({"p", "li", "dd", "dt", "rt", "rp", "rtc", "option"})  # nest only within counted ones
_CELLS = frozenset({"td", "th", "caption"})
_ROWS = frozenset({"tr", "tbody", "thead", "tfoot", "colgroup", "col"})
_INLINE = frozenset(
    {"abbr", "acronym", "bdi", "bdo", "cite", "data", "del", "dfn", "ins", "kbd", "label", "map", "mark", "q", "ruby", "samp",
     "span", "sub", "sup", "time", "var"}
)  # fmt: skip  # their end tags close nothing but themselves


class _Frame:
    """The open elements of the document, a table or a cell: end tags close nothing outside of it."""

    def __init__(self, kind: str = "") -> None:
        self.kind = kind
        self.names: list[str] = []
        self.count: Counter[str] = Counter()
        self.styled: Counter[str] = Counter()


class _Bounded:
    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self._frames = [_Frame()]
        self._open = self._styles = self._reopened = 0
        self._left_out: Counter[str] = Counter()
        self.pieces: list[str] = []

    def tag(self, name: str, text: str, *, end: bool) -> None:
        """Keep a tag or drop it."""
        if name not in self._known:
            return
        if name in _VOID or name in _CLOSED_BY_NEXT:
            kept = True
        elif name in _STYLED:
            kept = self._end_style(name) if end else self._start_style(name)
        elif name == "table" or name in _CELLS or name in _ROWS:
            kept = self._end_of_table(name) if end else self._start_of_table(name)
        else:
            kept = self._end(name) if end else self._start(name)
        if kept:
            self.pieces.append(text)
        if name not in _STYLED:
            self._count_reopened()

    def _start(self, name: str) -> bool:
        if self._full(name):
            return False
        frame = self._frames[-1]
        frame.names.append(name)
        frame.count[name] += 1
        self._open += 1
        return True

    def _end(self, name: str) -> bool:
        if self._was_left_out(name):
            return False
        frame = self._frames[-1]
        if frame.count[name] and (name not in _INLINE or frame.names[-1] == name):
            popped = ""
            while popped != name:
                popped = frame.names.pop()
                frame.count[popped] -= 1
                self._open -= 1
        return True

    def _start_style(self, name: str) -> bool:
        frame = self._frames[-1]
        if name in _ALONE and frame.styled[name]:
            return True
        if self._styles >= MOST_STYLED or self._reopened > MOST_REOPENED or self._open >= MOST_OPEN:
            self._left_out[name] += 1
            return False
        frame.styled[name] += 1
        self._styles += 1
        return True

    def _end_style(self, name: str) -> bool:
        if self._was_left_out(name):
            return False
        frame = self._frames[-1]
        if frame.styled[name]:
            frame.styled[name] -= 1
            self._styles -= 1
        return True

    def _start_of_table(self, name: str) -> bool:
        if name == "table":
            if self._frames[-1].kind == "table":  # a table within a table, but in no cell, ends it
                self._close_table()
            if self._full(name):
                return False
            self._push("table")
            return True
        if len(self._frames) == 1:
            return False
        self._close_cell()
        if name in _CELLS:
            self._push(name)
        return True

    def _end_of_table(self, name: str) -> bool:
        if self._was_left_out(name):
            return False
        kind = self._frames[-1].kind
        if name == "table" and kind:
            self._close_cell()
            self._close_table()
        elif name == kind or (name == "tr" and kind in ("td", "th")):
            self._close_cell()
        return True

    def _push(self, kind: str) -> None:
        self._frames.append(_Frame(kind))
        self._open += 1

    def _close_cell(self) -> None:
        """Close the open cell, and everything that is open in it."""
        if self._frames[-1].kind in _CELLS:
            frame = self._frames.pop()
            self._open -= 1 + len(frame.names)
            self._styles -= frame.styled.total()

    def _close_table(self) -> None:
        """Close the open table; formatting that was opened in it, but in no cell, stays open."""
        frame = self._frames.pop()
        self._open -= 1 + len(frame.names)
        self._frames[-1].styled.update(frame.styled)

    def _full(self, name: str) -> bool:
        if self._open < MOST_OPEN:
            return False
        self._left_out[name] += 1
        return True

    def _was_left_out(self, name: str) -> bool:
        if not self._left_out[name]:
            return False
        self._left_out[name] -= 1
        return True

    def _count_reopened(self) -> None:
        """Count the elements that a parser reopens; beyond the limit, close all formatting for good."""
        self._reopened += self._styles
        if self._reopened > MOST_REOPENED and self._styles:
            for frame in reversed(self._frames):
                self.pieces += (f"</{name}>" * count for name, count in frame.styled.items())
                frame.styled.clear()
            self._styles = 0


def limit_nesting(html: str, known: frozenset[str]) -> str:
    """Return `html`, for a sanitiser, with `known` tags only, nested no deeper than the limits."""
    out = _Bounded(known)
    done = 0
    while match := _TOKEN.search(html, done):
        out.pieces.append(html[done : match.start()].replace("<", "&lt;"))
        done = match.end()
        if not match[2]:
            continue
        name = match[2].lower()
        if name in _RAW and not match[1]:
            done = _end_of_raw(html, done, name)
        elif match[0].endswith(">"):
            out.tag(name, match[0], end=bool(match[1]))
    out.pieces.append(html[done:].replace("<", "&lt;"))
    return "".join(out.pieces)


def _end_of_raw(html: str, start: int, name: str) -> int:
    """Return the end of an element whose content is not markup."""
    if name == "plaintext":
        return len(html)
    end = re.compile(rf"</{name}(?=[ \t\n\r\f/>])[^>]*+>?", re.ASCII | re.IGNORECASE).search(html, start)
    return end.end() if end else len(html)
