"""The queue of requests to export or erase what is held of people, in SQS. It names jobs, mails and recipients, and nobody."""

import json
from typing import Any, cast

from ocello.adapters.aws import clients
from ocello.domain.consent.notices import NOTICE_LANGUAGES, NoticeLanguage
from ocello.domain.retention.jobs import RIGHTS, SubjectRight
from ocello.domain.retention.tickets import RightsWish


def parse(body: str) -> str | RightsWish:
    """Return the job, or what somebody asks for, in the body of a queue message. Raise ValueError."""
    match json.loads(body):
        case {"job": str(identifier)}:
            return identifier
        case {"message": str(message), "recipient": int(recipient), "do": do, "language": language, "at": int(at)} if (
            do in RIGHTS and language in NOTICE_LANGUAGES
        ):
            return RightsWish(message, recipient, cast("SubjectRight", do), cast("NoticeLanguage", language), at)
    raise ValueError("neither a job nor a wish")


class SqsSubjectQueue:
    """SubjectQueue and WishQueue."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Send to the queue at `url`. `client` is botocore's for SQS; the default is made at its first use."""
        self._url = url
        self._client = client or clients.late("sqs")

    def enqueue(self, identifier: str) -> None:
        """Queue a job. Raise Unavailable."""
        self._send({"job": identifier})

    def wish(self, wish: RightsWish) -> None:
        """Queue what somebody asks for. Raise Unavailable."""
        self._send(wish._asdict())

    def _send(self, content: dict[str, Any]) -> None:
        with clients.unavailable("subject queue"):
            self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps(content, separators=(",", ":")))
