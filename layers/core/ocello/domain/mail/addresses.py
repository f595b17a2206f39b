"""Parses and formats RFC 5322 mailboxes strictly: text that could inject a header or lead to another host is refused."""

import ipaddress
import re
import unicodedata

from ocello.domain.common import hosts
from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.messages.message import Mailbox

LONGEST = 998  # characters of one mailbox, the limit of a line: RFC 5322, section 2.1.1
_LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST_LABEL = 64, 254, 63  # octets: RFC 5321, section 4.5.3.1

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # embeddings, overrides, isolates
_MARKS = frozenset("\u061c\u200e\u200f")

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]"
# Patterns are compiled (and cached by `re`) at their first use: most starts need none of them.
_ATOMS = rf"{_ATEXT}+(?:\.{_ATEXT}+)*"
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"


def _quoted(text: str, at: int) -> re.Match[str] | None:
    return re.compile(_QUOTED).match(text, at)


def parse(field: str, text: str) -> Mailbox:
    """Parse `Name <address>` or `address`: drop comments, unquote names, convert domains to A-labels.

    Raise Invalid, naming `field`, for any other text, and for control characters (such as CR, LF and NUL) anywhere.
    """
    if len(text) > LONGEST:
        raise Invalid(field, Text("must be at most %(most)s characters", most=LONGEST))
    refuse_controls(field, text)
    refuse_bidi_controls(field, text)
    plain = _without_comments(field, text).strip()
    if not plain:
        raise Invalid(field, "must be an e-mail address")
    if plain.endswith(">"):
        start = _opening(plain)
        if start is None:
            raise Invalid(field, "must be an e-mail address, or a name and an address in <angle brackets>")
        return Mailbox(_address(field, plain[start + 1 : -1].strip()), _name(field, plain[:start].strip()))
    return Mailbox(_address(field, plain))


def refuse_controls(field: str, text: str) -> None:
    """Raise Invalid if `text` holds a control character, a line or paragraph separator, or half a surrogate pair."""
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        raise Invalid(field, "must have no line breaks or other control characters")


def refuse_bidi_controls(field: str, text: str, *, marks: bool = True) -> None:
    """Raise Invalid if `text` holds a character that changes the direction of text (Unicode's Bidi_Control).

    With one, `gpj.exe` is shown as `exe.jpg`. With `marks` false, characters that affect only their neighbours are allowed.
    """
    found = next((char for char in text if char in _TURNING or (marks and char in _MARKS)), None)
    if found is not None:
        words = "must have no invisible character that turns the direction of the text (U+%(code)s)"
        raise Invalid(field, Text(words, code=f"{ord(found):04X}"))


def remove_bidi_controls(text: str) -> str:
    """Return text that somebody else wrote without the characters that `refuse_bidi_controls` refuses."""
    return "".join(char for char in text if char not in _TURNING and char not in _MARKS)


def domain_of(address: str) -> str:
    """Return the domain of an address that `parse` returned."""
    return address.rpartition("@")[2]


