"""The keys of items, of their messages and of imports: the part of `keys` that the hot function does not need."""

from ocello.adapters.dynamodb.keys import Bounds, Key


def item(kind: str, identifier: str) -> Key:
    """Return the key of an item. Here and below, an item's id comes last, since it may contain separators."""
    return Key(f"ITEM#{kind}#{identifier}", "ITEM")


def items_of_owner(address: str) -> str:
    """Return the gsi1 partition of the items that an address owns; its sort key is `item_sort`."""
    return f"ITEMS#OWNER#{address}"


def items_of_group(group: str) -> str:
    """Return the gsi2 partition of the items that a group sees."""
    return f"ITEMS#GROUP#{group}"


ITEMS_OF_COMPANY = "ITEMS#COMPANY"  # the gsi2 partition of the items that everyone sees


def item_sort(kind: str, title: str, identifier: str) -> str:
    """Return the sort key of an item in lists: by type, then by title in its searched form."""
    return f"{kind}#{title}#{identifier}"


def item_sorts(kind: str | None) -> Bounds:
    """Return the bounds of the sort keys of all items in lists, or of those of one type."""
    return Bounds(" ", "~") if kind is None else Bounds(f"{kind}#", f"{kind}$")  # `$` follows `#`; types are letters


def item_words(word: str) -> str:
    """Return the partition of the search words with the same beginning as `word`; its sort key is `item_word_sort`."""
    return f"ITEMWORDS#{word[:1]}"


def item_word_sort(word: str, kind: str, identifier: str) -> str:
    """Return the sort key of an item's search word."""
    return f"{word}#{kind}#{identifier}"


def items_naming(kind: str, identifier: str) -> str:
    """Return the partition of the items that refer to an item; its sort key is `item_naming_sort`."""
    return f"NAMING#{kind}#{identifier}"


def item_naming_sort(kind: str, identifier: str) -> str:
    """Return the sort key of an item that refers to another."""
    return f"{kind}#{identifier}"


def persons(address: str) -> Key:
    """Return the key of the ids of the persons who have an address."""
    return Key(f"PERSONS#{address}", "PERSONS")


def item_messages(user_id: str, kind: str, identifier: str) -> str:
    """Return the partition of a user's own messages of an item; its sort key is the message's id."""
    return f"USER#{user_id}#ITEM#{kind}#{identifier}"


def shared_messages(kind: str, identifier: str) -> str:
    """Return the gsi1 partition of everybody's shared messages of an item; its sort key is the message's id."""
    return f"SHARED#{kind}#{identifier}"


def import_(user_id: str, identifier: str) -> Key:
    """Return the key of a bulk import."""
    return Key(f"USER#{user_id}#IMPORTS", identifier)
