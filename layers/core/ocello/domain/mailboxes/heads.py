"""Reads the header of a received mail. It may come from anyone: no content causes an error or unlimited work."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ocello.domain.common.errors import Invalid
from ocello.domain.mail import addresses, foreign_text, threads
from ocello.domain.mail.rewriting.parts import headers
from ocello.domain.mailboxes.received import LONGEST_HEAD
from ocello.domain.messages.message import Mailbox

_MOST_FIELDS = 10  # of one name that are read
_LONGEST_NAME = 200
_LONGEST_VALUE = 1_000  # characters of a value that is no list of ids
_IN_BRACKETS = re.compile(r"<\s*([^<>\s@]+@[^<>\s@]+)\s*>")
_BARE = re.compile(r"[^<>\s@,;:\"()]+@[^<>\s@,;:\"()]+")

type Head = Mapping[str, tuple[str, ...]]  # the values of each field, by its name in lower case


def read(head: bytes) -> Head:
    """Return the fields of a header; empty for what is none. Values are bytes as Latin-1, with their folds undone."""
    found: dict[str, tuple[str, ...]] = {}
    for field in headers.parse_header(head[:LONGEST_HEAD], 0, min(len(head), LONGEST_HEAD)).fields:
        before = found.get(field.name, ())
        if len(before) < _MOST_FIELDS:
            found[field.name] = (*before, field.value.strip())
    return MappingProxyType(found)


def value(head: Head, name: str) -> str:
    """Return the first value of a field, cut to a thousand characters; empty where there is none."""
    return head.get(name, ("",))[0][:_LONGEST_VALUE]


def text(head: Head, name: str) -> str:
    """Return the first value of a field as text for people: decoded, on one line, without control characters."""
    return shown(foreign_text.decode_words(foreign_text.decode_bytes(value(head, name).encode("latin-1"))))


def shown(words: str) -> str:
    """Return words that a stranger wrote on one line, without control characters and marks that turn text around."""
    kept = ("" if unicodedata.category(char) in ("Cc", "Cs") and not char.isspace() else char for char in words)
    return " ".join(addresses.remove_bidi_controls("".join(kept)).split())


def own_id(head: Head) -> str:
    """Return a mail's Message-ID with its brackets; empty where it has none that is valid."""
    return next(iter(_ids(head, "message-id")), "")


def answered_ids(head: Head) -> tuple[str, ...]:
    """Return the ids that a mail refers to, nearest first, thirty at most."""
    return threads.nearest_first(_ids(head, "in-reply-to"), _ids(head, "references"))


def _ids(head: Head, name: str) -> tuple[str, ...]:
    return threads.ids_in(" ".join(head.get(name, ())))


def identity(head: Head, raw: bytes) -> str:
    """Return the name under which a mail is kept once, however often it is read: a digest of its id, else of its header."""
    name = own_id(head)
    return hashlib.sha256(name.encode() if name else b"header\0" + raw[:LONGEST_HEAD]).hexdigest()[:40]


def writer(head: Head) -> Mailbox:
    """Return who a mail says that it is from, with the address in lower case; an empty address where it does not say so."""
    raw = value(head, "from")
    decoded = foreign_text.decode_bytes(raw.encode("latin-1"))
    try:
        found = addresses.parse("from", decoded)
        address, name = found.address, found.name
    except Invalid:
        address, name = _loosely(decoded)
    return Mailbox(address.lower(), shown(foreign_text.decode_words(name))[:_LONGEST_NAME])


def _loosely(decoded: str) -> tuple[str, str]:
    """Return address and name of a From that is not as RFC 5322 wants it: of several, the first."""
    bracketed = _IN_BRACKETS.search(decoded)
    if bracketed is not None:
        return _checked(bracketed[1]), decoded[: bracketed.start()].strip(' "')
    bare = _BARE.search(decoded)
    return (_checked(bare[0]), "") if bare is not None else ("", "")


def _checked(address: str) -> str:
    try:
        return addresses.parse("from", address).address
    except Invalid:
        return ""


def plain_addresses(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses in texts, in lower case, each once; what is no address is left out."""
    found = (_checked(match[0]) for text in texts for match in _BARE.finditer(text[:_LONGEST_VALUE]))
    return tuple(dict.fromkeys(each.lower() for each in found if each))
