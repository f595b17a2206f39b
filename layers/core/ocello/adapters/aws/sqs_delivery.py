"""The queue of copies to be sent, in SQS: one queue message for each recipient."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from ocello.adapters.aws import clients

_BATCH = 10  # the limit of SQS for one call


class Delivery(NamedTuple):
    """A queue message's content: the copy of one recipient to send."""

    message: str
    recipient: int


def serialize(delivery: Delivery) -> str:
    """Return the body of a queue message."""
    return json.dumps(delivery._asdict(), separators=(",", ":"))


def parse(body: str) -> Delivery:
    """Parse the body of a queue message. Raise ValueError."""
    found = json.loads(body)
    match found:
        case {"message": str(message), "recipient": int(recipient)} if not isinstance(recipient, bool):
            return Delivery(message, recipient)
    raise ValueError("not a delivery")


class SqsDeliveryQueue:
    """DeliveryQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Send to the queue at `url`. `client` is botocore's for SQS; the default is made at its first use."""
        self._url = url
        self._client = client or clients.late("sqs")

    def enqueue(self, message: str, indexes: Sequence[int], owner: str) -> Sequence[int]:
        """Queue one delivery for each recipient index; return the indexes that may not have been queued.

        `owner` is the message group: a standard queue is fair between groups.
        """
        left: list[int] = []
        for start in range(0, len(indexes), _BATCH):
            batch = indexes[start : start + _BATCH]
            entries = [
                {"Id": str(index), "MessageBody": serialize(Delivery(message, index)), "MessageGroupId": owner}
                for index in batch
            ]
            try:
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            except clients.FAILURES:
                left += batch
            else:
                left += [int(failed["Id"]) for failed in answer.get("Failed", ())]
        return left

    def redeliver_after(self, receipt: str, seconds: int) -> None:
        """Have the queue message of `receipt` delivered again after `seconds`. Raise Unavailable."""
        with clients.unavailable("delivery queue"):
            self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds)
