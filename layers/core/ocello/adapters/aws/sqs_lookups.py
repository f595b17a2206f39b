"""The queue of look-ups of mail domains, in SQS."""

import json
from typing import Any

from ocello.adapters.aws import clients


def parse(body: str) -> str:
    """Return the domain in the body of a queue message. Raise ValueError."""
    match json.loads(body):
        case {"domain": str(name)}:
            return name
    raise ValueError("not a look-up")


class SqsLookupQueue:
    """LookupQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Send to the queue at `url`. `client` is botocore's for SQS, made here by default."""
        self._url = url
        self._client = client or clients.late("sqs")

    def look_up(self, name: str) -> None:
        """Queue the look-up of a domain. Raise Unavailable."""
        with clients.unavailable("look-up queue"):
            self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps({"domain": name}))
