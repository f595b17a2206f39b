"""Configures the mappings of queues and streams to functions, and repeats work that a stop interrupted."""

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from infra.local.engine.cloud import Cloud

_WORKERS = 2  # the least that SQS mappings accept; each new worker occupies the engine for seconds
COPIES_AT_ONCE = 4  # so that a slow mail server leaves some workers for other people's mail
_BATCH = 100
_BACK_MS = 86_400_000


def limit_workers(lambdas: Any) -> None:
    """Let each queue's mapping use few workers; the template sets those of the queue that sends.

    All numbers are sent again. The engine keeps a number from a parameter as text and then reads no queue at all; the
    AWS library converts it, so that the text cannot be seen here.
    """
    for mapping in lambdas.list_event_source_mappings()["EventSourceMappings"]:
        present = int(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0))
        if ":sqs:" in mapping["EventSourceArn"]:
            wanted = COPIES_AT_ONCE if present == COPIES_AT_ONCE else _WORKERS
            lambdas.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": wanted})


def settle_again(cloud: Cloud) -> int:
    """Send yesterday's and today's hits to the settle function again; return how many.

    When the engine stops, it loses stream records that were not read. Settling is a function of the set of hits, so
    repeating it changes only what was missing.
    """
    hits = list(_hits(cloud, time.time_ns() // 1_000_000 - _BACK_MS))
    for number, batch in enumerate(itertools.batched(hits, _BATCH, strict=False)):
        records = [_record(f"{number}-{index}", hit) for index, hit in enumerate(batch)]
        payload = json.dumps({"Records": records}).encode()
        cloud.client("lambda").invoke(FunctionName=cloud.ids["SettleFunction"], Payload=payload)
    return len(hits)


def _hits(cloud: Cloud, since: int) -> Iterator[Mapping[str, Any]]:
    pages = (
        cloud.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=cloud.settings["SettleFunction"]["HITS_TABLE"],
            FilterExpression="sk >= :since",
            ExpressionAttributeValues={":since": {"S": f"{since:013d}"}},
        )
    )
    for page in pages:
        yield from page["Items"]


def _record(identifier: str, hit: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "eventID": identifier,
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "",
        "eventSourceARN": "",
        "dynamodb": {
            "Keys": {"pk": hit["pk"], "sk": hit["sk"]},
            "NewImage": hit,
            "SequenceNumber": identifier,
            "StreamViewType": "NEW_IMAGE",
        },
    }
