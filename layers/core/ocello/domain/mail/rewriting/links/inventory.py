"""The links of one message in their order: the same for each recipient, since no token takes part in the deciding."""

from collections.abc import Callable
from typing import NamedTuple

from ocello.domain.mail.rewriting import quoted
from ocello.domain.mail.rewriting.context import (
    MAX_ADDRESS,
    MAX_LINKS,
    PIXEL,
    BeyondLimit,
    TrackingContext,
    plain_address,
)
from ocello.domain.mail.rewriting.links.rules import reason_by_shape, reason_by_text, reason_to_leave, shows_address
from ocello.domain.messages.message import Link, Untracked

_SHOWN = 200  # characters of a text or an address in the report


class About(NamedTuple):
    """What else decides on an address: the words shown as it, or in plain text those around it, and what is odd of it."""

    words: str
    is_text: bool = True
    off: bool = False  # its sender marked it
    unclosed: bool = False  # its quote was never closed, and markup is part of it


class Standing(NamedTuple):
    """What is to stand in the place of an address: the target `address`, or where `link` is an index, that link's own."""

    address: str
    link: int | None = None


class Inventory:
    """Decides for each address found what is to stand in its place, and remembers why."""

    def __init__(self, context: TrackingContext, unsubscribe: frozenset[tuple[str, ...]] = frozenset()) -> None:
        self.context = context
        self.links: list[Link] = []
        self.tracked: list[str] = []  # the tracking address of each link in the copy of `context`
        self.untracked: list[Untracked] = []
        self._unsubscribe = unsubscribe
        self._seen = 0
        self._noted: set[tuple[str, str, str]] = set()

    def address(self, found: str, about: Callable[[], About]) -> Standing:
        """Return what is to stand in the place of `found`; `about()` tells what else decides.

        An older address of ours is first taken back to its target. Raises BeyondLimit.
        """
        self._seen += 1
        if self._seen > MAX_LINKS:
            raise BeyondLimit("too-many-links")
        target = self._origin(found)
        if self.context.click_url is None:
            return Standing(target)
        reason: str | None = reason_by_shape(target)
        if reason is None:
            seen = about()
            reason = self._reason(target, seen)
            if reason is None:
                return self._tracked(self.context.click_url, target, seen)
        self.leave("link", target, reason)
        return Standing(target)

    def _reason(self, target: str, seen: About) -> str | None:
        """Say why a web address is not tracked; None where it is."""
        if seen.off:
            return "off"
        if seen.unclosed:
            return "malformed"
        reason = reason_to_leave(target, seen.words, self.context, self._unsubscribe)
        return reason_by_text(target, seen.words, self.context) if reason is None and seen.is_text else reason

    def _tracked(self, click_url: Callable[[int, str], str], target: str, seen: About) -> Standing:
        """Make a link of an address that is to be tracked, if a token can carry it."""
        try:
            tracked = click_url(len(self.links), target)
        except ValueError:
            self.leave("link", target, "malformed")
            return Standing(target)
        if len(tracked) > MAX_ADDRESS:
            self.leave("link", target, "too-long")
            return Standing(target)
        shown = seen.words if seen.is_text else target
        self.tracked.append(plain_address(tracked))
        self.links.append(Link(len(self.links), target, shown[:_SHOWN], seen.is_text and shows_address(shown)))
        return Standing(target, self.links[-1].index)

    def _origin(self, address: str) -> str:
        """Return the target of an address of ours, wrapped by a mail service or not, any other address as it is."""
        if address[:4].lower() != "http":
            return address
        if origin := self.context.own(address):
            return origin
        return (quoted.may_be_wrapped(address) and quoted.unwrapped(address, self.context.own)) or address

    def is_pixel(self, address: str) -> bool:
        """Return whether `address` is that of a pixel of ours."""
        return self.context.own(address) == PIXEL

    def forget_since(self, links: int, untracked: int) -> None:
        """Forget what came after that many links and notes: their part stays as it was after all."""
        del self.links[links:], self.tracked[links:]
        del self.untracked[untracked:]
        self._noted = {(note.what, note.where, note.reason) for note in self.untracked}

    def leave(self, what: str, where: str, reason: str) -> None:
        """Note something that stays as it was; of many alike, one."""
        note = (what, where[:_SHOWN], reason)
        if note not in self._noted:
            self._noted.add(note)
            self.untracked.append(Untracked(*note))
