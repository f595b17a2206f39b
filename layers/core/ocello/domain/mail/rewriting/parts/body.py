"""Rewrite one decoded body: HTML or plain text, in its charset."""

from typing import NamedTuple

from ocello.domain.mail.rewriting import markup, plain
from ocello.domain.mail.rewriting.context import MAX_TEXT, BeyondLimit
from ocello.domain.mail.rewriting.edits import Change
from ocello.domain.mail.rewriting.links.inventory import Inventory
from ocello.domain.mail.rewriting.markup import Source
from ocello.domain.mail.rewriting.parts.charsets import View
from ocello.domain.mail.rewriting.parts.mime import BodyPart
from ocello.domain.mail.rewriting.slots import Addresses, Slots

_PGP = b"-----BEGIN PGP "


class Unsuited(Exception):  # noqa: N818 — named for what it is; never leaves this package
    """A body that is not rewritten; the text is the reason to report."""


class Read(NamedTuple):
    """A body looked through: how its text is spelled, and what changes in it."""

    view: View
    slots: Slots

    def changes(self, addresses: Addresses) -> list[Change]:
        """Return what changes in the copy with these addresses. Raises Unsuited."""
        changes = self.slots.changes(addresses)
        try:
            return self.view.carry(changes)
        except ValueError:
            raise Unsuited("charset") from None


def read(content: bytes, body: BodyPart, inventory: Inventory, *, own_only: bool = False) -> Read:
    """Look through a body whose decoded bytes are `content`. Raises Unsuited, BeyondLimit.

    With `own_only` addresses of ours are taken out of plain text, and nothing else.
    """
    if len(content) > MAX_TEXT:
        raise BeyondLimit("too-large")
    if _PGP in content:
        raise Unsuited("pgp")
    view = View(content, body.parameters.get("charset", "").strip())
    if view.source is None:
        raise Unsuited("charset")
    if body.type != "text/plain":
        if view.source.charset is None and "<" not in view.source.text:  # in a wide charset: the label lies
            raise Unsuited("charset")
        return Read(view, markup.slots(view.source, inventory, with_pixel=body.with_pixel))
    return Read(view, _plain(view.source, body, inventory, own_only=own_only))


def _plain(source: Source, body: BodyPart, inventory: Inventory, *, own_only: bool) -> Slots:
    """Look through plain text."""
    if own_only:
        return plain.taken_out(source, inventory)
    joined = body.parameters.get("delsp", "").lower() == "yes" and body.parameters.get("format", "").lower() == "flowed"
    return plain.slots(source, inventory, joined=joined)
