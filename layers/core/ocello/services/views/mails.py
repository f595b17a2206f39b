"""What pages show of a mail: all of it in its conversation, and one line of it in lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from ocello.domain.consent.modes import OFF
from ocello.domain.consent.telling import Why, withheld
from ocello.domain.crm.items import Item
from ocello.domain.engagement.reach import Reach, first_at, in_order, reach_of
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.engagement.timeline import Moment, moments_of
from ocello.domain.engagement.uncertainty import Uncertainty, WhyOff, uncertainty_about, untouched, why_off
from ocello.domain.messages.inbox import SHOWN_PEOPLE, is_troubled
from ocello.domain.messages.marks import Activity, State, last_activity, last_of, state_of_all, waiting_for
from ocello.domain.messages.marks import state_of as recipient_state
from ocello.domain.messages.message import ItemRef, Link, Message, MessageStatus, Recipient, Untracked, status_of
from ocello.domain.messages.sharing import recipients_among
from ocello.domain.messages.visibility import sees_item, shown_recipients
from ocello.domain.people.users import User
from ocello.services.sending.ports import StoredMessage


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail as one user sees it: its recipients and links with what they did, and its items.

    By recipient's index: `states`, `last` (what the recipient did last), `first_at` (ms; None: did nothing), `uncertainty`,
    `off` (why opens and clicks are not tracked) and `untouched` (why the copy went out as it was written).
    `moments` are its opens and clicks as far as their times are kept, newest first. `withheld` is why nothing of the mail is
    tracked though its sender wants it, `untold` counts the recipients whose copies are not tracked.
    Of its owner's own mail also the items that may be unlinked (`chosen`), and those that stay, being recipients.
    """

    message: Message
    mine: bool
    status: MessageStatus
    opens: Summary
    clicks: Summary
    state: State
    recipients: Sequence[tuple[Recipient, Actions]]  # those who opened or clicked first
    reach: Reach
    moments: Sequence[Moment]
    states: Mapping[int, State]
    last: Mapping[int, Activity | None]
    first_at: Mapping[int, int | None]
    uncertainty: Mapping[int, tuple[Uncertainty, ...]]
    off: Mapping[int, WhyOff]
    withheld: Why | None
    untold: int
    untouched: Mapping[int, str]
    links: Sequence[tuple[Link, Summary]]
    untracked: Sequence[Untracked]
    items: Sequence[Item]  # those that the user sees
    stay: Sequence[ItemRef]
    chosen: Sequence[ItemRef]

    @property
    def shows_readers(self) -> bool:
        """Return whether there is anything to say of who reads it: it is tracked, or was to be."""
        return self.message.tracked or any(each.opens or each.clicks for each in self.off.values())

    @property
    def titles(self) -> Mapping[ItemRef, str]:
        """Return the titles of the mail's items, as far as the user may know them."""
        return {item.ref: item.title for item in self.items}


class MailRow(NamedTuple):
    """A mail as lists show it."""

    message: Message
    people: list[str]
    more: int  # recipients in addition to those
    opens: int
    clicks: int
    troubled: bool
    state: State
    last: Activity | None


def mail_view(user: User, stored: StoredMessage, known: Mapping[ItemRef, Item], now: int) -> MailView:
    """Return what a user sees of a mail at a time (ms), the mail being as the user may see it.

    `known` are those of its items that exist.
    """
    message, engagement = stored.message, stored.engagement or Engagement()
    recipients = _shown(user, stored)
    mine, waiting = message.owner == user.id, waiting_for(engagement, now)
    stay = recipients_among(message.items, stored.recipients, known) if mine else ()
    return MailView(
        message=message,
        mine=mine,
        status=status_of(stored.recipients),
        opens=engagement.message_opens,
        clicks=engagement.message_clicks,
        state=state_of_all([engagement], now),
        recipients=in_order([(each, engagement.recipient(each.index)) for each in recipients]),
        reach=reach_of((message.modes_of(each), engagement.recipient(each.index)) for each in recipients),
        moments=sorted(
            (each for each in moments_of(message, recipients, stored.report.links, engagement) if each.kind != "sent"),
            reverse=True,
        ),
        states={
            each.index: recipient_state(engagement.recipient(each.index), waiting=each.index in waiting)
            for each in recipients
        },
        last={each.index: last_of(engagement.recipient(each.index)) for each in recipients},
        first_at={each.index: first_at(engagement.recipient(each.index)) for each in recipients},
        uncertainty={each.index: uncertainty_about(message, stored.report, each, engagement) for each in recipients},
        off={each.index: why_off(each, opens=message.track_opens, clicks=message.track_clicks) for each in recipients},
        withheld=_withheld(recipients),
        untold=sum(message.modes_of(each) == OFF for each in recipients),
        untouched={each.index: untouched(each, stored.report) for each in recipients},
        links=[(link, engagement.link(link.index)) for link in stored.report.links],
        untracked=stored.report.untracked,
        items=[known[ref] for ref in message.items if ref in known and sees_item(user, known[ref])],
        stay=stay,
        chosen=[ref for ref in message.items if ref not in stay] if mine else (),
    )


def mail_rows(user: User, mails: Sequence[StoredMessage], now: int) -> list[MailRow]:
    """Return what a list shows of mails, which are as the user may see them, at a time (ms)."""
    rows: list[MailRow] = []
    for stored in mails:
        shown = _shown(user, stored)
        engagement = stored.engagement or Engagement()
        people = [each.mailbox.name or each.mailbox.address for each in shown]
        rows.append(
            MailRow(
                message=stored.message,
                people=people[:SHOWN_PEOPLE],
                more=len(people[SHOWN_PEOPLE:]),
                opens=engagement.message_opens.count,
                clicks=engagement.message_clicks.count,
                troubled=is_troubled(shown),
                state=state_of_all([engagement], now),
                last=last_activity([engagement]),
            )
        )
    return rows


def timeline(user: User, mails: Sequence[StoredMessage]) -> list[Moment]:
    """Return what happened to mails, which are as the user may see them, newest first."""
    moments = (
        moments_of(stored.message, _shown(user, stored), stored.report.links, stored.engagement or Engagement())
        for stored in mails
    )
    return sorted(chain.from_iterable(moments), reverse=True)


def state_of(user: User, mails: Sequence[StoredMessage], now: int) -> tuple[object, ...]:
    """Return what changes of a page that shows mails, at a time (ms): an open page compares it with what it shows."""
    return tuple(
        (
            stored.message.id,
            status_of(stored.recipients),
            _shown(user, stored),
            stored.engagement,
            stored.engagement is not None and sorted(waiting_for(stored.engagement, now)),
        )
        for stored in mails
    )


def _withheld(recipients: Sequence[Recipient]) -> Why | None:
    return withheld(each.tracking for each in recipients if each.tracking is not None)


def _shown(user: User, stored: StoredMessage) -> tuple[Recipient, ...]:
    return shown_recipients(user.id, stored.message.owner, stored.recipients)
