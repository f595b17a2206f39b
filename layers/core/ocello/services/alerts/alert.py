"""Turns a change of a message's engagement into alert rows and hand-overs to the channels."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ocello.domain.common.times import day_of
from ocello.domain.engagement.counters import Ring
from ocello.domain.engagement.statistics import is_closed
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.alerts import Alert, Changes, Merge, changes, held_until, still_rings
from ocello.domain.messages.message import MISSED, Mailbox, Message
from ocello.domain.people.users import TrackingSettings
from ocello.domain.tracking.tokens import EVERYONE
from ocello.services.alerts.ports import AlertStore, Channel, ChannelName, Held, Notice, NoticeQueue
from ocello.services.inbox import inbox
from ocello.services.inbox.ports import InboxStore
from ocello.services.people.ports import SettingsStore
from ocello.services.sending.ports import MessageStore, StoredMessage
from ocello.services.statistics.ports import DayStats


class AlertPorts(NamedTuple):
    """What alerting needs of the world; `external` are the channels that are switched on for everyone's alerts."""

    messages: MessageStore
    settings: SettingsStore
    alerts: AlertStore
    queue: NoticeQueue
    days: DayStats
    inbox: InboxStore
    external: frozenset[ChannelName]


class Alerted(NamedTuple):
    """How many alerts rang, were withdrawn, and were put on hold."""

    rung: int = 0
    withdrawn: int = 0
    held: int = 0


def alert(message_id: str, old: Engagement, new: Engagement, now: int, ports: AlertPorts) -> Alerted:
    """Write alert rows and queue their hand-over for what changed between two engagements; put on hold what is not sure.

    Safe to repeat: a row that stands already is handed over to no channel again. A hand-over is queued before its row
    is written, so that a death in between repeats it rather than losing it. Raises Unavailable.
    """
    found = changes(old, new, now)
    if found == Changes():
        return Alerted()
    stored = ports.messages.load(message_id)
    if stored is None:
        return Alerted()
    if found.flipped:
        _forget_day(stored.message, now, ports.days)
    counted = _sound(found, stored, now, ports) if found[:3] != ((), (), ()) else Alerted()
    if found.flipped:  # last: no alert waits for a list
        inbox.refresh_engagement(stored.message.owner, stored.message.conversation_id, message_id, new, ports.inbox)
    return counted


def release(held: Held, ports: AlertPorts) -> bool:
    """Ring an alert that was on hold if its hit still counts; False where it does not, or rang already. Raises Unavailable.

    What stops counting while it rings found no alert to withdraw: hence the second look.
    """
    stored = _ringing(held, ports)
    if stored is None:
        return False
    wanted = ports.settings.read(stored.message.owner)
    described, channels = _described(held.ring, stored), _channels(wanted, ports)
    rung = wanted.alerts and _ring(described, channels, ports)
    if rung and _ringing(held, ports) is None:
        _withdraw(described, channels, ports)
    return rung


def _ringing(held: Held, ports: AlertPorts) -> StoredMessage | None:
    """Read the message of an alert on hold; None where its hit no longer counts."""
    stored = ports.messages.load(held.message)
    counts = stored is not None and stored.engagement is not None and still_rings(held.ring, stored.engagement)
    return stored if counts else None


def miss(message_id: str, index: int, ports: AlertPorts) -> bool:
    """Tell a mail's owner in the panel that a copy did not arrive; again changes nothing. Raises Unavailable.

    By the recipient's row as it stands now; only the panel tells, where alerts are on.
    """
    stored = ports.messages.load(message_id)
    found = None if stored is None else next((each for each in stored.recipients if each.index == index), None)
    if stored is None or found is None or found.status not in MISSED:
        return False
    if not ports.settings.read(stored.message.owner).alerts:
        return False
    told = Alert(
        owner=stored.message.owner,
        message=message_id,
        at=found.changed_at,
        mark=f"b{index}",
        kind="bounced",
        subject=stored.message.subject,
        recipient=found.mailbox.address,
        link=None,
        name=found.mailbox.name,
    )
    if ports.alerts.state(told) != "absent":
        return False
    ports.alerts.put(told, withdrawn=False)
    return True


