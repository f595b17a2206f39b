"""The queue of withdrawals to be gone on with, in SQS. It holds no address: a subject is a keyed digest of one."""

import json
from typing import Any

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable


def parse(body: str) -> tuple[str, int]:
    """Return the subject and the time of the withdrawal in the body of a queue message. Raise ValueError."""
    match json.loads(body):
        case {"subject": str(subject), "at": int(at)}:
            return subject, at
    raise ValueError("not a withdrawal")


class SqsWithdrawalQueue:
    """WithdrawalQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Send to the queue at `url`. `client` is botocore's for SQS; the default is made at its first use."""
        self._url = url
        self._client = client or clients.late("sqs")

    def enqueue(self, subject: str, at: int, seconds: int) -> None:
        """Queue a withdrawal to be gone on with after some seconds. Raise Unavailable."""
        body = json.dumps({"subject": subject, "at": at}, separators=(",", ":"))
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=seconds)
        except clients.FAILURES as error:
            raise Unavailable(f"withdrawal queue: {clients.code_of(error)}") from error
