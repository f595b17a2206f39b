"""What changes in one body: changes that are the same in every copy, and places for each copy's own addresses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ocello.domain.mail.rewriting import footer, pixel
from ocello.domain.mail.rewriting.context import Footer


class TextChange(NamedTuple):
    """Replace text[start:end] by `new`."""

    start: int
    end: int
    new: str


class Addresses(NamedTuple):
    """What differs between the copies of a message: the pixel's address, those of the links by index, the footer.

    The address of a link is None in a copy in which it is not tracked.
    """

    pixel: str | None
    links: Sequence[str | None]
    footer: Footer | None = None


class LinkSlot(NamedTuple):
    """The place of a link's tracking address: it replaces text[start:end], which is the address `found`, encoded.

    `rest` follows it. `bare` is the span of an attribute without quotation marks in a comment: an address that ends in
    `-` gets them there, because `-` and the `>` of the tag would end the comment. `target` is the link's target, encoded,
    where `found` is an older address of ours that leads there.
    """

    start: int
    end: int
    link: int
    found: str
    encoded: str
    rest: str = ""
    bare: tuple[int, int] | None = None
    target: str = ""

    def change(self, address: str | None) -> TextChange | None:
        """Return the change that puts `address` here, or the target for None; None if it is here already."""
        if address is None:
            return self._replace(rest="").change(self.target) if self.target else None
        if address == self.found or address + self.rest == self.encoded:
            return None
        if self.bare and address.endswith("-"):
            return TextChange(*self.bare, f'"{address}"')
        return TextChange(self.start, self.end, address + self.rest)


class OldPixel(NamedTuple):
    """An image that may be the pixel of a copy. If it is one of `ours`, it is removed from all other copies."""

    start: int
    end: int
    address: str
    ours: bool


class FooterLink(NamedTuple):
    """The address in a footer of ours. In all copies but its own, `instead` replaces text[start:end]."""

    start: int
    end: int
    address: str
    instead: str


@dataclass(slots=True)
class Slots:
    """What changes in one body. `place` and `below` are those of a new pixel and footer, or None if the body gets none."""

    fixed: list[TextChange] = field(default_factory=list)
    links: list[LinkSlot] = field(default_factory=list)
    pixels: list[OldPixel] = field(default_factory=list)
    footers: list[FooterLink] = field(default_factory=list)
    place: pixel.Place | None = None
    below: footer.HtmlPlace | footer.PlainPlace | None = None

    def any(self, own_pixel: str | None) -> bool:
        """Return whether a copy with this pixel is changed now, or was changed before."""
        new = self.place is not None or self.below is not None
        kept = bool(self.fixed or self.links or self.footers)
        return new or kept or any(_taken_out(old, own_pixel) for old in self.pixels)

    def changes(self, addresses: Addresses) -> list[TextChange]:
        """Return the changes for the copy with these addresses, in order."""
        links = (slot.change(addresses.links[slot.link]) for slot in self.links)
        found = [*self.fixed, *(change for change in links if change is not None)]
        found += [TextChange(old.start, old.end, "") for old in self.pixels if _taken_out(old, addresses.pixel)]
        found += self._footer(addresses.footer)
        present = any(old.address == addresses.pixel for old in self.pixels)
        if self.place is not None and addresses.pixel and not present:
            at = self.place.at(sum(len(new) - (end - start) for start, end, new in found))
            found.append(TextChange(at, at, pixel.image(addresses.pixel)))
        return sorted(found)

    def _footer(self, own: Footer | None) -> list[TextChange]:
        """Return the changes that put this copy's footer in, if it is not there, and take the address out of all others."""
        url = own.url if own else ""
        others = [each for each in self.footers if each.address != url]
        found = [TextChange(each.start, each.end, each.instead) for each in others]
        if own and self.below is not None and len(others) == len(self.footers):
            at, new = self.below.insert(own)
            found.append(TextChange(at, at, new))
        return found


def _taken_out(old: OldPixel, own_pixel: str | None) -> bool:
    """Return whether this image is removed from a copy whose pixel is `own_pixel`."""
    return old.ours and old.address != own_pixel
