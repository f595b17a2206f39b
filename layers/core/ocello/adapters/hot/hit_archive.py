"""All stored hits, as retention reads and shortens them, by our own client."""

import json
from typing import Any

from ocello.adapters.dynamodb import keys
from ocello.adapters.hot import hit_item
from ocello.adapters.hot.dynamodb import ConditionFailed, DynamoClient
from ocello.domain.tracking.hits import Hit
from ocello.services.retention.ports import HitScan


class DynamoHitArchive:
    """HitArchive on the hits table: the one place that reads it from end to end."""

    def __init__(self, client: DynamoClient, table: str) -> None:
        """Read and write `table`."""
        self._client, self._table = client, table

    def page(self, limit: int, cursor: str) -> HitScan:
        """Return hits by a scan, which costs half a read unit for each 4 KB."""
        request: dict[str, Any] = {"TableName": self._table, "Limit": limit}
        if cursor:
            pk, sk = json.loads(cursor)
            request["ExclusiveStartKey"] = {"pk": {"S": pk}, "sk": {"S": sk}}
        answer = self._client.call("Scan", request)
        last = answer.get("LastEvaluatedKey")
        following = json.dumps([last["pk"]["S"], last["sk"]["S"]]) if last else ""
        return HitScan([hit_item.from_item(item) for item in answer["Items"]], following)

    def shorten(self, hit: Hit) -> None:
        """Write a hit's address and source, if the hit is there."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": _key(hit),
            "UpdateExpression": "SET ip = :ip, src = :src",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": {":ip": {"S": hit.address}, ":src": hit_item.source_field(hit.source)},
        }
        if not hit.address:
            request["UpdateExpression"] = "SET src = :src REMOVE ip"
            del request["ExpressionAttributeValues"][":ip"]
        try:
            self._client.call("UpdateItem", request)
        except ConditionFailed:
            return  # deleted meanwhile


def _key(hit: Hit) -> dict[str, Any]:
    key = keys.hit(hit.message, hit.at, hit.request)
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}
