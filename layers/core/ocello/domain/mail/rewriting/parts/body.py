"""Rewriting of one decoded body, HTML or plain text, in its charset."""

from typing import NamedTuple

from ocello.domain.mail.rewriting import footer, markup, plain
from ocello.domain.mail.rewriting.context import MAX_TEXT, BeyondLimit
from ocello.domain.mail.rewriting.edits import Change
from ocello.domain.mail.rewriting.links.inventory import Inventory
from ocello.domain.mail.rewriting.markup import Source
from ocello.domain.mail.rewriting.parts.charsets import View
from ocello.domain.mail.rewriting.parts.mime import BodyPart
from ocello.domain.mail.rewriting.slots import Addresses, Slots

_PGP = b"-----BEGIN PGP "


class Unsuited(Exception):  # noqa: N818 — named for what it is; never leaves this package
    """A body cannot be rewritten; the text is the reason to report."""


class SearchedBody(NamedTuple):
    """A body that was searched: its text, and what changes in it."""

    view: View
    slots: Slots

    def changes(self, addresses: Addresses) -> list[Change]:
        """Return the changes for the copy with these addresses. Raise Unsuited."""
        changes = self.slots.changes(addresses)
        try:
            return self.view.carry(changes)
        except ValueError:
            raise Unsuited("charset") from None


def search_body(content: bytes, body: BodyPart, inventory: Inventory, *, own_only: bool = False) -> SearchedBody:
    """Search a body, whose decoded bytes are `content`, for what changes. Raise Unsuited and BeyondLimit.

    With `own_only`, only the targets of our own older addresses are restored in plain text.
    """
    if len(content) > MAX_TEXT:
        raise BeyondLimit("too-large")
    if _PGP in content:
        raise Unsuited("pgp")
    view = View(content, body.parameters.get("charset", "").strip())
    if view.source is None:
        raise Unsuited("charset")
    if body.type != "text/plain":
        if view.source.charset is None and "<" not in view.source.text:  # not wide: the charset is wrong
            raise Unsuited("charset")
        return SearchedBody(
            view,
            markup.slots(view.source, inventory, with_pixel=body.with_pixel, with_footer=body.with_footer),
        )
    found = _plain(view.source, body, inventory, own_only=own_only)
    if body.with_footer and inventory.context.footer:
        found.below = footer.PlainPlace(view.source.text)
    return SearchedBody(view, found)


def _plain(source: Source, body: BodyPart, inventory: Inventory, *, own_only: bool) -> Slots:
    """Search plain text for what changes."""
    if own_only:
        return plain.own_address_slots(source, inventory)
    joined = body.parameters.get("delsp", "").lower() == "yes" and body.parameters.get("format", "").lower() == "flowed"
    return plain.slots(source, inventory, joined=joined)
