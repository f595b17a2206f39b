"""Writes the lines of an import of items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ocello.domain.common.errors import Forbidden, Invalid, NotFound
from ocello.domain.imports.files import Shape
from ocello.domain.imports.imports import Refusal
from ocello.domain.imports.items import ITEM_LINES, ItemLine
from ocello.domain.people.users import User
from ocello.services.imports.imports import RESERVE_MS
from ocello.services.items.change_items import ItemWriter


@dataclass(frozen=True)
class ItemLines:
    """LineWriter of items."""

    writer: ItemWriter
    shape: ClassVar[Shape[ItemLine]] = ITEM_LINES
    at_once: ClassVar[int] = 1
    reserve_ms: ClassVar[int] = RESERVE_MS

    def write(self, user: User, lines: Sequence[ItemLine]) -> Sequence[bool | Refusal]:
        """Write items; return for each whether it changed, or why it was refused. Raises Unavailable."""
        return [self._write(user, line) for line in lines]

    def _write(self, user: User, line: ItemLine) -> bool | Refusal:
        try:
            return self.writer.write(user, line.ref, line.item_input).changed
        except Invalid as error:
            return Refusal(line.line, error.field, error.reason)
        except (NotFound, Forbidden):
            return Refusal(line.line, "id", "is an item that you may not change")
