"""Turns a change of a message's engagement into alert rows and hand-overs to the channels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ocello.domain.consent.closings import all_of
from ocello.domain.engagement.counters import Ring
from ocello.domain.engagement.summary import Engagement
from ocello.domain.mailboxes.kept import latest_answer
from ocello.domain.messages.alerts import (
    UNSEEN,
    Alert,
    Changes,
    Merge,
    changes,
    held_until,
    is_closed_to,
    may_have_more,
    silence_of,
    still_rings,
)
from ocello.domain.messages.message import MISSED, Mailbox
from ocello.domain.people.users import TrackingSettings
from ocello.domain.tracking.tokens import EVERYONE
from ocello.services.alerts.ports import AlertStore, Channel, ChannelName, HeldAlert, Notice, NoticeQueue, OlderAlerts
from ocello.services.alerts.quiet import is_quiet_now
from ocello.services.engagement.ports import UnderWay
from ocello.services.inbox import inbox
from ocello.services.inbox.ports import InboxStore
from ocello.services.mailboxes.ports import ReceivedMails
from ocello.services.people.ports import PreferenceStore, SettingsStore
from ocello.services.sending.ports import MessageStore, StoredMessage
from ocello.services.statistics.ports import DayStats
from ocello.services.statistics.statistics import forget_day


class AlertPorts(NamedTuple):
    """What alerting needs of the world; `external` are the channels that are switched on for everyone's alerts."""

    messages: MessageStore
    settings: SettingsStore
    preferences: PreferenceStore
    alerts: AlertStore
    queue: NoticeQueue
    days: DayStats
    inbox: InboxStore
    external: frozenset[ChannelName]
    under_way: UnderWay
    received: ReceivedMails


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
    if new.closed != old.closed and may_have_more(old):
        ports.queue.enqueue_older(OlderAlerts(message_id))
    new = with_closings(message_id, new, ports)
    found = changes(old, new, now)
    if found == Changes():
        return Alerted()
    stored = ports.messages.load(message_id)
    if stored is None:
        return Alerted()
    if found.flipped:
        forget_day(stored.message, now, ports.days)
    touched = found.rung or found.withdrawn or found.merged or found.first
    counted = _sound(found, stored, new, now, ports) if touched else Alerted()
    if found.flipped:  # last: no alert waits for a list
        inbox.refresh_engagement(stored.message.owner, stored.message.conversation_id, message_id, new, ports.inbox)
    return counted


def release(held: HeldAlert, now: int, ports: AlertPorts) -> bool:
    """Ring an alert that was on hold if its hit still counts; False where it does not, or rang already. Raises Unavailable.

    What stops counting while it rings found no alert to withdraw: hence the second look.
    """
    stored = _ringing(held, ports)
    if stored is None:
        return False
    wanted = ports.settings.read(stored.message.owner)
    channels = channels_of(wanted, ports)
    described = _judged(held.ring, stored, stored.engagement or Engagement(), wanted, now, ports)
    rung = wanted.alerts and _ring(described, channels, ports)
    if rung and _ringing(held, ports) is None:
        withdraw(described, channels, ports)
    return rung


def _ringing(held: HeldAlert, ports: AlertPorts) -> StoredMessage | None:
    """Read the message of an alert on hold; None where its hit no longer counts."""
    stored = ports.messages.load(held.message)
    if stored is None or stored.engagement is None:
        return None
    return stored if still_rings(held.ring, with_closings(held.message, stored.engagement, ports)) else None


def with_closings(message_id: str, engagement: Engagement, ports: AlertPorts) -> Engagement:
    """Close what a withdrawal closes that has not reached the engagement yet."""
    return replace(engagement, closed=all_of(engagement.closed, ports.under_way.closings(message_id)))


def miss(message_id: str, index: int, now: int, ports: AlertPorts) -> bool:
    """Tell a mail's owner in the panel that a copy did not arrive; again changes nothing. Raises Unavailable.

    By the recipient's row as it stands now; only the panel tells, where alerts are on. Muting a mail, and choosing among
    opens and clicks, keeps no such trouble from its owner.
    """
    stored = ports.messages.load(message_id)
    found = None if stored is None else next((each for each in stored.recipients if each.index == index), None)
    if stored is None or found is None or found.status not in MISSED:
        return False
    wanted = ports.settings.read(stored.message.owner)
    if not wanted.alerts:
        return False
    alert = Alert(
        owner=stored.message.owner,
        message=message_id,
        at=found.changed_at,
        mark=f"b{index}",
        kind="bounced",
        subject=stored.message.subject,
        recipient=found.mailbox.address,
        link=None,
        name=found.mailbox.name,
        silent="quiet" if is_quiet_now(stored.message.owner, wanted, now, ports.preferences) else "",
    )
    if ports.alerts.kept(alert) is not None:
        return False
    ports.alerts.put(alert, withdrawn=False)
    return True


