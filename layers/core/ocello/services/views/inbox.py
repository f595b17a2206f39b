"""What the page of the inbox shows: a list of conversations, and what one can filter it by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.crm.items import Item
from ocello.domain.messages.message import ItemRef
from ocello.domain.messages.visibility import led_groups
from ocello.domain.people.users import User
from ocello.services.accounts.ports import AccountStore
from ocello.services.inbox.contacts import ContactBook
from ocello.services.inbox.inbox import InboxLine, InboxReader

_LINES = 25
_FOUND = 50


class InboxView(NamedTuple):
    """A page of a list, or the conversations that a search found; `next` is the cursor of the page after it.

    `names` are the names of persons whom the lines show by their address, `teams` the groups that the user leads, `title`
    is that of the item that the list is of, if the user may know it, `offered` are items to filter by, and `connected` is
    whether mail can be sent.
    """

    lines: Sequence[InboxLine]
    next: str | None
    names: Mapping[str, str]
    teams: Sequence[str]
    title: str | None
    offered: Sequence[Item]
    connected: bool


@dataclass(frozen=True, slots=True)
class InboxViews:
    """What the page of the inbox shows to a user."""

    inbox: InboxReader
    contacts: ContactBook
    accounts: AccountStore

    def read(
        self, user: User, name: str, *, text: str, item: ItemRef | None, find: str, cursor: str | None
    ) -> InboxView:
        """Return a page of the list `name`, or what a search for `text` finds in it. Raises Invalid for a wrong cursor.

        `item` is the item whose list it is, and `find` are words to offer items by.
        """
        if text:
            lines, following = self.inbox.search(user.id, text, _FOUND, name), None
        else:
            page = self.inbox.read(user.id, name, _LINES, cursor)
            lines, following = page.items, page.next
        shown = (each for line in lines for each in line.entry.lines[0].people if "@" in each)
        return InboxView(
            lines=lines,
            next=following,
            names=self.contacts.names(user, shown),
            teams=led_groups(user),
            offered=self.contacts.items.offered(user, find),
            title=self.contacts.items.titles(user, [item]).get(item) if item else None,
            connected=any(account.verified for account in self.accounts.of(user.id)),
        )
