"""Rewriting of a whole message, from bytes to bytes. It is searched once for all its copies."""

import re
from collections.abc import Callable
from typing import NamedTuple

from ocello.domain.mail.rewriting import edits
from ocello.domain.mail.rewriting.context import BeyondLimit, Tracked, TrackingContext, plain_address
from ocello.domain.mail.rewriting.edits import Change
from ocello.domain.mail.rewriting.links import unsubscribe
from ocello.domain.mail.rewriting.links.held import holds
from ocello.domain.mail.rewriting.links.inventory import SHOWN, Inventory
from ocello.domain.mail.rewriting.parts import body as bodies
from ocello.domain.mail.rewriting.parts import headers, mime, signatures, transfer
from ocello.domain.mail.rewriting.parts.body import Unsuited
from ocello.domain.mail.rewriting.slots import Addresses
from ocello.domain.messages.message import WHOLE, Link, Untracked

_LINES_LIMITED = mime.IDENTITY - {"binary"}
_PGP = re.compile(rb"-----BEGIN PGP (?:SIGNED )?MESSAGE-----")


def track(raw: bytes, context: TrackingContext) -> Tracked:
    """Return a recipient's copy of the message `raw`, with links and pixel by `context`, no Bcc, and every other byte kept.

    A message beyond the limits is returned without its Bcc and otherwise unchanged, with the reason. The links and their
    indexes depend only on the message and the context's options, never on the recipient.
    """
    try:
        return _Message(raw, context).copy(context)
    except BeyondLimit as limit:
        return _untouched(raw, str(limit))


def track_or_leave(raw: bytes, context: TrackingContext) -> Tracked:
    """Do the same as `track`; if that fails, return the message without its Bcc, otherwise unchanged, and the reason."""
    return copier(raw, context)(context)


def copier(raw: bytes, context: TrackingContext) -> Callable[[TrackingContext], Tracked]:
    """Search a message once, and return a function that makes each copy as `track_or_leave` does.

    The contexts of the copies may differ from `context` only in `open_url`, `click_url`, `reader` and `footer`, and only by
    recipient: the tokens of all recipients have the same length. Either all have a footer or none.
    """
    message = _or_reason(lambda: _Message(raw, context))
    if isinstance(message, str):
        left = _untouched(raw, message)
        return lambda _: left

    def copy(context: TrackingContext) -> Tracked:
        made = _or_reason(lambda: message.copy(context))
        return _untouched(raw, made) if isinstance(made, str) else made

    return copy


def _or_reason[T](make: Callable[[], T]) -> T | str:
    """Return the result of `make`, or the reason if it fails."""
    try:
        return make()
    except BeyondLimit as limit:
        return str(limit)
    except Exception as error:  # noqa: BLE001 — mail is never lost because of tracking
        return f"error: {type(error).__name__}"


def track_html(raw: bytes, charset: str, context: TrackingContext) -> Tracked:
    """Return a recipient's copy of an HTML document that is not in a message; otherwise the same as `track`."""
    inventory = Inventory(context)
    try:
        body = mime.BodyPart(
            "text/html", 0, len(raw), {"charset": charset}, "binary", with_pixel=True, with_footer=True
        )
        read = bodies.search_body(raw, body, inventory)
        copy, made = edits.apply(raw, read.changes(Addresses(context.open_url, inventory.tracked, context.footer)))
    except (BeyondLimit, Unsuited) as limit:
        return Tracked(raw, untracked=(Untracked(WHOLE, "", str(limit)),))
    return Tracked(copy, made, tuple(inventory.links), tuple(inventory.untracked))


def without_bcc(raw: bytes) -> bytes:
    """Return the message without its Bcc fields."""
    return edits.apply(raw, headers.changes_without_bcc(raw))[0]


def _untouched(raw: bytes, reason: str) -> Tracked:
    """Return the message without its Bcc, and the reason why nothing else was changed."""
    copy, made = edits.apply(raw, headers.changes_without_bcc(raw))
    return Tracked(copy, made, untracked=(Untracked(WHOLE, "", reason),))


def _unsubscribe_addresses(raw: bytes) -> frozenset[tuple[str, ...]]:
    """Return the addresses of the List-Unsubscribe fields."""
    fields = headers.parse_header(raw, 0, len(raw)).fields
    return unsubscribe.parse_list_unsubscribe(field.value for field in fields if field.name == "list-unsubscribe")


class _Part(NamedTuple):
    """A body that was searched."""

    body: mime.BodyPart
    coding: transfer.Coding
    read: bodies.SearchedBody

    def has_footer(self) -> bool:
        """Return whether the copy's footer is put into this body, or is there."""
        return self.read.slots.below is not None

    def changes(self, raw: bytes, addresses: Addresses) -> list[Change]:
        """Return the changes of the encoded body, and of the header if the encoding must change. Raise Unsuited."""
        body, changes = self.body, self.read.changes(addresses)
        if not changes:
            return []
        if body.encoding in _LINES_LIMITED and transfer.has_long_line(self.coding.body, changes):
            return _to_quoted_printable(raw, body, changes)
        carried = self.coding.carry(changes)
        return [Change(body.start + start, body.start + end, new) for start, end, new in carried]


