"""Attributes of a tag: their spans, and their values decoded by the rules of HTML attributes."""

import re
from collections.abc import Iterator
from html.entities import html5
from typing import NamedTuple

_WS = r" \t\n\r\f"
_ATTRIBUTE = re.compile(
    rf"""[{_WS}/]*+([^{_WS}/>][^{_WS}/>=]*+)"""
    rf"""(?:[{_WS}]*+=[{_WS}]*+(?:"([^"]*+)"|'([^']*+)'|([^{_WS}>"'][^{_WS}>]*+))?+)?+""",
    re.ASCII,
)
_REFERENCE = re.compile(r"&(?:#([0-9]++)(;?)|#[xX]([0-9A-Fa-f]++)(;?)|([A-Za-z][A-Za-z0-9]*+)(;?)(=?))", re.ASCII)
_BREAKS = {ord(character): None for character in "\t\r\n"}
_EDGE = "".join(map(chr, range(0x21)))  # C0 controls and space, as the URL standard strips them
_LAST_DIGITS = 7  # more digits than any code point has, leading zeros apart
_SAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$()*+,;=%|{}^\\]")


class Attribute(NamedTuple):
    """An attribute: its name in lower case and the span of its value, without quotes; empty where it has none."""

    name: str
    start: int
    end: int


def attributes(text: str, start: int, end: int) -> Iterator[Attribute]:
    """Give the attributes in text[start:end], each name once: the first wins."""
    seen: set[str] = set()
    for match in _ATTRIBUTE.finditer(text, start, end):
        name = match[1].lower()
        if name not in seen:
            seen.add(name)
            quoting = match.lastindex or 1
            here = match.span(quoting) if quoting > 1 else (match.end(), match.end())
            yield Attribute(name, *here)


def decoded(value: str) -> str:
    """Decode character references as in an attribute: a bare name before `=` or a letter or digit is none."""
    return _REFERENCE.sub(_character, value) if "&" in value else value


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrow a span by the white space at its edges."""
    value = text[start:end]
    left = len(value) - len(value.lstrip(_EDGE))
    return start + left, max(start + left, start + len(value.rstrip(_EDGE)))


def target(value: str) -> str:
    """Give the address that an attribute's value names, as the contract spells targets."""
    return decoded(value).strip(_EDGE).translate(_BREAKS)


def written(url: str) -> str:
    """Spell an address so that it can be the value of an attribute in any quoting and any charset."""
    return _SAFE.sub(lambda match: f"&#{ord(match[0])};", url)


def _character(match: re.Match[str]) -> str:
    """Give what one character reference stands for."""
    decimal, _, hexadecimal, _, name, semicolon, equals = match.groups()
    if name is not None:
        if semicolon:
            return html5.get(name + ";", f"&{name};") + equals
        return match[0] if equals else html5.get(name, match[0])
    digits = (decimal or hexadecimal).lstrip("0")
    number = int(digits or "0", 10 if decimal else 16) if len(digits) <= _LAST_DIGITS else 0
    if 0x80 <= number <= 0x9F:  # noqa: PLR2004 — the standard reads these as windows-1252
        return bytes([number]).decode("cp1252", "ignore") or chr(number)
    if number == 0 or number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:  # noqa: PLR2004 — no characters
        return "\N{REPLACEMENT CHARACTER}"
    return chr(number)
