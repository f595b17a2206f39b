"""Withdraws the alerts of people who withdrew that are older than those which the engagement of their mail lists."""

from dataclasses import replace

from ocello.domain.common import ids
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.alerts import is_stopped
from ocello.services.alerts.alert import AlertPorts, channels_of, with_closings, withdraw
from ocello.services.alerts.ports import OlderAlerts

AT_ONCE = 250  # alerts that are looked at in one page


def withdraw_older(older: OlderAlerts, ports: AlertPorts) -> int:
    """Withdraw a page of a mail's alerts, queue the next, and return how many were withdrawn.

    Safe to repeat. Raises Unavailable.
    """
    stored = ports.messages.load(older.message)
    if stored is None:
        return 0
    closings = with_closings(older.message, stored.engagement or Engagement(), ports).closed
    owner = stored.message.owner
    page = ports.alerts.standing(owner, ids.time_of(older.message), AT_ONCE, older.cursor)
    found = [each for each in page.items if each.message == older.message and is_stopped(each, closings)]
    channels = channels_of(ports.settings.read(owner), ports) if found else []
    withdrawn = [withdraw(replace(each, stopped=True), channels, ports) for each in found]
    if page.next is not None:
        ports.queue.enqueue_older(older._replace(cursor=page.next))
    return sum(withdrawn)
