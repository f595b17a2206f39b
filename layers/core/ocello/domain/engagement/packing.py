"""Writes and reads small binary values: variable-length numbers (LEB128) and text, deflated where that is shorter."""

import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate

_PLAIN, _DEFLATED = b"\x00", b"\x01"
_SHORT = 800  # bytes: with its key such a row takes one write unit
_LONG = 3000  # bytes, from which on every byte counts more than time
_WINDOW, _MEMORY = -12, 6  # of the deflater: 4 KB, of which rows are; a small one is quick to make
_LOW, _MORE, _NARROW = 0x7F, 0x80, 0xFFFFFFFF


class Writer:
    """Appends numbers and text to a growing run of bytes."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def number(self, value: int) -> None:
        """Append a number, 0 or more."""
        if 0 <= value <= _LOW:  # as most are
            self._bytes.append(value)
            return
        if value < 0:
            raise ValueError(f"cannot pack {value}")
        while value > _LOW:
            self._bytes.append(value & _LOW | _MORE)
            value >>= 7
        self._bytes.append(value)

    def records(self, packed: Sequence[bytes]) -> None:
        """Append records of one length, and how many they are."""
        self.number(len(packed))
        self._bytes += b"".join(packed)

    def maybe(self, value: int | None) -> None:
        """Append a number or None."""
        self.number(0 if value is None else value + 1)

    def text(self, value: str) -> None:
        """Append text as UTF-8."""
        raw = value.encode("utf-8", "surrogatepass")
        self.number(len(raw))
        self._bytes += raw

    def blob(self, value: bytes) -> None:
        """Append bytes, and how many they are."""
        self.number(len(value))
        self._bytes += value

    def rising(self, values: Sequence[int], base: int) -> None:
        """Append numbers of which none is less than the one before it, nor the first than `base`."""
        steps = [value - before for before, value in zip((base, *values), values, strict=False)]
        self.number(len(steps) << 1 | (wide := any(step > _NARROW for step in steps)))
        self._bytes += struct.pack(f"<{len(steps)}{'Q' if wide else 'I'}", *steps)

    def sealed(self) -> bytes:
        """Return all of it, deflated if that is shorter; what is short already stays as it is, for speed."""
        raw = bytes(self._bytes)
        if len(raw) <= _SHORT:
            return _PLAIN + raw
        deflater = zlib.compressobj(1 if len(raw) <= _LONG else 9, zlib.DEFLATED, _WINDOW, _MEMORY)
        deflated = deflater.compress(raw) + deflater.flush()
        return _DEFLATED + deflated if len(deflated) < len(raw) else _PLAIN + raw


class Reader:
    """Reads back what a Writer wrote, in the same order. Raises ValueError where the bytes end too soon."""

    def __init__(self, packed: bytes) -> None:
        if packed[:1] not in (_PLAIN, _DEFLATED):
            raise ValueError("not a packed row")
        try:
            self._bytes = packed[1:] if packed[:1] == _PLAIN else zlib.decompress(packed[1:], -15)
        except zlib.error as problem:
            raise ValueError("a damaged packed row") from problem
        self._at = 0

    @property
    def ended(self) -> bool:
        """Return whether all was read."""
        return self._at >= len(self._bytes)

    def blob(self) -> bytes:
        """Read bytes."""
        length = self.number()
        self._at += length
        if self._at > len(self._bytes):
            raise ValueError("a packed row that ends too soon")
        return self._bytes[self._at - length : self._at]

    def number(self) -> int:
        """Read a number."""
        value = shift = 0
        try:
            while (byte := self._bytes[self._at]) > _LOW:
                value |= (byte & _LOW) << shift
                shift += 7
                self._at += 1
        except IndexError:
            raise ValueError("a packed row that ends too soon") from None
        self._at += 1
        return value | byte << shift

    def records(self, form: struct.Struct) -> list[tuple[int, ...]]:
        """Read records of one form."""
        size = form.size * self.number()
        part = self._bytes[self._at : self._at + size]
        if len(part) < size:
            raise ValueError("a packed row that ends too soon")
        self._at += size
        return list(form.iter_unpack(part))

    def rising(self, base: int) -> list[int]:
        """Read numbers that grow."""
        bits = self.number()
        form = f"<{bits >> 1}{'Q' if bits & 1 else 'I'}"
        try:
            steps = struct.unpack_from(form, self._bytes, self._at)
        except struct.error:
            raise ValueError("a packed row that ends too soon") from None
        self._at += struct.calcsize(form)
        return list(accumulate(steps, initial=base))[1:]

    def maybe(self) -> int | None:
        """Read a number or None."""
        value = self.number()
        return value - 1 if value else None

    def text(self) -> str:
        """Read text."""
        length = self.number()
        self._at += length
        return self._bytes[self._at - length : self._at].decode("utf-8", "surrogatepass")
