"""Sends one recipient's copy at most once.

Everything that can fail is done before the claim; only sending comes after it. A copy is sent only by the process that
changed its recipient from *queued* to *sending*. The transport's result is recorded. If the result is unclear, or the
process ended before it was recorded, the recipient becomes *unknown* and the copy is never sent again by itself.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from ocello.domain.common.errors import OcelloError, Unavailable
from ocello.domain.common.texts import Text, truncate
from ocello.domain.consent.modes import OFF
from ocello.domain.messages import delivery
from ocello.domain.messages.delivery import Deferred, NotTried, OutcomeUnknown, Rejected
from ocello.domain.messages.message import Message, Recipient, Status
from ocello.domain.people.users import Account, TransportName
from ocello.services.accounts.ports import AccountStore
from ocello.services.common.ports import Clock
from ocello.services.consent.deciding import TrackingDecisions
from ocello.services.domains.forecast import MailForecasts, mail_domain
from ocello.services.inbox import inbox
from ocello.services.inbox.ports import InboxStore
from ocello.services.sending.outgoing import Copy, FooterDates, Tracker, original_name
from ocello.services.sending.ports import (
    Conversations,
    KnownId,
    MailStore,
    MessageStore,
    RecipientStore,
    StoredMessage,
    SuppressionList,
    Transport,
)
from ocello.services.sending.turns import Turns
from ocello.services.statistics.modes import count_copy
from ocello.services.statistics.pools import PooledMail
from ocello.services.statistics.ports import DayStats, ModeCounts
from ocello.services.statistics.statistics import forget_day

_LONGEST_DIAGNOSTIC = 500  # characters kept of a server's reply
_WAITING: frozenset[Status] = frozenset({"queued"})
_CLAIMED: frozenset[Status] = frozenset({"sending"})


@dataclass(frozen=True, slots=True)
class DeliveryPorts:
    """The ports of delivering."""

    messages: MessageStore
    recipients: RecipientStore
    conversations: Conversations
    mail: MailStore
    accounts: AccountStore
    decisions: TrackingDecisions
    suppressions: SuppressionList
    inbox: InboxStore
    days: DayStats
    transports: Mapping[TransportName, Transport]
    tracker: Tracker
    clock: Clock
    pools: PooledMail | None = None  # None: the recipients of pools are not counted
    modes: ModeCounts | None = None  # None: how copies are tracked is not counted
    turns: Turns = Turns()  # noqa: RUF009 — has no state
    forecasts: MailForecasts | None = None  # asks who takes in a domain's mail; None: nobody does


class QueueDelivery(NamedTuple):
    """How the queue delivers a message: how many times so far, and when it was queued (ms; 0: not known)."""

    receives: int = 1
    queued_at: int = 0


ONCE = QueueDelivery()


class Delivered(NamedTuple):
    """The status that a delivery led to, and after how many seconds to try again, if at all."""

    status: Status | None  # None: there was nothing to do
    again_in: int | None = None


def deliver(message: str, index: int, ports: DeliveryPorts, queue_delivery: QueueDelivery = ONCE) -> Delivered:
    """Send one recipient's copy, unless it was tried already. Raises Unavailable before anything was sent."""
    stored = ports.messages.load(message)
    recipient = None if stored is None else next((each for each in stored.recipients if each.index == index), None)
    if stored is None or recipient is None:
        return Delivered(None)
    if recipient.status == "sending":
        return _claimed_by_another(stored.message, recipient, ports)
    if recipient.status == "queued":
        early = _too_early(recipient, ports.clock())
        return _try_once(stored, recipient, ports, queue_delivery) if early is None else Delivered(None, early)
    _remember(stored.message, recipient, ports)
    return Delivered(None)


