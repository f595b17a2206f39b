"""The shape of a hit as an item of the hits table, in DynamoDB's JSON: the one place that knows it, both ways.

Standard library only: the hot function writes by it, settle and the API read by it.
"""

from ocello.adapters.dynamodb import keys
from ocello.domain.tracking.hits import Hit

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from typing import Any

type Item = dict[str, dict[str, Any]]


def to_item(hit: Hit, ttl_seconds: int) -> Item:
    """Spell `hit` as an item that expires `ttl_seconds` after it happened; what is empty is left out."""
    key = keys.hit(hit.message, hit.at, hit.request)
    item: Item = {
        "pk": {"S": key.pk},
        "sk": {"S": key.sk},
        "kind": {"S": hit.kind},
        "rcpt": {"N": str(hit.recipient)},
        "ttl": {"N": str(hit.at // 1000 + ttl_seconds)},
    }
    if hit.link is not None:
        item["link"] = {"N": str(hit.link)}
    if hit.method != "GET":
        item["method"] = {"S": hit.method}
    if hit.address:
        item["ip"] = {"S": hit.address}
    if hit.agent:
        item["ua"] = {"S": hit.agent}
    if hit.headers:
        item["hdr"] = {"M": {name: {"S": value} for name, value in hit.headers.items()}}
    if hit.flags:
        item["flags"] = {"N": str(hit.flags)}
    return item


def from_item(item: Item) -> Hit:
    """Read a hit back. Raises KeyError or ValueError for an item that is none."""
    at, mark, request = item["sk"]["S"].partition("#")
    if not mark:
        raise ValueError("not the sort key of a hit")
    link = item.get("link")
    return Hit(
        message=item["pk"]["S"],
        at=int(at),
        request=request,
        kind=item["kind"]["S"],
        recipient=int(item["rcpt"]["N"]),
        link=None if link is None else int(link["N"]),
        method=item.get("method", {"S": "GET"})["S"],
        address=item.get("ip", {"S": ""})["S"],
        agent=item.get("ua", {"S": ""})["S"],
        headers={name: value["S"] for name, value in item.get("hdr", {"M": {}})["M"].items()},
        flags=int(item.get("flags", {"N": "0"})["N"]),
    )
