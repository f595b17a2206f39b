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


def test_two_mails_share_a_pixel_whose_loads_leave_a_count_and_nothing_else(italian):
    before = counted(italian)  # the run tried itself with a pixel of this week
    first, one = pixel_of(italian, f"ann-{uuid.uuid4().hex[:8]}@customer.test")
    second, other = pixel_of(italian, f"bob-{uuid.uuid4().hex[:8]}@elsewhere.test")
    assert one == other
    began = time.time()
    said = len(italian.said.read_text())
    answers = {load(one, f"198.51.100.{number}") for number in range(LOADS)}
    assert [len(answer) for answer in answers] == [43]

    assert wait(lambda: counted(italian) == before + LOADS, 30), (before, counted(italian))
    found = counters(italian)
    assert all(set(item) <= ALLOWED for item in found)
    assert all(int(item["ttl"]["N"]) % 86_400 == 0 for item in found), "a midnight, and no finer time"
    (pool,) = {item["pk"]["S"].removeprefix("POOL#") for item in found}
    stored = items(italian)
    for what in ("198.51.100.", AGENT, one.rpartition("/")[2]):
        assert not [item for _, item in stored if what in str(item)], what
    assert not [item for _, item in stored if item["pk"]["S"] in (first, second)], "no hit of either mail"
    hits = {int(at) for table, item in stored for at in re.findall(r"^(\d{13})#", item["sk"]["S"]) if "its" in table}
    assert not {at for at in hits if at >= began * 1000}, "no hit at all"
    for message in (first, second):
        assert italian.api().message(message)["opens"]["count"] == 0
    log = italian.said.read_text()[said:]
    for what in (pool, one.rpartition("/")[2], "198.51.100."):
        assert what not in log, what
