"""Carry changes of a decoded body back into its encoded bytes, touching as little as the encoding allows."""

import binascii
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

from ocello.domain.rewriting import edits
from ocello.domain.rewriting.edits import Change

LONGEST_LINE = 998  # RFC 5322, section 2.1.1, without its end
_QP_LINE = 76
_SOFT = b"="
# What quoted-printable spells otherwise than as itself; white space at the end of a line is no content (RFC 2045, 6.7).
_ESCAPE = re.compile(rb"(=[0-9A-Fa-f]{2}|=[ \t]*+\r?\n|(?<![ \t])[ \t]++(?=\r?\n))")
_LINE_END = re.compile(rb"\r?\n")
_LONE_CR = re.compile(rb"\r(?!\n)")
_LIKE_BOUNDARY = re.compile(rb"(=\r?\n)-(?=-)")  # a line of ours must not look like one
_BASE64 = re.compile(rb"[A-Za-z0-9+/\s]*+(?:=\s*+){0,2}")
_PLAIN = frozenset(range(0x20, 0x7F)) - {ord("=")}
_CELLS = [b"%c" % byte if byte in _PLAIN else b"=%02X" % byte for byte in range(256)]


class Coding(Protocol):
    """A body with its transfer encoding: decoded, and the way back for its changes."""

    body: bytes

    def carry(self, changes: Sequence[Change]) -> list[Change]:
        """Turn changes of the decoded body, in their order, into changes of the encoded one."""


class Plain:
    """7bit, 8bit and binary: the bytes are themselves."""

    def __init__(self, raw: bytes) -> None:
        self.body = raw

    def carry(self, changes: Sequence[Change]) -> list[Change]:
        """Give the changes as they are."""
        return list(changes)


class QuotedPrintable:
    """Quoted-printable: only the changed spans are encoded anew, with soft line breaks where a line grows too long."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        pieces = _ESCAPE.split(raw)
        self._raw_ends = list(accumulate(map(len, pieces)))
        pieces[1::2] = [bytes((int(piece[1:], 16),)) if _is_octet(piece) else b"" for piece in pieces[1::2]]
        self._ends = list(accumulate(map(len, pieces)))
        self.body = b"".join(pieces)

    def carry(self, changes: Sequence[Change]) -> list[Change]:
        """Turn changes of the decoded body into changes of the encoded one."""
        out: list[Change] = []
        end_of_line = line_end(self._raw)
        done = column = 0
        for start, end, new in changes:
            left = self._place(start)
            right = left if start == end else self._place(end - 1) + self._width(end - 1)
            line = self._raw.rfind(b"\n", done, left) + 1
            column = left - line if line else column + left - done
            stop = self._raw.find(b"\n", right, right + _QP_LINE + 2)
            room = (stop if stop >= 0 else min(len(self._raw), right + _QP_LINE)) - right
            encoded, column = _folded(new, column, room, end_of_line)
            out.append(Change(left, right, encoded))
            done = right
        return out

    def _place(self, at: int) -> int:
        """Give where the decoded byte `at` (or the end) begins in the encoded body."""
        piece = bisect_right(self._ends, at)
        if piece == len(self._ends):
            return len(self._raw)
        before, raw_before = (self._ends[piece - 1], self._raw_ends[piece - 1]) if piece else (0, 0)
        return raw_before + at - before

    def _width(self, at: int) -> int:
        """Give the encoded length of the decoded byte `at`."""
        return 3 if bisect_right(self._ends, at) % 2 else 1


class Base64:
    """Base64: encoded anew from the first change on, in lines as long as they were. ValueError for what is none."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        if not _BASE64.fullmatch(raw):
            raise ValueError("not base64")
        try:
            self.body = binascii.a2b_base64(raw)
        except binascii.Error:
            self.body = binascii.a2b_base64(raw + b"==")

    def carry(self, changes: Sequence[Change]) -> list[Change]:
        """Give the one change of the encoded body that all changes come to."""
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
    """Encode a whole body; its line ends stay line ends, a lone CR is none."""
    encoded = binascii.b2a_qp(body)
    if b"\n" not in body:  # else its soft line ends are like the body's own
        encoded = encoded.replace(b"\n", end_of_line)
    encoded = _LONE_CR.sub(b"=0D", encoded)
    return _LIKE_BOUNDARY.sub(rb"\1=2D", encoded)


def line_end(raw: bytes) -> bytes:
    """Give the line end in use: that of the first line, else CRLF."""
    first = _LINE_END.search(raw)
    return first[0] if first else b"\r\n"


def has_long_line(body: bytes, changes: Sequence[Change]) -> bool:
    """Tell whether a changed line is longer than mail allows once the changes are made."""
    copy, made = edits.apply(body, changes)
    for at, length, _ in made:
        far = at + length + LONGEST_LINE + 1
        start = max(copy.rfind(b"\n", max(0, at - LONGEST_LINE), at) + 1, at - LONGEST_LINE)
        end = copy.find(b"\n", at + length, far)
        if (end if end >= 0 else min(len(copy), far)) - start > LONGEST_LINE:
            return True
    return False


def _is_octet(piece: bytes) -> bool:
    return piece[:1] == b"=" and piece[1:2] not in b" \t\r\n"


def _folded(new: bytes, column: int, room: int, end_of_line: bytes) -> tuple[bytes, int]:
    """Encode `new` at `column` of a line that goes on for `room` bytes; give it and the column after it."""
    out: list[bytes] = []
    for byte in new:
        cell = _CELLS[byte]
        if column + len(cell) > _QP_LINE - 1:
            out.append(_SOFT + end_of_line)
            column = 0
            cell = b"=%02X" % byte if byte in b"-." else cell  # no line of ours looks like a boundary or a lone dot
        out.append(cell)
        column += len(cell)
    if out and room and column + room > _QP_LINE:
        out.append(_SOFT + end_of_line)
        column = 0
    return b"".join(out), column


def _narrowed(old: bytes, new: bytes) -> Change:
    """Give the change from `old` to `new`, without the beginning that both share."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return Change(low, len(old), new[low:])
