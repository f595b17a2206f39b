"""Turns a received mail into the alert of an answer, and lets its conversation rise in the inbox."""

from dataclasses import replace

from ocello.domain.messages.alerts import answer_alert
from ocello.services.alerts.alert import AlertPorts
from ocello.services.alerts.quiet import is_quiet_now
from ocello.services.inbox import inbox


def answer_came(conversation: str, name: str, now: int, ports: AlertPorts) -> bool:
    """Tell a mail's owner in the panel that it was answered, and move its conversation up; again changes nothing.

    What is no person's answer to a mail of ours does neither. Muting a mail keeps no answer from its owner. Raises
    Unavailable.
    """
    mails = ports.received.of(conversation)
    mail = next((each for each in mails if each.name == name), None)
    stored = None if mail is None or not mail.answers else ports.messages.load(mail.message)
    if mail is None or stored is None:
        return False
    inbox.refresh_answers(stored, [each for each in mails if each.owner == mail.owner], ports.inbox)
    wanted = ports.settings.read(mail.owner)
    alert = answer_alert(mail, stored.message.subject)
    if not wanted.alerts or ports.alerts.kept(alert) is not None:
        return False
    quiet = is_quiet_now(mail.owner, wanted, now, ports.preferences)
    ports.alerts.put(replace(alert, silent="quiet" if quiet else ""), withdrawn=False)
    return True
