"""The queue of withdrawals to be gone on with, and of statements that wait for the database, in SQS.

It holds no address: a withdrawal names a subject, a keyed digest of one, a statement the mail and which of its recipients.
"""

import json
from typing import Any, cast

from ocello.adapters.aws import clients
from ocello.domain.consent.ledger import CLOSING, Confirmation, ConsentEventName, ConsentNotice
from ocello.domain.consent.modes import AXES, Axis
from ocello.services.consent.ports import Statement

_SERVICE = "withdrawal queue"


def parse(body: str) -> tuple[str, int] | Statement:
    """Return what the body of a queue message holds: subject and time of a withdrawal, or a statement. Raise ValueError."""
    match json.loads(body):
        case {"subject": str(subject), "at": int(at)}:
            return subject, at
        case {"message": str(), "recipient": int(), "events": dict(events), "at": int()} as read:
            if all(axis in AXES and event in CLOSING for axis, event in events.items()):
                return _statement(read, cast("dict[Axis, ConsentEventName]", events))
    raise ValueError("neither a withdrawal nor a statement")


def _statement(read: dict[str, Any], events: dict[Axis, ConsentEventName]) -> Statement:
    notice, confirmation = read.pop("notice"), read.pop("confirmation")
    try:
        made = Statement(**read)
        return made._replace(
            events=events,
            notice=None if notice is None else ConsentNotice(**notice),
            confirmation=None if confirmation is None else Confirmation(**confirmation),
        )
    except TypeError:
        raise ValueError("not a statement") from None


def to_text(statement: Statement) -> str:
    """Return a statement as the body of a queue message."""
    nested = {
        name: None if value is None else value._asdict()
        for name, value in (("notice", statement.notice), ("confirmation", statement.confirmation))
    }
    return json.dumps(statement._asdict() | {"events": dict(statement.events)} | nested, separators=(",", ":"))


class SqsWithdrawalQueue:
    """WithdrawalQueue and StatementQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Send to the queue at `url`. `client` is botocore's for SQS; the default is made at its first use."""
        self._url = url
        self._client = client or clients.late("sqs")

    def enqueue(self, subject: str, at: int, seconds: int) -> None:
        """Queue a withdrawal to be gone on with after some seconds. Raise Unavailable."""
        self._send(json.dumps({"subject": subject, "at": at}, separators=(",", ":")), seconds)

    def keep(self, statement: Statement) -> None:
        """Queue a statement. Raise Unavailable."""
        self._send(to_text(statement), 0)

    def _send(self, body: str, seconds: int) -> None:
        with clients.unavailable(_SERVICE):
            self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=seconds)
