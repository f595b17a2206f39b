"""Decodes header text that others wrote: bytes in any charset, and encoded words."""

from email.errors import MessageError
from email.header import decode_header, make_header

from ocello.domain.mail.text_charsets import codec

# What the standard library's mail parser was seen to raise for broken headers, besides the errors that it documents. Its
# callers catch these for mail of others, so that a broken header is ignored and has no other effect.
READER_FAULTS = (MessageError, AttributeError, LookupError, TypeError, ValueError)


def decode_bytes(content: bytes, charset: str = "") -> str:
    """Decode bytes by their charset; if that fails, as UTF-8 (RFC 6532), and then as Windows-1252."""
    known = codec(charset)
    if known is not None:
        return content.decode(known, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def decode_words(text: str) -> str:
    """Decode encoded words (RFC 2047); those that cannot be decoded are kept unchanged."""
    if "=?" not in text:
        return text
    try:
        return str(make_header([_word(content, charset) for content, charset in decode_header(text)]))
    except READER_FAULTS:
        return text


def _word(content: bytes | str, charset: str | None) -> tuple[str, None]:
    """Decode a piece that `decode_header` returned. Raise LookupError for an unknown charset, and ValueError."""
    if isinstance(content, str):
        return content, None
    if charset is None:
        return content.decode("raw_unicode_escape"), None  # as it was spelled there
    known = codec(charset)
    if known is None:
        raise LookupError(charset)
    return content.decode(known), None
