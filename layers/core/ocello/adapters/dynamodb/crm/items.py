"""Items in the app table.

The rows that lead to an item (its search words, the items it refers to) are written before it and deleted after it, and a
reader ignores them if the item does not agree. So a crash in between leaves rows that nobody sees, and no item is ever
missing. The rows of addresses, which persons share, are changed in one transaction with the item.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pynamodb.exceptions import DeleteError, DoesNotExist

from ocello.adapters.dynamodb import item_keys, keys, models, paging
from ocello.adapters.dynamodb.conditions import Attempt, absent, over
from ocello.adapters.dynamodb.crm.item_rows import item_of, item_row, leading_rows, sort_of
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.items import ItemRow, ItemWordRow, NamingRow, PersonsRow
from ocello.adapters.dynamodb.people.trail import add_notes
from ocello.domain.crm.items import Item, matches
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.audit import AuditEntry
from ocello.services.common.ports import Page
from ocello.services.items.ports import Viewer

_PERSONS = 20  # of one address that are read


def _forget(row: ItemWordRow | NamingRow) -> None:
    """Delete a row that leads to an item, unless a later version of the item has put it back."""
    with Attempt():
        row.delete(absent() | (type(row).version <= row.version))


def _changed(
    row: ItemRow,
    expected: Any,
    notes: Sequence[AuditEntry],
    notify: str,
    *,
    gone: bool,
    more: set[str],
    less: set[str],
) -> bool:
    """Write or delete an item's row, and in the same transaction the rows of its addresses, and notes.

    Return False if another write came first. Several persons share the row of an address, so that writes of different
    persons may conflict too.
    """
    if not more | less and not notes:
        with Attempt() as attempt:
            _ = row.delete(expected) if gone else row.save(expected)
        return attempt.succeeded
    of_this_kind = models.kind_of(PersonsRow)
    with Attempt() as attempt, models.transaction() as transaction:
        if gone:
            transaction.delete(row, expected)
        else:
            transaction.save(row, expected)
        for address in sorted(more):
            transaction.update(_persons(address), [of_this_kind, PersonsRow.ids.add({row.id})])
        for address in sorted(less):
            transaction.update(_persons(address), [of_this_kind, PersonsRow.ids.delete({row.id})])
        add_notes(transaction, notes, notify)
    if not attempt.succeeded:
        return False
    for address in sorted(less):
        with contextlib.suppress(DeleteError):  # keep the row while a person has the address
            _persons(address).delete(PersonsRow.ids.does_not_exist())
    return True


def _persons(address: str) -> PersonsRow:
    return PersonsRow(*item_keys.persons(address))


class DynamoItemStore:
    """ItemStore."""

    @unavailable
    def get(self, ref: ItemRef) -> Item | None:
        """Return an item, or None."""
        try:
            return item_of(ItemRow.get(*item_keys.item(ref.type, ref.id), consistent_read=True))
        except DoesNotExist:
            return None

    @unavailable
    def several(self, refs: Iterable[ItemRef]) -> Mapping[ItemRef, Item]:
        """Return the items that exist."""
        wanted = [tuple(item_keys.item(ref.type, ref.id)) for ref in dict.fromkeys(refs)]
        items = [item_of(row) for row in ItemRow.batch_get(wanted, consistent_read=True)] if wanted else []
        return {item.ref: item for item in items}

    @unavailable
    def put(self, item: Item, before: Item | None, notes: Sequence[AuditEntry] = (), notify: str = "") -> bool:
        """Replace the item `before`, with all rows that lead to it, and add notes; return False if another is stored."""
        now, then = leading_rows(item), leading_rows(before)
        if new := sorted(now.keys() - then.keys()):
            with models.Row.batch_write() as batch:
                for key in new:
                    batch.save(now[key])
        expected = over(ItemRow.version, before.version if before else None)
        has, had = set(item.addresses), set(before.addresses if before else ())
        if not _changed(item_row(item), expected, notes, notify, gone=False, more=has - had, less=had - has):
            return False
        for key in sorted(then.keys() - now.keys()):
            _forget(then[key])
        return True

    @unavailable
    def delete(self, item: Item, note: AuditEntry, notify: str = "") -> bool:
        """Delete an item with all rows that lead to it, and add a note; return False if another version is stored."""
        expected = ItemRow.version == item.version
        if not _changed(item_row(item), expected, [note], notify, gone=True, more=set(), less=set(item.addresses)):
            return False
        for _, leading in sorted(leading_rows(item).items()):
            _forget(leading)
        return True

    @unavailable
    def naming(self, ref: ItemRef, limit: int, cursor: str | None) -> Page[Item]:
        """Return a page of the items that refer to an item, by type and id."""
        name, partition = f"naming {ref.type} {ref.id}", item_keys.items_naming(ref.type, ref.id)
        page, following = paging.read(NamingRow.query, partition, NamingRow.sk, limit, cursor, name=name)
        known = self.several(ItemRef(row.type, row.id) for row in page)
        found = (known.get(ItemRef(row.type, row.id)) for row in page)
        return Page(tuple(item for item in found if item is not None and ref in item.related), following)

    @unavailable
    def page(self, viewer: Viewer, kind: str | None, limit: int, cursor: str | None) -> Page[Item]:
        """Return a page of the items that the viewer sees, by type and title, merged from several lists."""
        name = f"items of {viewer.user} {kind or ''}"
        after = paging.decode(name, cursor)
        first, last = item_keys.item_sorts(kind)
        if after is not None:
            first = keys.just_after(after)
        wide = [item_keys.ITEMS_OF_COMPANY, *(item_keys.items_of_group(group) for group in viewer.groups)]
        lists: list[Sequence[ItemRow]] = [
            _rows(
                models.Row.by_gsi1,
                item_keys.items_of_owner(viewer.address),
                models.Gsi1.gsi1sk.between(first, last),
                limit,
            ),
            *(_rows(models.Row.by_gsi2, each, models.Gsi2.gsi2sk.between(first, last), limit) for each in wide),
        ]
        merged = sorted(
            {row.pk: (sort_of(item_of(row)), item_of(row)) for rows in lists for row in rows}.values(), key=_first
        )
        page, following = paging.cut(name, merged, limit, lambda placed: placed[0])
        return Page(tuple(item for _, item in page), following)

    @unavailable
    def found(self, word: str, limit: int, cursor: str | None) -> Page[Item]:
        """Return a page of the items with a search word that begins with `word`."""
        name = f"word {word}"
        after = paging.decode(name, cursor)
        first, last = keys.beginning_with(word)
        bounds = models.Row.sk.between(first if after is None else keys.just_after(after), last)
        rows = list(ItemWordRow.query(item_keys.item_words(word), bounds, limit=limit + 1, page_size=limit + 1))
        page, following = paging.cut(name, rows, limit, lambda row: row.sk)
        known = self.several(ItemRef(row.type, row.id) for row in page)
        items = dict.fromkeys(ItemRef(row.type, row.id) for row in page)
        true = tuple(known[ref] for ref in items if ref in known and matches(known[ref], [word]))
        return Page(true, following)

    @unavailable
    def persons_at(self, addresses: Sequence[str]) -> Sequence[Item]:
        """Return the persons who have one of `addresses`."""
        wanted = [tuple(item_keys.persons(address)) for address in dict.fromkeys(addresses)]
        rows = list(PersonsRow.batch_get(wanted)) if wanted else []
        refs = [ItemRef("person", identifier) for row in rows for identifier in sorted(row.ids or ())[:_PERSONS]]
        request = set(addresses)
        return [item for item in self.several(refs).values() if request & set(item.addresses)]


def _first(entry: tuple[str, Item]) -> str:
    return entry[0]


def _rows(index: Any, partition: str, condition: Any, limit: int) -> Sequence[ItemRow]:
    found = index.query(partition, condition, limit=limit + 1, page_size=limit + 1)
    return [row for row in found if isinstance(row, ItemRow)]
