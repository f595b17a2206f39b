"""Pooled mail under the Italian rules: one pixel for everybody, loads counted, and nothing else kept anywhere."""

import re
import time
import urllib.request
import uuid

import pytest

from infra.local.api import wait
from tests.local.conftest import Run

HTML = '<html><body><p>See <a href="https://example.com/a?x=1">the offer</a></p></body></html>'
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
LOADS = 30
ALLOWED = {"pk", "sk", "cls", "ttl", "open_person", "open_machine", "open_unknown"}


@pytest.fixture(scope="module")
def italian(tmp_path_factory):
    """A local run of its own, under the Italian rules."""
    run = Run(tmp_path_factory.mktemp("italian"), "it-284-2026")
    run.start()
    yield run
    run.stop()


def pixel_of(run, who):
    """Send a mail of its own to somebody of whom nothing is known; return its id and its pixel's address."""
    message = run.api().send(to=[who], subject="Offer", html=HTML, track={"opens": True, "clicks": True})
    assert message["recipients"][0]["tracking"]["opens"] == "pooled"
    copy = run.copy_of(who, message).read_bytes().replace(b"=\r\n", b"").replace(b"=\n", b"")
    assert b"/c/" not in copy
    (pixel,) = set(re.findall(re.escape(run.tracking).encode() + rb"/o/[A-Za-z0-9_-]+", copy))
    return message["id"], pixel.decode()


def load(url, address):
    request = urllib.request.Request(url, headers={"User-Agent": AGENT, "X-Forwarded-For": address})  # noqa: S310 — ours
    with urllib.request.urlopen(request) as answer:  # noqa: S310 — ours
        return answer.read()


def items(run):
    """Return all items of all tables of the run."""
    client = run.client("dynamodb")
    found = []
    for table in client.list_tables()["TableNames"]:
        for page in client.get_paginator("scan").paginate(TableName=table):
            found += [(table, item) for item in page["Items"]]
    return found


def counters(run):
    """Return the counters of pools."""
    return [item for _, item in items(run) if item.get("cls", {}).get("S") == "PoolDay"]


def counted(run):
    """Return how many loads of pools were counted."""
    return sum(int(each["N"]) for item in counters(run) for name, each in item.items() if name.startswith("open_"))


def stored(run):
    """Return all that is stored, in all tables and buckets: items by their keys, and when files were written."""
    found = {(table, item["pk"]["S"], item["sk"]["S"]): item for table, item in items(run)}
    client = run.client("s3")
    for bucket in client.list_buckets()["Buckets"]:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            found |= {(bucket["Name"], each["Key"], ""): each["LastModified"] for each in page.get("Contents", ())}
    return found


def at_rest(run):
    """Wait until nothing that is stored changes any more, and return it."""
    known = [stored(run)]

    def rests():
        time.sleep(2)
        known.append(stored(run))
        return known[-1] == known[-2]

    assert wait(rests, 90)
    return known[-1]


def logged(run, since):
    """Return all lines of all functions' logs since a time (ms)."""
    client, lines = run.client("logs"), []
    for page in client.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            events = client.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"], startTime=since
            )
            lines += [event["message"] for each in events for event in each["events"]]
    return lines


def shown(run, *messages):
    """Return all that a user is shown of messages, and the figures of all."""
    api = run.api()
    return [
        *(api.message(message) for message in messages),
        *(api.get(f"/v1/messages/{message}/hits")["items"] for message in messages),
        api.get("/v1/stats")["total"],
        api.get("/v1/alerts?limit=200")["items"],
    ]


def test_two_mails_share_a_pixel_whose_loads_leave_a_count_and_nothing_else_anywhere(italian):
    before = counted(italian)  # the run tried itself with a pixel of this week
    ann, bob = f"ann-{uuid.uuid4().hex[:8]}@customer.test", f"bob-{uuid.uuid4().hex[:8]}@elsewhere.test"
    first, one = pixel_of(italian, ann)
    second, other = pixel_of(italian, bob)
    assert one == other
    at_rest(italian)
    told, seen = [italian.exported(who) for who in (ann, bob)], shown(italian, first, second)
    was = at_rest(italian)  # again: the API notes when a key was used
    began, said = int(time.time() * 1000), len(italian.said.read_text())
    answers = {load(one, f"198.51.100.{number}") for number in range(LOADS)}
    assert [len(answer) for answer in answers] == [43]

    assert wait(lambda: counted(italian) == before + LOADS, 30), (before, counted(italian))
    now = at_rest(italian)
    changed = [now.get(key) for key in {*was, *now} if was.get(key) != now.get(key)]
    assert changed
    for item in changed:
        assert item["cls"]["S"] == "PoolDay", item
        assert set(item) <= ALLOWED
        assert int(item["ttl"]["N"]) % 86_400 == 0, "a midnight, and no finer time"
        assert re.fullmatch(r"DAY#\d{4}-\d{2}-\d{2}", item["sk"]["S"])
    assert shown(italian, first, second) == seen
    assert [italian.exported(who) for who in (ann, bob)] == told
    assert [hit for each in told for mail in each["mails"] for hit in mail["hits"]] == []
    (pool,) = {item["pk"]["S"].removeprefix("POOL#") for item in changed}
    log = "\n".join([*logged(italian, began), italian.said.read_text()[said:]])
    assert log
    for what in (pool, one.rpartition("/")[2], "198.51.100.", AGENT):
        assert what not in log, what
