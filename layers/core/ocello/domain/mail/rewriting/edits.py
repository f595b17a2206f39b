"""Edits: which bytes of a copy stand in the place of which bytes of the original, and the way back."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Change(NamedTuple):
    """Put `new` in the place of the original's bytes [start, end)."""

    start: int
    end: int
    new: bytes


class Edit(NamedTuple):
    """`length` bytes at `at` in the copy stand in the place of the original's `old`."""

    at: int
    length: int
    old: bytes


def apply(raw: bytes, changes: Iterable[Change]) -> tuple[bytes, tuple[Edit, ...]]:
    """Make the changes, which must not overlap; give the copy and its edits, in the copy's order."""
    pieces: list[bytes] = []
    edits: list[Edit] = []
    done = length = 0
    for start, end, new in sorted(changes, key=lambda change: change[:2]):
        if start < done:
            raise ValueError("changes overlap")
        old = raw[start:end]
        pieces += (raw[done:start], new)
        length += start - done
        edits.append(Edit(length, len(new), old))
        length += len(new)
        done = end
    pieces.append(raw[done:])
    return b"".join(pieces), tuple(edits)


def restore(copy: bytes, edits: Sequence[Edit]) -> bytes:
    """Return back the original of a copy, byte for byte."""
    pieces: list[bytes] = []
    done = 0
    for at, length, old in edits:
        pieces += (copy[done:at], old)
        done = at + length
    pieces.append(copy[done:])
    return b"".join(pieces)
