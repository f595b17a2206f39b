"""Items as rows of the app table: an item's own row, and the rows that lead to it."""

from typing import cast

from ocello.adapters.dynamodb import item_keys, keys
from ocello.adapters.dynamodb.models.items import ItemRow, ItemWordRow, NamingRow
from ocello.domain.crm.items import Item, ItemVisibility, PreviousAccess, search_words
from ocello.domain.messages.inbox import fold_text
from ocello.domain.messages.message import ItemRef

_SORTED_TITLE = 100  # characters of a title in sort keys, which have at most 1,024 bytes


def item_of(row: ItemRow) -> Item:
    """Return the item of its row."""
    return Item(
        ref=ItemRef(row.type, row.id),
        title=row.title,
        owner=row.owner,
        visibility=cast("ItemVisibility", row.visibility),
        group=row.group,
        person=row.person,
        organization=row.organization,
        addresses=tuple(cast("list[str]", row.addresses)),
        country=row.country,
        maker=row.maker,
        made_at=int(row.made_at),
        changed_at=int(row.changed_at),
        version=int(row.version),
        earlier=tuple(_earlier(cast("list[object]", each)) for each in row.earlier),
    )


def _earlier(stored: list[object]) -> PreviousAccess:
    until, owner, visibility, group = stored
    return PreviousAccess(
        until=int(cast("float", until)),
        owner=str(owner),
        visibility=cast("ItemVisibility", visibility),
        group=str(group),
    )


def sort_of(item: Item) -> str:
    """Return the sort key of an item in lists."""
    return item_keys.item_sort(item.ref.type, fold_text(item.title)[:_SORTED_TITLE], item.ref.id)


def item_row(item: Item) -> ItemRow:
    """Return an item's row; its index keys put it on the lists of those who see it."""
    row = ItemRow(
        *item_keys.item(item.ref.type, item.ref.id),
        gsi1pk=item_keys.items_of_owner(item.owner),
        gsi1sk=sort_of(item),
        type=item.ref.type,
        id=item.ref.id,
        title=item.title,
        owner=item.owner,
        visibility=item.visibility,
        group=item.group,
        person=item.person,
        organization=item.organization,
        addresses=list(item.addresses),
        country=item.country,
        maker=item.maker,
        made_at=item.made_at,
        changed_at=item.changed_at,
        version=item.version,
        earlier=[list(each) for each in item.earlier],
    )
    if item.visibility != "owner":
        row.gsi2pk = (
            item_keys.ITEMS_OF_COMPANY if item.visibility == "company" else item_keys.items_of_group(item.group)
        )
        row.gsi2sk = sort_of(item)
    return row


def leading_rows(item: Item | None) -> dict[keys.Key, ItemWordRow | NamingRow]:
    """Return the rows that lead to an item, by their keys: one for each search word and one for each item it refers to."""
    if item is None:
        return {}
    kind, identifier = item.ref.type, item.ref.id
    found: dict[keys.Key, ItemWordRow | NamingRow] = {}
    for word in search_words(item):
        key = keys.Key(item_keys.item_words(word), item_keys.item_word_sort(word, kind, identifier))
        found[key] = ItemWordRow(*key, type=kind, id=identifier, version=item.version)
    for ref in item.related:
        key = keys.Key(item_keys.items_naming(ref.type, ref.id), item_keys.item_naming_sort(kind, identifier))
        found[key] = NamingRow(*key, type=kind, id=identifier, version=item.version)
    return found
