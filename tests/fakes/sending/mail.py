"""The mail bucket, the queue of copies and a transport, in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from ocello.domain.common.errors import Unavailable
from ocello.domain.people.users import Account
from ocello.services.sending.ports import Sent


@dataclass
class MemoryMailStore:
    """MailStore."""

    files: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    down: bool = False

    def put(self, name: str, content: bytes, content_type: str) -> None:
        if self.down:
            raise Unavailable("mail bucket: down")
        self.files[name], self.types[name] = content, content_type

    def get(self, name: str) -> bytes | None:
        if self.down:
            raise Unavailable("mail bucket: down")
        return self.files.get(name)

    def size(self, name: str) -> int | None:
        return len(self.files[name]) if name in self.files else None

    def delete(self, names: Sequence[str]) -> None:
        for name in names:
            self.files.pop(name, None)

    def address_to_get(self, name: str, content_type: str, filename: str) -> str:
        return f"https://bucket.test/{name}?type={content_type}&filename={filename}"

    def form_to_put(self, name: str, limit: int) -> dict[str, object]:
        return {"url": "https://bucket.test/", "fields": {"key": name, "limit": str(limit)}}


@dataclass
class MemoryDeliveryQueue:
    """DeliveryQueue; the next `refusals` calls refuse everything, the indexes in `refused` are always refused."""

    queued: list[tuple[str, int]] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    delayed: list[tuple[str, int]] = field(default_factory=list)
    refusals: int = 0
    refused: frozenset[int] = frozenset()

    def enqueue(self, message: str, indexes: Sequence[int], owner: str) -> Sequence[int]:
        if self.refusals:
            self.refusals -= 1
            return list(indexes)
        self.queued += [(message, index) for index in indexes if index not in self.refused]
        self.owners.append(owner)
        return [index for index in indexes if index in self.refused]

    def redeliver_after(self, receipt: str, seconds: int) -> None:
        self.delayed.append((receipt, seconds))


@dataclass(frozen=True)
class Posted:
    """A copy that a MemoryTransport sent."""

    account: str
    to: str
    copy: bytes
    tags: dict[str, str]


@dataclass
class MemoryTransport:
    """Transport; raises or returns `answers`, one per call, then accepts every copy under its own Message-ID."""

    taken: list[Posted] = field(default_factory=list)
    answers: list[Exception | Sent] = field(default_factory=list)
    calls: int = 0

    def send(self, account: Account, envelope_to: str, copy: bytes, tags: dict[str, str]) -> Sent:
        self.calls += 1
        answer = self.answers.pop(0) if self.answers else Sent(f"<{tags['message']}.{self.calls}@transport.test>")
        if isinstance(answer, Exception):
            raise answer
        self.taken.append(Posted(account.address, envelope_to, copy, tags))
        return answer


def queue_body(message: str, recipient: int) -> str:
    """Return a message of the delivery queue."""
    return json.dumps({"message": message, "recipient": recipient})
