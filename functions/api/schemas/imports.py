"""Bulk imports, as JSON."""

from typing import Annotated

from pydantic import Field

from functions.api.schemas.base import Answer, Time
from ocello.domain.imports import imports

type ImportFormat = imports.Format


class ImportLine(Answer):
    """A line that was refused; a CSV's head is line 1."""

    line: int
    field: str
    reason: str


class ListedImport(Answer):
    """An import and how far it is: `done` lines of `total`, of which `written`, `unchanged` or `refused`."""

    id: str
    kind: imports.ImportKind
    status: imports.ImportStatus
    format: ImportFormat
    total: Annotated[int | None, Field(description="lines of the file, once it was first read")]
    done: int
    written: int
    unchanged: int
    refused: int
    reason: Annotated[str | None, Field(description="why it failed")]
    created_at: Time
    changed_at: Time


class Import(ListedImport):
    """An import with lines that it refused."""

    refusals: Annotated[list[ImportLine], Field(description="the first 200")]


class Imports(Answer):
    """A page of imports."""

    items: list[ListedImport]
    next: str | None