def _sound(found: Changes, stored: StoredMessage, new: Engagement, now: int, ports: AlertPorts) -> Alerted:
    """Ring what is new and sure, hold what is new and not, withdraw what no longer counts, merge what was overtaken.

    An open that has become the first rings where it is listed and was left out because it was not; one on hold waits on.
    """
    wanted = ports.settings.read(stored.message.owner)
    channels = channels_of(wanted, ports)
    rung = held = 0
    for merge in found.merged:  # before what rings: an alert that rang is not rung again under another name
        _merge(merge, stored, ports)
    for ring in found.rung if wanted.alerts else ():
        wait = held_until(ring, _delivered_at(ring, stored)) - now
        if wait > 0:
            ports.queue.enqueue_delayed(HeldAlert(stored.message.id, ring), wait)
            held += 1
        else:
            rung += _ring(_judged(ring, stored, new, wanted, now, ports), channels, ports)
    for ring in found.first if wanted.alerts and wanted.alert_choice == "first_open" else ():
        described = _judged(ring, stored, new, wanted, now, ports)
        rung += ports.alerts.kept(described) is not None and _ring(described, channels, ports)
    withdrawn = [
        withdraw(replace(_described(ring, stored), stopped=is_closed_to(ring, new)), channels, ports)
        for ring in found.withdrawn
    ]
    return Alerted(rung, sum(withdrawn), held)


def channels_of(wanted: TrackingSettings, ports: AlertPorts) -> list[ChannelName]:
    """Return the channels that an owner's alerts go to."""
    return [channel for channel in sorted(ports.external) if channel != "mail" or wanted.mail_alerts]


def _judged(
    ring: Ring, stored: StoredMessage, engagement: Engagement, wanted: TrackingSettings, now: int, ports: AlertPorts
) -> Alert:
    """Describe an alert, and say whether channels are to be told of it now."""
    described, muted = _described(ring, stored), stored.message.muted
    answered = not muted and _has_answered(described.recipient.lower(), stored, ports)
    quiet = is_quiet_now(stored.message.owner, wanted, now, ports.preferences)
    silent = silence_of(ring, engagement, wanted.alert_choice, muted=muted, answered=answered, quiet=quiet)
    return replace(described, silent=silent)


def _has_answered(address: str, stored: StoredMessage, ports: AlertPorts) -> bool:
    """Return whether a recipient has answered in a mail's conversation since it was sent: that they read needs no telling."""
    message = stored.message
    if not address:
        return False
    return latest_answer(ports.received.of(message.conversation_id), message.owner, address) > message.created_at


def _delivered_at(ring: Ring, stored: StoredMessage) -> int | None:
    """Say when the copy that was hit was delivered, or left us; the last of all where hits tell nobody apart, None if unknown."""
    asked = [each for each in stored.recipients if ring.recipient in (each.index, EVERYONE)]
    return max(filter(None, (each.delivered_at or each.sent_at for each in asked)), default=None)


def _ring(alert: Alert, channels: Sequence[ChannelName], ports: AlertPorts) -> bool:
    """List an alert, and tell the channels of it unless it is silent; False where it was listed already.

    One that the owner's choice had left out is told of when it comes to be among the chosen; no other rings twice.
    """
    kept = ports.alerts.kept(alert)
    rings = kept is None or (kept.silent == "choice" and alert.silent not in UNSEEN)
    if rings and not alert.silent:
        ports.queue.enqueue([Notice(channel, "rung", alert) for channel in channels])
    if rings:
        ports.alerts.put(alert, withdrawn=False)
    elif kept is not None and kept.withdrawn:
        ports.alerts.put(replace(alert, silent=kept.silent), withdrawn=False)
    return rings


def withdraw(alert: Alert, channels: Sequence[ChannelName], ports: AlertPorts) -> bool:
    """Withdraw an alert that rang. Nobody is mailed that a mail was wrong: the panel, and the bus if it was told, say so."""
    kept = ports.alerts.kept(alert)
    if kept is None or kept.withdrawn:
        return False
    if not kept.silent:
        ports.queue.enqueue([Notice(channel, "withdrawn", alert) for channel in channels if channel != "mail"])
    ports.alerts.put(replace(alert, silent=kept.silent), withdrawn=True)
    return True


def _merge(merge: Merge, stored: StoredMessage, ports: AlertPorts) -> None:
    """Let an alert that rang go over to the earlier hit in its place; no channel is told anything, and what was told stays."""
    gone = _described(merge.ring, stored)
    kept = ports.alerts.kept(gone)
    if kept is None or kept.withdrawn:
        return
    if merge.into is not None:
        into = _described(merge.into, stored)
        there = ports.alerts.kept(into)
        if there is None or there.withdrawn or (there.silent and not kept.silent):
            ports.alerts.put(replace(into, silent=kept.silent), withdrawn=False)
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


def tell(notice: Notice, channels: Mapping[ChannelName, Channel], now: int, ports: AlertPorts) -> bool:
    """Tell one channel, unless that is no longer wished: a notice may have waited for long. Raises Unavailable.

    False where the channel was switched off since the notice was queued, or nobody is to be told of the alert now.
    """
    channel = channels.get(notice.channel)
    if channel is None or (notice.change == "rung" and not _still_told(notice, now, ports)):
        return False
    channel.send(notice)
    return True


def _still_told(notice: Notice, now: int, ports: AlertPorts) -> bool:
    """Return whether a channel is to tell of an alert that rang, now that its turn has come.

    Quiet hours may have begun since, its mail been muted, its hit turned out a machine's. What a user chose among alerts
    is not asked again: another alert may stand in its place already, of which nobody was told.
    """
    wanted = ports.settings.read(notice.alert.owner)
    if notice.channel not in channels_of(wanted, ports) or not wanted.alerts:
        return False
    kept = ports.alerts.kept(notice.alert)
    if (kept is not None and kept.withdrawn) or is_quiet_now(notice.alert.owner, wanted, now, ports.preferences):
        return False
    stored = ports.messages.load(notice.alert.message)
    return stored is not None and not stored.message.muted