def _sound(found: Changes, stored: StoredMessage, now: int, ports: AlertPorts) -> Alerted:
    """Ring what is new and sure, hold what is new and not, withdraw what no longer counts, merge what was overtaken."""
    wanted = ports.settings.read(stored.message.owner)
    channels = _channels(wanted, ports)
    rung = held = 0
    for merge in found.merged:  # before what rings: an alert that rang is not rung again under another name
        _merge(merge, stored, ports)
    for ring in found.rung if wanted.alerts else ():
        wait = held_until(ring, _delivered_at(ring, stored)) - now
        if wait > 0:
            ports.queue.hold(Held(stored.message.id, ring), wait)
            held += 1
        else:
            rung += _ring(_described(ring, stored), channels, ports)
    withdrawn = [_withdraw(_described(ring, stored), channels, ports) for ring in found.withdrawn]
    return Alerted(rung, sum(withdrawn), held)


def _channels(wanted: TrackingSettings, ports: AlertPorts) -> list[ChannelName]:
    return [channel for channel in sorted(ports.external) if channel != "mail" or wanted.mail_alerts]


def _delivered_at(ring: Ring, stored: StoredMessage) -> int | None:
    """Say when the copy that was hit was delivered, or left us; the last of all where hits tell nobody apart, None if unknown."""
    asked = [each for each in stored.recipients if ring.recipient in (each.index, EVERYONE)]
    return max(filter(None, (each.delivered_at or each.sent_at for each in asked)), default=None)


def _forget_day(message: Message, now: int, days: DayStats) -> None:
    """Let go of the kept figures of the day on which the message was made, if any can be kept already."""
    if is_closed(day := day_of(message.created_at), now):
        days.forget(message.owner, day)


def _ring(alert: Alert, channels: Sequence[ChannelName], ports: AlertPorts) -> bool:
    state = ports.alerts.state(alert)
    if state == "absent":
        ports.queue.hand_over([Notice(channel, "rung", alert) for channel in channels])
    if state != "standing":
        ports.alerts.put(alert, withdrawn=False)
    return state == "absent"


def _withdraw(alert: Alert, channels: Sequence[ChannelName], ports: AlertPorts) -> bool:
    """Withdraw an alert that rang. Nobody is mailed that a mail was wrong: the panel and the bus say so."""
    if ports.alerts.state(alert) != "standing":
        return False
    ports.queue.hand_over([Notice(channel, "withdrawn", alert) for channel in channels if channel != "mail"])
    ports.alerts.put(alert, withdrawn=True)
    return True


def _merge(merge: Merge, stored: StoredMessage, ports: AlertPorts) -> None:
    """Let an alert that rang go over to the earlier hit in its place; no channel is told anything."""
    gone = _described(merge.ring, stored)
    if ports.alerts.state(gone) != "standing":
        return
    if merge.into is not None and ports.alerts.state(into := _described(merge.into, stored)) != "standing":
        ports.alerts.put(into, withdrawn=False)
    ports.alerts.remove(gone)


def _described(ring: Ring, stored: StoredMessage) -> Alert:
    mailboxes = {recipient.index: recipient.mailbox for recipient in stored.recipients}
    mailbox = mailboxes.get(ring.recipient, Mailbox(""))
    urls = {link.index: link.url for link in stored.report.links}
    return Alert(
        owner=stored.message.owner,
        message=stored.message.id,
        at=ring.at,
        mark=ring.mark,
        kind=ring.kind,
        subject=stored.message.subject,
        recipient=mailbox.address,
        name=mailbox.name,
        link=None if ring.link is None else urls.get(ring.link),
    )


def tell(notice: Notice, channels: Mapping[ChannelName, Channel]) -> bool:
    """Tell one channel; False where it has been switched off since the notice was queued. Raises Unavailable."""
    channel = channels.get(notice.channel)
    if channel is not None:
        channel.send(notice)
    return channel is not None
