"""The people whom a user has written to: their addresses and names, newest first."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ocello.domain.messages.inbox import fold_text, split_words
from ocello.domain.messages.message import Mailbox

MOST = 500  # they are stored in one row


class Contacts(NamedTuple):
    """A user's contacts, newest first, and the id of the newest message whose recipients are included."""

    people: tuple[Mailbox, ...] = ()
    up_to: str = ""
    version: int = 0  # raised by each change; 0: the user has no contacts yet


def add_contacts(people: Sequence[Mailbox], mailboxes: Iterable[Mailbox]) -> tuple[Mailbox, ...]:
    """Return the contacts after a mail to `mailboxes`: these first. A known name is kept if the new mailbox has none."""
    known = {each.address.lower(): each for each in people}
    newest: dict[str, Mailbox] = {}
    for each in mailboxes:
        key = each.address.lower()
        newest[key] = each if each.name or key not in known else known[key]
    rest = (each for key, each in known.items() if key not in newest)
    return (*newest.values(), *rest)[:MOST]


def matches(mailbox: Mailbox, words: Sequence[str]) -> bool:
    """Return whether each of `words` is the beginning of the address, of its domain or of a word of the name."""
    address = fold_text(mailbox.address)
    pending = (address, address.rpartition("@")[2], *split_words(mailbox.name))
    return all(any(each.startswith(word) for each in pending) for word in words)
