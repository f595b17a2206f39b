"""The parts of a stored mail that hold content: the type and position of each.

A part is a span of the mail's bytes, so that a mail of 35 MB is never in memory twice. Rewriting finds its bodies by the
same rules.
"""

import binascii
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple

from ocello.domain.mail import foreign_text
from ocello.domain.mail.rewriting.context import MAX_DEPTH, MAX_PARTS, BeyondLimit
from ocello.domain.mail.rewriting.parts import headers, mime

__all__ = ["BeyondLimit", "Leaf", "content", "leaves", "size"]
_LEADING_COMMENTS = re.compile(r"\s*(?:\([^()]*+\)\s*+)*+")
_LONGEST = 16_384  # characters of a field that are read: enough for a long name, percent-encoded and in pieces
_NO_DIGIT = re.compile(rb"[^A-Za-z0-9+/]+")


class Leaf(NamedTuple):
    """A part that contains no other part. `within` is the type of the multipart around it, or empty.

    `start` and `end` limit its bytes. `apart`: it is not the root of its multipart/related, as an image in HTML is.
    """

    type: str
    charset: str
    disposition: str  # in lower case, or empty
    name: str  # as written in the header
    content_id: str
    encoding: str
    within: str
    apart: bool
    start: int
    end: int
    is_file: bool


class _Holder(NamedTuple):
    """A multipart that is being read: the spans of its remaining parts, and what applies to each of them."""

    spans: Iterator[tuple[int, int]]
    type: str = ""
    default: str = "text/plain"
    root: tuple[int, int] | None = None  # of a multipart/related


def leaves(raw: bytes) -> Iterator[Leaf]:
    """Return the parts of a mail that contain no other parts, in their order. Raise BeyondLimit."""
    holders = [_Holder(iter([(0, len(raw))]))]
    count = 0
    while holders:
        holder = holders[-1]
        span = next(holder.spans, None)
        if span is None:
            holders.pop()
            continue
        count += 1
        if count > MAX_PARTS:
            raise BeyondLimit("too-many-parts")
        header = headers.parse_header(raw, *span)
        stated = _LEADING_COMMENTS.sub("", header.value("content-type")[:_LONGEST], count=1)
        kind = headers.content_type(stated or None, holder.default)
        boundary = kind.parameters.get("boundary", "").rstrip()
        if kind.main == "multipart" and boundary:
            if len(holders) > MAX_DEPTH:
                raise BeyondLimit("nesting")
            holders.append(_holder(raw, (header.body, span[1]), kind, boundary.encode("latin-1")))
        else:
            yield _leaf(header, span, kind, stated, holder)


def content(raw: bytes, leaf: Leaf) -> bytes:
    """Return the decoded content of a part. Broken base64 is decoded as far as possible; unknown encodings are not decoded."""
    octets = raw[leaf.start : leaf.end]
    if leaf.encoding == "quoted-printable":
        return binascii.a2b_qp(octets)
    if leaf.encoding != "base64":
        return octets
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        digits = _NO_DIGIT.sub(b"", octets)
        digits = digits[: len(digits) - (len(digits) % 4 == 1)]
        return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def size(raw: bytes, leaf: Leaf) -> int:
    """Return the size of a part's content in bytes; base64 is measured without decoding it."""
    if leaf.encoding == "base64":
        others = sum(raw.count(mark, leaf.start, leaf.end) for mark in (b"\n", b"\r", b" ", b"\t", b"="))
        return (leaf.end - leaf.start - others) * 3 // 4
    return len(content(raw, leaf)) if leaf.encoding == "quoted-printable" else leaf.end - leaf.start


def _holder(raw: bytes, span: tuple[int, int], kind: headers.ContentType, boundary: bytes) -> _Holder:
    spans = mime.children(raw, span, boundary)
    default = "message/rfc822" if kind.type == "multipart/digest" else "text/plain"
    if kind.type != "multipart/related":
        return _Holder(spans, kind.type, default)
    known = list(islice(spans, MAX_PARTS))
    return _Holder(chain(known, spans), kind.type, default, next(mime.root(raw, iter(known), kind), None))


def _leaf(
    header: headers.Header, span: tuple[int, int], kind: headers.ContentType, stated: str, holder: _Holder
) -> Leaf:
    disposed = next((field for field in header.fields if field.name == "content-disposition"), None)
    value = "" if disposed is None else disposed.value[:_LONGEST]
    encoding = headers.bare_token(header.value("content-transfer-encoding")[:_LONGEST])
    charset = headers.parameter_text(stated, "charset")
    return Leaf(
        type=kind.type,
        charset=charset,
        disposition=headers.first_token(value),
        name=headers.parameter_text(f";{value}", "filename") or headers.parameter_text(stated, "name"),
        content_id=foreign_text.decode_bytes(header.value("content-id").encode("latin-1")).strip("<> \t"),
        encoding=encoding,
        within=holder.type,
        apart=holder.root is not None and span != holder.root,
        start=header.body,
        end=span[1],
        is_file=mime.is_file(disposed, kind),
    )