def _try_once(
    stored: StoredMessage, recipient: Recipient, ports: DeliveryPorts, queue_delivery: QueueDelivery
) -> Delivered:
    message = stored.message
    claimed: Recipient | None = None
    try:
        account = _account(message, recipient, ports)
        with ports.turns.turn(account, queue_delivery.receives) as talk:
            recipient = _decide_again(message, recipient, ports, queue_delivery)
            dates = ports.decisions.footer_dates([recipient])
            copy = _prepare_copy(message, recipient, dates, ports, queue_delivery)
            claimed = ports.recipients.claim(message.id, recipient.index, ports.clock())
            if claimed is None:
                return Delivered(None, 1)
            claimed = replace(claimed, untracked=copy.untracked, tracking=recipient.tracking)
            talk.begin()
            sent = _send_copy(message, claimed, account, copy, ports)
    except Rejected as error:
        among = delivery.ANSWERED if claimed is not None else _WAITING
        return _record_outcome(message, _record_final(claimed or recipient, "failed", error, ports), among, ports)
    except OutcomeUnknown as error:
        return _record_outcome(
            message, _record_final(claimed or recipient, "unknown", error, ports), delivery.ANSWERED, ports
        )
    except NotTried as error:
        return _wait_for_turn(
            message, recipient, error, ports, queue_delivery, _WAITING if claimed is None else _CLAIMED
        )
    except Deferred as error:
        return _defer(message, claimed or recipient, error, ports)
    done = _record_outcome(message, sent, delivery.ANSWERED, ports)
    _remember(message, sent, ports)
    count_copy(sent, sent.untracked, ports.clock(), ports.modes)
    if ports.pools is not None and copy.pooled:
        with suppress(Unavailable):  # the pool is shown a little later, or not at all
            ports.pools.note(message, sent)
    if ports.forecasts is not None and not sent.untracked and message.modes_of(sent).of_individuals != OFF:
        with suppress(Unavailable):  # verdicts on its hits then know a little less
            ports.forecasts.known({mail_domain(sent.mailbox.address)} - {""})
    return done


def _decide_again(
    message: Message, before: Recipient, ports: DeliveryPorts, queue_delivery: QueueDelivery
) -> Recipient:
    """Return a recipient as their copy leaves. Where it is tracked less, inbox and statistics say so too. Raises Unavailable.

    If the queue delivers it again, what was not said the time before may be missing.
    """
    now = ports.decisions.again(message, before)
    again = queue_delivery.receives > 1 and now.tracking is not None and now.tracking.limited_by is not None
    if now.tracking == before.tracking and not again:
        return now
    if now.tracking != before.tracking:
        ports.recipients.record(message.id, now, _WAITING)
    ports.messages.lower(message.id)
    inbox.refresh_delivery(message.id, messages=ports.messages, store=ports.inbox)
    forget_day(message, ports.clock(), ports.days)
    return now


def _account(message: Message, recipient: Recipient, ports: DeliveryPorts) -> Account:
    """Return the account to send from. Raises Rejected with words for the message's owner, and Unavailable."""
    reason = ports.suppressions.reason(recipient.mailbox.address)
    if reason is not None:
        raise Rejected(Text("Not sent: this address is on the suppression list (%(why)s).", why=Text(reason)))
    accounts = ports.accounts.of(message.owner)
    account = next((each for each in accounts if each.address == message.sender.address and each.verified), None)
    if account is None:
        raise Rejected("Not sent: the sending account is no longer connected.")
    return account


def _prepare_copy(
    message: Message, recipient: Recipient, dates: FooterDates, ports: DeliveryPorts, queue_delivery: QueueDelivery
) -> Copy:
    """Make the copy. Raises Rejected and Unavailable.

    If the queue delivers it again, count this start: making the copy may be what ended the function before.
    """
    again = queue_delivery.receives > 1
    if again and ports.recipients.count_start(message.id, recipient.index, 1) >= delivery.MAX_STARTS:
        raise Rejected(delivery.KILLED)
    try:
        original = ports.mail.get(original_name(message.id))
    except Unavailable:
        if again:  # an orderly end, which is no fault of the copy
            ports.recipients.count_start(message.id, recipient.index, -1)
        raise
    if original is None:
        raise Rejected("Not sent: the original is no longer stored.")
    return ports.tracker.copy(original, message, recipient, dates)


