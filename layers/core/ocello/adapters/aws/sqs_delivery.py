"""Queues copies to be sent in SQS: one queue message for each recipient."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable

_BATCH = 10  # the most that SQS takes in one call


class Delivery(NamedTuple):
    """What a queue message asks for: to send the copy of one recipient."""

    message: str
    recipient: int


def spell(delivery: Delivery) -> str:
    """Write the body of a queue message."""
    return json.dumps(delivery._asdict(), separators=(",", ":"))


def read(body: str) -> Delivery:
    """Read the body of a queue message. Raises ValueError."""
    found = json.loads(body)
    match found:
        case {"message": str(message), "recipient": int(recipient)} if not isinstance(recipient, bool):
            return Delivery(message, recipient)
    raise ValueError("not a delivery")


class SqsDeliveryQueue:
    """DeliveryQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Keep the queue's address; `client` is botocore's for SQS, made when first used where not given."""
        self._url = url
        self._client = client or clients.late("sqs")

    def enqueue(self, message: str, indexes: Sequence[int], owner: str) -> Sequence[int]:
        """Queue one delivery per recipient index; give those that were perhaps not queued.

        `owner` is the message group, between which a standard queue shares fairly.
        """
        left: list[int] = []
        for start in range(0, len(indexes), _BATCH):
            batch = indexes[start : start + _BATCH]
            entries = [
                {"Id": str(index), "MessageBody": spell(Delivery(message, index)), "MessageGroupId": owner}
                for index in batch
            ]
            try:
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            except clients.FAILURES:
                left += batch
            else:
                left += [int(failed["Id"]) for failed in answer.get("Failed", ())]
        return left

    def postpone(self, receipt: str, seconds: int) -> None:
        """Let the queue message of `receipt` come back after `seconds`. Raises Unavailable."""
        try:
            self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds)
        except clients.FAILURES as error:
            raise Unavailable(f"delivery queue: {clients.code_of(error)}") from error
