"""Classes of networks: what kind of place a hit came from, one piece of evidence among others.

A table of networks holds, for IPv4 and IPv6 each, the addresses at which a class begins, in rising order; it lasts until the
next one, and what belongs to no operator of a known kind is `unknown`. Of an IPv6 address only the upper half is compared: the
lower one is a site's own.

As bytes a table is one line of ASCII, `ocello-networks 1 VERSION COUNT4 COUNT6 CLASS,CLASS…`, then where classes begin in IPv4
(four bytes each, big end first), their classes (one byte each, a place in the line's list), and the same for IPv6 with eight
bytes each.
"""

import datetime as dt
import ipaddress
import re
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable
from enum import StrEnum
from itertools import pairwise
from operator import ge
from typing import NamedTuple

from ocello.domain.common.times import DAY_MS


class NetworkClass(StrEnum):
    """What a network is used for."""

    HOSTING = "hosting"
    SECURITY_VENDOR = "security_vendor"
    MAIL_PROVIDER = "mail_provider"
    CONSUMER = "consumer"
    MOBILE = "mobile"
    PRIVACY_RELAY = "privacy_relay"
    OFFICE_GATEWAY = "office_gateway"
    UNKNOWN = "unknown"


ClassOf = Callable[[str], NetworkClass]  # of a client's address, as the hit has it; never raises


def nothing_known(_address: str) -> NetworkClass:
    """Return that nothing is known of an address: what judges without a table of networks."""
    return NetworkClass.UNKNOWN


type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Range(NamedTuple):
    """Addresses from `first` to `last`, of one kind of IP, and their class."""

    first: Address
    last: Address
    network_class: NetworkClass


_LINE = re.compile(rb"ocello-networks 1 ([0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{4}Z)?) (\d{1,7}) (\d{1,7}) ([a-z_,]+)\n")
_EPOCH = dt.date(1970, 1, 1).toordinal()
_CODES = {4: "I", 6: "Q"}  # array's codes for what is compared: 32 bits, and the upper 64 of 128
_BITS = {4: 32, 6: 64}
_OWN_BITS = {4: 0, 6: 64}  # of an address, those that are not compared


_KINDS = tuple(NetworkClass)
_UNKNOWN = _KINDS.index(NetworkClass.UNKNOWN)


class _Family:
    """The table of one kind of IP: where classes begin, and which, as places in _KINDS."""

    __slots__ = ("kinds", "starts")

    def __init__(self, starts: "array[int]", kinds: bytes) -> None:
        self.starts, self.kinds = starts, kinds

    def kind_of(self, number: int) -> int:
        place = bisect_right(self.starts, number)
        return self.kinds[place - 1] if place else _UNKNOWN


class Networks:
    """A table of networks. It does not change."""

    __slots__ = ("_families", "version")

    def __init__(self, version: str, families: dict[int, _Family]) -> None:
        """Hold what `parse` or `build` made; `version` is a date, or a date and time such as `2026-11-25T0430Z`."""
        self.version = version
        self._families = families

    @classmethod
    def parse(cls, data: bytes) -> "Networks":
        """Read a table from its bytes. Raises ValueError for anything but a whole table."""
        line = _LINE.match(data)
        if line is None:
            raise ValueError("not a table of networks")
        named = [_KINDS.index(NetworkClass(name)) for name in line[4].decode().split(",")]
        as_ours = bytes(named).ljust(256, b"\xff")
        families, place = {}, line.end()
        for version, count in ((4, int(line[2])), (6, int(line[3]))):
            middle, end = place + count * _BITS[version] // 8, place + count * (_BITS[version] // 8 + 1)
            kinds = data[middle:end].translate(as_ours)
            if len(kinds) != count or b"\xff" in kinds:
                raise ValueError(f"the classes for IPv{version} are not whole")
            starts = array(_CODES[version], data[place:middle])
            if sys.byteorder == "little":
                starts.byteswap()
            if any(map(ge, starts, starts[1:])):
                raise ValueError(f"the beginnings for IPv{version} do not rise")
            families[version] = _Family(starts, kinds)
            place = end
        if place != len(data):
            raise ValueError("something stands behind the table")
        made = cls(line[1].decode(), families)
        made.days_old(0)  # a date that there is none of
        return made

    @classmethod
    def build(cls, version: str, ranges: Iterable[Range], below: "Networks | None" = None) -> "Networks":
        """Make a table of `ranges`, over the table `below`; where ranges meet, a later one is right."""
        changes: dict[int, list[tuple[int, int, int]]] = {4: [], 6: []}
        for each in ranges:
            first, last = (int(address) >> _OWN_BITS[address.version] for address in (each.first, each.last))
            changes[each.first.version].append((first, last, _KINDS.index(each.network_class)))
        lower = {} if below is None else below._families  # noqa: SLF001 — its own class
        return cls(version, {kind: _over(kind, lower.get(kind), changes[kind]) for kind in (4, 6)})

    def pack(self) -> bytes:
        """Spell the table as bytes; the same table gives the same bytes."""
        counts = " ".join(str(len(family.starts)) for family in self._families.values())
        parts = [f"ocello-networks 1 {self.version} {counts} {','.join(_KINDS)}\n".encode()]
        for family in self._families.values():
            starts = family.starts[:]
            if sys.byteorder == "little":
                starts.byteswap()
            parts += [starts.tobytes(), family.kinds]
        return b"".join(parts)

    def class_of(self, address: str) -> NetworkClass:
        """Return the class of the network that `address` is in; UNKNOWN for text that is no address. Never raises."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return NetworkClass.UNKNOWN
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        return _KINDS[self._families[parsed.version].kind_of(int(parsed) >> _OWN_BITS[parsed.version])]

    def days_old(self, now_ms: int) -> int:
        """Return how many days lie between the version's date and `now_ms` (since 1970)."""
        return now_ms // DAY_MS - dt.date.fromisoformat(self.version[:10]).toordinal() + _EPOCH

    def sizes(self) -> dict[NetworkClass, int]:
        """Return how many IPv4 addresses each class has."""
        family = self._families[4]
        sizes = dict.fromkeys(NetworkClass, 0)
        edges = pairwise([0, *family.starts, 1 << _BITS[4]])
        for (first, end), kind in zip(edges, [_UNKNOWN, *family.kinds], strict=True):
            sizes[_KINDS[kind]] += end - first
        return sizes


def _over(version: int, below: _Family | None, ranges: list[tuple[int, int, int]]) -> _Family:
    """Lay `ranges` (first, last, kind) over the table `below`, a later one over an earlier one."""
    # From one edge to the next nothing changes, so one look at each edge is enough: the last range that covers it, else `below`.
    edges = {first for first, _, _ in ranges} | {last + 1 for _, last, _ in ranges} | set(below.starts if below else ())
    begins: dict[int, list[int]] = {}
    for number, (first, _, _) in enumerate(ranges):
        begins.setdefault(first, []).append(number)
    starts, kinds = array(_CODES[version]), bytearray()
    covering: list[int] = []  # the numbers of the ranges that cover the edge, in rising order
    for edge in sorted(edges):
        if edge >> _BITS[version]:
            break  # beyond the last address
        covering = sorted([*(number for number in covering if ranges[number][1] >= edge), *begins.get(edge, ())])
        kind = ranges[covering[-1]][2] if covering else below.kind_of(edge) if below else _UNKNOWN
        if kind != (kinds[-1] if kinds else _UNKNOWN):
            starts.append(edge)
            kinds.append(kind)
    return _Family(starts, bytes(kinds))
