"""What the page of an item shows: the item, what it is related to, and its mails with their figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.consent.modes import Axis
from ocello.domain.crm.items import Item
from ocello.domain.engagement.timeline import Moment
from ocello.domain.messages.message import ItemRef
from ocello.domain.messages.visibility import may_change
from ocello.domain.people.users import User
from ocello.services.common.ports import Clock, Page
from ocello.services.inbox.contacts import ContactBook
from ocello.services.inbox.conversations import MailReader
from ocello.services.items.items import ItemFigures, ItemReader
from ocello.services.people.ports import UserStore
from ocello.services.sending.ports import StoredMessage
from ocello.services.views.consent_pages import ConsentViews, PurposeState
from ocello.services.views.mails import MailRow, mail_rows, state_of, timeline

_MAILS = 25
_MOMENTS = 100  # of the mails of one page
_NAMING = 25


class ItemMailView(NamedTuple):
    """What changes on an item's page: its figures, a page of its mails, and what happened to these, newest first.

    `cut`: more happened than is listed. `state` differs whenever something changed that an open page shows.
    """

    figures: ItemFigures
    mails: Sequence[MailRow]
    moments: Sequence[Moment]
    cut: bool
    next: str | None
    state: tuple[object, ...]


class ItemView(NamedTuple):
    """An item as one user sees it; `owner` is its owner's name, empty for somebody who is no user."""

    item: Item
    owner: str
    changeable: bool
    related: Sequence[Item]
    naming: Page[Item]  # items that refer to it
    mail: ItemMailView
    consents: Mapping[str, Mapping[Axis, PurposeState]]  # what is known now of each of a person's addresses


@dataclass(frozen=True, slots=True)
class ItemViews:
    """What the page of an item shows to a user."""

    items: ItemReader
    mail_reader: MailReader
    contacts: ContactBook
    users: UserStore
    consents: ConsentViews
    clock: Clock

    def read(self, user: User, ref: ItemRef, cursor: str | None, naming_cursor: str | None) -> ItemView:
        """Return an item with a page of its mails and one of the items that refer to it. Raises NotFound and Invalid."""
        item = self.items.read(user, ref)
        related = self.items.items.several(item.related)
        owner = self.users.by_address(item.owner)
        return ItemView(
            item=item,
            owner=owner.name if owner else "",
            changeable=may_change(user, item),
            related=[related[one] for one in item.related if one in related],
            naming=self.items.naming(user, ref, _NAMING, naming_cursor),
            mail=self.mail(user, ref, cursor),
            consents=self.consents.states(item.addresses),
        )

    def mail(self, user: User, ref: ItemRef, cursor: str | None) -> ItemMailView:
        """Return a page of an item's mails, with the item's figures. Raises NotFound and Invalid."""
        page = self._page(user, ref, cursor)
        moments = timeline(user, page.items)
        return ItemMailView(
            figures=self.items.figures_of(user, ref),
            mails=mail_rows(user, page.items, self.clock()),
            moments=moments[:_MOMENTS],
            cut=len(moments) > _MOMENTS,
            next=page.next,
            state=state_of(user, page.items, self.clock()),
        )

    def state(self, user: User, ref: ItemRef, cursor: str | None) -> tuple[object, ...]:
        """Return the state of a page of an item's mails, without making the page. Raises NotFound and Invalid."""
        return state_of(user, self._page(user, ref, cursor).items, self.clock())

    def _page(self, user: User, ref: ItemRef, cursor: str | None) -> Page[StoredMessage]:
        page = self.mail_reader.of_item(user, ref, _MAILS, cursor)
        return Page(self.contacts.with_names(user, page.items), page.next)
