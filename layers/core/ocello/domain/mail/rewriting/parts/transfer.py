"""Converts changes of a decoded body to changes of its encoded bytes, as few as the encoding allows."""

import binascii
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, product
from typing import Protocol

from ocello.domain.mail.rewriting import edits
from ocello.domain.mail.rewriting.edits import Change

LONGEST_LINE = 998  # without the line end: RFC 5322, section 2.1.1
_QP_LINE = 76
_SOFT = b"="
# Bytes that quoted-printable encodes; white space at the end of a line is no content (RFC 2045, 6.7).
_ESCAPE = re.compile(rb"(=[0-9A-Fa-f]{2}|=[ \t]*+\r?\n|(?<![ \t])[ \t]++(?=\r?\n))")
_ODD = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n)|[ \t]\r?\n")  # what Python's decoder reads in a way of its own
_LAST_SOFT = re.compile(rb"=[ \t]*+\r?\Z")  # the line end that it removes belongs to the delimiter
_RUN_END = re.compile(rb"\n|=[0-9A-Fa-f]{2}")  # after it, no escape is incomplete
_RUN = 4_096  # encoded bytes, at least; the position of a byte within a run is computed on demand
_LINE_END = re.compile(rb"\r?\n")
_BREAKS = re.compile(rb"(\r?\n)")
_SPACE = ord(" ")
_LIKE_BOUNDARY = re.compile(rb"(=\r?\n)-(?=-)")  # a line that we write must not look like a boundary
_BASE64 = re.compile(rb"[A-Za-z0-9+/\s]*+(?:=\s*+){0,2}")
_PLAIN = frozenset(range(0x20, 0x7F)) - {ord("=")}
_DIGITS = b"0123456789ABCDEFabcdef"
_OCTETS = {b"=%c%c" % pair: binascii.unhexlify(bytes(pair)) for pair in product(_DIGITS, repeat=2)}
_CELLS = [b"%c" % byte if byte in _PLAIN else b"=%02X" % byte for byte in range(256)]


class Coding(Protocol):
    """A body with its transfer encoding: decodes it, and converts changes back."""

    body: bytes

    def carry(self, changes: Sequence[Change]) -> list[Change]:
        """Convert changes of the decoded body, in their order, to changes of the encoded one."""


class Plain:
    """7bit, 8bit and binary: the bytes are not encoded."""

    def __init__(self, raw: bytes) -> None:
        self.body = raw

    def carry(self, changes: Sequence[Change]) -> list[Change]:
        """Return the changes unchanged."""
        return list(changes)


class QuotedPrintable:
    """Quoted-printable: only the changed spans are encoded again, with soft line breaks if a line becomes too long."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        last = _LAST_SOFT.search(raw, max(0, raw.rfind(b"=")))
        self._raw_end = last.start() if last else len(raw)  # the end of the content
        self._starts: list[int] = []  # the start of each run in the decoded body
        self._raw_starts: list[int] = []
        self._known: tuple[int, list[int], list[int]] = (-1, [], [])
        self._spots: dict[int, tuple[int, int]] = {}  # a cache: each copy changes at the same places
        self.body = b"".join(self._runs())

    def _runs(self) -> Iterator[bytes]:
        """Decode run by run, and record where each begins."""
        place = raw_place = 0
        while raw_place < self._raw_end:
            self._starts.append(place)
            self._raw_starts.append(raw_place)
            end = _RUN_END.search(self._raw, raw_place + _RUN, self._raw_end)
            raw_end = end.end() if end else self._raw_end
            run = self._raw[raw_place:raw_end]
            decoded = b"".join(_decoded(_ESCAPE.split(run))) if _ODD.search(run) else binascii.a2b_qp(run)
            yield decoded
            place, raw_place = place + len(decoded), raw_end

    def carry(self, changes: Sequence[Change]) -> list[Change]:
        """Convert changes of the decoded body to changes of the encoded one."""
        out: list[Change] = []
        end_of_line = line_end(self._raw)
        done = column = since = 0
        for change in changes:
            start, end, new = self._with_last(change, since)
            left, since = self._place(start), end
            right = left if start == end else sum(self._spot(end - 1))
            line = self._raw.rfind(b"\n", done, left) + 1
            column = left - line if line else column + left - done
            stop = self._raw.find(b"\n", right, right + _QP_LINE + 2)
            tail_length = (stop if stop >= 0 else min(len(self._raw), right + _QP_LINE)) - right
            encoded, column = _folded(new, column, tail_length, end_of_line)
            out.append(Change(left, right, encoded))
            done = right
        return out

    def _with_last(self, change: Change, since: int) -> Change:
        """Extend a change by what stands before it, if that would be read in another way there.

        This is an unescaped equals sign, which the new text could turn into an escape, and white space before a line end.
        """
        start, end, new = change
        if start > since and new[:1] in (b"\r", b"\n") and self.body[start - 1 : start] in (b" ", b"\t"):
            return Change(start - 1, end, self.body[start - 1 : start] + new)
        sign = self.body.rfind(b"=", max(since, start - 2), start)
        if sign < 0 or self._spot(sign)[1] > 1:
            return change
        return Change(sign, end, self.body[sign:start] + new)

    def _place(self, at: int) -> int:
        """Return the position in the encoded body at which to insert text before the decoded byte `at`, or at the end."""
        place = self._raw_end if at >= len(self.body) else self._spot(at)[0]
        gap = self._raw[sum(self._spot(at - 1)) if at else 0 : place]
        return place - len(gap) + len(gap.rstrip(b" \t"))  # before white space that is not content

    def _spot(self, at: int) -> tuple[int, int]:
        """Return the position of the decoded byte `at` in the encoded body, and its length there."""
        spot = self._spots.get(at)
        if spot is None:
            spot = self._spots[at] = self._found(at)
        return spot

    def _found(self, at: int) -> tuple[int, int]:
        """Compute the result of `_spot` by searching the run that contains the byte."""
        run = bisect_right(self._starts, at) - 1
        if self._known[0] != run:
            raw_end = self._raw_starts[run + 1] if run + 1 < len(self._raw_starts) else self._raw_end
            pieces = _ESCAPE.split(self._raw[self._raw_starts[run] : raw_end])
            raw_ends = list(accumulate(map(len, pieces), initial=self._raw_starts[run]))
            self._known = run, list(accumulate(map(len, _decoded(pieces)), initial=self._starts[run])), raw_ends
        _, ends, raw_ends = self._known
        piece = bisect_right(ends, at) - 1
        return raw_ends[piece] + at - ends[piece], 3 if piece % 2 else 1


class Base64:
    """Base64: encoded again from the first change on, in lines of the same length. Raise ValueError if it is not base64."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        if not _BASE64.fullmatch(raw):
            raise ValueError("not base64")
        try:
            self.body = binascii.a2b_base64(raw)
        except binascii.Error:
            self.body = binascii.a2b_base64(raw + b"==")

    def carry(self, changes: Sequence[Change]) -> list[Change]:
        """Return one change of the encoded body that covers all changes."""
        body, _ = edits.apply(self.body, changes)
        first = _LINE_END.search(self._raw.lstrip())
        width = first.start() if first else _QP_LINE
        width = width // 4 * 4 if 4 <= width <= LONGEST_LINE else _QP_LINE
        text = binascii.b2a_base64(body, newline=False)
        end = line_end(self._raw)
        lines = end.join(text[place : place + width] for place in range(0, len(text), width))
        head = self._raw[: len(self._raw) - len(self._raw.lstrip())]
        tail = self._raw[len(self._raw.rstrip()) :] if self._raw.strip() else b""
        return [_narrowed(self._raw, head + lines + tail)]


