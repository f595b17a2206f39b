"""The attributes of a tag: their spans, and their values decoded by the rules of HTML."""

import re
from collections.abc import Iterator
from html.entities import html5

_WS = r" \t\n\r\f"
_VALUE = rf"""(?:[{_WS}]*+=[{_WS}]*+(?:"[^"]*+"|'[^']*+'|[^{_WS}>"'][^{_WS}>]*+)?+)?+"""
_CAUGHT = rf"""(?:[{_WS}]*+=[{_WS}]*+(?:"([^"]*+)"|'([^']*+)'|([^{_WS}>"'][^{_WS}>]*+))?+)?+"""
_ATTRIBUTE = re.compile(rf"[{_WS}/]*+([^{_WS}/>][^{_WS}/>=]*+){_CAUGHT}", re.ASCII)
_REFERENCE = re.compile(r"&(?:#([0-9]++)(;?)|#[xX]([0-9A-Fa-f]++)(;?)|([A-Za-z][A-Za-z0-9]*+)(;?)(=?))", re.ASCII)
_BREAKS = {ord(character): None for character in "\t\r\n"}
_EDGE = "".join(map(chr, range(0x21)))  # C0 controls and space, as the URL standard strips them
_LAST_DIGITS = 7  # more digits than any code point has, leading zeros apart
_SAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$()*+,;=%|{}^\\]")


def finder(name: str) -> re.Pattern[str]:
    """Return the pattern that finds the first attribute called `name`, in any case, from the start of a tag's attributes."""
    end = rf"(?=[{_WS}/=]|\Z)"
    other = rf"[{_WS}/]*+(?!{name}{end})[^{_WS}/>][^{_WS}/>=]*+{_VALUE}"
    return re.compile(rf"(?:{other})*+[{_WS}/]*+{name}{end}{_CAUGHT}", re.ASCII | re.IGNORECASE)


def value(found: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the span of the value of the attribute that `found` matches in text[start:end]; None if there is none."""
    match = found.match(text, start, end)
    if match is None:
        return None
    return match.span(match.lastindex) if match.lastindex else (match.end(), match.end())


def all_attributes(text: str, start: int, end: int) -> Iterator[tuple[str, str]]:
    """Return the attributes in text[start:end]: names in lower case, values as written, '' for an attribute without one."""
    for match in _ATTRIBUTE.finditer(text, start, end):
        yield match[1].lower(), match[match.lastindex] if match.lastindex and match.lastindex > 1 else ""


def decode_references(value: str) -> str:
    """Decode character references in an attribute; a name without `;` before `=`, a letter or a digit is not a reference."""
    return _REFERENCE.sub(_character, value) if "&" in value else value


def stripped_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the white space at its start and end."""
    if start < end and text[start] > " " and text[end - 1] > " ":
        return start, end
    value = text[start:end]
    left = len(value) - len(value.lstrip(_EDGE))
    return start + left, max(start + left, start + len(value.rstrip(_EDGE)))


def target(value: str) -> str:
    """Return the address in an attribute's value, in the form that docs/contract.md defines for targets."""
    address = decode_references(value).strip(_EDGE)
    return address if address.isprintable() else address.translate(_BREAKS)


def escaped(url: str) -> str:
    """Return an address escaped for the value of an attribute, with any quotation marks and in any charset."""
    return _SAFE.sub(lambda match: f"&#{ord(match[0])};", url)


def _character(match: re.Match[str]) -> str:
    """Return the text that one character reference stands for."""
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
