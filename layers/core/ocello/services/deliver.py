"""Sends one recipient's copy at most once: everything that can fail is done before the claim, only sending after it.

No copy is sent but by whoever turned its recipient from *queued* into *sending*. What the transport says is written
down; what it leaves open, or whoever died before writing it down, becomes *unknown* and is never sent again by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ocello.domain import delivery
from ocello.domain.delivery import InDoubt, Postponed, Refused
from ocello.domain.errors import OcelloError
from ocello.domain.messages import Message, Recipient, Status
from ocello.domain.people import Account, TransportName
from ocello.domain.texts import Text, cut
from ocello.services.outgoing import Copy, Tracker, original_name
from ocello.services.ports import (
    AccountStore,
    Clock,
    Conversations,
    KnownId,
    MailStore,
    MessageStore,
    RecipientStore,
    StoredMessage,
    SuppressionList,
    Transport,
)

_WORDS = 500  # characters kept of what a server said


@dataclass(frozen=True, slots=True)
class Carrier:
    """All that delivering needs of the world."""

    messages: MessageStore
    recipients: RecipientStore
    conversations: Conversations
    mail: MailStore
    accounts: AccountStore
    suppressions: SuppressionList
    transports: Mapping[TransportName, Transport]
    tracker: Tracker
    clock: Clock


class Delivered(NamedTuple):
    """What a delivery brought a recipient to, and in how many seconds to look again, if at all."""

    status: Status | None  # None: nothing was to be done
    again_in: int | None = None


def deliver(message: str, index: int, carrier: Carrier) -> Delivered:
    """Send one recipient's copy, unless that was tried already. Raises Unavailable before anything was sent."""
    stored = carrier.messages.load(message)
    recipient = None if stored is None else next((each for each in stored.recipients if each.index == index), None)
    if stored is None or recipient is None:
        return Delivered(None)
    if recipient.status == "sending":
        return _claimed_by_another(stored.message, recipient, carrier)
    if recipient.status == "queued":
        early = _too_early(recipient, carrier.clock())
        return _tried(stored, recipient, carrier) if early is None else Delivered(None, early)
    _remember(stored.message, recipient, carrier)
    return Delivered(None)


def _tried(stored: StoredMessage, recipient: Recipient, carrier: Carrier) -> Delivered:
    message = stored.message
    try:
        account, copy = _prepared(stored, recipient, carrier)
    except Refused as error:
        return _recorded(message, _ended(recipient, "failed", error, carrier), frozenset({"queued"}), carrier)
    claimed = carrier.recipients.claim(message.id, recipient.index, carrier.clock())
    if claimed is None:
        return Delivered(None, 1)
    return _sent(message, claimed, account, copy, carrier)


def _prepared(stored: StoredMessage, recipient: Recipient, carrier: Carrier) -> tuple[Account, Copy]:
    """Do all that can fail beside the sending. Raises Refused with words for the message's owner, and Unavailable."""
    message = stored.message
    reason = carrier.suppressions.reason(recipient.mailbox.address)
    if reason is not None:
        raise Refused(Text("Not sent: this address is on the suppression list (%(why)s).", why=Text(reason)))
    accounts = carrier.accounts.of(message.owner)
    account = next((each for each in accounts if each.address == message.sender.address and each.verified), None)
    if account is None:
        raise Refused("Not sent: the sending account is no longer connected.")
    original = carrier.mail.get(original_name(message.id))
    if original is None:
        raise Refused("Not sent: the original is no longer stored.")
    return account, carrier.tracker.copy(original, message, recipient.index)


def _sent(message: Message, claimed: Recipient, account: Account, copy: Copy, carrier: Carrier) -> Delivered:
    claimed = replace(claimed, untracked=copy.untracked)
    tags = {"message": message.id, "recipient": str(claimed.index)}
    try:
        sent = carrier.transports[account.transport].send(account, claimed.mailbox.address, copy.raw, tags)
    except Refused as error:
        return _recorded(message, _ended(claimed, "failed", error, carrier), delivery.TOLD, carrier)
    except InDoubt as error:
        return _recorded(message, _ended(claimed, "unknown", error, carrier), delivery.TOLD, carrier)
    except Postponed as error:
        return _postponed(message, claimed, error, carrier)
    now = carrier.clock()
    known = replace(claimed, status="sent", transport_id=sent.message_id, words="", changed_at=now, sent_at=now)
    done = _recorded(message, known, delivery.TOLD, carrier)
    _remember(message, known, carrier)
    return done


def _postponed(message: Message, claimed: Recipient, error: Postponed, carrier: Carrier) -> Delivered:
    pause = delivery.pause_after(claimed.attempts)
    if pause is None:
        words = Postponed(Text("Given up after %(tries)s tries. %(words)s", tries=claimed.attempts, words=error.text))
        return _recorded(message, _ended(claimed, "failed", words, carrier), delivery.TOLD, carrier)
    # Not out of *unknown*: whoever found this claim stale has told its owner that nothing more will be tried.
    waiting = _ended(claimed, "queued", error, carrier)
    if not carrier.recipients.record(message.id, waiting, frozenset({"sending"})):
        return Delivered(None)
    return Delivered("queued", pause)


def _claimed_by_another(message: Message, recipient: Recipient, carrier: Carrier) -> Delivered:
    """Leave a fresh claim alone; call a stale one *unknown*."""
    left = recipient.changed_at + delivery.STALE_AFTER_MS - carrier.clock()
    if left >= 0:
        return Delivered(None, left // 1000 + 1)
    unknown = _ended(recipient, "unknown", InDoubt(delivery.STALE), carrier)
    return _recorded(message, unknown, frozenset({"sending"}), carrier)


def _too_early(recipient: Recipient, now: int) -> int | None:
    """Give the seconds that a postponed copy has still to wait: a queue may deliver twice, or sooner than asked."""
    pause = delivery.pause_after(recipient.attempts) if recipient.attempts else None
    left = 0 if pause is None else recipient.changed_at + (pause - 1) * 1000 - now
    return left // 1000 + 1 if left > 0 else None


def _ended(recipient: Recipient, status: Status, words: OcelloError, carrier: Carrier) -> Recipient:
    return replace(recipient, status=status, words=cut(words.text, _WORDS), changed_at=carrier.clock())


def _recorded(message: Message, recipient: Recipient, among: frozenset[Status], carrier: Carrier) -> Delivered:
    """Write down what became of a copy; where something newer is known (a bounce already), that stays."""
    carrier.recipients.record(message.id, recipient, among)
    return Delivered(recipient.status)


def _remember(message: Message, recipient: Recipient, carrier: Carrier) -> None:
    """Let a reply to the id that the transport really used find its conversation."""
    if recipient.transport_id not in ("", message.message_id):
        known = KnownId(message.conversation_id, message.id)
        carrier.conversations.remember(message.owner, recipient.transport_id, known)
