"""The channels of alerts outside the panel: an EventBridge bus and mail by SES, and the queue before them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from ocello.adapters import language
from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.common.times import rfc3339
from ocello.domain.engagement.counters import Ring
from ocello.domain.messages.alerts import Alert
from ocello.domain.people.preferences import Preferences
from ocello.services.alerts.ports import HeldAlert, Notice, OlderAlerts
from ocello.services.people.ports import PreferenceStore, UserStore

_QUEUE = "alert queue"
_MOST_IN_ONE_CALL = 10
_LONGEST_DELAY = 900  # seconds
BUS_SOURCE = "ocello"
BUS_DETAIL_TYPES = {"rung": "Alert rung", "withdrawn": "Alert withdrawn"}


def notice_to_text(notice: Notice) -> str:
    """Return a notice as the body of a queue message."""
    return json.dumps({"channel": notice.channel, "change": notice.change, "alert": asdict(notice.alert)})


def held_to_text(held: HeldAlert) -> str:
    """Return an alert on hold as the body of a queue message."""
    return json.dumps({"message": held.message, "held": held.ring._asdict()})


def older_to_text(older: OlderAlerts) -> str:
    """Return a page of older alerts as the body of a queue message."""
    return json.dumps({"message": older.message, "older": older.cursor})


def from_text(text: str) -> Notice | HeldAlert | OlderAlerts:
    """Parse the body of a queue message. Raise ValueError if it is none of these."""
    try:
        read = json.loads(text)
        if "held" in read:
            return HeldAlert(read["message"], Ring(**read["held"]))
        if "older" in read:
            return OlderAlerts(read["message"], read["older"])
        return Notice(read["channel"], read["change"], Alert(**read["alert"]))
    except (KeyError, TypeError) as problem:
        raise ValueError("neither a notice nor alerts to look at") from problem


class SqsNoticeQueue:
    """NoticeQueue: one message for each alert and channel, so that a failing channel does not affect another."""

    def __init__(self, client: Any, url: str) -> None:
        """Send to the queue at `url` by botocore's `client` for SQS."""
        self._client, self._url = client, url

    def enqueue(self, notices: Sequence[Notice]) -> None:
        """Queue all notices. Raise Unavailable if any could not be queued."""
        for start in range(0, len(notices), _MOST_IN_ONE_CALL):
            entries = [
                {"Id": str(place), "MessageBody": notice_to_text(notice)}
                for place, notice in enumerate(notices[start : start + _MOST_IN_ONE_CALL])
            ]
            with clients.unavailable(_QUEUE):
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            if answer.get("Failed"):
                raise Unavailable(f"{_QUEUE}: some messages were refused")

    def enqueue_delayed(self, held: HeldAlert, delay_ms: int) -> None:
        """Queue an alert to come back after `delay_ms`, at most 15 minutes (the limit of SQS). Raise Unavailable."""
        seconds = min(-(-delay_ms // 1000), _LONGEST_DELAY)
        with clients.unavailable(_QUEUE):
            self._client.send_message(QueueUrl=self._url, MessageBody=held_to_text(held), DelaySeconds=seconds)

    def enqueue_older(self, older: OlderAlerts) -> None:
        """Queue a page of older alerts. Raise Unavailable."""
        with clients.unavailable(_QUEUE):
            self._client.send_message(QueueUrl=self._url, MessageBody=older_to_text(older))


class BusChannel:
    """Channel to an EventBridge bus. Events hold ids, no addresses: whoever may know those can read them by the API."""

    def __init__(self, client: Any, bus: str) -> None:
        """Send to `bus` (name or ARN) by botocore's `client` for EventBridge."""
        self._client, self._bus = client, bus

    def send(self, notice: Notice) -> None:
        """Send one event to the bus. Raise Unavailable."""
        alert = notice.alert
        detail = {
            "owner": alert.owner,
            "message": alert.message,
            "kind": alert.kind,
            "at": rfc3339(alert.at),
            "hit": alert.mark,
        }
        entry = {
            "EventBusName": self._bus,
            "Source": BUS_SOURCE,
            "DetailType": BUS_DETAIL_TYPES[notice.change],
            "Detail": json.dumps(detail),
            "Resources": [],
        }
        with clients.unavailable("bus"):
            answer = self._client.put_events(Entries=[entry])
        if answer.get("FailedEntryCount"):
            raise Unavailable("bus: the entry was refused")


class MailChannel:
    """Channel to the owner's mailbox, by SES."""

    def __init__(
        self,
        client: Any,
        users: UserStore,
        preferences: PreferenceStore,
        sender: str,
        app_origin: str,
        configuration_set: str,
    ) -> None:
        """Send as `sender` by botocore's `client` for SES v2; the mail links to `app_origin`."""
        self._client, self._users, self._preferences, self._sender = client, users, preferences, sender
        self._app_origin, self._configuration_set = app_origin, configuration_set

    def send(self, notice: Notice) -> None:
        """Send one mail to the alert's owner, if that user still exists. Raise Unavailable."""
        owner = self._users.get(notice.alert.owner)
        if owner is None or owner.disabled:
            return
        mail = compose(notice.alert, self._sender, owner.address, self._preferences.read(owner.id), self._app_origin)
        request: dict[str, Any] = {
            "FromEmailAddress": self._sender,
            "Destination": {"ToAddresses": [owner.address]},
            "Content": {"Raw": {"Data": mail.as_bytes(policy=SMTP)}},
        }
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        with clients.unavailable("alert mail"):
            self._client.send_email(**request)


def compose(alert: Alert, sender: str, to: str, reader: Preferences, app_origin: str) -> EmailMessage:
    """Return the mail that notifies an owner of an alert: plain text in the reader's language and time zone, not tracked."""
    lang = reader.mail_language
    who = alert.name or alert.recipient or Text("A recipient")
    subject = " ".join(alert.subject.split()) or Text("(no subject)")
    if alert.kind == "click":
        did = Text("%(who)s followed a link in “%(subject)s”", who=who, subject=subject)
    else:
        did = Text("%(who)s opened “%(subject)s”", who=who, subject=subject)
    forms = language.Forms(lang, reader.zone, alert.at)
    lines = [language.say(lang, did), forms.with_zone(alert.at), ""]
    if alert.link:
        lines += [language.say(lang, Text("The link: %(link)s", link=alert.link))]
    address = f"{app_origin}/app/messages/{alert.message}"
    lines += [language.say(lang, Text("Who read, and when: %(address)s", address=address)), ""]
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Auto-Submitted"] = sender, to, "auto-generated"
    mail["Content-Language"], mail["Subject"] = lang, lines[0]
    mail.set_content("\n".join(lines))
    return mail
