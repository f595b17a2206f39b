"""Attributes of a tag: their spans, and their values decoded by the rules of HTML attributes."""

import re
from html.entities import html5

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


def attributes(text: str, start: int, end: int, names: frozenset[str]) -> dict[str, tuple[int, int]]:
    """Give the spans of the values in text[start:end] of the attributes called `names`: of a name, the first."""
    found: dict[str, tuple[int, int]] = {}
    for match in _ATTRIBUTE.finditer(text, start, end):
        name = match[1].lower()
        if name in names and name not in found:
            quoting = match.lastindex or 1
            found[name] = match.span(quoting) if quoting > 1 else (match.end(), match.end())
    return found


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
    address = decoded(value).strip(_EDGE)
    return address if address.isprintable() else address.translate(_BREAKS)


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
    if 0x80 <= number <= 0x9F:
        return bytes([number]).decode("cp1252", "ignore") or chr(number)
    if number == 0 or number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return "\N{REPLACEMENT CHARACTER}"
    return chr(number)
