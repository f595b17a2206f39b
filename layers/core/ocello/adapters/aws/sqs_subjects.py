"""The queue of requests to export or erase what is held of people, in SQS. It names jobs, and nobody."""

import json
from typing import Any

from ocello.adapters.aws import clients


def parse(body: str) -> str:
    """Return the job in the body of a queue message. Raise ValueError."""
    match json.loads(body):
        case {"job": str(identifier)}:
            return identifier
    raise ValueError("not a job")


class SqsSubjectQueue:
    """SubjectQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Send to the queue at `url`. `client` is botocore's for SQS; the default is made at its first use."""
        self._url = url
        self._client = client or clients.late("sqs")

    def enqueue(self, identifier: str) -> None:
        """Queue a job. Raise Unavailable."""
        with clients.unavailable("subject queue"):
            self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps({"job": identifier}))
