"""Finds the bodies in a message that may be rewritten, as spans; the message is never taken apart and built again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from ocello.domain.mail.rewriting.context import MAX_DEPTH, MAX_PARTS, BeyondLimit
from ocello.domain.mail.rewriting.parts import headers

# Changing a byte inside these would make a signature invalid or an encrypted part unreadable.
_SEALED = {
    "multipart/signed": "signed",
    "multipart/encrypted": "encrypted",
    "application/pkcs7-mime": "encrypted",
    "application/x-pkcs7-mime": "encrypted",
}
_DELIMITER_END = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\Z)")
_LF = ord("\n")
_BODIES = frozenset({"text/html", "text/plain"})
_ENCODING = "content-transfer-encoding"
_AMP = "text/x-amp-html"
IDENTITY = frozenset({"7bit", "8bit", "binary", ""})


@dataclass(slots=True)
class BodyPart:
    """A body that people read: the span of its bytes, and the facts from its header.

    Only what is needed of the header is stored, since a mail may have very many parts with very many fields.
    """

    type: str
    start: int
    end: int
    parameters: dict[str, str]
    encoding: str
    header_end: int = 0
    encoding_fields: tuple[tuple[int, int], ...] = ()  # the spans of their values
    has_digest: bool = False
    with_pixel: bool = False
    with_footer: bool = False


class Chosen(NamedTuple):
    """The bodies that could get the pixel, and those that could get the footer."""

    pixel: list[BodyPart]
    footer: list[BodyPart]


@dataclass(slots=True)
class Tree:
    """The bodies of a message in their order, and the parts that are left unchanged."""

    bodies: list[BodyPart] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)  # (media type, reason)
    parts: int = 0


def find_bodies(raw: bytes) -> Tree:
    """Return the bodies of a message, and among them those that get pixel and footer. Raise BeyondLimit."""
    tree = Tree()
    chosen = _search_part(raw, (0, len(raw)), tree, "text/plain", 0)
    for body in chosen.pixel:
        body.with_pixel = True
    for body in chosen.footer:
        body.with_footer = True
    return tree


def _search_part(raw: bytes, span: tuple[int, int], tree: Tree, default: str, depth: int) -> Chosen:
    """Search one part; return its bodies that pixel and footer could be put into."""
    tree.parts += 1
    if tree.parts > MAX_PARTS:
        raise BeyondLimit("too-many-parts")
    if depth > MAX_DEPTH:
        raise BeyondLimit("nesting")
    header = headers.parse_header(raw, *span)
    try:
        named, disposition = header.one("content-type"), header.one("content-disposition")
        encoding = header.one(_ENCODING)
    except ValueError as ambiguous:
        tree.left.append(("part", str(ambiguous)))
        return Chosen([], [])
    kind = headers.content_type(named.value if named else None, default)
    if kind.type in _SEALED:
        tree.left.append((kind.type, _SEALED[kind.type]))
        return Chosen([], [])
    coding = headers.bare_token(encoding.value) if encoding else "7bit"
    if kind.main == "multipart":
        before = tree.parts
        found = _search_multipart(raw, (header.body, span[1]), tree, kind, depth)
        if tree.parts == before and coding not in IDENTITY:  # else clients read the parts as not encoded
            tree.left.append((kind.type, "transfer-encoding"))
        return found
    if is_file(disposition, kind):
        return Chosen([], [])
    if kind.type == _AMP:
        tree.left.append((kind.type, "part"))
    if kind.type not in _BODIES:
        return Chosen([], [])
    return _kept(header, span[1], kind, coding, tree)


def _kept(header: headers.Header, end: int, kind: headers.ContentType, coding: str, tree: Tree) -> Chosen:
    """Record a body; return it, as one for the pixel if it is HTML."""
    if header.body == header.end:  # without a blank line, added bytes might be read as header
        tree.left.append((kind.type, "no-body"))
        return Chosen([], [])
    spans = tuple((field.value_start, field.value_end) for field in header.fields if field.name == _ENCODING)
    has_digest = any(field.name == "content-md5" for field in header.fields)
    body = BodyPart(kind.type, header.body, end, kind.parameters, coding, header.end, spans, has_digest)
    tree.bodies.append(body)
    return Chosen([body] if body.type == "text/html" else [], [body])


def _search_multipart(raw: bytes, span: tuple[int, int], tree: Tree, kind: headers.ContentType, depth: int) -> Chosen:
    """Search the parts of a multipart; each alternative gets both, but only the first of parts that are shown together."""
    boundary = kind.parameters.get("boundary", "").rstrip()
    if not boundary:
        tree.left.append((kind.type, "no-boundary"))
        return Chosen([], [])
    default = "message/rfc822" if kind.type == "multipart/digest" else "text/plain"
    chosen = Chosen([], [])
    spans = children(raw, span, boundary.encode("latin-1"))
    if kind.type == "multipart/related":
        spans = root(raw, spans, kind)
    for child in spans:
        found = _search_part(raw, child, tree, default, depth + 1)
        for known, more in zip(chosen, found, strict=True):
            if kind.type == "multipart/alternative" or not known:
                known.extend(more)
    return chosen


def root(raw: bytes, spans: Iterator[tuple[int, int]], kind: headers.ContentType) -> Iterator[tuple[int, int]]:
    """Return the root of a multipart/related: the part that `start` names, else the first (RFC 2387, section 3.2)."""
    start = kind.parameters.get("start", "").strip()
    first = next(spans, None)
    if first is None:
        return
    if start:
        for count, child in enumerate(chain([first], spans)):
            if count < MAX_PARTS and _content_id(raw, child) == _bare_id(start):
                yield child
                return
    yield first


def _content_id(raw: bytes, child: tuple[int, int]) -> str:
    return _bare_id(headers.parse_header(raw, *child).value("content-id"))


def _bare_id(text: str) -> str:
    return text.strip().removeprefix("<").removesuffix(">")


def children(raw: bytes, span: tuple[int, int], boundary: bytes) -> Iterator[tuple[int, int]]:
    """Return the spans of a multipart's parts; the line end before a delimiter belongs to it (RFC 2046, 5.1.1)."""
    mark = b"--" + boundary
    start: int | None = None
    place = span[0]
    while (found := raw.find(mark, place, span[1])) >= 0:
        place = found + len(mark)
        ending = _DELIMITER_END.match(raw, place, span[1])
        if ending is None or (found > span[0] and raw[found - 1] != _LF):
            continue
        if start is not None:
            stop = found - 1 if raw[found - 2 : found] != b"\r\n" else found - 2
            yield start, max(start, stop)
        if ending[1]:
            return
        start = place = ending.end()
    if start is not None:
        yield start, span[1]


def is_file(disposition: headers.Field | None, kind: headers.ContentType) -> bool:
    """Return whether a text part is an attachment and not a body."""
    if disposition is None or not disposition.value.strip():
        return "name" in kind.parameters
    if headers.first_token(disposition.value) != "inline":  # an unknown type means attachment: RFC 2183, section 2.8
        return True
    return "filename" in headers.parameters(disposition.value) or "name" in kind.parameters