def quoted_string(name: str) -> str:
    """Return an ASCII name as a quoted string: RFC 5322, section 3.2.4."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def format_mailbox(mailbox: Mailbox) -> str:
    """Return a mailbox as a person would type it; `parse` reverses this."""
    if not mailbox.name:
        return mailbox.address
    name = quoted_string(mailbox.name) if set(mailbox.name) & set('<>,;:@[]\\"()') else mailbox.name
    return f"{name} <{mailbox.address}>"


def _without_comments(field: str, text: str) -> str:
    """Remove (comments), also nested ones, outside quoted strings: RFC 5322, section 3.2.2."""
    if "(" not in text and ")" not in text:
        return text
    kept: list[str] = []
    depth, in_quotes, at = 0, False, 0
    while at < len(text):
        char = text[at]
        step = 2 if char == "\\" and (in_quotes or depth) else 1
        if step == 1 and char == '"' and not depth:
            in_quotes = not in_quotes
        if step == 1 and not in_quotes and char in "()":
            depth += 1 if char == "(" else -1
            if depth < 0:
                raise Invalid(field, "has a bracket that was never opened")
            kept.append(" ")
        elif not depth:
            kept.append(text[at : at + step])
        at += step
    if depth:
        raise Invalid(field, "has a bracket that is never closed")
    return "".join(kept)


def _opening(plain: str) -> int | None:
    """Return the position of the `<` that the final `>` closes: the first one outside a quoted string."""
    at = 0
    while at < len(plain):
        if plain[at] == '"':
            found = _quoted(plain, at)
            if found is None:
                return None
            at = found.end()
        elif plain[at] == "<":
            return at
        else:
            at += 1
    return None


def _name(field: str, text: str) -> str:
    """Parse a display name: words and quoted strings, and also unquoted text with dots, which people write."""
    words: list[str] = []
    at = 0
    while at < len(text):
        found = _quoted(text, at)
        if found is not None:
            words.append(re.sub(r"\\(.)", r"\1", found[1]))
            at = found.end()
            continue
        end = text.find('"', at)
        end = len(text) if end < 0 else end
        words.append(text[at:end])
        if end == at or any(char in text[at:end] for char in "<>,;:@[]\\"):
            raise Invalid(field, "has a name that must be put in quotation marks")
        at = end
    return " ".join("".join(words).split())


def _address(field: str, text: str) -> str:
    quoted_local = _quoted(text, 0)
    if quoted_local is not None:
        local, rest = quoted_local[0], text[quoted_local.end() :]
    else:
        local, mark, domain = text.partition("@")
        local, rest = local.strip(), mark + domain
    rest = rest.strip()
    if not rest.startswith("@") or (quoted_local is None and not re.fullmatch(_ATOMS, local)):
        raise Invalid(field, "must be an e-mail address")
    if any(unicodedata.category(char) == "Cf" for char in local):  # they make it look like another address
        raise Invalid(field, "has invisible characters before its @")
    if len(local.encode()) > _LONGEST_LOCAL:
        raise Invalid(field, Text("has more than %(most)s bytes before its @", most=_LONGEST_LOCAL))
    return f"{local}@{_domain(field, rest[1:].strip())}"


def _domain(field: str, text: str) -> str:
    if text.startswith("[") and text.endswith("]"):
        return _literal(field, text)
    domain = _in_ascii(field, text)
    if len(domain) > _LONGEST_DOMAIN:
        raise Invalid(field, Text("has a host name of more than %(most)s bytes", most=_LONGEST_DOMAIN))
    return domain


def _literal(field: str, text: str) -> str:
    inner = text[1:-1]
    try:
        if inner[:5].lower() == "ipv6:":
            return f"[IPv6:{ipaddress.IPv6Address(inner[5:])}]"
        return f"[{ipaddress.IPv4Address(inner)}]"
    except ValueError:
        raise Invalid(field, "has no host name after its @") from None


def _in_ascii(field: str, text: str) -> str:
    """Return a domain in A-labels. Raise Invalid for characters other than letters, marks and numbers."""
    if not text.isascii():
        read = hosts.map_host(text)
        invisible = any(unicodedata.category(char) == "Cf" for char in text)
        if invisible or any(char not in "-." and unicodedata.category(char)[0] not in "LMN" for char in read):
            raise Invalid(field, "has no host name after its @")
    domain = hosts.ascii_form(text)
    if any(not re.fullmatch(_LABEL, label) or len(label) > _LONGEST_LABEL for label in domain.split(".")):
        raise Invalid(field, "has no host name after its @")
    return domain


def split_typed(text: str) -> tuple[str, ...]:
    """Split typed recipients at line ends, commas and semicolons, but not inside quotation marks or brackets."""
    found, piece, quoted, deep = [], "", False, False
    for char in text:
        quoted ^= char == '"'
        deep = (deep or char == "<") and char != ">"
        if char == "\n" or (char in ",;" and not quoted and not deep):
            found.append(piece)
            piece, quoted, deep = "", False, False
        else:
            piece += char
    return tuple(each.strip() for each in (*found, piece) if each.strip())
