"""The headers that become wrong when a message's bytes change: signatures, and digests of a part."""

from collections.abc import Iterator, Sequence

from ocello.domain.mail.rewriting.parts import headers
from ocello.domain.mail.rewriting.parts.mime import BodyPart

# Each covers the whole body, so that any change makes it invalid.
_WHOLE = ("DKIM-Signature", "X-Google-DKIM-Signature", "DomainKey-Signature", "ARC-Message-Signature", "ARC-Seal")


def broken(raw: bytes, changed: Sequence[BodyPart]) -> Iterator[str]:
    """Return the names of the headers that become wrong when the bodies `changed` are changed."""
    if not changed:
        return
    fields = {field.name for field in headers.parse_header(raw, 0, len(raw)).fields}
    yield from (name for name in _WHOLE if name.lower() in fields)
    if any(body.has_digest for body in changed):
        yield "Content-MD5"
