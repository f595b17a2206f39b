"""Rewrite plain text: its web addresses, however people end or wrap them."""

import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

from ocello.domain.rewriting.context import MAX_TARGET
from ocello.domain.rewriting.inventory import About, Inventory
from ocello.domain.rewriting.markup import Source, TextChange

# In angle brackets white space and line breaks do not count (RFC 3986, appendix C); at most a few lines.
_ADDRESS = re.compile(
    r"<(?:URL:)?(https?://[^\s<>]++(?:[ \t]*+\r?\n(?:>[> ]*)?[ \t]*+[^\s<>]++){0,8})>"
    r"|(?<![A-Za-z0-9])(https?://[^\s<>\"`]++)",
    re.ASCII | re.IGNORECASE,
)
_FLOWED_REST = re.compile(r" \r?\n(?:>+ ?)?([^\s<>\"`]++)", re.ASCII)
_WRAP = re.compile(r"[ \t]*\r?\n(?:>[> ]*)?[ \t]*")
_ENDINGS = ".,;:!?'*_~"
_LONGEST = 2 * MAX_TARGET
_PAIRS = {")": "(", "]": "[", "}": "{"}


def changes(source: Source, inventory: Inventory, *, joined: bool) -> list[TextChange]:
    """Find the addresses in plain text. `joined` says that a line ending in a space goes on without it (DelSp=yes)."""
    return list(_changes(source, inventory, joined=joined))


def _changes(source: Source, inventory: Inventory, *, joined: bool) -> Iterator[TextChange]:
    text = source.text
    done = 0
    for match in _ADDRESS.finditer(text):
        if match.start() < done:
            continue
        if match[1]:
            start, end = match.span(1)
            address = _WRAP.sub("", source.readable(start, end))
        else:
            start, end = match.span(2)
            address, end = _bare(source, start, end, joined=joined)
            if not address.isascii():  # where it ends is anyone's guess, and its text is what people read
                inventory.leave("link", address, "ambiguous")
                continue
        done = end
        line = text.rfind("\n", max(0, start - 200), start) + 1 or max(0, start - 200)
        instead = inventory.address(address, partial(_about, source, line, start))
        if instead != address:
            yield TextChange(start, end, quote(instead, safe="!#$%&'()*+,/:;=?@[]~|{}^\\"))


def _about(source: Source, line: int, start: int) -> About:
    """Tell what stands before an address in its line; the address is its own text."""
    return About(source.readable(line, start), is_text=False)


def _bare(source: Source, start: int, end: int, *, joined: bool) -> tuple[str, int]:
    """Give an address without the punctuation that ends a sentence, and where it ends."""
    text = source.text
    pieces = [text[start:end]]
    while joined and len(pieces) < 8 and (more := _FLOWED_REST.match(text, end)):
        pieces.append(more[1])
        end = more.end()
    address = "".join(pieces)
    if len(address) > _LONGEST:
        return address, end
    kept = _without_ending(address)
    if len(address) - len(kept) >= len(pieces[-1]):  # all of the last line was punctuation: leave the wrapping be
        kept, end = _without_ending(pieces[0]), start + len(pieces[0])
        address = pieces[0]
    end -= len(address) - len(kept)
    return kept if kept.isascii() else source.readable(start, end), end


def _without_ending(address: str) -> str:
    """Take the punctuation off the end that belongs to the sentence; brackets that were opened inside stay."""
    end = len(address)
    while end:
        last = address[end - 1]
        unopened = last in _PAIRS and address.count(_PAIRS[last], 0, end) < address.count(last, 0, end)
        if last not in _ENDINGS and not unopened:
            break
        end -= 1
    return address[:end]