class _Message:
    """A message that was searched with one copy's context, which is enough for all copies. Raise BeyondLimit."""

    def __init__(self, raw: bytes, context: TrackingContext) -> None:
        inventory = Inventory(context, _unsubscribe_addresses(raw))
        self._raw, self._context = raw, context
        self._parts = _parts(raw, inventory)
        if context.footer and (context.open_url or context.click_url) and not any(map(_Part.has_footer, self._parts)):
            raise BeyondLimit("no-footer")
        self._blind = headers.changes_without_bcc(raw)
        self._links, self._untracked = tuple(inventory.links), tuple(inventory.untracked)
        self._tracked = inventory.tracked

    def copy(self, context: TrackingContext) -> Tracked:
        """Return the copy of one recipient."""
        left = frozenset(link.index for link in self._links if holds(link.url, context.reader))
        addresses = Addresses(
            context.open_url, [self._address(link, context, left) for link in self._links], context.footer
        )
        changes = list(self._blind)
        for part in self._parts:
            changes += part.changes(self._raw, addresses)
        copy, made = edits.apply(self._raw, changes)
        links = tuple(link for link in self._links if link.index not in left)
        held = (Untracked("link", link.url[:SHOWN], "holds-address") for link in self._links if link.index in left)
        return Tracked(copy, made, links, (*self._untracked, *held))

    def _address(self, link: Link, context: TrackingContext, left: frozenset[int]) -> str | None:
        """Return the tracking address of a link in the copy of `context`; None where it is `left` as it is."""
        if link.index in left or context.click_url is None:
            return None
        if context is self._context:
            return self._tracked[link.index]
        return plain_address(context.click_url(link.index, link.url))


def _parts(raw: bytes, inventory: Inventory) -> list[_Part]:
    """Search all bodies; return those in which something may change."""
    context = inventory.context
    tree = mime.find_bodies(raw)
    for where, reason in tree.left:
        inventory.note_untracked("part", where, reason)
    if context.open_url and not any(body.with_pixel for body in tree.bodies):
        inventory.note_untracked("pixel", "", "no-html")
    has_html = any(body.type == "text/html" for body in tree.bodies)
    found: list[_Part] = []
    for body in tree.bodies:
        own_only = body.type == "text/plain" and has_html and not context.plain_text
        known = len(inventory.links), len(inventory.untracked)
        try:
            part = _part(raw, body, inventory, own_only=own_only)
        except Unsuited as unsuited:
            inventory.forget_since(*known)
            if not own_only:  # with `own_only` nothing had to be tracked
                inventory.note_untracked("part", body.type, str(unsuited))
            continue
        if part.read.slots.any(context.open_url):
            found.append(part)
    for name in signatures.broken(raw, [part.body for part in found]):
        inventory.note_untracked("signature", name, "signature-broken")
    return found


def _part(raw: bytes, body: mime.BodyPart, inventory: Inventory, *, own_only: bool) -> _Part:
    """Search one body. Raise Unsuited and BeyondLimit."""
    coding = _coding(body.encoding, raw[body.start : body.end])
    read = bodies.search_body(coding.body, body, inventory, own_only=own_only)
    if read.view.may_refuse:
        read.changes(Addresses(inventory.context.open_url, inventory.tracked, inventory.context.footer))
    return _Part(body, coding, read)


def _to_quoted_printable(raw: bytes, body: mime.BodyPart, changes: list[Change]) -> list[Change]:
    """Return changes that encode a whole part as quoted-printable, since its lines became too long, and adapt its header."""
    copy, _ = edits.apply(raw[body.start : body.end], changes)
    end_of_line = transfer.line_end(raw)
    encoded = Change(body.start, body.end, transfer.as_quoted_printable(copy, end_of_line))
    if not body.encoding_fields:
        line = b"Content-Transfer-Encoding: quoted-printable" + end_of_line
        return [Change(body.header_end, body.header_end, line), encoded]
    values = [(start, len(raw[start:end].rstrip(b"\r"))) for start, end in body.encoding_fields]
    return [*(Change(start, start + length, b" quoted-printable") for start, length in values), encoded]


def _coding(encoding: str, encoded: bytes) -> transfer.Coding:
    """Return the coding of a transfer encoding. Raise Unsuited if it is unknown or broken."""
    if encoding in mime.IDENTITY:
        return transfer.Plain(encoded)
    if encoding == "quoted-printable":
        return transfer.QuotedPrintable(encoded)
    if encoding == "base64":
        try:
            return transfer.Base64(encoded)
        except ValueError:
            raise Unsuited("transfer-encoding") from None
    raise Unsuited("transfer-encoding")
