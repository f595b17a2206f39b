"""Reads text of headers that somebody else wrote: bytes in whatever charset, and encoded words."""

from email.errors import MessageError
from email.header import decode_header, make_header

from ocello.domain.mail.text_charsets import codec

# What the standard library's reader of mail is seen to raise at headers of strangers, beside what it says it raises.
# Whoever asks it about foreign bytes catches these, so that an odd header is never more than a header that was not read.
READER_FAULTS = (MessageError, AttributeError, LookupError, TypeError, ValueError)


def characters(content: bytes, charset: str = "") -> str:
    """Read bytes in their charset, else in UTF-8 (RFC 6532), else in what was common before it."""
    known = codec(charset)
    if known is not None:
        return content.decode(known, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def words(text: str) -> str:
    """Read encoded words (RFC 2047); what cannot be read stays as it stands."""
    if "=?" not in text:
        return text
    try:
        return str(make_header([_word(content, charset) for content, charset in decode_header(text)]))
    except READER_FAULTS:
        return text


def _word(content: bytes | str, charset: str | None) -> tuple[str, None]:
    """Read what `decode_header` cut out. Raises LookupError for a charset that is none, and ValueError."""
    if isinstance(content, str):
        return content, None
    if charset is None:
        return content.decode("raw_unicode_escape"), None  # as it was spelled there
    known = codec(charset)
    if known is None:
        raise LookupError(charset)
    return content.decode(known), None
