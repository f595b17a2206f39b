"""The queue of imports to be continued, in SQS."""

import json
from typing import Any, NamedTuple

from ocello.adapters.aws import clients

_QUEUE = "import queue"


class Step(NamedTuple):
    """A queue message's content: the import to continue."""

    owner: str
    id: str


def parse(body: str) -> Step:
    """Parse the body of a queue message. Raise ValueError."""
    match json.loads(body):
        case {"owner": str(owner), "id": str(identifier)}:
            return Step(owner, identifier)
    raise ValueError("not an import")


class SqsImportQueue:
    """ImportQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Send to the queue at `url`. `client` is botocore's for SQS; the default is made at its first use."""
        self._url = url
        self._client = client or clients.late("sqs")

    def enqueue(self, owner: str, identifier: str) -> None:
        """Queue an import to be continued soon. Raise Unavailable."""
        body = json.dumps(Step(owner, identifier)._asdict(), separators=(",", ":"))
        with clients.unavailable(_QUEUE):
            self._client.send_message(QueueUrl=self._url, MessageBody=body)

    def redeliver_after(self, receipt: str, seconds: int) -> None:
        """Have the queue message of `receipt` delivered again after `seconds`. Raise Unavailable."""
        with clients.unavailable(_QUEUE):
            self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds)
