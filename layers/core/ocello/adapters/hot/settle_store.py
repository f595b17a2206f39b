"""What settle reads and writes in DynamoDB, by our own client, without boto3 and pynamodb."""

import base64
import json
import time
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ocello.adapters.dynamodb import keys
from ocello.adapters.hot import hit_item
from ocello.adapters.hot.dynamodb import ConditionFailed, DynamoClient
from ocello.domain.common.errors import Unavailable
from ocello.domain.common.hosts import ascii_form
from ocello.domain.mail.addresses import domain_of
from ocello.domain.messages.message import OWN_USER
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.context import CopyFacts, DomainHistory, History
from ocello.domain.verdicts.signed_in import SignedIn
from ocello.services.engagement.ports import HitPosition, StoredRow

_FIRST = keys.hit_sort(0)


class DynamoHitStore:
    """HitStore on the hits table; it reads by consistent queries."""

    def __init__(self, client: DynamoClient, table: str, page_size: int | None = None) -> None:
        """Read `table`. `page_size` limits a page in tests; the default is DynamoDB's limit of 1 MB."""
        self._client, self._table, self._page_size = client, table, page_size

    def pages(self, message: str, first: HitPosition | None, last: HitPosition | None) -> Iterator[Sequence[Hit]]:
        """Return the hits from `first` to `last`, sorted by position, page by page."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": message},
                ":first": {"S": _FIRST if first is None else keys.hit_sort(max(0, first.at), first.request)},
                ":last": {"S": keys.LAST if last is None else keys.hit_sort(last.at, last.request)},
            },
        }
        if self._page_size is not None:
            request["Limit"] = self._page_size
        while True:
            answer = self._client.call("Query", request)
            yield [hit_item.from_item(item) for item in answer["Items"]]
            if not (after := answer.get("LastEvaluatedKey")):
                return
            request["ExclusiveStartKey"] = after

    def remove(self, hits: Sequence[Hit]) -> None:
        """Delete hits, one by one."""
        for hit in hits:
            key = keys.hit(hit.message, hit.at, hit.request)
            self._client.call("DeleteItem", {"TableName": self._table, "Key": _key(key)})


def _key(key: keys.Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


class DynamoEngagementStore:
    """EngagementStore on the app table; `models.EngagementRow` reads the same items."""

    def __init__(self, client: DynamoClient, table: str) -> None:
        """Read and write `table`."""
        self._client, self._table = client, table

    def read(self, message: str) -> StoredRow | None:
        """Return a row by a consistent read, or None."""
        request = {"TableName": self._table, "Key": _key(keys.engagement(message)), "ConsistentRead": True}
        item = self._client.call("GetItem", request).get("Item")
        return None if item is None else StoredRow(base64.b64decode(item["row"]["B"]), int(item["version"]["N"]))

    def write(self, message: str, packed: bytes, version: int) -> bool:
        """Replace the row with `version` (0: there is none); return False if another was written meanwhile."""
        item = _key(keys.engagement(message)) | {
            "cls": {"S": "Engagement"},
            "row": {"B": base64.b64encode(packed).decode()},
            "version": {"N": str(version + 1)},
        }
        request: dict[str, Any] = {"TableName": self._table, "Item": item}
        if version:
            request |= {
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":version": {"N": str(version)}},
            }
        else:
            request["ConditionExpression"] = "attribute_not_exists(pk)"
        try:
            self._client.call("PutItem", request)
        except ConditionFailed:
            return False
        return True

    def delete(self, message: str, version: int) -> bool:
        """Delete the row with `version`; return False if another was written meanwhile."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": _key(keys.engagement(message)),
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": {":version": {"N": str(version)}},
        }
        try:
            self._client.call("DeleteItem", request)
        except ConditionFailed:
            return False
        return True


_YEAR_SECONDS = 366 * 86_400


def _copy(item: dict[str, Any], mx: str, history: History) -> CopyFacts:
    delivered, sent = (int(item.get(name, {}).get("N", 0)) for name in ("delivered_at", "sent_at"))
    own = item.get("untracked", {}).get("S") == OWN_USER
    return CopyFacts(delivered or sent or None, own, mx, history, final=delivered > 0)


class DynamoSurroundings:
    """Surroundings, from the message's rewriting report, its recipients' rows, and what is known of domains and the sender."""

    def __init__(self, client: DynamoClient, table: str) -> None:
        """Read `table`."""
        self._client, self._table = client, table

    def copies(self, message: str, recipients: Collection[int]) -> Mapping[int, CopyFacts]:
        """Return what is known of these recipients' copies; two more reads for each domain."""
        domains: dict[str, tuple[str, History]] = {}
        found: dict[int, CopyFacts] = {}
        for index in sorted(recipients):
            item = self._read(keys.recipient(message, index))
            if item:
                domain = ascii_form(domain_of(item["address"]["S"]).lower())
                if domain not in domains:
                    domains[domain] = self._mx(domain), self._history(domain)
                found[index] = _copy(item, *domains[domain])
        return found

    def learn(self, message: str, lessons: Mapping[int, DomainHistory]) -> None:
        """Add to the histories of these recipients' domains, which are forgotten a year after the last of it."""
        for index, lesson in lessons.items():
            item = self._read(keys.recipient(message, index))
            if not item:
                continue
            domain = ascii_form(domain_of(item["address"]["S"]).lower())
            figures = {name: count for name, count in lesson._asdict().items() if count}
            adds = ", ".join(f"{name} :{name}" for name in figures)
            self._client.call(
                "UpdateItem",
                {
                    "TableName": self._table,
                    "Key": _key(keys.domain_scans(domain)),
                    "UpdateExpression": f"SET cls = :cls, #ttl = :ttl ADD {adds}",
                    "ExpressionAttributeNames": {"#ttl": "ttl"},
                    "ExpressionAttributeValues": {
                        ":cls": {"S": "DomainScans"},
                        ":ttl": {"N": str(int(time.time()) + _YEAR_SECONDS)},
                        **{f":{name}": {"N": str(count)} for name, count in figures.items()},
                    },
                },
            )

    def _mx(self, domain: str) -> str:
        return str(self._read(keys.mail_domain(domain)).get("mx", {}).get("S", ""))

    def _history(self, domain: str) -> History:
        item = self._read(keys.domain_scans(domain))
        return DomainHistory(*(int(item.get(name, {}).get("N", 0)) for name in DomainHistory._fields)).tells

    def _read(self, key: keys.Key, *, consistent: bool = True) -> dict[str, Any]:
        request = {"TableName": self._table, "Key": _key(key), "ConsistentRead": consistent}
        item: dict[str, Any] = self._client.call("GetItem", request).get("Item", {})
        return item

    def sessions(self, message: str) -> tuple[SignedIn, ...]:
        """Return from where the message's sender was signed in of late, by two reads of half a unit.

        They are eventually consistent: what they say was written before the hit came, mostly long before.
        """
        owner = self._read(keys.message(message), consistent=False).get("owner", {}).get("S")
        if owner is None:
            return ()
        sources = self._read(keys.sign_in_sources(owner), consistent=False).get("sources", {}).get("S", "[]")
        return tuple(SignedIn(*each) for each in json.loads(sources))

    def link_count(self, message: str) -> int:
        """Return the number of a message's links; 0 if there is no report, or if it is too large for the table."""
        item = self._read(keys.report(message))
        if "packed" not in item:
            return 0
        try:
            return len(json.loads(zlib.decompress(base64.b64decode(item["packed"]["B"])))["links"])
        except (zlib.error, ValueError, KeyError) as error:
            raise Unavailable("a rewriting report that cannot be read") from error
