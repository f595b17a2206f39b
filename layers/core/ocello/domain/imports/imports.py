"""One bulk import: what it imports, from which format, and how far it is."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text

ImportKind = Literal["items", "consents"]
Format = Literal["csv", "json", "jsonl"]
ImportStatus = Literal["queued", "running", "done", "failed"]
FORMATS: tuple[Format, ...] = get_args(Format)
MAX_LINES = 50_000
KEPT_REFUSALS = 200  # stored for one import; all are counted


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
    kind: ImportKind = "items"  # what rows of early releases import, which do not say


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
