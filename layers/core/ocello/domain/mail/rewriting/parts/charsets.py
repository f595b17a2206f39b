"""The bytes of a part as text in which markup can be found, and changes of the text converted to changes of the bytes."""

import functools
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ocello.domain.mail.rewriting.edits import Change
from ocello.domain.mail.rewriting.markup import Source
from ocello.domain.mail.rewriting.slots import TextChange
from ocello.domain.mail.text_charsets import codec

_MARKUP = bytes(range(0x20, 0x7F)).translate(None, b"\\~$#@[]^`{|}")  # the same in every charset that is like ASCII
_SWITCHING = ("iso-2022", "iso2022", "hz", "utf-7", "utf_7", "csiso2022")  # a byte's meaning depends on earlier ones
_SWITCH = re.compile(rb"\x1b\$[@AB(]|\x1b\$\)C")  # a switch to two bytes a character, which only ISO 2022 has
_UNDECLARED = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_kr")


class View:
    """A body as text. `source` is None if its bytes cannot be decoded safely. `charset` is empty if not declared."""

    def __init__(self, body: bytes, charset: str) -> None:
        self._body = body
        self._codec: str | None = None  # None: each byte is one character
        self.source: Source | None = None
        known = codec(charset)
        if known in (None, "ascii") and _SWITCH.search(body):
            for switching in _UNDECLARED:
                self._read(switching)
        elif not is_like_ascii(charset):
            self._read(_wide_codec(body, known or charset))
        elif b"\0" not in body:  # with a NUL the charset must be another, in which our ASCII would be wrong
            self.source = Source(body.decode("latin-1"), known or "utf-8")

    def _read(self, name: str) -> None:
        """Decode the body by a codec, if encoding it gives the same bytes and no earlier codec did."""
        if self.source is not None:
            return
        try:
            text = self._body.decode(name)
            if text.encode(name) == self._body:
                self._codec, self.source = name, Source(text)
        except (LookupError, ValueError):
            return

    @property
    def may_refuse(self) -> bool:
        """Return whether `carry` may raise."""
        return self._codec is not None

    def carry(self, changes: Iterable[TextChange]) -> list[Change]:
        """Convert changes of the text to changes of the bytes. Raise ValueError if the charset does not allow them."""
        if self._codec is None:
            return [Change(start, end, new.encode("ascii")) for start, end, new in changes]
        return list(self._carried(list(changes), self._codec))

    def _carried(self, changes: list[TextChange], codec: str) -> Iterator[Change]:
        if self.source is None:
            raise ValueError("nothing was understood")
        text = self.source.text
        cuts = [0, *(place for change in changes for place in change[:2]), len(text)]
        pieces = [text[left:right].encode(codec) for left, right in pairwise(cuts)]
        if b"".join(pieces) != self._body:
            raise ValueError("the charset keeps a state across the changes")
        place = 0
        for index, (_, _, new) in enumerate(changes):
            place += len(pieces[2 * index])
            length = len(pieces[2 * index + 1])
            yield Change(place, place + length, new.encode(codec))
            place += length


@functools.lru_cache(256)
def is_like_ascii(charset: str) -> bool:
    """Return whether the characters of markup are single bytes as in ASCII; unknown charsets are assumed to be so."""
    name = codec(charset)
    if (name or charset.strip().lower()).startswith(_SWITCHING):
        return False
    try:
        return name is None or _MARKUP.decode(name) == _MARKUP.decode("ascii")
    except ValueError:
        return False


def _wide_codec(body: bytes, charset: str) -> str:
    """Return the codec of a wide charset; its byte order comes from the byte order mark, or else from the Latin letters."""
    width = {"utf16": 2, "ucs2": 2, "utf32": 4}.get(
        re.sub(r"[^a-z0-9]", "", charset.lower().removeprefix("iso-10646-"))
    )
    if width is None:
        return charset
    if body.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        little = body.startswith(b"\xff\xfe")
    else:
        little = body[1::width].count(0) > body[::width].count(0)
    return f"utf-{width * 8}-{'le' if little else 'be'}"
