"""The pixel: what it looks like, and where in the HTML it stands."""

import re

from ocello.domain.rewriting.attributes import attributes
from ocello.domain.rewriting.context import plain_address
from ocello.domain.rewriting.scan import Tag, every_tag, open_end

CLIP = 90_000  # some clients clip HTML at about 102 kB; what stands beyond is never loaded

# What clients put around the mail that is answered or forwarded.
_CLASSES = frozenset(
    "gmail_quote gmail_quote_container yahoo_quoted moz-cite-prefix moz-forward-container protonmail_quote"
    " tutanota_quote zmail_extra hmmessage_quote OutlookMessageHeader".lower().split()
)
_IDS = frozenset(
    "divRplyFwdMsg appendonsend OLK_SRC_BODY_SECTION mail-editor-reference-message-container reply-intro"
    " isReplyContent isForwardContent".lower().split()
)
_OUTLOOK_RULE = re.compile(r"border:\s*none;\s*border-top:\s*solid\s+#(?:e1e1e1|b5c4df)\s+1(?:\.0)?pt", re.IGNORECASE)
# One of these is part of each mark: most mail has none, and is not looked through tag by tag.
_HINTS = (
    "_quote",
    "cite",
    "moz-forward",
    "zmail_extra",
    "outlookmessageheader",
    "divrply",
    "appendonsend",
    "olk_src_",
    "mail-editor-ref",
    "reply-intro",
    "isreplyc",
    "isforwardc",
    "#e1e1e1 1",
    "#b5c4df 1",
)
_MARKING = frozenset({"class", "id", "type", "style"})
_MARKED = frozenset({"div", "blockquote", "span", "p", "table"})


class Marks:
    """Where the document's own landmarks stand, gathered while its tags go by."""

    def __init__(self) -> None:
        self.present = False  # this copy's pixel is there already
        self._body_start = self._head_end = -1
        self._body_end = self._html_end = -1
        self._last = 0

    def note(self, tag: Tag) -> None:
        """Note a landmark; what stands in a comment is none."""
        self._last = tag.end
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
        """Give the first place at which content may stand."""
        if self._body_start >= 0:
            return self._body_start
        return self._head_end if self._head_end >= 0 else _after_bom(text)

    def before_end(self, text: str) -> int:
        """Give the last place at which content may stand."""
        if self._body_end >= 0:
            return self._body_end
        return self._html_end if self._html_end >= 0 else open_end(text, self._last)


def image(url: str) -> str:
    """Spell the pixel: an ordinary image, without disguise."""
    return f'<img src="{plain_address(url)}" width="1" height="1" alt="">'


def place(text: str, marks: Marks, grown: int) -> int:
    """Give the place of the pixel in `text`, which will have `grown` characters."""
    quoted = _quoted(text)
    if quoted is not None and quoted * grown <= CLIP * len(text):
        return quoted
    return marks.after_start(text) if grown > CLIP else marks.before_end(text)


def _quoted(text: str) -> int | None:
    """Give where the quoted part of a reply or forward begins, if one is recognised."""
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return None
    for tag in every_tag(text):
        if not tag.hidden and tag.name in _MARKED and _marks_quotation(text, tag):
            return tag.start
    return None


def _marks_quotation(text: str, tag: Tag) -> bool:
    """Tell whether a tag is one that clients put around quoted mail."""
    for name, (start, end) in attributes(text, tag.attrs, tag.attrs_end, _MARKING).items():
        value = text[start:end].lower()
        if (
            (name == "class" and not _CLASSES.isdisjoint(value.split()))
            or (name == "id" and value.strip().removeprefix("x_") in _IDS)
            or (name == "type" and tag.name == "blockquote" and value.strip() == "cite")
            or (name == "style" and _OUTLOOK_RULE.search(value))
        ):
            return True
    return False


def _after_bom(text: str) -> int:
    """Give the place after a byte order mark, seen as a character or as UTF-8's bytes."""
    return 1 if text.startswith("\ufeff") else 3 if text.startswith("\u00ef\u00bb\u00bf") else 0
