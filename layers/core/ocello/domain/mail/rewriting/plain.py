"""Rewriting of plain text: finds its web addresses, also wrapped ones and those followed by punctuation."""

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from ocello.domain.mail.rewriting import quoted
from ocello.domain.mail.rewriting.context import MAX_TARGET, PIXEL
from ocello.domain.mail.rewriting.links.inventory import Inventory, LinkContext
from ocello.domain.mail.rewriting.markup import Source
from ocello.domain.mail.rewriting.slots import FooterLink, LinkSlot, Slots, TextChange

# In angle brackets, white space and line breaks are ignored (RFC 3986, appendix C), over a few lines.
_ADDRESS = re.compile(
    rf"<(?:URL:)?(https?://[^\s<>]++(?:{quoted.BREAK}[^\s<>]++){{0,{quoted.LINES}}})>"
    r"|(?<![A-Za-z0-9])(https?://[^\s<>\"`\x00-\x1f\x7f]++)",  # no control characters: ISO-2022-JP switches charsets by an escape
    re.ASCII | re.IGNORECASE,
)
_FLOWED_REST = re.compile(r" \r?\n(?:>+ ?)?([^\s<>\"`]++)", re.ASCII)
_WRAP = re.compile(quoted.BREAK)
_IN_TOKEN = re.compile(r"[A-Za-z0-9_\-]", re.ASCII)
_ENDINGS = ".,;:!?"
_MARKS = "_*~'"  # each ends an address only if it is before the address too
_OPENINGS = _MARKS + '([{"'
_PAIRS = {")": "(", "]": "[", "}": "{"}
_LONGEST = 2 * MAX_TARGET
_NEAR, _AFTER = 400, 120  # characters that are read before and after an address
_WEB = re.compile(r"https?://\S*+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;!?](?:\s|\Z)|\|")
_NO_WORDS = re.compile(r"[\W\d_]*+")


class _Found(NamedTuple):
    """An address, its target (a different one if the address is ours), and its span."""

    address: str
    origin: str
    start: int
    end: int


def slots(source: Source, inventory: Inventory, *, joined: bool) -> Slots:
    """Return what changes in plain text. If `joined`, a line that ends in a space continues without the space (DelSp=yes)."""
    return _sorted(_slots(source, inventory, joined=joined))


def own_address_slots(source: Source, inventory: Inventory) -> Slots:
    """Return the changes that restore the targets of our older addresses in plain text that is not tracked."""
    text = source.text
    return _sorted(_older(text, 0, len(text), quoted.Finder(text, inventory.context.own), inventory))


def _sorted(slots: Iterator[TextChange | LinkSlot | FooterLink]) -> Slots:
    """Return slots by their kinds."""
    found = Slots()
    for slot in slots:
        if isinstance(slot, LinkSlot):
            found.links.append(slot)
        elif isinstance(slot, FooterLink):
            found.footers.append(slot)
        else:
            found.fixed.append(slot)
    return found


def _older(
    text: str, start: int, end: int, finder: quoted.Finder, inventory: Inventory
) -> Iterator[TextChange | FooterLink]:
    """Return changes that restore the targets of all our addresses in a piece of text."""
    for place, ours in finder.every(start, end):
        span, instead = _span(text, place, ours), _written(ours.origin)
        footer = inventory.is_footer(ours.address)
        yield FooterLink(*span, ours.address, instead) if footer else TextChange(*span, instead)


def _span(text: str, start: int, ours: quoted.OwnAddress) -> tuple[int, int]:
    """Return the span to replace with an address of ours."""
    return quoted.with_brackets(text, start, ours.end) if ours.origin == PIXEL else (start, ours.end)


def _slots(source: Source, inventory: Inventory, *, joined: bool) -> Iterator[TextChange | LinkSlot | FooterLink]:
    text = source.text
    finder = quoted.Finder(text, inventory.context.own)
    may_be_ours = inventory.mark in text.lower()
    done = 0
    for match in _ADDRESS.finditer(text):
        if match.start() < done:
            continue
        before, found = done, _found(source, match, finder, joined=joined)
        done = found.end
        if may_be_ours:  # right after a letter an address is no link, but some programs would still follow ours
            yield from _older(text, before, found.start, finder, inventory)
        if (
            found.origin != PIXEL and not found.address.isascii() and not match[1]
        ):  # its end is uncertain, and people read it
            inventory.note_untracked("link", found.address, "ambiguous")
            yield from _older(text, found.start, done, finder, inventory)
        elif slot := _slot(source, inventory, found, joined=joined):
            yield slot
    if may_be_ours:
        yield from _older(text, done, len(text), finder, inventory)


