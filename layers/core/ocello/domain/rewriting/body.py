"""Rewrite one decoded body: HTML or plain text, in its charset."""

from ocello.domain.rewriting import markup, plain
from ocello.domain.rewriting.charsets import View
from ocello.domain.rewriting.context import MAX_TEXT, BeyondLimit
from ocello.domain.rewriting.edits import Change
from ocello.domain.rewriting.inventory import Inventory
from ocello.domain.rewriting.mime import Body

_PGP = b"-----BEGIN PGP "


class Unsuited(Exception):  # noqa: N818 — named for what it is; never leaves this package
    """A body that is not rewritten; the text is the reason to report."""


def in_body(content: bytes, body: Body, inventory: Inventory, *, own_only: bool = False) -> list[Change]:
    """Find what changes in a body whose decoded bytes are `content`. Raises Unsuited, BeyondLimit.

    With `own_only` addresses of ours are taken out of plain text, and nothing else.
    """
    if len(content) > MAX_TEXT:
        raise BeyondLimit("too-large")
    if _PGP in content:
        raise Unsuited("pgp")
    view = View(content, body.parameters.get("charset", "").strip())
    if view.source is None:
        raise Unsuited("charset")
    if body.type == "text/plain":
        joined = (
            body.parameters.get("delsp", "").lower() == "yes" and body.parameters.get("format", "").lower() == "flowed"
        )
        changes = (
            plain.taken_out(view.source, inventory)
            if own_only
            else plain.changes(view.source, inventory, joined=joined)
        )
    elif view.source.charset is None and "<" not in view.source.text:  # in a wide charset: the label lies
        raise Unsuited("charset")
    else:
        changes = markup.changes(view.source, inventory, with_pixel=body.with_pixel)
    try:
        return view.carry(changes)
    except ValueError:
        raise Unsuited("charset") from None
