"""The pixel: its markup, and its place in the HTML."""

import re
from collections.abc import Callable

from ocello.domain.mail.rewriting.attributes import finder, value
from ocello.domain.mail.rewriting.context import plain_address
from ocello.domain.mail.rewriting.scan import Tag, every_tag, open_end, texts

CLIP = 90_000  # some clients clip HTML at about 102 kB and never load what follows

# Markup that mail clients put around the mail that is answered or forwarded.
_CLASSES = frozenset(
    {"gmail_quote", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "moz-cite-prefix", "moz-forward-container"}
)
_IDS = frozenset({"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "reply-intro"})
_OUTLOOK_RULE = re.compile(r"border:\s*none;\s*border-top:solid #(?:e1e1e1|b5c4df)\s+1(?:\.0)?pt", re.IGNORECASE)
# Each mark contains one of these; most mail contains none and needs no search tag by tag. Longer texts are found faster.
_HINTS = (
    "_quote",
    "moz-forward",
    "divrplyfwdmsg",
    "appendonsend",
    "mail-editor-reference-m",
    "reply-intro",
)
_CITE = re.compile(r"moz-cite|type\s*+=\s*+[\"']?\s*+cite")
_TYPE = finder("type")
_MARKS: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (finder("class"), lambda classes: not _CLASSES.isdisjoint(classes.split())),
    (finder("id"), lambda name: name.strip().removeprefix("x_") in _IDS),
    (finder("style"), _OUTLOOK_RULE.search),
    (_TYPE, lambda kind: kind.strip() == "cite"),
)
# The pixel takes no space: it is out of the flow if a client keeps `position`; else it floats, with margins that cancel its
# size. `!important` keeps a mail's own style sheet for images from moving it.
_STYLE = "".join(
    f"{name}:{value}!important;"
    for name, value in {
        "position": "absolute",
        "float": "left",
        "width": "1px",
        "height": "1px",
        "margin": "-1px -1px 0 0",
        "padding": "0",
        "border": "0",
    }.items()
).removesuffix(";")
# For clients that drop styles, such as Outlook with Word, `align` makes it float. Text browsers show something for an empty
# `alt` but nothing for a space; screen readers skip it because of its role.
_LOOK = f'width="1" height="1" alt=" " role="presentation" align="left" style="{_STYLE}"'
_MARKED = frozenset({"div", "blockquote", "span", "p", "table"})


class Marks:
    """The positions of a document's main tags, collected while its tags are read."""

    def __init__(self) -> None:
        self._body_start = self._head_end = -1
        self._body_end = self._html_end = -1
        self.last = 0  # the end of the last tag that is not in a comment

    def note(self, tag: Tag) -> None:
        """Record the position of a main tag, unless it is in a comment."""
        if tag.hidden:
            return
        if tag.name == "/body":
            self._body_end = tag.start
        elif tag.name == "/html":
            self._html_end = tag.start
        elif tag.name == "body" and self._body_start < 0:
            self._body_start = tag.end
        elif tag.name in ("/head", "html", "head") and self._body_start < 0:
            self._head_end = tag.end

    def after_start(self, text: str) -> int:
        """Return the first position at which content is allowed."""
        if self._body_start >= 0:
            return self._body_start
        return self._head_end if self._head_end >= 0 else _after_bom(text)

    def before_end(self, text: str) -> int:
        """Return the last position at which content is allowed."""
        if self._body_end >= 0:
            return self._body_end
        return self._html_end if self._html_end >= 0 else open_end(text, self.last)


def image(url: str) -> str:
    """Return the markup of the pixel: an ordinary image, not disguised, that takes no space."""
    return f'<img src="{plain_address(url)}" {_LOOK}>'


class Place:
    """The places of pixel and footer in one text; each search is done once."""

    def __init__(self, text: str, lowered: str, marks: Marks) -> None:
        self._text, self._marks = text, marks
        self._quoted = _quoted(text, lowered)
        self._before_end: int | None = None

    def at(self, growth: int) -> int:
        """Return the place of the pixel if the copy is longer than the text by `growth` characters."""
        text, grown = self._text, len(self._text) + growth
        if self._quoted is not None and self._quoted * grown <= CLIP * len(text):
            return self._quoted
        return self._marks.after_start(text) if grown > CLIP else self._last

    def below(self) -> int:
        """Return the place below what the sender wrote: before the quoted part, unless the answer is below that."""
        if self._quoted is None or not _shows_text(self._text[: self._quoted]):
            return self._last
        return self._quoted

    @property
    def _last(self) -> int:
        if self._before_end is None:
            self._before_end = self._marks.before_end(self._text)
        return self._before_end


def _quoted(text: str, lowered: str) -> int | None:
    """Return where the quoted part of a reply or forward begins, or None if none is recognised."""
    if not _may_quote(lowered):
        return None
    for tag in every_tag(text):
        if not tag.hidden and tag.name in _MARKED and _marks_quotation(text, tag):
            return tag.start
    return None


def _may_quote(lowered: str) -> bool:
    """Return whether a text in lower case contains a hint of a mark."""
    for hint in _HINTS:
        if hint in lowered:
            return True
    if "border-top:solid" in lowered and _OUTLOOK_RULE.search(lowered):
        return True
    return "cite" in lowered and _CITE.search(lowered) is not None


def _shows_text(text: str) -> bool:
    """Return whether a document has any visible text."""
    return any(text[start:end].replace("&nbsp;", "").strip() for start, end in texts(text))


def _marks_quotation(text: str, tag: Tag) -> bool:
    """Return whether a tag is one that mail clients put around quoted mail."""
    for attribute, marks in _MARKS:
        span = value(attribute, text, tag.attrs, tag.attrs_end)
        if span and marks(text[slice(*span)].lower()):
            return tag.name == "blockquote" or attribute is not _TYPE
    return False


def _after_bom(text: str) -> int:
    """Return the position after a byte order mark, which is one character or its UTF-8 bytes."""
    return 1 if text.startswith("\ufeff") else 3 if text.startswith("\u00ef\u00bb\u00bf") else 0
