"""Rewriting of HTML: finds the spans of text to change; the document is never parsed and serialised as a whole."""

import html
import re
from functools import partial
from typing import NamedTuple

from ocello.domain.mail.rewriting import footer, pixel, quoted
from ocello.domain.mail.rewriting.attributes import decode_references, escaped, finder, stripped_span, target, value
from ocello.domain.mail.rewriting.links.inventory import Inventory, LinkContext
from ocello.domain.mail.rewriting.links.marked import is_marked_untracked
from ocello.domain.mail.rewriting.scan import Tag, tags, texts
from ocello.domain.mail.rewriting.slots import FooterLink, LinkSlot, OldPixel, Slots, TextChange

_TEXT_LIMIT = 4_000  # characters of markup that are searched for a link's text
_HREF, _SOURCE, _ALT, _TITLE = map(finder, ("href", "src", "alt", "title"))
_LINK_END = re.compile(r"</?(?:a|v:[a-z]+)(?=[\s/>])", re.ASCII | re.IGNORECASE)
_IMAGE = re.compile(r"<img(?=[\s/])([^>]*+)", re.ASCII | re.IGNORECASE)
_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|<[A-Za-z/!?][^>]*+(?:>|\Z)", re.DOTALL)
_SPACE = re.compile(r"[\s\u200b\u200c\u200d\ufeff\u00ad]+")


class Source(NamedTuple):
    """HTML as text. If each of its characters is one byte, `readable` decodes a piece of it."""

    text: str
    charset: str | None = None

    def readable(self, start: int, end: int) -> str:
        """Decode a piece by the declared charset; if that is wrong, by the usual guesses."""
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


def slots(source: Source, inventory: Inventory, *, with_pixel: bool, with_footer: bool = False) -> Slots:
    """Return what changes in an HTML part: addresses of links, older pixels to remove, and pixel and footer to insert."""
    text = source.text
    found = Slots()
    marks = pixel.Marks()
    for tag in tags(text):
        name = tag.name
        if not tag.hidden:
            marks.last = tag.end
        if name == "img":
            _note_image(source, inventory, tag, found)
        elif name in ("a", "area") or name[:2] == "v:":
            _note_link(source, inventory, tag, found)
        else:
            marks.note(tag)
    lowered = text.lower()
    if inventory.mark in lowered:
        _note_shown_addresses(text, inventory, found)
    place = pixel.Place(text, lowered, marks) if with_pixel or with_footer else None
    if with_pixel and inventory.context.open_url:
        found.place = place
    if place and with_footer and inventory.context.footer:
        found.below = footer.HtmlPlace(text, place)
    return found


def _note_link(source: Source, inventory: Inventory, tag: Tag, found: Slots) -> None:
    """Decide on one link."""
    text = source.text
    href = value(_HREF, text, tag.attrs, tag.attrs_end)
    if href is None:
        return
    start, stop = stripped_span(text, *href)
    address = target(source.readable(start, stop))
    if inventory.is_footer(address):
        found.footers.append(FooterLink(start, stop, address, escaped(inventory.context.about)))
        return
    instead, link = inventory.address(address, partial(_about, source, tag, (start, stop), inventory))
    bare = href if tag.hidden and text[href[0] - 1] not in "\"'" else None
    if link is not None:
        older = "" if instead == address else escaped(instead)
        found.links.append(LinkSlot(start, stop, link, address, text[start:stop], bare=bare, target=older))
    elif instead != address:
        change = LinkSlot(start, stop, 0, address, text[start:stop], bare=bare).change(escaped(instead))
        found.fixed += [change] if change else []


def _note_shown_addresses(text: str, inventory: Inventory, found: Slots) -> None:
    """Note changes that restore the targets of our addresses in visible text, such as a quoted mail: clients link them."""
    finder = quoted.Finder(text, inventory.context.own, decode_references)
    for start, end in texts(text):
        for place, ours in finder.every(start, end):
            instead = escaped(ours.origin)
            if inventory.is_footer(ours.address):
                found.footers.append(FooterLink(place, ours.end, ours.address, instead))
            else:
                found.fixed.append(TextChange(place, ours.end, instead))


def _about(source: Source, tag: Tag, address: tuple[int, int], inventory: Inventory) -> LinkContext:
    """Return the text of a link, whether its sender marked it, and whether its quotation mark is never closed."""
    text, words = source.text, _shown(source, tag)
    if inventory.mark in words.lower():
        words = quoted.restore_targets(words, inventory.context.own)
    off = is_marked_untracked(text, tag.attrs, tag.attrs_end)
    return LinkContext(words, off=off, unclosed=text.find("<", *address) >= 0)


def _note_image(source: Source, inventory: Inventory, tag: Tag, found: Slots) -> None:
    """Note an image that is one of our pixels, or may be the pixel of this copy."""
    span = value(_SOURCE, source.text, tag.attrs, tag.attrs_end)
    if span is None:
        return
    address = target(source.readable(*span))
    _, _, proxied = address.partition("#")  # image proxies put the original address into the fragment
    ours = inventory.is_pixel(address) or (proxied != "" and inventory.is_pixel(proxied))
    if ours or address == inventory.context.open_url or inventory.context.tracking_host in address:
        found.pixels.append(OldPixel(tag.start, tag.end, address, ours))


def _shown(source: Source, tag: Tag) -> str:
    """Return the text by which people recognise a link: its words, else the alt text of its images, else its title."""
    text, end = source.text, tag.end
    if tag.name != "area":
        end = min(len(text), tag.end + _TEXT_LIMIT)
        closing = _LINK_END.search(text, tag.end, end)
        if closing:
            end = closing.start()
        while end < len(text) and tag.end < end and "\x80" <= text[end] < "\xc0":  # never cut inside a UTF-8 character
            end -= 1
    piece = source.readable(tag.end, end)
    words = _words(piece)
    if words:
        return words
    alts = [_attribute_value(_ALT, match[1]) for match in _IMAGE.finditer(piece)]
    own = source.readable(tag.attrs, tag.attrs_end)
    return _words(" ".join(alts)) or _words(_attribute_value(_ALT, own)) or _words(_attribute_value(_TITLE, own))


def _attribute_value(attribute: re.Pattern[str], attrs: str) -> str:
    """Return the decoded value of an attribute, or an empty text."""
    span = value(attribute, attrs, 0, len(attrs))
    return decode_references(attrs[slice(*span)]) if span else ""


def _words(piece: str) -> str:
    """Return the visible words of a piece of markup, separated by single spaces."""
    return _SPACE.sub(" ", html.unescape(_MARKUP.sub("", piece))).strip()