def _slot(
    source: Source, inventory: Inventory, found: _Found, *, joined: bool
) -> TextChange | LinkSlot | FooterLink | None:
    """Return what changes at an address; None if it stays as it is."""
    address, origin, start, end = found
    if origin != PIXEL and inventory.is_footer(address):
        return FooterLink(start, end, address, _written(origin))
    instead, link = origin, None
    if origin != PIXEL:
        instead, link = inventory.address(address, partial(_about, source, start, end))
    new, rest, text = _written(instead), "", source.text
    if (link is not None or instead != origin) and _goes_on(text, end, joined=joined):
        rest = quoted.SEPARATOR
    if link is not None:
        older = "" if instead == address else _written(instead)
        return LinkSlot(start, end, link, address, text[start:end], rest, target=older)
    if instead != address and new + rest != text[start:end]:
        return TextChange(start, end, new + rest)
    return None


def _found(source: Source, match: re.Match[str], finder: quoted.Finder, *, joined: bool) -> _Found:
    """Return the address at a match of the pattern, with its real end: ours, one in angle brackets, or a bare one."""
    start, end = match.span(1) if match[1] else match.span(2)
    ours = finder.ours(start, end)
    if ours is not None:
        return _Found(ours.address, ours.origin, *_span(source.text, start, ours))
    if match[1]:
        address = _WRAP.sub("", source.readable(start, end))
    else:
        address, end = _bare(source, start, end, joined=joined)
    return _Found(address, address, start, end)


def _written(address: str) -> str:
    return quote(address, safe="!#$%&'()*+,/:;=?@[]~|{}^\\")


def _goes_on(text: str, end: int, *, joined: bool) -> bool:
    """Return whether the next character would be read as part of a token."""
    rest = _FLOWED_REST.match(text, end) if joined else None
    return _IN_TOKEN.match(rest[1]) is not None if rest else _IN_TOKEN.match(text, end) is not None


def _about(source: Source, start: int, end: int) -> LinkContext:
    """Return the text around an address: that of its line, or of the line before if it stands alone."""
    text = source.text
    low = max(0, start - _NEAR)
    while low < start and "\x80" <= text[low] < "\xc0":  # not inside a character of UTF-8
        low += 1
    *above, line = _WEB.split(source.readable(low, start))[-1].rstrip("<").split("\n")
    if _NO_WORDS.fullmatch(line):
        above = [each for each in above if not _NO_WORDS.fullmatch(each)]
    elif above and above[-1].rstrip().endswith((".", "!", "?")):  # the line before is a sentence of its own
        above = []
    high = text.find("\n", end, end + _AFTER)
    after = source.readable(end, high if high >= 0 else end + _AFTER)
    return LinkContext(f"{' '.join(above[-1:])} {line} | {_following(after)}", is_text=False)


def _following(line: str) -> str:
    """Return the text after an address in its sentence; empty if another address follows, as the text belongs to that."""
    return "" if _WEB.search(line) else _SENTENCE_END.split(line, maxsplit=1)[0]


def _bare(source: Source, start: int, end: int, *, joined: bool) -> tuple[str, int]:
    """Return an address without the punctuation that ends a sentence, and its end."""
    text = source.text
    pieces = [text[start:end]]
    while joined and len(pieces) < 8 and (more := _FLOWED_REST.match(text, end)):
        pieces.append(more[1])
        end = more.end()
    address = "".join(pieces)
    if len(address) > _LONGEST:
        return address, end
    before = _opened(text, start)
    kept = _without_ending(address, before)
    if len(address) - len(kept) >= len(pieces[-1]):  # the last line was only punctuation: it is not joined
        kept, end = _without_ending(pieces[0], before), start + len(pieces[0])
        address = pieces[0]
    end -= len(address) - len(kept)
    return kept if kept.isascii() else source.readable(start, end), end


def _opened(text: str, start: int) -> str:
    """Return the marks right before an address, ignoring brackets and quotation marks."""
    low = start
    while low and start - low < 8 and text[low - 1] in _OPENINGS:
        low -= 1
    return "".join(mark for mark in text[low:start] if mark in _MARKS)


def _without_ending(address: str, opened: str) -> str:
    """Remove the end that belongs to the sentence: punctuation, emphasis marks also found before, unmatched brackets."""
    end = len(address)
    while end:
        last = address[end - 1]
        if last in opened:
            opened = opened.replace(last, "", 1)
        elif last not in _ENDINGS:
            unopened = last in _PAIRS and address.count(_PAIRS[last], 0, end) < address.count(last, 0, end)
            if not unopened:
                break
        end -= 1
    return address[:end]
