"""Bulk imports of items: parses CSV and JSON line by line, and describes the progress of one import."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.crm.items import ItemInput, ref_of
from ocello.domain.messages.message import ItemRef

Format = Literal["csv", "json", "jsonl"]
ImportStatus = Literal["queued", "running", "done", "failed"]
FORMATS: tuple[Format, ...] = ("csv", "json", "jsonl")
MAX_LINES = 50_000
KEPT_REFUSALS = 200  # stored for one import; all are counted
_TEXTS = ("owner", "visibility", "group", "person", "organization", "country")
_COLUMNS = frozenset({"type", "id", "title", "addresses", *_TEXTS})
_LONGEST_FIELD = 10_000
_DELIMITERS = ",;\t"  # of a CSV; spreadsheets write `;` in languages whose numbers have a decimal comma
_SEP = re.compile(r"sep=([,;\t|])\r?\n")  # a line that Excel may write before the header


class Refusal(NamedTuple):
    """A line that was refused; the first line is 1, in a CSV the header."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Import:
    """One import and its progress."""

    id: str
    owner: str  # user id
    upload: str  # the object in the mail bucket that holds the file
    format: Format
    created_at: int  # ms
    status: ImportStatus = "queued"
    total: int = 0  # lines of the file; 0 until it was first read
    done: int = 0  # lines processed: written, unchanged or refused
    written: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: tuple[Refusal, ...] = ()  # the first ones
    reason: str = ""  # why it failed
    changed_at: int = 0  # ms
    version: int = 1


class ItemLine(NamedTuple):
    """A valid line."""

    line: int
    ref: ItemRef
    item_input: ItemInput


def format_of(text: str) -> Format:
    """Return the format of that name. Raise Invalid."""
    found = next((known for known in FORMATS if known == text), None)
    if found is None:
        raise Invalid("format", Text("must be one of %(known)s", known=", ".join(FORMATS)))
    return found


def format_in(filename: str) -> Format:
    """Return the format of a file by the extension of its name. Raise Invalid."""
    ending = filename.lower().rpartition(".")[2]
    found = next((known for known in FORMATS if known == {"ndjson": "jsonl"}.get(ending, ending)), None)
    if found is None:
        raise Invalid("file", "must be named .csv, .json, .jsonl or .ndjson, or its format be chosen")
    return found


def parse_file(raw: bytes, kind: Format) -> Iterator[ItemLine | Refusal]:
    """Parse the lines of a file in UTF-8. Raise Invalid, naming `file`, if it is not of that format or too long."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("file", "is not UTF-8: save it as “CSV UTF-8”, as spreadsheets call it") from None
    records = {"csv": _csv, "json": _json, "jsonl": _lines}[kind](text)
    for number, (line, record) in enumerate(records, 1):
        if number > MAX_LINES:
            raise Invalid("file", Text("has more than %(most)s lines: cut it", most=MAX_LINES))
        yield record if isinstance(record, Refusal) else _item_line(line, record)


def _csv(text: str) -> Iterator[tuple[int, object]]:
    separator = _SEP.match(text)
    lead = 1 if separator else 0
    text = text[separator.end() :] if separator else text
    delimiter = separator[1] if separator else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        head = _head(next(reader, []))
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


def _head(cells: list[str]) -> list[str]:
    """Return the names of the columns, without the empty ones that spreadsheets leave at the end. Raise Invalid."""
    head = [name.strip().lower() for name in cells]
    while head and not head[-1]:
        head.pop()
    if missing := {"type", "id", "title"} - set(head):
        raise Invalid("file", Text("has no column %(names)s in its first line", names=", ".join(sorted(missing))))
    if unknown := set(head) - _COLUMNS:
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
        raise Invalid("file", "must be a JSON array of items")
    yield from enumerate(found, 1)


def _lines(text: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, Refusal(number, "", "is not JSON")


def _item_line(line: int, record: object) -> ItemLine | Refusal:
    try:
        return ItemLine(line, *parse_record(record))
    except Invalid as error:
        return Refusal(line, error.field, error.reason)


def parse_record(record: object) -> tuple[ItemRef, ItemInput]:
    """Parse one record. Its fields are texts; `addresses` is a list, or a text separated by spaces. Raise Invalid."""
    if not isinstance(record, dict):
        raise Invalid("", "must be an object")
    fields = cast("dict[str, object]", record)
    if unknown := set(fields) - _COLUMNS:
        raise Invalid(min(unknown)[:60], "is no field of an item")
    texts = {name: _text(name, fields.get(name)) for name in ("type", "id", "title", *_TEXTS)}
    ref = ref_of("", texts.pop("type") or "", texts.pop("id") or "")
    return ref, ItemInput(texts.pop("title") or "", addresses=_several(fields.get("addresses")), **texts)


def _text(name: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and name == "id":
        return str(value)
    if not isinstance(value, str) or len(value) > _LONGEST_FIELD:
        raise Invalid(name, "must be a text")
    return value


def _several(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(";", " ").replace(",", " ").split())
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid("addresses", "must be a list of addresses")
    return tuple(value)
