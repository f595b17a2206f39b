"""Parses the header of a message or part into spans of bytes, even if it is folded, repeated or broken."""

import re
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ocello.domain.mail import foreign_text
from ocello.domain.mail.rewriting.context import MAX_HEADER, BeyondLimit
from ocello.domain.mail.rewriting.edits import Change

# A field, with its continuation lines; obsolete syntax allows white space before the colon.
_FIELD = re.compile(rb"([^\x00-\x20:\x7f]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
_MAILBOX_LINE = re.compile(rb">?From [^\n]*+(?:\n|\Z)")  # the first line in mbox files
_BLANK = re.compile(rb"\r?\n")
_FOLD = re.compile(rb"\r?\n")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^\s;]*+))')
_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+\-]+)\s*/\s*([A-Za-z0-9!#$&^_.+\-]+)")
_TOKEN = re.compile(r"[^\x00-\x20\x7f-\uffff()<>@,;:\\\"/\[\]?=]+")  # RFC 2045, section 5.1
_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_BLANK_AFTER = re.compile(rb"\n\r?\n")
_BLIND = re.compile(
    rb"^(?:(?:resent-)?bcc[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+(?:\n|\Z))++", re.IGNORECASE | re.MULTILINE
)
_MANY = 50  # places with Bcc fields; more are removed by one change
_REPEATS = 10  # of a field that may occur only once
_ESCAPED = re.compile(r'\\(["\\])')  # within quotation marks; any other backslash is part of a path
_LONGEST_VALUE = 4_096  # of a structured field: no real one is longer


class Field(NamedTuple):
    """A field: its name in lower case, the span of its value, and the span of all its lines."""

    name: str
    value: str
    value_start: int
    value_end: int
    start: int
    end: int


class Header(NamedTuple):
    """The fields of a header, its end, and the start of the body."""

    fields: tuple[Field, ...]
    end: int
    body: int

    def value(self, name: str) -> str:
        """Return the value of the first field called `name`, or an empty text."""
        return next((field.value.strip() for field in self.fields if field.name == name), "")

    def one(self, name: str) -> Field | None:
        """Return the field called `name`, or None. Raise ValueError for several different ones, too many, or one too long."""
        found = [field for field in self.fields if field.name == name]
        if len(found) > _REPEATS or len({field.value.strip() for field in found}) > 1:
            raise ValueError("ambiguous-header")
        if found and len(found[0].value) > _LONGEST_VALUE:
            raise ValueError("header-size")
        return found[0] if found else None


def parse_header(raw: bytes, start: int, end: int) -> Header:
    """Parse the header that begins at `start`; it ends at a blank line, or at a line that is not a field.

    Raise BeyondLimit.
    """
    fields: list[Field] = []
    mbox = _MAILBOX_LINE.match(raw, start, end)
    place = mbox.end() if mbox else start
    while place < end and (match := _FIELD.match(raw, place, end)):
        if match.end() - start > MAX_HEADER:
            raise BeyondLimit("header-size")
        value = _FOLD.sub(b"", match[2]).decode("latin-1")
        fields.append(Field(match[1].decode("latin-1").lower(), value, *match.span(2), *match.span()))
        place = match.end()
    blank = _BLANK.match(raw, place, end)
    return Header(tuple(fields), place, blank.end() if blank else place)


def changes_without_bcc(raw: bytes) -> list[Change]:
    """Return the changes that remove all Bcc fields up to the first blank line, also after lines that are not fields."""
    mbox = _MAILBOX_LINE.match(raw)
    start = mbox.end() if mbox else 0
    if _BLANK.match(raw, start):
        return []
    blank = _BLANK_AFTER.search(raw, start)
    stop = blank.start() + 1 if blank else len(raw)
    found = [Change(*match.span(), b"") for match in islice(_BLIND.finditer(raw, start, stop), _MANY)]
    if len(found) < _MANY:
        return found
    return [Change(start, stop, _BLIND.sub(b"", raw[start:stop]))]


class ContentType(NamedTuple):
    """A media type in lower case, and its parameters by their names in lower case."""

    type: str
    parameters: dict[str, str]

    @property
    def main(self) -> str:
        """Return the part before the slash."""
        return self.type.partition("/")[0]


def content_type(value: str | None, default: str) -> ContentType:
    """Parse a Content-Type; an invalid one is text/plain (RFC 2045, 5.2), a missing one is `default`."""
    if value is None:
        return ContentType(default, {})
    match = _TYPE.match(value)
    if not match:
        return ContentType("text/plain", {})
    return ContentType(f"{match[1]}/{match[2]}".lower(), parameters(value[match.end() :]))


def bare_token(value: str) -> str:
    """Return a field's only word, without comments and in lower case (RFC 2045, 5.1 and 6.1); empty if it has none.

    A value of several words is returned unchanged: it is equal to no known word.
    """
    return _without_comments(value).strip().lower()


def first_token(value: str) -> str:
    """Return the first word of a field such as Content-Disposition, in lower case; empty if it does not begin with a word."""
    match = _TOKEN.match(_without_comments(value).lstrip())
    return match[0].lower() if match else ""


def _without_comments(value: str) -> str:
    """Return a value without (comments), also nested ones; if its brackets do not match, return it unchanged."""
    if "(" not in value:
        return value
    kept: list[str] = []
    depth = done = 0
    for mark in _COMMENT.finditer(value):
        if mark[0] == "(":
            if depth == 0:
                kept.append(value[done : mark.start()])
            depth += 1
        elif mark[0] == ")":
            depth -= 1
            done = mark.end()
        if depth < 0:
            return value
    return value if depth else " ".join([*kept, value[done:]])


def parameters(text: str) -> dict[str, str]:
    """Parse parameters, also in pieces or percent-encoded as in RFC 2231; the first of two with the same name counts."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, str]] = {}
    for name, quoted, bare in _PARAMETER.findall(text):
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
        base, *rest = name.lower().split("*")
        if not rest:
            plain.setdefault(base, value)
            continue
        if rest[-1] == "":
            value = unquote_to_bytes(value.rpartition("'")[2]).decode("latin-1")
        number = int(rest[0]) if rest[0].isascii() and rest[0].isdigit() and len(rest[0]) < 4 else 0
        pieces.setdefault(base, {}).setdefault(number, value)
    for name, numbered in pieces.items():
        plain.setdefault(name, "".join(numbered[number] for number in sorted(numbered)))
    return plain


def parameter_text(text: str, name: str) -> str:
    """Return a parameter as text for people: preferably in its declared charset (RFC 2231), else in encoded words or bytes."""
    plain = charset = ""
    pieces: dict[int, bytes] = {}
    for name_text, quoted, bare in _PARAMETER.findall(text):
        base, *rest = name_text.lower().split("*")
        if base != name:
            continue
        value = _ESCAPED.sub(r"\1", quoted) if quoted else bare
        if not rest:
            plain = plain or value
            continue
        number = int(rest[0]) if rest[0].isascii() and rest[0].isdigit() and len(rest[0]) < 4 else 0
        if rest[-1] == "" and number == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        octets = unquote_to_bytes(value.encode("latin-1")) if rest[-1] == "" else value.encode("latin-1")
        pieces.setdefault(number, octets)
    if pieces:
        return foreign_text.decode_bytes(b"".join(pieces[number] for number in sorted(pieces)), charset)
    return foreign_text.decode_words(foreign_text.decode_bytes(plain.encode("latin-1")))
