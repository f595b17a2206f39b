"""The links of one message in order. They are the same for each recipient, since no decision depends on a token."""

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
from ocello.domain.mail.rewriting.links.rules import reason_by_shape, reason_by_text, shows_address, untracked_reason
from ocello.domain.messages.message import Link, Untracked

SHOWN = 200  # characters of a text or an address in the report


class LinkContext(NamedTuple):
    """What also decides whether an address is tracked: the text shown for it (in plain text, the text around it) and marks."""

    words: str
    is_text: bool = True
    off: bool = False  # the sender marked it as not to be tracked
    unclosed: bool = False  # its quotation mark is never closed, so that it contains markup


class Replacement(NamedTuple):
    """The replacement of an address: the tracking address of the link with index `link`, or else the target `address`."""

    address: str
    link: int | None = None


class Inventory:
    """Decides for each address in a message what replaces it, and records the links and the untracked ones with reasons."""

    def __init__(self, context: TrackingContext, unsubscribe: frozenset[tuple[str, ...]] = frozenset()) -> None:
        self.context = context
        self.mark = quoted.mark_of(context.tracking_host)
        self.links: list[Link] = []
        self.tracked: list[str] = []  # the tracking address of each link in the copy of `context`
        self.untracked: list[Untracked] = []
        self._unsubscribe = unsubscribe
        self._seen = 0
        self._noted: set[tuple[str, str, str]] = set()

    def address(self, found: str, about: Callable[[], LinkContext]) -> Replacement:
        """Return the replacement of `found`; `about()` returns what else decides.

        An older tracking address of ours is first replaced by its target. Raise BeyondLimit.
        """
        self._seen += 1
        if self._seen > MAX_LINKS:
            raise BeyondLimit("too-many-links")
        target = self._origin(found)
        if self.context.click_url is None:
            return Replacement(target)
        reason: str | None = reason_by_shape(target)
        if reason is None:
            seen = about()
            reason = self._reason(target, seen)
            if reason is None:
                return self._tracked(self.context.click_url, target, seen)
        self.note_untracked("link", target, reason)
        return Replacement(target)

    def _reason(self, target: str, seen: LinkContext) -> str | None:
        """Return why a web address is not tracked; None if it is."""
        if seen.off:
            return "off"
        if seen.unclosed:
            return "malformed"
        reason = untracked_reason(target, seen.words, self.context, self._unsubscribe)
        return reason_by_text(target, seen.words, self.context) if reason is None and seen.is_text else reason

    def _tracked(self, click_url: Callable[[int, str], str], target: str, seen: LinkContext) -> Replacement:
        """Record a link to track, if its target fits into a token, and return its replacement."""
        try:
            tracked = click_url(len(self.links), target)
        except ValueError:
            self.note_untracked("link", target, "malformed")
            return Replacement(target)
        if len(tracked) > MAX_ADDRESS:
            self.note_untracked("link", target, "too-long")
            return Replacement(target)
        shown = seen.words if seen.is_text else target
        self.tracked.append(plain_address(tracked))
        self.links.append(Link(len(self.links), target, shown[:SHOWN], seen.is_text and shows_address(shown)))
        return Replacement(target, self.links[-1].index)

    def _origin(self, address: str) -> str:
        """Return the target of an address of ours, also if a mail service wrapped it; any other address is returned unchanged."""
        if address[:4].lower() != "http":
            return address
        if origin := self.context.own(address):
            return origin
        return (self.mark in address.lower() and quoted.unwrap(address, self.context.own)) or address

    def is_pixel(self, address: str) -> bool:
        """Return whether `address` is that of one of our pixels."""
        return self.context.own(address) == PIXEL

    def is_footer(self, address: str) -> bool:
        """Return whether `address` is that of one of our footers."""
        about = self.context.about
        return about != "" and self.context.own(address) == about

    def forget_since(self, links: int, untracked: int) -> None:
        """Forget all links and untracked notes after these counts, since their part is not changed after all."""
        del self.links[links:], self.tracked[links:]
        del self.untracked[untracked:]
        self._noted = {(note.what, note.where, note.reason) for note in self.untracked}

    def note_untracked(self, what: str, where: str, reason: str) -> None:
        """Record something that is not tracked; of equal records, keep one."""
        note = (what, where[:SHOWN], reason)
        if note not in self._noted:
            self._noted.add(note)
            self.untracked.append(Untracked(*note))
