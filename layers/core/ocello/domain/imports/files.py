"""Reads the files of bulk imports, CSV and JSON, line by line."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.imports.imports import MAX_LINES, Format, Refusal

_DELIMITERS = ",;\t"  # of a CSV; spreadsheets write `;` in languages whose numbers have a decimal comma
_SEP = re.compile(r"sep=([,;\t|])\r?\n")  # a line that Excel may write before the header


@dataclass(frozen=True, slots=True)
class Shape[L]:
    """What the lines of a file hold: fields that every file names, fields that it may name, and what reads a line.

    `read` makes a line of its number and its fields, of which each is one of these. Raises Invalid.
    """

    needed: frozenset[str]
    optional: frozenset[str]
    read: Callable[[int, Mapping[str, object]], L]

    @property
    def fields(self) -> frozenset[str]:
        """Return all fields."""
        return self.needed | self.optional


def parse_file[L](raw: bytes, kind: Format, shape: Shape[L]) -> Iterator[L | Refusal]:
    """Parse the lines of a file in UTF-8. Raise Invalid, naming `file`, if it is not of that format or too long."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("file", "is not UTF-8: save it as “CSV UTF-8”, as spreadsheets call it") from None
    records = _csv(text, shape) if kind == "csv" else _json(text) if kind == "json" else _lines(text)
    for number, (line, record) in enumerate(records, 1):
        if number > MAX_LINES:
            raise Invalid("file", Text("has more than %(most)s lines: cut it", most=MAX_LINES))
        yield record if isinstance(record, Refusal) else _line(line, record, shape)


def _line[L](line: int, record: object, shape: Shape[L]) -> L | Refusal:
    if not isinstance(record, dict):
        return Refusal(line, "", "must be an object")
    fields = cast("dict[str, object]", record)
    if unknown := set(fields) - shape.fields:
        return Refusal(line, min(unknown)[:60], "is no field that is imported")
    try:
        return shape.read(line, fields)
    except Invalid as error:
        return Refusal(line, error.field, error.reason)


def _csv[L](text: str, shape: Shape[L]) -> Iterator[tuple[int, object]]:
    separator = _SEP.match(text)
    lead = 1 if separator else 0
    text = text[separator.end() :] if separator else text
    delimiter = separator[1] if separator else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        head = _head(next(reader, []), shape)
        for row in reader:
            cells = [cell.strip() or None for cell in row]
            while len(cells) > len(head) and cells[-1] is None:
                cells.pop()
            line = reader.line_num + lead
            if len(cells) == len(head) and any(cells):
                yield line, dict(zip(head, cells, strict=True))
            elif any(cells):
                yield (
                    line,
                    Refusal(line, "", Text("has %(there)s columns, not %(wanted)s", there=len(row), wanted=len(head))),
                )
    except csv.Error as error:
        message = Text("is no CSV in line %(line)s: %(why)s", line=reader.line_num + lead, why=str(error))
        raise Invalid("file", message) from None


def _delimiter(text: str) -> str:
    """Return the delimiter that is most frequent in the first line: no name of a column holds one."""
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    return max(_DELIMITERS, key=first.count)


def _head[L](cells: list[str], shape: Shape[L]) -> list[str]:
    """Return the names of the columns, without the empty ones that spreadsheets leave at the end. Raise Invalid."""
    head = [name.strip().lower() for name in cells]
    while head and not head[-1]:
        head.pop()
    if missing := shape.needed - set(head):
        raise Invalid("file", Text("has no column %(names)s in its first line", names=", ".join(sorted(missing))))
    if unknown := set(head) - shape.fields:
        raise Invalid("file", Text("has a column that we do not know: %(name)s", name=min(unknown)[:60]))
    if len(set(head)) < len(head):
        raise Invalid("file", "names a column twice in its first line")
    return head


def _json(text: str) -> Iterator[tuple[int, object]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("file", "is not JSON") from None
    if not isinstance(found, list):
        raise Invalid("file", "must be a JSON array")
    yield from enumerate(found, 1)


def _lines(text: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, Refusal(number, "", "is not JSON")
