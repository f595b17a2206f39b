"""Items in the app table.

What leads to an item (its words, its address) is written before it and taken away after it, and a reader believes it
only where the item agrees: a crash in between leaves rows that nobody sees, and no item is ever missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pynamodb.exceptions import DeleteError, DoesNotExist, PutError

from ocello.adapters import cursors, keys, models
from ocello.adapters.faults import unavailable
from ocello.adapters.models_items import ItemRow, ItemWordRow, PersonsRow
from ocello.domain.inbox import plain
from ocello.domain.items import Item, ItemVisibility, matches, words_of
from ocello.domain.messages import ItemRef
from ocello.services.ports import Page
from ocello.services.ports_items import Viewer

_SORTED_TITLE = 100  # characters of a title that sort keys hold; a sort key has at most 1,024 bytes
_PERSONS = 5  # of one address that are looked at
_OF_THIS_KIND = PersonsRow.cls.set(PersonsRow)  # an update may make the row, and queries look at its kind


def _item(row: ItemRow) -> Item:
    return Item(
        ItemRef(row.type, row.id),
        row.title,
        row.owner,
        cast("ItemVisibility", row.visibility),
        row.group,
        row.person,
        row.organization,
        tuple(cast("list[str]", row.addresses)),
        row.maker,
        row.trusted,
        int(row.made_at),
        int(row.changed_at),
        int(row.version),
    )


def _sort(item: Item) -> str:
    return keys.item_sort(item.ref.type, plain(item.title)[:_SORTED_TITLE], item.ref.id)


def _row(item: Item) -> ItemRow:
    row = ItemRow(
        *keys.item(item.ref.type, item.ref.id),
        gsi1pk=keys.items_of_owner(item.owner),
        gsi1sk=_sort(item),
        type=item.ref.type,
        id=item.ref.id,
        title=item.title,
        owner=item.owner,
        visibility=item.visibility,
        group=item.group,
        person=item.person,
        organization=item.organization,
        addresses=list(item.addresses),
        maker=item.maker,
        trusted=item.trusted,
        made_at=item.made_at,
        changed_at=item.changed_at,
        version=item.version,
    )
    if item.visibility != "owner":
        row.gsi2pk = keys.ITEMS_OF_COMPANY if item.visibility == "company" else keys.items_of_group(item.group)
        row.gsi2sk = _sort(item)
    return row


def _word_row(item: Item, word: str) -> ItemWordRow:
    sort = keys.item_word_sort(word, item.ref.type, item.ref.id)
    return ItemWordRow(keys.item_words(word), sort, type=item.ref.type, id=item.ref.id, version=item.version)


def _forget(row: ItemWordRow) -> None:
    """Delete a word's row, unless a later version of its item has put it back."""
    try:
        row.delete(models.Row.pk.does_not_exist() | (ItemWordRow.version < row.version))
    except DeleteError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise


class DynamoItemStore:
    """ItemStore."""

    @unavailable
    def get(self, ref: ItemRef) -> Item | None:
        """Read an item."""
        try:
            return _item(ItemRow.get(*keys.item(ref.type, ref.id), consistent_read=True))
        except DoesNotExist:
            return None

    @unavailable
    def several(self, refs: Iterable[ItemRef]) -> Mapping[ItemRef, Item]:
        """Read the items that are there."""
        wanted = [tuple(keys.item(ref.type, ref.id)) for ref in dict.fromkeys(refs)]
        items = [_item(row) for row in ItemRow.batch_get(wanted, consistent_read=True)] if wanted else []
        return {item.ref: item for item in items}

    @unavailable
    def put(self, item: Item, before: Item | None) -> bool:
        """Write an item over `before`, with its words and addresses; False where that is not what stands."""
        words, old_words = set(words_of(item)), set(words_of(before)) if before else set()
        if new := sorted(words - old_words):
            with models.Row.batch_write() as batch:
                for word in new:
                    batch.save(_word_row(item, word))
        for address in item.addresses:  # those known too: what another write took away meanwhile comes back
            PersonsRow(*keys.persons(address)).update([_OF_THIS_KIND, PersonsRow.ids.add({item.ref.id})])
        expected = ItemRow.version == before.version if before else models.Row.pk.does_not_exist()
        try:
            _row(item).save(expected)
        except PutError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
        for word in sorted(old_words - words):
            _forget(_word_row(item, word))
        for address in sorted(set(before.addresses if before else ()) - set(item.addresses)):
            PersonsRow(*keys.persons(address)).update([PersonsRow.ids.delete({item.ref.id})])
        return True

    @unavailable
    def page(self, viewer: Viewer, kind: str | None, limit: int, cursor: str | None) -> Page[Item]:
        """List the items that stand on the viewer's lists, by type and title: so many lists, merged."""
        name = f"items of {viewer.user} {kind or ''}"
        after = cursors.undress(name, cursor)
        low, high = ("", "~") if kind is None else (f"{kind}#", f"{kind}$")  # `$` follows `#`; types are plain letters
        low = low if after is None else after + "\0"
        wide = [keys.ITEMS_OF_COMPANY, *(keys.items_of_group(group) for group in viewer.groups)]
        lists: list[Sequence[ItemRow]] = [
            _rows(
                models.Row.by_gsi1,
                keys.items_of_owner(viewer.address),
                models.Gsi1.gsi1sk.between(low or " ", high),
                limit,
            ),
            *(_rows(models.Row.by_gsi2, each, models.Gsi2.gsi2sk.between(low or " ", high), limit) for each in wide),
        ]
        merged = sorted(
            {row.pk: (_sort(_item(row)), _item(row)) for rows in lists for row in rows}.values(), key=_first
        )
        page = merged[:limit]
        return Page(tuple(item for _, item in page), cursors.dress(name, page[-1][0]) if len(merged) > limit else None)

    @unavailable
    def found(self, word: str, limit: int, cursor: str | None) -> Page[Item]:
        """List items that have a word beginning with `word`."""
        name = f"word {word}"
        after = cursors.undress(name, cursor)
        bounds = models.Row.sk.between(word if after is None else after + "\0", word + "\U0010ffff")
        rows = list(ItemWordRow.query(keys.item_words(word), bounds, limit=limit + 1, page_size=limit + 1))
        page = rows[:limit]
        known = self.several(ItemRef(row.type, row.id) for row in page)
        items = dict.fromkeys(ItemRef(row.type, row.id) for row in page)
        true = tuple(known[ref] for ref in items if ref in known and matches(known[ref], [word]))
        return Page(true, cursors.dress(name, page[-1].sk) if len(rows) > limit else None)

    @unavailable
    def persons_at(self, addresses: Sequence[str]) -> Sequence[Item]:
        """Give the persons who have one of `addresses`."""
        wanted = [tuple(keys.persons(address)) for address in dict.fromkeys(addresses)]
        rows = list(PersonsRow.batch_get(wanted)) if wanted else []
        refs = [ItemRef("person", identifier) for row in rows for identifier in sorted(row.ids or ())[:_PERSONS]]
        asked = set(addresses)
        return [item for item in self.several(refs).values() if asked & set(item.addresses)]


def _first(entry: tuple[str, Item]) -> str:
    return entry[0]


def _rows(index: Any, partition: str, condition: Any, limit: int) -> Sequence[ItemRow]:
    found = index.query(partition, condition, limit=limit + 1, page_size=limit + 1)
    return [row for row in found if isinstance(row, ItemRow)]
