"""What the page of a conversation shows: its mails, their hits, and where on it a mail stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common import ids
from ocello.domain.common.errors import NotFound
from ocello.domain.crm.items import MessageLink
from ocello.domain.engagement.uncertainty import WhyOff
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.messages.marks import Activity, State, strongest
from ocello.domain.messages.message import Mailbox, Message
from ocello.domain.people.users import User
from ocello.services.common.ports import Clock
from ocello.services.inbox.contacts import ContactBook
from ocello.services.inbox.conversations import MailReader
from ocello.services.inbox.inbox import COUNTED
from ocello.services.mailboxes.shown import ReceivedViews
from ocello.services.sending.ports import StoredMessage
from ocello.services.views.hits import HitPage, MessageHits
from ocello.services.views.mails import MailView, mail_view, state_of

_MESSAGES = 12  # of one conversation, on one page
_HITS = 50


class PersonView(NamedTuple):
    """What one recipient did with the mails of a page together; `off` as of the newest of them."""

    mailbox: Mailbox
    opens: int
    clicks: int
    state: State
    last: Activity | None
    off: WhyOff


class ConversationView(NamedTuple):
    """Mails of a conversation, newest first; `older` is the mail with which the next page begins, None at the end.

    `people` are the recipients, those who did something last first; `received` are the mails that came in, oldest first.
    `state` differs whenever something changed that an open page shows.
    """

    mails: Sequence[MailView]
    people: Sequence[PersonView]
    received: Sequence[ReceivedMail]
    older: str | None
    state: tuple[object, ...]


class HitsView(NamedTuple):
    """A page of hits, and the names or addresses of the message's recipients by their index."""

    page: HitPage
    people: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class ConversationViews:
    """What the page of a conversation shows to a user."""

    mail: MailReader
    contacts: ContactBook
    hit_lists: MessageHits
    received: ReceivedViews
    clock: Clock

    def read(self, user: User, conversation: str, at: str = "") -> ConversationView:
        """Return a page of a conversation, from the mail `at` on if one is named. Raises NotFound."""
        listed = self._listed(user, conversation, at, _MESSAGES + 1)
        mails = self._loaded(user, listed[:_MESSAGES])
        older = listed[_MESSAGES].id if len(listed) > _MESSAGES else None
        views = self._views(user, mails)
        received = self.received.beside(user, conversation, {stored.message.id for stored in mails})
        return ConversationView(views, people_of(views), received, older, state_of(user, mails, self.clock()))

    def state(self, user: User, conversation: str, at: str = "") -> tuple[object, ...]:
        """Return the state of a page of a conversation, without making the page. Raises NotFound."""
        return state_of(user, self._loaded(user, self._listed(user, conversation, at, _MESSAGES)), self.clock())

    def newest_tracked(self, user: User, conversation: str, at: str = "") -> Sequence[MailView]:
        """Return the newest tracked mails of a conversation, as many as its marks count. Raises NotFound."""
        tracked = [each for each in self._listed(user, conversation, at, _MESSAGES) if each.tracked][:COUNTED]
        return self._views(user, self._loaded(user, tracked)) if tracked else ()

    def one(self, user: User, message: str) -> MailView:
        """Return one mail. Raises NotFound."""
        return self._views(user, self.contacts.with_names(user, [self.mail.read(user, message)]))[0]

    def hits(self, user: User, message: str, cursor: str | None) -> HitsView:
        """Return a page of a mail's hits. Raises NotFound, and Invalid for a cursor that is none."""
        page = self.hit_lists.page(user, message, _HITS, cursor)
        (stored,) = self.contacts.with_names(user, [page.stored])
        return HitsView(page, {each.index: each.mailbox.name or each.mailbox.address for each in stored.recipients})

    def is_on_first_page(self, user: User, message: Message) -> bool:
        """Return whether a mail stands on the first page of its conversation."""
        newest = self.mail.visible(user, message.conversation_id, _MESSAGES, None)
        return any(each.id == message.id for each in newest)

    def _listed(self, user: User, conversation: str, at: str, most: int) -> Sequence[MessageLink]:
        known = ids.is_id(conversation) and (not at or ids.is_id(at))
        listed = self.mail.visible(user, conversation, most, at or None) if known else ()
        if not listed:
            raise NotFound("there is no such conversation")
        return listed

    def _loaded(self, user: User, listed: Sequence[MessageLink]) -> Sequence[StoredMessage]:
        found = self.mail.load(user, listed)
        if not found:
            raise NotFound("there is no such conversation")
        return self.contacts.with_names(user, found)

    def _views(self, user: User, mails: Sequence[StoredMessage]) -> Sequence[MailView]:
        known = self.mail.items.items.several({ref for stored in mails for ref in stored.message.items})
        now = self.clock()
        return [mail_view(user, stored, known, now) for stored in mails]


def people_of(mails: Sequence[MailView]) -> list[PersonView]:
    """Return the recipients of mails, newest mail first, each address once, with what they did with all of them."""
    found: dict[str, PersonView] = {}
    for mail in mails:
        for recipient, actions in mail.recipients:
            key, index = recipient.mailbox.address.lower(), recipient.index
            now = PersonView(
                recipient.mailbox,
                actions.opens.count,
                actions.clicks.count,
                mail.states[index],
                mail.last[index],
                mail.off[index],
            )
            before = found.get(key)
            found[key] = now if before is None else _together(before, now)
    return sorted(found.values(), key=lambda each: -(each.last.at if each.last else 0))


def _together(newer: PersonView, older: PersonView) -> PersonView:
    """Return what a recipient did with two mails, or more."""
    lasts = [each for each in (newer.last, older.last) if each is not None]
    return newer._replace(
        opens=newer.opens + older.opens,
        clicks=newer.clicks + older.clicks,
        state=strongest((newer.state, older.state)),
        last=max(lasts, key=lambda each: each.at, default=None),
    )
