"""Edits: which bytes of a copy stand in the place of which bytes of the original, and the way back."""

import zlib
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


def pack(edits: Sequence[Edit]) -> bytes:
    """Spell edits as few bytes: gaps and lengths, then the old bytes, deflated."""
    numbers: list[int] = []
    done = 0
    for at, length, old in edits:
        numbers += (at - done, length, len(old))
        done = at + length
    head = b"".join(_varint(number) for number in (len(edits), *numbers))
    return zlib.compress(head + b"".join(old for _, _, old in edits), 9)


def unpack(packed: bytes) -> tuple[Edit, ...]:
    """Read what `pack` spelled. Raises ValueError for anything else."""
    try:
        data = zlib.decompress(packed)
        count, place = _read(data, 0)
        rows: list[tuple[int, int, int]] = []
        done = 0
        for _ in range(count):
            gap, place = _read(data, place)
            length, place = _read(data, place)
            size, place = _read(data, place)
            rows.append((done + gap, length, size))
            done += gap + length
    except (zlib.error, IndexError) as error:
        raise ValueError("not packed edits") from error
    edits: list[Edit] = []
    for at, length, size in rows:
        edits.append(Edit(at, length, data[place : place + size]))
        place += size
    if place != len(data):
        raise ValueError("not packed edits")
    return tuple(edits)


def _varint(number: int) -> bytes:
    """Spell a number of any size, seven bits a byte, the low ones first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read(data: bytes, place: int) -> tuple[int, int]:
    """Read one number; give it and the place after it."""
    number = shift = 0
    while True:
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte <= 0x7F:
            return number, place
        shift += 7