def as_quoted_printable(body: bytes, end_of_line: bytes) -> bytes:
    """Encode a whole body as quoted-printable; line ends are kept, a CR without LF is encoded."""
    encoded = binascii.b2a_qp(body)
    if b"\n" not in body:  # otherwise the soft line ends are already like the body's
        encoded = encoded.replace(b"\n", end_of_line)
    encoded = encoded.replace(b"\r", b"=0D").replace(b"=0D\n", b"\r\n")  # nothing else is encoded like this
    return _LIKE_BOUNDARY.sub(rb"\1=2D", encoded)


def line_end(raw: bytes) -> bytes:
    """Return the line end of the first line, or CRLF."""
    first = _LINE_END.search(raw)
    return first[0] if first else b"\r\n"


def has_long_line(body: bytes, changes: Sequence[Change]) -> bool:
    """Return whether the changes make a line longer than mail allows."""
    copy, made = edits.apply(body, changes)
    for at, length, _ in made:
        far = at + length + LONGEST_LINE + 1
        start = max(copy.rfind(b"\n", max(0, at - LONGEST_LINE), at) + 1, at - LONGEST_LINE)
        end = copy.find(b"\n", at + length, far)
        if (end if end >= 0 else min(len(copy), far)) - start > LONGEST_LINE:
            return True
    return False


def _decoded(pieces: list[bytes]) -> list[bytes]:
    """Return the bytes of pieces that `_ESCAPE` split, every second of which is an escape."""
    pieces[1::2] = [_OCTETS.get(piece, b"") for piece in pieces[1::2]]
    return pieces


def _folded(new: bytes, column: int, tail_length: int, end_of_line: bytes) -> tuple[bytes, int]:
    """Return `new` encoded from `column` of a line that continues for `tail_length` bytes, and the column after it.

    Its line ends stay line ends, as text has them (RFC 2045, 6.7); white space before them is encoded.
    """
    out: list[bytes] = []
    pieces = _BREAKS.split(new)
    for number, piece in enumerate(pieces):
        if number % 2:
            out.append(piece)
            column = 0
            continue
        last = len(piece) - 1 if number + 1 < len(pieces) else -1
        for place, byte in enumerate(piece):
            cell = b"=20" if place == last and byte == _SPACE else _CELLS[byte]
            if column + len(cell) > _QP_LINE - 1:
                out.append(_SOFT + end_of_line)
                column = 0
            if not column and out and byte in b"-.":  # else the line may look like a boundary or be a dot
                cell = b"=%02X" % byte
            out.append(cell)
            column += len(cell)
    if out and tail_length and column + tail_length > _QP_LINE:
        out.append(_SOFT + end_of_line)
        column = 0
    return b"".join(out), column


def _narrowed(old: bytes, new: bytes) -> Change:
    """Return the change from `old` to `new`, without their common beginning."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return Change(low, len(old), new[low:])
