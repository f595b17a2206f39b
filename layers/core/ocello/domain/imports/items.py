"""The lines of an import of items."""

from collections.abc import Mapping
from typing import NamedTuple

from ocello.domain.common.errors import Invalid
from ocello.domain.crm.items import ItemInput, ref_of
from ocello.domain.imports.files import Shape
from ocello.domain.messages.message import ItemRef

_TEXTS = ("owner", "visibility", "group", "person", "organization", "country")
_NEEDED = ("type", "id", "title")
_LONGEST_FIELD = 10_000


class ItemLine(NamedTuple):
    """A valid line."""

    line: int
    ref: ItemRef
    item_input: ItemInput


def _read(line: int, fields: Mapping[str, object]) -> ItemLine:
    """Read one line. Its fields are texts; `addresses` is a list, or a text separated by spaces. Raise Invalid."""
    texts = {name: _text(name, fields.get(name)) for name in (*_NEEDED, *_TEXTS)}
    ref = ref_of("", texts.pop("type") or "", texts.pop("id") or "")
    item_input = ItemInput(texts.pop("title") or "", addresses=_several(fields.get("addresses")), **texts)
    return ItemLine(line, ref, item_input)


ITEM_LINES = Shape(frozenset(_NEEDED), frozenset({"addresses", *_TEXTS}), _read)


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
