"""Rewrite HTML: which spans of the text change, found without ever writing the document out again."""

import html
import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ocello.domain.rewriting import pixel
from ocello.domain.rewriting.attributes import attributes, decoded, target, trimmed, written
from ocello.domain.rewriting.inventory import Inventory
from ocello.domain.rewriting.scan import Tag, tags

_TEXT_LIMIT = 4_000  # characters of markup looked at for a link's text
_LINKING = frozenset({"href", "data-track"})
_SOURCE = frozenset({"src"})
_IMAGE = re.compile(r"<img(?=[\s/])([^>]*+)", re.ASCII | re.IGNORECASE)
_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|<[A-Za-z/!?][^>]*+(?:>|\Z)", re.DOTALL)
_SPACE = re.compile(r"[\s\u200b\u200c\u200d\ufeff\u00ad]+")


type _Opened = tuple[Tag, dict[str, tuple[int, int]]]  # a tag with its link's attributes


class TextChange(NamedTuple):
    """Put `new` in the place of text[start:end]."""

    start: int
    end: int
    new: str


class Source(NamedTuple):
    """HTML as text; `readable` gives the characters meant by a piece of it, where its bytes stand for themselves."""

    text: str
    charset: str | None = None

    def readable(self, start: int, end: int) -> str:
        """Decode a piece by the declared charset; a charset that lies is survived by the usual guesses."""
        piece = self.text[start:end]
        if self.charset is None or piece.isascii():
            return piece
        raw = piece.encode("latin-1")
        for charset in (self.charset, "utf-8", "cp1252"):
            try:
                return raw.decode(charset)
            except (LookupError, ValueError):
                continue
        return piece


def changes(source: Source, inventory: Inventory, *, with_pixel: bool) -> list[TextChange]:
    """Find what changes in an HTML part: link addresses, older pixels taken out, one pixel put in."""
    text = source.text
    found: list[TextChange] = []
    marks = pixel.Marks()
    opened: _Opened | None = None
    for tag in tags(text):
        name = tag.name
        if opened is not None and (name in ("a", "/a") or name[:3] == "/v:" or name[:2] == "v:"):
            found += _link(source, inventory, opened, tag.start)
            opened = None
        if name == "a" or name[:2] == "v:":
            opened = _linking(text, tag)
        elif name == "img":
            found += _image(source, inventory, tag, marks)
        elif name == "area":
            area = _linking(text, tag)
            found += _link(source, inventory, area, tag.end) if area else []
        else:
            marks.note(tag)
    if opened is not None:
        found += _link(source, inventory, opened, len(text))
    if with_pixel and inventory.context.open_url and not marks.present:
        grown = len(text) + sum(len(new) - (end - start) for start, end, new in found)
        place = pixel.place(text, marks, grown)
        found.append(TextChange(place, place, pixel.image(inventory.context.open_url)))
    return sorted(found)


def _linking(text: str, tag: Tag) -> _Opened | None:
    """Give the tag with what its attributes say of its link; None without href."""
    found = attributes(text, tag.attrs, tag.attrs_end, _LINKING)
    return (tag, found) if "href" in found else None


def _link(source: Source, inventory: Inventory, link: _Opened, end: int) -> Iterator[TextChange]:
    """Decide on one link, whose content ends at `end`."""
    tag, found = link
    start, stop = trimmed(source.text, *found["href"])
    address = target(source.readable(start, stop))
    off = "data-track" in found and source.text[slice(*found["data-track"])].strip().lower() == "off"
    instead = inventory.address(address, partial(_shown, source, tag, end), off=off)
    if instead != address:
        yield TextChange(start, stop, written(instead))


def _image(source: Source, inventory: Inventory, tag: Tag, marks: pixel.Marks) -> Iterator[TextChange]:
    """Take out an older pixel; note one that belongs to this very copy."""
    found = attributes(source.text, tag.attrs, tag.attrs_end, _SOURCE)
    address = target(source.readable(*found["src"])) if found else ""
    _, _, proxied = address.partition("#")  # image proxies keep the first address there
    if address and address == inventory.context.open_url:
        marks.present = True
    elif inventory.is_pixel(address) or (proxied and inventory.is_pixel(proxied)):
        yield TextChange(tag.start, tag.end, "")


def _shown(source: Source, tag: Tag, end: int) -> str:
    """Give the text by which people recognise a link: its words, else what its images stand for, else its title."""
    if end > tag.end + _TEXT_LIMIT:
        end = tag.end + _TEXT_LIMIT
        while end > tag.end and "\x80" <= source.text[end] < "\xc0":  # not inside a character of UTF-8
            end -= 1
    piece = source.readable(tag.end, end)
    words = _words(piece)
    if words:
        return words
    alts = [_attribute(match[1], "alt") for match in _IMAGE.finditer(piece)]
    own = source.readable(tag.attrs, tag.attrs_end)
    return _words(" ".join(alts)) or _words(_attribute(own, "alt")) or _words(_attribute(own, "title"))


def _attribute(attrs: str, name: str) -> str:
    """Give the decoded value of an attribute, or nothing."""
    found = attributes(attrs, 0, len(attrs), frozenset((name,)))
    return decoded(attrs[slice(*found[name])]) if found else ""


def _words(piece: str) -> str:
    """Give the visible words of a piece of markup, white space folded."""
    return _SPACE.sub(" ", html.unescape(_MARKUP.sub("", piece))).strip()
