"""Rewrite a whole message, bytes in and bytes out: looked through once, however many copies are made of it."""

import re
from collections.abc import Callable
from typing import NamedTuple

from ocello.domain.mail.rewriting import edits
from ocello.domain.mail.rewriting.context import BeyondLimit, Tracked, TrackingContext, plain_address
from ocello.domain.mail.rewriting.edits import Change
from ocello.domain.mail.rewriting.links import unsubscribe
from ocello.domain.mail.rewriting.links.inventory import Inventory
from ocello.domain.mail.rewriting.parts import body as bodies
from ocello.domain.mail.rewriting.parts import headers, mime, signatures, transfer
from ocello.domain.mail.rewriting.parts.body import Unsuited
from ocello.domain.mail.rewriting.slots import Addresses
from ocello.domain.messages.message import WHOLE, Untracked

_LINES_LIMITED = mime.IDENTITY - {"binary"}
_PGP = re.compile(rb"-----BEGIN PGP (?:SIGNED )?MESSAGE-----")


def track(raw: bytes, context: TrackingContext) -> Tracked:
    """Make a recipient's copy of the message `raw`: links and pixel as `context` says, no Bcc, all else byte for byte.

    A message beyond the limits comes back without its Bcc and otherwise untouched, with the reason. The links and their
    indices depend on the message and the context's options alone, never on the recipient.
    """
    try:
        return _Message(raw, context).copy(context)
    except BeyondLimit as limit:
        return _untouched(raw, str(limit))


def track_or_leave(raw: bytes, context: TrackingContext) -> Tracked:
    """Do what `track` does; should it fail, give the message without its Bcc, otherwise untouched, and the reason."""
    return copier(raw, context)(context)


def copier(raw: bytes, context: TrackingContext) -> Callable[[TrackingContext], Tracked]:
    """Look a message through, and give what makes each copy of it as `track_or_leave` does.

    The contexts of the copies differ from `context` in `open_url` and `click_url` alone, and in these as recipients do:
    a token is as long for one as for another.
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
    """Return what `make` gives; should it fail, the reason."""
    try:
        return make()
    except BeyondLimit as limit:
        return str(limit)
    except Exception as error:  # noqa: BLE001 — mail is never lost because of tracking
        return f"error: {type(error).__name__}"


def track_html(raw: bytes, charset: str, context: TrackingContext) -> Tracked:
    """Rewrite a bare HTML document instead of a message; the rest as for `track`."""
    inventory = Inventory(context)
    try:
        body = mime.BodyPart("text/html", 0, len(raw), {"charset": charset}, "binary", with_pixel=True)
        read = bodies.read(raw, body, inventory)
        copy, made = edits.apply(raw, read.changes(Addresses(context.open_url, inventory.tracked)))
    except (BeyondLimit, Unsuited) as limit:
        return Tracked(raw, untracked=(Untracked(WHOLE, "", str(limit)),))
    return Tracked(copy, made, tuple(inventory.links), tuple(inventory.untracked))


def without_bcc(raw: bytes) -> bytes:
    """Return the message without its Bcc fields."""
    return edits.apply(raw, headers.without_blind(raw))[0]


def _untouched(raw: bytes, reason: str) -> Tracked:
    """Return the message without its Bcc, and why it is otherwise as it was."""
    copy, made = edits.apply(raw, headers.without_blind(raw))
    return Tracked(copy, made, untracked=(Untracked(WHOLE, "", reason),))


def _unsubscribe_addresses(raw: bytes) -> frozenset[tuple[str, ...]]:
    """Return the addresses of the List-Unsubscribe fields."""
    fields = headers.read(raw, 0, len(raw)).fields
    return unsubscribe.listed(field.value for field in fields if field.name == "list-unsubscribe")


class _Part(NamedTuple):
    """A body looked through."""

    body: mime.BodyPart
    coding: transfer.Coding
    read: bodies.Read

    def changes(self, raw: bytes, addresses: Addresses) -> list[Change]:
        """Find what changes: the encoded body, and the header where the encoding has to be another. Raises Unsuited."""
        body, changes = self.body, self.read.changes(addresses)
        if not changes:
            return []
        if body.encoding in _LINES_LIMITED and transfer.has_long_line(self.coding.body, changes):
            return _to_quoted_printable(raw, body, changes)
        carried = self.coding.carry(changes)
        return [Change(body.start + start, body.start + end, new) for start, end, new in carried]


class _Message:
    """A message looked through for one copy's context, and so for all. Raises BeyondLimit."""

    def __init__(self, raw: bytes, context: TrackingContext) -> None:
        inventory = Inventory(context, _unsubscribe_addresses(raw))
        self._raw, self._context = raw, context
        self._parts = _parts(raw, inventory)
        self._blind = headers.without_blind(raw)
        self._links, self._untracked = tuple(inventory.links), tuple(inventory.untracked)
        self._tracked = inventory.tracked

    def copy(self, context: TrackingContext) -> Tracked:
        """Make the copy of one recipient."""
        addresses = Addresses(context.open_url, self._tracked)
        if context is not self._context and context.click_url is not None:
            urls = (context.click_url(link.index, link.url) for link in self._links)
            addresses = Addresses(context.open_url, [plain_address(url) for url in urls])
        changes = list(self._blind)
        for part in self._parts:
            changes += part.changes(self._raw, addresses)
        copy, made = edits.apply(self._raw, changes)
        return Tracked(copy, made, self._links, self._untracked)


