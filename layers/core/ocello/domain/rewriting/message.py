"""Rewrite a whole message, bytes in and bytes out."""

import re

from ocello.domain.messages import WHOLE, Untracked
from ocello.domain.rewriting import edits, headers, mime, signatures, transfer, unsubscribe
from ocello.domain.rewriting.body import Unsuited, in_body
from ocello.domain.rewriting.context import BeyondLimit, Tracked, TrackingContext
from ocello.domain.rewriting.edits import Change
from ocello.domain.rewriting.inventory import Inventory

_LINES_LIMITED = mime.IDENTITY - {"binary"}
_PGP = re.compile(rb"-----BEGIN PGP (?:SIGNED )?MESSAGE-----")


def track(raw: bytes, context: TrackingContext) -> Tracked:
    """Make a recipient's copy of the message `raw`: links and pixel as `context` says, no Bcc, all else byte for byte.

    A message beyond the limits comes back without its Bcc and otherwise untouched, with the reason. The links and their
    indices depend on the message and the context's options alone, never on the recipient.
    """
    try:
        inventory = Inventory(context, _unsubscribe_addresses(raw))
        changes = _changes(raw, inventory)
    except BeyondLimit as limit:
        return _untouched(raw, str(limit))
    copy, made = edits.apply(raw, headers.without_blind(raw) + changes)
    return Tracked(copy, made, tuple(inventory.links), tuple(inventory.untracked))


def track_or_leave(raw: bytes, context: TrackingContext) -> Tracked:
    """Do what `track` does; should it fail, give the message without its Bcc, otherwise untouched, and the reason."""
    try:
        return track(raw, context)
    except Exception as error:  # noqa: BLE001 — mail is never lost because of tracking
        return _untouched(raw, f"error: {type(error).__name__}")


def track_html(raw: bytes, charset: str, context: TrackingContext) -> Tracked:
    """Rewrite a bare HTML document instead of a message; the rest as for `track`."""
    inventory = Inventory(context)
    try:
        body = mime.Body("text/html", 0, len(raw), {"charset": charset}, "binary", with_pixel=True)
        copy, made = edits.apply(raw, in_body(raw, body, inventory))
    except (BeyondLimit, Unsuited) as limit:
        return Tracked(raw, untracked=(Untracked(WHOLE, "", str(limit)),))
    return Tracked(copy, made, tuple(inventory.links), tuple(inventory.untracked))


def without_bcc(raw: bytes) -> bytes:
    """Give the message without its Bcc fields."""
    return edits.apply(raw, headers.without_blind(raw))[0]


def _untouched(raw: bytes, reason: str) -> Tracked:
    """Give the message without its Bcc, and why it is otherwise as it was."""
    copy, made = edits.apply(raw, headers.without_blind(raw))
    return Tracked(copy, made, untracked=(Untracked(WHOLE, "", reason),))


def _unsubscribe_addresses(raw: bytes) -> frozenset[tuple[str, ...]]:
    """Give the addresses of the List-Unsubscribe fields."""
    fields = headers.read(raw, 0, len(raw)).fields
    return unsubscribe.listed(field.value for field in fields if field.name == "list-unsubscribe")


def _changes(raw: bytes, inventory: Inventory) -> list[Change]:
    """Find what changes in all bodies."""
    context = inventory.context
    tree = mime.walk(raw)
    for where, reason in tree.left:
        inventory.leave("part", where, reason)
    if context.open_url and not any(body.with_pixel for body in tree.bodies):
        inventory.leave("pixel", "", "no-html")
    has_html = any(body.type == "text/html" for body in tree.bodies)
    found: list[Change] = []
    changed: list[mime.Body] = []
    for body in tree.bodies:
        own_only = body.type == "text/plain" and has_html and not context.plain_text
        known = len(inventory.links), len(inventory.untracked)
        try:
            changes = _in_part(raw, body, inventory, own_only=own_only)
        except Unsuited as unsuited:
            inventory.forget_since(*known)
            if not own_only:  # else nothing was asked of it
                inventory.leave("part", body.type, str(unsuited))
            continue
        found += changes
        if changes or len(inventory.links) > known[0] or (body.with_pixel and context.open_url):  # now, or once before
            changed.append(body)
    for name in signatures.broken(raw, changed):
        inventory.leave("signature", name, "signature-broken")
    return found


def _in_part(raw: bytes, body: mime.Body, inventory: Inventory, *, own_only: bool) -> list[Change]:
    """Find what changes in one part: its encoded body, and its header where the encoding has to be another."""
    encoded = raw[body.start : body.end]
    coding = _coding(body.encoding, encoded)
    changes = in_body(coding.body, body, inventory, own_only=own_only)
    if not changes:
        return []
    if body.encoding in _LINES_LIMITED and transfer.has_long_line(encoded, changes):
        return _to_quoted_printable(raw, body, changes)
    carried = coding.carry(changes)
    return [Change(body.start + start, body.start + end, new) for start, end, new in carried]


def _to_quoted_printable(raw: bytes, body: mime.Body, changes: list[Change]) -> list[Change]:
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
