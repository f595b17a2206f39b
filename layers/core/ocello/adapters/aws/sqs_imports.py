"""Queues imports to be taken further in SQS."""

import json
from typing import Any, NamedTuple

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable


class Step(NamedTuple):
    """What a queue message asks for: to take an import further."""

    owner: str
    id: str


def read(body: str) -> Step:
    """Read the body of a queue message. Raises ValueError."""
    match json.loads(body):
        case {"owner": str(owner), "id": str(identifier)}:
            return Step(owner, identifier)
    raise ValueError("not an import")


class SqsImportQueue:
    """ImportQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Keep the queue's address; `client` is botocore's for SQS, made when first used where not given."""
        self._url = url
        self._client = client or clients.late("sqs")

    def enqueue(self, owner: str, identifier: str) -> None:
        """Let an import be taken further soon. Raises Unavailable."""
        body = json.dumps(Step(owner, identifier)._asdict(), separators=(",", ":"))
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body)
        except clients.FAILURES as error:
            raise Unavailable(f"import queue: {clients.code_of(error)}") from error

    def postpone(self, receipt: str, seconds: int) -> None:
        """Let the queue message of `receipt` come back after `seconds`. Raises Unavailable."""
        try:
            self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds)
        except clients.FAILURES as error:
            raise Unavailable(f"import queue: {clients.code_of(error)}") from error
