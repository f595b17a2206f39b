"""The reader returns what the raw writer stored, in a table made from our own template."""

import json
import math
from typing import Any

import boto3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocello.adapters.hot import hit_item
from ocello.adapters.hot.hit_sinks import LogHitSink
from ocello.domain.tracking import hits
from ocello.domain.tracking.hits import Hit

texts = st.text(max_size=20)
any_hit = st.builds(
    Hit,
    message=st.uuids().map(str),
    at=st.integers(0, 10**13 - 1),
    request=st.text("abcXYZ019=_-#", min_size=1, max_size=16),
    kind=st.sampled_from(["open", "click"]),
    recipient=st.integers(0, 0xFFFF),
    link=st.none() | st.integers(0, 0xFFFF),
    method=st.sampled_from(["GET", "HEAD"]),
    address=st.sampled_from(["", "192.0.2.1", "2001:db8::1"]),
    agent=texts,
    headers=st.dictionaries(st.sampled_from(hits.KEPT_HEADERS), texts, max_size=3),
    flags=st.integers(0, 3),
)


@given(any_hit)
def test_an_item_gives_back_its_hit(hit):
    assert hit_item.from_item(hit_item.to_item(hit, 60)) == hit


@pytest.mark.parametrize("item", [{}, {"pk": {"S": "m"}, "sk": {"S": "nothing"}}, {"pk": {"S": "m"}, "sk": {"N": "1"}}])
def test_an_item_that_is_no_hit_is_refused(item):
    with pytest.raises((KeyError, ValueError)):
        hit_item.from_item(item)


def counted(name, value):
    """Return an attribute's bytes by DynamoDB's manual; for a number, the most that it can be."""
    ((kind, held),) = value.items()
    size = len(name.encode())
    if kind == "S":
        return size + len(held.encode())
    if kind == "N":
        return size + math.ceil(len(held.lstrip("-")) / 2) + 2
    assert kind == "M"
    return size + 3 + sum(1 + counted(*entry) for entry in held.items())


def size_of(item):
    return sum(counted(*attribute) for attribute in item.items())


WORST = Hit(
    message="01936c3e-7a10-7c4f-9b21-0123456789ab",
    at=9_999_999_999_999,
    request="𝒓" * hits.MAX_REQUEST,
    kind="click",
    recipient=0xFFFF,
    link=0xFFFF,
    method="HEAD",
    address="2001:db8:ffff:ffff:ffff:ffff:192.168.100.200",
    agent="🙂" * hits.MAX_AGENT,
    headers=dict.fromkeys(hits.KEPT_HEADERS, "é" * hits.MAX_HEADER),
    flags=3,
)
long_texts = st.text(st.sampled_from("aé€🙂"), max_size=hits.MAX_AGENT)


@given(
    st.builds(
        WORST._replace,
        request=st.sampled_from(["r", WORST.request]),
        agent=long_texts,
        headers=st.dictionaries(
            st.sampled_from(hits.KEPT_HEADERS), long_texts.map(lambda text: text[: hits.MAX_HEADER])
        ),
    )
)
@example(WORST)
@example(WORST._replace(agent="a" * hits.MAX_AGENT))
@example(WORST._replace(headers={}))
def test_no_hit_costs_more_than_one_write_unit(hit):
    item = hit_item.to_item(hit, 400 * 86_400)
    assert size_of(item) <= 1024
    stored = hit_item.from_item(item)
    assert stored._replace(agent="", headers={}) == hit._replace(agent="", headers={})
    assert hit.agent.startswith(stored.agent)
    assert all(hit.headers[name].startswith(value) for name, value in stored.headers.items())


def test_most_of_a_write_unit_is_used_where_much_was_sent():
    assert size_of(hit_item.to_item(WORST._replace(agent="a" * 300), 400 * 86_400)) > 980


def test_headers_are_cut_before_the_agent_and_long_ones_before_short_ones():
    agent = "A" * 300
    short = {"sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "sec-ch-ua-platform": '"Windows"'}
    hit = WORST._replace(agent=agent, headers={"sec-ch-ua": "b" * 256, **short, "accept-language": "c" * 256})
    stored = hit_item.from_item(hit_item.to_item(hit, 60))
    assert stored.agent == agent
    assert {name: stored.headers[name] for name in short} == short
    left = [len(stored.headers[name]) for name in ("sec-ch-ua", "accept-language")]
    assert min(left) > 50
    assert max(left) < 256
    assert max(left) - min(left) <= 1


def test_a_browsers_hit_is_kept_whole():
    headers = {
        "sec-fetch-mode": "navigate",
        "sec-fetch-user": "?1",
        "sec-fetch-site": "cross-site",
        "sec-fetch-dest": "document",
        "sec-ch-ua": '"Chromium";v="156", "Google Chrome";v="156", "Not)A;Brand";v="24"',
        "sec-ch-ua-mobile": "?0",
        "sec-ch-ua-platform": '"Windows"',
        "accept-language": "it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7,de;q=0.6,fr;q=0.5",
        "dnt": "1",
        "sec-gpc": "1",
    }
    hit = WORST._replace(request="JKJaXmPLvHcESHA=", agent="Mozilla/5.0 " + "x" * 240, headers=headers)
    assert hit_item.from_item(hit_item.to_item(hit, 60)) == hit


def test_what_goes_to_the_queue_and_to_the_log_is_cut_too():
    lines: list[str] = []
    LogHitSink(lines.append, 60).put(WORST, 0)
    assert size_of(json.loads(lines[0])["hit"]) <= 1024


def test_a_hit_that_an_earlier_version_stored_is_read():
    item: dict[str, dict[str, Any]] = {
        "pk": {"S": "m"},
        "sk": {"S": "1764000000000#r"},
        "kind": {"S": "open"},
        "rcpt": {"N": "3"},
        "ttl": {"N": "1"},
        "ua": {"S": "A" * 512},
        "hdr": {"M": {"accept-language": {"S": "b" * 256}, "sec-fetch-mode": {"S": "no-cors"}}},
    }
    headers = {"accept-language": "b" * 256, "sec-fetch-mode": "no-cors"}
    assert hit_item.from_item(item) == Hit(
        "m", 1_764_000_000_000, "r", "open", 3, None, "GET", "", "A" * 512, headers, 0
    )


def test_a_stored_hit_is_read_back_equal_and_expires(aws):
    hit = Hit("m", 1_764_000_000_000, "r#1=", "click", 3, 7, "HEAD", "192.0.2.1", "Ägent", {"dnt": "1", "x-moz": ""}, 2)
    client = boto3.client("dynamodb")
    client.put_item(TableName=aws["HitsTable"], Item=hit_item.to_item(hit, 86_400))
    (item,) = client.query(
        TableName=aws["HitsTable"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "m"}},
    )["Items"]
    assert hit_item.from_item(item) == hit
    assert item["ttl"] == {"N": str(1_764_000_000 + 86_400)}