def _send_copy(message: Message, claimed: Recipient, account: Account, copy: Copy, ports: DeliveryPorts) -> Recipient:
    """Send a copy, and return its recipient's new state. Raises what transports raise."""
    tags = {"message": message.id, "recipient": str(claimed.index)}
    sent = ports.transports[account.transport].send(account, claimed.mailbox.address, copy.raw, tags)
    now = ports.clock()
    return replace(
        claimed, status="sent", provider_message_id=sent.message_id, diagnostic="", changed_at=now, sent_at=now
    )


def _wait_for_turn(
    message: Message,
    before: Recipient,
    error: NotTried,
    ports: DeliveryPorts,
    queue_delivery: QueueDelivery,
    among: frozenset[Status],
) -> Delivered:
    """Leave a copy that had no turn, or that a limit stopped, as it was, to be tried later: this was not a try."""
    if queue_delivery.queued_at and ports.clock() - queue_delivery.queued_at > delivery.GIVE_UP_AFTER_MS:
        refusal = Deferred(Text("Given up after two days. %(words)s", words=error.text))
        return _record_outcome(message, _record_final(before, "failed", refusal, ports), among, ports)
    if error.text == delivery.NO_TURN:
        return Delivered(None, error.seconds)
    waiting = replace(before, diagnostic=truncate(error.text, _LONGEST_DIAGNOSTIC))
    if waiting != before or "sending" in among:
        ports.recipients.record(message.id, waiting, among)
    return Delivered("queued", error.seconds)


def _defer(message: Message, claimed: Recipient, error: Deferred, ports: DeliveryPorts) -> Delivered:
    pause = delivery.pause_after(claimed.attempts)
    if pause is None:
        refusal = Deferred(Text("Given up after %(tries)s tries. %(words)s", tries=claimed.attempts, words=error.text))
        return _record_outcome(message, _record_final(claimed, "failed", refusal, ports), delivery.ANSWERED, ports)
    # Not from *unknown*: the owner has been told that nothing more will be tried.
    waiting = _record_final(claimed, "queued", error, ports)
    if not ports.recipients.record(message.id, waiting, _CLAIMED):
        return Delivered(None)
    return Delivered("queued", pause)


def _claimed_by_another(message: Message, recipient: Recipient, ports: DeliveryPorts) -> Delivered:
    """Leave a fresh claim of another process alone; set a stale one to *unknown*."""
    left = recipient.changed_at + delivery.STALE_AFTER_MS - ports.clock()
    if left >= 0:
        return Delivered(None, left // 1000 + 1)
    unknown = _record_final(recipient, "unknown", OutcomeUnknown(delivery.STALE), ports)
    return _record_outcome(message, unknown, _CLAIMED, ports)


def _too_early(recipient: Recipient, now: int) -> int | None:
    """Return the seconds that a deferred copy must still wait: a queue may deliver twice, or earlier than asked."""
    pause = delivery.pause_after(recipient.attempts) if recipient.attempts else None
    left = 0 if pause is None else recipient.changed_at + (pause - 1) * 1000 - now
    return left // 1000 + 1 if left > 0 else None


def _record_final(recipient: Recipient, status: Status, error: OcelloError, ports: DeliveryPorts) -> Recipient:
    return replace(
        recipient, status=status, diagnostic=truncate(error.text, _LONGEST_DIAGNOSTIC), changed_at=ports.clock()
    )


def _record_outcome(
    message: Message, recipient: Recipient, among: frozenset[Status], ports: DeliveryPorts
) -> Delivered:
    """Record the outcome of a copy, unless something newer is known, such as a bounce."""
    ports.recipients.record(message.id, recipient, among)
    return Delivered(recipient.status)


def _remember(message: Message, recipient: Recipient, ports: DeliveryPorts) -> None:
    """Record the id that the transport really used, so that a reply to it finds its conversation."""
    if recipient.provider_message_id not in ("", message.message_id):
        known = KnownId(message.conversation_id, message.id)
        ports.conversations.remember(message.owner, recipient.provider_message_id, known)
