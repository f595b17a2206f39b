"""What changes in one body: changes that are the same in every copy, and places for each copy's own addresses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ocello.domain.mail.rewriting import pixel


class TextChange(NamedTuple):
    """Replace text[start:end] by `new`."""

    start: int
    end: int
    new: str


class Addresses(NamedTuple):
    """Everything that differs between the copies of a message: the pixel's address, and those of the links by index.

    The address of a link is None in a copy in which it is not tracked.
    """

    pixel: str | None
    links: Sequence[str | None]


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


@dataclass(slots=True)
class Slots:
    """What changes in one body. `place` is the place of a new pixel, or None if the body gets none."""

    fixed: list[TextChange] = field(default_factory=list)
    links: list[LinkSlot] = field(default_factory=list)
    pixels: list[OldPixel] = field(default_factory=list)
    place: pixel.Place | None = None

    def any(self, own_pixel: str | None) -> bool:
        """Return whether a copy with this pixel is changed now, or was changed before."""
        new = self.place is not None
        return new or bool(self.fixed or self.links) or any(_taken_out(old, own_pixel) for old in self.pixels)

    def changes(self, addresses: Addresses) -> list[TextChange]:
        """Return the changes for the copy with these addresses, in order."""
        links = (slot.change(addresses.links[slot.link]) for slot in self.links)
        found = [*self.fixed, *(change for change in links if change is not None)]
        found += [TextChange(old.start, old.end, "") for old in self.pixels if _taken_out(old, addresses.pixel)]
        present = any(old.address == addresses.pixel for old in self.pixels)
        if self.place is not None and addresses.pixel and not present:
            at = self.place.at(sum(len(new) - (end - start) for start, end, new in found))
            found.append(TextChange(at, at, pixel.image(addresses.pixel)))
        return sorted(found)


def _taken_out(old: OldPixel, own_pixel: str | None) -> bool:
    """Return whether this image is removed from a copy whose pixel is `own_pixel`."""
    return old.ours and old.address != own_pixel
