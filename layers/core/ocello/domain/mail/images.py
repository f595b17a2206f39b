"""The types of images that a mail may show in its text: every client can display them. The first bytes tell the type."""

import re

from ocello.domain.common.errors import Invalid, TooLarge

MAX_IMAGE_BYTES = 1_000_000
MAX_IMAGES = 20
_KINDS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)


def kind_of(content: bytes) -> str | None:
    """Return an image's media type by its content; None if it is none of the four types."""
    return next((kind for pattern, kind in _KINDS if pattern.match(content)), None)


def validated_type(field: str, content: bytes) -> str:
    """Return an image's media type. Raise Invalid, naming `field`, and TooLarge."""
    if len(content) > MAX_IMAGE_BYTES:
        raise TooLarge("an image in the text may have at most 1 MB")
    kind = kind_of(content)
    if kind is None:
        raise Invalid(field, "must be a PNG, JPEG, GIF or WebP image")
    return kind


def content_id(upload: str) -> str:
    """Return the Content-ID of an uploaded image, without angle brackets, as `cid:` refers to it (RFC 2392)."""
    return f"{upload}@image"
