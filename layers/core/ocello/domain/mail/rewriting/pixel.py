"""The pixel: what it looks like, and where in the HTML it stands."""

import re
from collections.abc import Callable

from ocello.domain.mail.rewriting.attributes import finder, value
from ocello.domain.mail.rewriting.context import plain_address
from ocello.domain.mail.rewriting.scan import Tag, every_tag, open_end

CLIP = 90_000  # some clients clip HTML at about 102 kB; what stands beyond is never loaded

# What clients put around the mail that is answered or forwarded.
_CLASSES = frozenset(
    {"gmail_quote", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "moz-cite-prefix", "moz-forward-container"}
)
_IDS = frozenset({"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "reply-intro"})
_OUTLOOK_RULE = re.compile(r"border:\s*none;\s*border-top:solid #(?:e1e1e1|b5c4df)\s+1(?:\.0)?pt", re.IGNORECASE)
# One of these is part of each mark: most mail has none, and is not looked through tag by tag. Long ones are found faster.
_HINTS = (
    "_quote",
    "moz-forward",
    "divrplyfwdmsg",
    "appendonsend",
    "mail-editor-reference-m",
    "reply-intro",
    "border-top:solid",
)
_CITE = re.compile(r"moz-cite|type\s*+=\s*+[\"']?\s*+cite")
_TYPE = finder("type")
_MARKS: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (finder("class"), lambda classes: not _CLASSES.isdisjoint(classes.split())),
    (finder("id"), lambda name: name.strip().removeprefix("x_") in _IDS),
    (finder("style"), _OUTLOOK_RULE.search),
    (_TYPE, lambda kind: kind.strip() == "cite"),
)
# It takes no room: out of the flow where a client keeps `position`; else a float, whose margins leave nothing of its
# pixel. What a mail's own style sheet says of all images must not move it, hence the `!important`.
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
# For clients that keep no style, Outlook's Word among them, `align` is that float. Text browsers show something for an
# empty `alt` and nothing for a space; screen readers pass over it by its role.
_LOOK = f'width="1" height="1" alt=" " role="presentation" align="left" style="{_STYLE}"'
_MARKED = frozenset({"div", "blockquote", "span", "p", "table"})


class Marks:
    """Where the document's own landmarks stand, gathered while its tags go by."""

    def __init__(self) -> None:
        self._body_start = self._head_end = -1
        self._body_end = self._html_end = -1
        self.last = 0  # where the last tag ended that is in no comment

    def note(self, tag: Tag) -> None:
        """Note a landmark; what stands in a comment is none."""
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
        """Return the first place at which content may stand."""
        if self._body_start >= 0:
            return self._body_start
        return self._head_end if self._head_end >= 0 else _after_bom(text)

    def before_end(self, text: str) -> int:
        """Return the last place at which content may stand."""
        if self._body_end >= 0:
            return self._body_end
        return self._html_end if self._html_end >= 0 else open_end(text, self.last)


def image(url: str) -> str:
    """Spell the pixel: an ordinary image, without disguise, that takes no room."""
    return f'<img src="{plain_address(url)}" {_LOOK}>'


class Place:
    """Where the pixel goes in one text; what of it is looked for is looked for once."""

    def __init__(self, text: str, marks: Marks) -> None:
        self._text, self._marks = text, marks
        self._quoted = _quoted(text)
        self._before_end: int | None = None

    def at(self, growth: int) -> int:
        """Return the place, in a copy that has so many characters more than the text."""
        text, grown = self._text, len(self._text) + growth
        if self._quoted is not None and self._quoted * grown <= CLIP * len(text):
            return self._quoted
        if grown > CLIP:
            return self._marks.after_start(text)
        if self._before_end is None:
            self._before_end = self._marks.before_end(text)
        return self._before_end


def _quoted(text: str) -> int | None:
    """Return where the quoted part of a reply or forward begins, if one is recognised."""
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS) and not ("cite" in lowered and _CITE.search(lowered)):
        return None
    for tag in every_tag(text):
        if not tag.hidden and tag.name in _MARKED and _marks_quotation(text, tag):
            return tag.start
    return None


def _marks_quotation(text: str, tag: Tag) -> bool:
    """Return whether a tag is one that clients put around quoted mail."""
    for attribute, marks in _MARKS:
        span = value(attribute, text, tag.attrs, tag.attrs_end)
        if span and marks(text[slice(*span)].lower()):
            return tag.name == "blockquote" or attribute is not _TYPE
    return False


def _after_bom(text: str) -> int:
    """Return the place after a byte order mark, seen as a character or as UTF-8's bytes."""
    return 1 if text.startswith("\ufeff") else 3 if text.startswith("\u00ef\u00bb\u00bf") else 0
