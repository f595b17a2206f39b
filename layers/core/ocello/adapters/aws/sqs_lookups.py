"""Queues look-ups of mail domains in SQS."""

import json
from typing import Any

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable


def read(body: str) -> str:
    """Return the domain that a queue message asks for. Raises ValueError."""
    match json.loads(body):
        case {"domain": str(name)}:
            return name
    raise ValueError("not a look-up")


class SqsLookupQueue:
    """LookupQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Keep the queue's address; `client` is botocore's for SQS, made here where not given."""
        self._url = url
        self._client = client or clients.late("sqs")

    def look_up(self, name: str) -> None:
        """Let a domain be looked up soon. Raises Unavailable."""
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps({"domain": name}))
        except clients.FAILURES as error:
            raise Unavailable(f"look-up queue: {clients.code_of(error)}") from error
