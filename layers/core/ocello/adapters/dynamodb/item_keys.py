"""Spells the keys of items, of their messages and of imports: the second half of `keys`, which the hot function does not need."""

from ocello.adapters.dynamodb.keys import Bounds, Key


def item(kind: str, identifier: str) -> Key:
    """Key an item. Here and below an item's id comes last: it may hold any character that separates."""
    return Key(f"ITEM#{kind}#{identifier}", "ITEM")


def items_of_owner(address: str) -> str:
    """Name the gsi1 partition of the items that an address owns; its sort key is that of `item_sort`."""
    return f"ITEMS#OWNER#{address}"


def items_of_group(group: str) -> str:
    """Name the gsi2 partition of the items that a group sees."""
    return f"ITEMS#GROUP#{group}"


ITEMS_OF_COMPANY = "ITEMS#COMPANY"  # the gsi2 partition of the items that everyone sees


def item_sort(kind: str, title: str, identifier: str) -> str:
    """Spell where an item stands in lists: by type, then by title as it is searched."""
    return f"{kind}#{title}#{identifier}"


def item_sorts(kind: str | None) -> Bounds:
    """Bound the places of all items in lists, or of those of one type."""
    return Bounds(" ", "~") if kind is None else Bounds(f"{kind}#", f"{kind}$")  # `$` follows `#`; types are letters


def item_words(word: str) -> str:
    """Name the partition of the words that begin as `word` does; its sort key is that of `item_word_sort`."""
    return f"ITEMWORDS#{word[:1]}"


def item_word_sort(word: str, kind: str, identifier: str) -> str:
    """Spell the sort key of an item's word."""
    return f"{word}#{kind}#{identifier}"


def items_naming(kind: str, identifier: str) -> str:
    """Name the partition of the items that name an item as theirs; its sort key is that of `item_naming_sort`."""
    return f"NAMING#{kind}#{identifier}"


def item_naming_sort(kind: str, identifier: str) -> str:
    """Spell the sort key of an item that names another."""
    return f"{kind}#{identifier}"


def persons(address: str) -> Key:
    """Key the ids of the persons who have an address."""
    return Key(f"PERSONS#{address}", "PERSONS")


def item_messages(user_id: str, kind: str, identifier: str) -> str:
    """Name the partition of a user's own messages of an item; its sort key is the message's id."""
    return f"USER#{user_id}#ITEM#{kind}#{identifier}"


def shared_messages(kind: str, identifier: str) -> str:
    """Name the gsi1 partition of everybody's shared messages of an item; its sort key is the message's id."""
    return f"SHARED#{kind}#{identifier}"


def import_(user_id: str, identifier: str) -> Key:
    """Key a bulk import of items."""
    return Key(f"USER#{user_id}#IMPORTS", identifier)
