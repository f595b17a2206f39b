"""Edits: which bytes of a copy replace which bytes of the original, and how to undo them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Change(NamedTuple):
    """Replace the original's bytes [start, end) by `new`."""

    start: int
    end: int
    new: bytes


class Edit(NamedTuple):
    """`length` bytes at `at` in the copy replace the original's bytes `old`."""

    at: int
    length: int
    old: bytes


def apply(raw: bytes, changes: Iterable[Change]) -> tuple[bytes, tuple[Edit, ...]]:
    """Return the copy that results from `changes`, which must not overlap, and its edits, in the copy's order."""
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
    """Return the original of a copy, byte for byte."""
    pieces: list[bytes] = []
    done = 0
    for at, length, old in edits:
        pieces += (copy[done:at], old)
        done = at + length
    pieces.append(copy[done:])
    return b"".join(pieces)