def _parts(raw: bytes, inventory: Inventory) -> list[_Part]:
    """Look all bodies through; give those of which something may change."""
    context = inventory.context
    tree = mime.walk(raw)
    for where, reason in tree.left:
        inventory.leave("part", where, reason)
    if context.open_url and not any(body.with_pixel for body in tree.bodies):
        inventory.leave("pixel", "", "no-html")
    has_html = any(body.type == "text/html" for body in tree.bodies)
    found: list[_Part] = []
    for body in tree.bodies:
        own_only = body.type == "text/plain" and has_html and not context.plain_text
        known = len(inventory.links), len(inventory.untracked)
        try:
            part = _part(raw, body, inventory, own_only=own_only)
        except Unsuited as unsuited:
            inventory.forget_since(*known)
            if not own_only:  # else nothing was asked of it
                inventory.leave("part", body.type, str(unsuited))
            continue
        if part.read.slots.any(context.open_url):
            found.append(part)
    for name in signatures.broken(raw, [part.body for part in found]):
        inventory.leave("signature", name, "signature-broken")
    return found


def _part(raw: bytes, body: mime.BodyPart, inventory: Inventory, *, own_only: bool) -> _Part:
    """Look one body through. Raises Unsuited, BeyondLimit."""
    coding = _coding(body.encoding, raw[body.start : body.end])
    read = bodies.read(coding.body, body, inventory, own_only=own_only)
    if read.view.may_refuse:
        read.changes(Addresses(inventory.context.open_url, inventory.tracked))
    return _Part(body, coding, read)


def _to_quoted_printable(raw: bytes, body: mime.BodyPart, changes: list[Change]) -> list[Change]:
    """Encode a whole part anew, whose lines have become too long for its encoding, and say so in its header."""
    copy, _ = edits.apply(raw[body.start : body.end], changes)
    end_of_line = transfer.line_end(raw)
    encoded = Change(body.start, body.end, transfer.as_quoted_printable(copy, end_of_line))
    if not body.encoding_fields:
        line = b"Content-Transfer-Encoding: quoted-printable" + end_of_line
        return [Change(body.header_end, body.header_end, line), encoded]
    values = [(start, len(raw[start:end].rstrip(b"\r"))) for start, end in body.encoding_fields]
    return [*(Change(start, start + length, b" quoted-printable") for start, length in values), encoded]


def _coding(encoding: str, encoded: bytes) -> transfer.Coding:
    """Choose how a body is carried. Raises Unsuited for encodings unknown or broken."""
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
