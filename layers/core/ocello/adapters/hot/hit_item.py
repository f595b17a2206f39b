"""Converts a hit to an item of the hits table, in DynamoDB's JSON, and back. No other module knows the format.

The hot function writes it as text, which takes a third of the time of a dictionary and its encoding.

Standard library only: the hot function writes items, settle and the API read them.
"""

import json

from ocello.adapters.dynamodb import keys
from ocello.adapters.hot.aws_http import encoded
from ocello.domain.tracking.hits import Hit, Source

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from typing import Any

type Item = dict[str, dict[str, Any]]

LARGEST = 1024  # bytes: the size of one write unit of DynamoDB

# DynamoDB counts the UTF-8 bytes of names and texts, for a number one byte per two digits and one or two more, for a map
# three bytes and one per entry. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
_NUMBER = 8  # bytes: the most that is counted for a number in a hit
_NUMBERS = ("rcpt", "ttl", "link", "flags")
_TEXTS = (
    "pk",
    "sk",
    "kindclick",
    "methodHEAD",
    "ip",
    "ua",
    "hdr",
)  # names, and the two texts with a maximum length
_MAP, _ENTRY = 3, 1
_FIXED = len("".join(_NUMBERS + _TEXTS)) + _NUMBER * len(_NUMBERS) + _MAP


def to_json(hit: Hit, ttl_seconds: int) -> str:
    """Return `hit` as the text of an item that expires `ttl_seconds` after the hit; empty fields are left out.

    By DynamoDB's counting, an item has at most LARGEST bytes: the values of headers are cut first, then the user agent.
    """
    key = keys.hit(hit.message, hit.at, hit.request)
    agent, headers = _fitted(
        hit.agent, hit.headers, LARGEST - _FIXED - _bytes(key.pk) - _bytes(key.sk) - len(hit.address)
    )
    fields = [
        _text("pk", key.pk),
        _text("sk", key.sk),
        _text("kind", hit.kind),
        _number("rcpt", hit.recipient),
        _number("ttl", hit.at // 1000 + ttl_seconds),
    ]
    if hit.link is not None:
        fields.append(_number("link", hit.link))
    if hit.method != "GET":
        fields.append(_text("method", hit.method))
    if hit.address:
        fields.append(_text("ip", hit.address))
    if agent:
        fields.append(_text("ua", agent))
    if headers:
        fields.append(f'"hdr":{{"M":{{{",".join([_text(name, value) for name, value in headers.items()])}}}}}')
    if hit.flags:
        fields.append(_number("flags", hit.flags))
    if hit.source is not None:
        fields.append(f'"src":{json.dumps(source_field(hit.source))}')
    return f"{{{','.join(fields)}}}"


def to_item(hit: Hit, ttl_seconds: int) -> Item:
    """Return what `to_json` writes."""
    item: Item = json.loads(to_json(hit, ttl_seconds))
    return item


def source_field(source: Source) -> "dict[str, Any]":
    """Return what is kept of where a hit came from, as a value in DynamoDB's JSON."""
    return {
        "M": {
            "cls": {"S": source.network_class},
            "who": {"N": str(source.source)},
            "net": {"N": str(source.network)},
            "own": {"S": source.own},
        }
    }


def _source(item: Item) -> Source | None:
    if "src" not in item:
        return None
    kept = item["src"]["M"]
    return Source(kept["cls"]["S"], int(kept["who"]["N"]), int(kept["net"]["N"]), kept["own"]["S"])


def _text(name: str, value: str) -> str:
    """Return a field that holds text. `name` is one of ours, which needs no escaping."""
    return f'"{name}":{{"S":{encoded(value)}}}'


def _number(name: str, value: int) -> str:
    return f'"{name}":{{"N":"{value}"}}'


def _fitted(agent: str, headers: dict[str, str], limit: int) -> tuple[str, dict[str, str]]:
    """Return `agent` and `headers` cut to `limit` bytes in all: long values before short ones, the agent last."""
    names = len("".join(headers)) + _ENTRY * len(headers)
    left = limit - names - _bytes(agent)
    if _bytes("".join(headers.values())) <= left:
        return agent, headers
    values = {name: _bytes(value) for name, value in headers.items()}
    cut = {}
    for place, name in enumerate(sorted(values, key=values.__getitem__)):
        cut[name] = _cut(
            headers[name], max(left, 0) // (len(values) - place)
        )  # a short value leaves the rest of its share to longer ones
        left -= _bytes(cut[name])
    return _cut(agent, max(limit - names, 0)), cut


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _cut(text: str, most: int) -> str:
    """Return the longest beginning of `text` that has at most `most` bytes in UTF-8."""
    return text[:most] if text.isascii() else text.encode()[:most].decode(errors="ignore")


def from_item(item: Item) -> Hit:
    """Return the hit of an item. Raise KeyError or ValueError if the item is not a hit."""
    at_ms, request = keys.hit_position(item["sk"]["S"])
    link = item.get("link")
    return Hit(
        message=item["pk"]["S"],
        at=at_ms,
        request=request,
        kind=item["kind"]["S"],
        recipient=int(item["rcpt"]["N"]),
        link=None if link is None else int(link["N"]),
        method=item.get("method", {"S": "GET"})["S"],
        address=item.get("ip", {"S": ""})["S"],
        agent=item.get("ua", {"S": ""})["S"],
        headers={name: value["S"] for name, value in item.get("hdr", {"M": {}})["M"].items()},
        flags=int(item.get("flags", {"N": "0"})["N"]),
        source=_source(item),
    )
