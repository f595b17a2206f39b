"""What changes in one body: the same in every copy, or an address that is another in each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ocello.domain.mail.rewriting import pixel


class TextChange(NamedTuple):
    """Put `new` in the place of text[start:end]."""

    start: int
    end: int
    new: str


class Addresses(NamedTuple):
    """All in which the copies of a message differ: the address of the pixel, and those of its links by their index."""

    pixel: str | None
    links: Sequence[str]


class LinkSlot(NamedTuple):
    """Where the tracking address of a link goes: in the place of text[start:end], which means the address `found`.

    `rest` follows it. In an attribute without quotes in a comment, whose span is `bare`, an address gets quotes where it
    ends in `-`, which with the `>` of the tag would end the comment.
    """

    start: int
    end: int
    link: int
    found: str
    spelled: str
    rest: str = ""
    bare: tuple[int, int] | None = None

    def change(self, address: str) -> TextChange | None:
        """Return the change that puts `address` here; None where it stands here already."""
        if address == self.found or address + self.rest == self.spelled:
            return None
        if self.bare and address.endswith("-"):
            return TextChange(*self.bare, f'"{address}"')
        return TextChange(self.start, self.end, address + self.rest)


class OldPixel(NamedTuple):
    """An image that may be the pixel of a copy. `ours` says that it is one of ours: it is taken out of all others."""

    start: int
    end: int
    address: str
    ours: bool


@dataclass(slots=True)
class Slots:
    """What changes in one body. `place` tells where a new pixel goes; it is None where none goes in."""

    fixed: list[TextChange] = field(default_factory=list)
    links: list[LinkSlot] = field(default_factory=list)
    pixels: list[OldPixel] = field(default_factory=list)
    place: pixel.Place | None = None

    def any(self, own_pixel: str | None) -> bool:
        """Return whether a copy with this pixel changes, now or once before."""
        new = self.place is not None
        return new or bool(self.fixed or self.links) or any(_taken_out(old, own_pixel) for old in self.pixels)

    def changes(self, addresses: Addresses) -> list[TextChange]:
        """Return what changes in the copy with these addresses, in its order."""
        links = (slot.change(addresses.links[slot.link]) for slot in self.links)
        found = [*self.fixed, *(change for change in links if change is not None)]
        found += [TextChange(old.start, old.end, "") for old in self.pixels if _taken_out(old, addresses.pixel)]
        present = any(old.address == addresses.pixel for old in self.pixels)
        if self.place is not None and addresses.pixel and not present:
            at = self.place.at(sum(len(new) - (end - start) for start, end, new in found))
            found.append(TextChange(at, at, pixel.image(addresses.pixel)))
        return sorted(found)


def _taken_out(old: OldPixel, own_pixel: str | None) -> bool:
    """Return whether a copy whose own pixel is another loses this image."""
    return old.ours and old.address != own_pixel
