"""What the raw writer stores, the reader reads back equal: through a table made from our own template."""

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.adapters.hot import hit_item
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
