"""The lines of an import of consent: what somebody said of being tracked, when and where, and the text they were shown."""

from collections.abc import Mapping
from typing import NamedTuple

from ocello.domain.common import times
from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.consent.ledger import LONGEST_NOTICE, LONGEST_SOURCE, ConsentEventName
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.imports.files import Shape
from ocello.domain.people.accounts import LONGEST_ADDRESS, plain_address

# What a line may say, and how the ledger names it: a consent that somebody gave elsewhere is an imported one.
STATED: Mapping[str, ConsentEventName] = {"granted": "imported", "refused": "refused", "withdrawn": "withdrawn"}
_FIRST_TIME = 946_684_800_000  # 2000-01-01: an earlier time is a field that was never filled in
_LONGEST_WORD = 100


class ConsentLine(NamedTuple):
    """A valid line; `at` in ms."""

    line: int
    address: str
    events: Mapping[Axis, ConsentEventName]
    at: int
    source: str
    notice: str


def _read(line: int, fields: Mapping[str, object]) -> ConsentLine:
    """Read one line, whose fields are texts. Raise Invalid."""
    address = plain_address("address", _text(fields, "address", LONGEST_ADDRESS))
    events = {axis: event for axis in AXES if (event := _event(fields, axis)) is not None}
    if not events:
        raise Invalid("opens", Text("or `links` must say %(known)s", known=", ".join(STATED)))
    if _text(fields, "basis", _LONGEST_WORD) not in ("", "consent"):
        raise Invalid("basis", "must be `consent`, or be left out: what rests on anything else is no consent")
    at = _time(_text(fields, "at", _LONGEST_WORD))
    source, notice = _text(fields, "source", LONGEST_SOURCE), _text(fields, "notice", LONGEST_NOTICE)
    if not source.strip():
        raise Invalid("source", "must say where this comes from")
    if not notice.strip():
        raise Invalid("notice", "must be the text that was shown")
    return ConsentLine(line, address, events, at, source, notice)


CONSENT_LINES = Shape(frozenset({"address"}), frozenset({*AXES, "at", "source", "notice", "basis"}), _read)


def _event(fields: Mapping[str, object], axis: Axis) -> ConsentEventName | None:
    word = _text(fields, axis, _LONGEST_WORD)
    if word and word not in STATED:
        raise Invalid(axis, Text("must be one of %(known)s", known=", ".join(STATED)))
    return STATED[word] if word else None


def _time(text: str) -> int:
    at = times.milliseconds(text)
    if at is None:
        raise Invalid("at", "must be a time with its zone, as RFC 3339 spells it: 2026-01-31T09:30:00Z")
    if at < _FIRST_TIME:
        raise Invalid("at", "is before the year 2000")
    return at


def _text(fields: Mapping[str, object], name: str, longest: int) -> str:
    """Return the text of a field, empty where it is left out. Raise Invalid."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(name, "must be a text")
    if len(value) > longest:
        raise Invalid(name, Text("must be at most %(most)s characters", most=longest))
    return value
