"""Refreshing the table of networks: what providers publish, what is broken, what is kept, and what settle reads of it."""

import io
import ipaddress
import json
import urllib.request
from email.message import Message
from urllib.response import addinfourl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.refresh import handler
from ocello.adapters.networks.bucket import REREAD_SECONDS, RETRY_SECONDS, FreshNetworks
from ocello.adapters.networks.https_lists import HttpsLists, secure_opener
from ocello.domain.common.errors import Unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.verdicts.networks import NetworkClass, Networks, Range
from ocello.services.networks import ports
from ocello.services.networks.published import PROVIDERS, Form, Provider, networks_in
from ocello.services.networks.refresh import FRESH, KEPT, MISSING, refresh

HOSTING, RELAY, UNKNOWN = NetworkClass.HOSTING, NetworkClass.PRIVACY_RELAY, NetworkClass.UNKNOWN
NOW = 1_795_576_200_000  # 2026-11-25T0310Z
CLOUD = Provider("cloud", "https://cloud.test/list.json", HOSTING, Form.JSON, 2)
RELAYS = Provider("relays", "https://relay.test/list.csv", RELAY, Form.CSV, 1)
BUILTIN = Networks.build(
    "2026-06-17",
    [Range(ipaddress.ip_address("93.0.0.0"), ipaddress.ip_address("93.255.255.255"), NetworkClass.CONSUMER)],
)


def cloud_list(*networks):
    return json.dumps({"created": "a/b", "prefixes": [{"ip_prefix": each, "n": 1} for each in networks]}).encode()


GOOD = {
    CLOUD.address: cloud_list("52.0.0.0/16", "52.1.0.0/16", "2600:1f00::/24"),
    RELAYS.address: b"52.1.2.0/24,IT,IT-RM,Rome,\n2a02:26f7:b000::/64,IT,,,\n",
}


class Lists:
    """PublishedLists that record requests; a missing list is unreachable."""

    def __init__(self, answers):
        self.answers = dict(answers)

    def fetch(self, address, most_bytes, seconds):
        if address not in self.answers:
            raise Unavailable("URLError")
        return self.answers[address]


class Store:
    """NetworksStore that remembers in which order it was written."""

    def __init__(self, fails=()):
        self.kept, self.order, self.fails = {}, [], fails

    def put(self, name, content, content_type):
        if name in self.fails:
            raise Unavailable("bucket: SlowDown")
        self.kept[name] = content
        self.order.append(name)

    def get(self, name):
        return self.kept.get(name)

    def table(self):
        return Networks.parse(self.kept[ports.table_name(self.kept[ports.CURRENT].decode())])


def run(lists, store, now=NOW, providers=(CLOUD, RELAYS)):
    done = refresh(providers, Lists(lists), store, BUILTIN, now)
    assert all(why or outcome == FRESH for outcome, _, why in map(parted, done.outcomes.values())), "a reason is given"
    return done._replace(outcomes={name: parted(outcome)[0] for name, outcome in done.outcomes.items()})


def parted(outcome):
    return outcome.partition(": ")


def test_what_is_published_stands_over_what_comes_with_the_package_and_a_later_source_over_an_earlier_one():
    store = Store()
    done = run(GOOD, store)
    assert done == ("2026-11-25T0310Z", {"cloud": FRESH, "relays": FRESH}, 0)
    table = store.table()
    assert table.version == done.version > BUILTIN.version
    told = {each: table.class_of(each) for each in ("52.0.0.1", "52.1.2.3", "52.1.3.1", "93.1.1.1", "52.2.0.0")}
    assert list(told.values()) == [HOSTING, RELAY, HOSTING, NetworkClass.CONSUMER, UNKNOWN]
    assert table.class_of("2600:1f00:1::1") is HOSTING
    assert table.class_of("2a02:26f7:b000::99") is RELAY


def test_the_pointer_is_written_last_and_never_to_a_table_that_was_not_stored():
    store = Store()
    done = run(GOOD, store)
    assert store.order[-2:] == [ports.table_name(done.version), ports.CURRENT]
    store.fails = (ports.table_name("2026-11-26T0310Z"),)
    with pytest.raises(Unavailable):
        run(GOOD, store, NOW + DAY_MS)
    assert store.kept[ports.CURRENT] == done.version.encode()


def test_a_table_that_is_too_large_is_not_made_the_current_one():
    store = Store()
    run(GOOD, store)
    with pytest.raises(Unavailable, match="more than 100"):
        refresh((CLOUD, RELAYS), Lists(GOOD), store, BUILTIN, NOW + DAY_MS, 100)
    assert store.kept[ports.CURRENT] == b"2026-11-25T0310Z"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff\xfe",
        b"<html>Service Unavailable</html>",
        b"[" * 100_000,
        cloud_list("52.0.0.0/16"),  # fewer than there must be
        cloud_list("52.0.0.0/16", "0.0.0.0/0"),
        cloud_list("52.0.0.0/16", "2000::/3"),
        cloud_list("52.0.0.0/18", "52.1.0.0/18", "2600:1f00::/24"),  # a quarter of what it was
        cloud_list("52.0.0.0/16", "52.1.0.0/16"),  # nothing of IPv6 any more
    ],
)
def test_a_list_that_is_broken_or_has_shrunk_leaves_the_last_good_one_in_use(broken):
    store = Store()
    run(GOOD, store)
    done = run(GOOD | {CLOUD.address: broken}, store, NOW + DAY_MS)
    assert done == ("2026-11-26T0310Z", {"cloud": KEPT, "relays": FRESH}, 1)
    assert store.table().class_of("52.0.0.1") is HOSTING
    again = run(GOOD, store, NOW + 2 * DAY_MS)
    assert again.outcomes["cloud"] == FRESH
    assert again.oldest_days == 0


def test_a_list_that_grows_or_loses_a_little_is_taken():
    store = Store()
    run(GOOD, store)
    done = run(GOOD | {CLOUD.address: cloud_list("52.0.0.0/16", "54.0.0.0/16", "2600:1f00::/25")}, store, NOW + DAY_MS)
    assert done.outcomes["cloud"] == FRESH
    assert [store.table().class_of(each) for each in ("54.0.0.1", "52.1.3.1")] == [HOSTING, UNKNOWN]


def test_without_any_list_nothing_is_written_and_the_age_is_the_packages():
    store = Store()
    assert run({}, store) == ("", {"cloud": MISSING, "relays": MISSING}, 161)
    assert store.order == []


def test_while_no_list_can_be_had_the_current_table_stays_and_its_lists_grow_old():
    store = Store()
    first = run(GOOD, store)
    done = run({}, store, NOW + 20 * DAY_MS)
    assert done == ("", {"cloud": KEPT, "relays": KEPT}, 20)
    assert store.kept[ports.CURRENT] == first.version.encode()


def test_a_kept_list_that_is_damaged_counts_as_none():
    store = Store()
    run(GOOD, store)
    for damage in (b"", b"yesterday\n52.0.0.0/16\n", b"1795576200000\n52.0.0.0/99\n", b"\xff"):
        store.kept[ports.list_name("cloud")] = damage
        assert run({}, store).outcomes == {"cloud": MISSING, "relays": KEPT}


def test_private_addresses_stay_unknown_whatever_a_list_says():
    store = Store()
    run(GOOD | {CLOUD.address: cloud_list("10.0.0.0/8", "52.0.0.0/16", "fd00::/32", "fe80::/32")}, store)
    told = [store.table().class_of(each) for each in ("10.1.1.1", "52.0.0.1", "fd00::1", "fe80::1", "127.0.0.1")]
    assert told == [UNKNOWN, HOSTING, UNKNOWN, UNKNOWN, UNKNOWN]


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.sampled_from(["52.0.0.0/16", "::/0", "1/1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=10,
).map(lambda value: json.dumps(value).encode()), st.sampled_from([CLOUD, RELAYS]))  # fmt: skip
def test_no_answer_of_a_provider_raises_anything_but_a_value_error(content, provider):
    try:
        assert networks_in(provider, content)
    except ValueError:
        return


def test_every_source_has_a_name_of_its_own_and_an_address_of_https():
    assert len({provider.name for provider in PROVIDERS}) == len(PROVIDERS)
    assert all(provider.address.startswith("https://") for provider in PROVIDERS)


def test_one_line_says_what_came_of_it(capsys):
    handler.answer(Lists(GOOD), Store(), BUILTIN, lambda: NOW, (CLOUD, RELAYS))
    line = json.loads(capsys.readouterr().out)
    assert line["message"] == "networks refreshed"
    assert (line["cloud"], line["relays"], line["version"]) == (FRESH, FRESH, "2026-11-25T0310Z")
    assert line["NetworksAge"] == 0


# --- what settle reads --------------------------------------------------------------------------------------------


class Time:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Bucket:
    """A store read within a time, which counts reads and can be out."""

    def __init__(self, store):
        self.store, self.reads, self.out = store, 0, False

    def get_object(self, name, seconds):
        self.reads += 1
        if self.out:
            raise Unavailable("TimeoutError")
        return self.store.get(name)


@pytest.fixture
def world():
    store, clock = Store(), Time()
    bucket = Bucket(store)
    return store, bucket, clock, FreshNetworks(bucket, BUILTIN, clock)


def test_a_newer_table_is_taken_and_read_once_an_hour(world):
    store, bucket, clock, networks = world
    run(GOOD, store)
    assert networks.current().version == "2026-11-25T0310Z"
    reads = bucket.reads
    run(GOOD, store, NOW + DAY_MS)
    clock.now += REREAD_SECONDS - 1
    assert networks.current().version == "2026-11-25T0310Z"
    assert bucket.reads == reads
    clock.now += 1
    assert networks.current().version == "2026-11-26T0310Z"


def test_the_buckets_table_is_noted_whenever_it_was_looked_for_and_is_in_use():
    noted: list[Networks] = []
    store, clock = Store(), Time()
    networks = FreshNetworks(Bucket(store), BUILTIN, clock, noted.append)
    networks.current()
    assert noted == []
    run(GOOD, store)
    for _ in range(2):
        clock.now += REREAD_SECONDS
        networks.current()
        networks.current()
    assert [table.days_old(NOW + 14 * DAY_MS) for table in noted] == [14, 14]


def test_with_nothing_in_the_bucket_the_packages_table_is_used(world):
    assert world[3].current() is BUILTIN


def test_a_bucket_that_is_out_is_asked_again_soon_and_its_last_table_stays(world):
    store, bucket, clock, networks = world
    bucket.out = True
    run(GOOD, store)
    assert networks.current() is BUILTIN
    clock.now += RETRY_SECONDS
    bucket.out = False
    taken = networks.current()
    assert taken.class_of("52.0.0.1") is HOSTING
    clock.now += REREAD_SECONDS
    bucket.out = True
    assert networks.current() is taken


TABLE = ports.table_name("2026-11-25T0310Z")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (ports.CURRENT, b"2026-12-31T0000Z"),  # of a table that is not there
        (ports.CURRENT, b"\xff"),
        (ports.CURRENT, b"newest"),
        (TABLE, b"ocello"),
        (TABLE, BUILTIN.pack()),
    ],
)
def test_a_damaged_table_is_never_used(world, name, content):
    store, _bucket, _clock, networks = world
    run(GOOD, store)
    assert name in store.kept
    store.kept[name] = content
    assert networks.current() is BUILTIN


def test_an_old_table_of_the_bucket_does_not_replace_a_newer_one_of_the_package():
    store = Store()
    run(GOOD, store)
    newer = Networks.build("2027-01-10", [], BUILTIN)
    assert FreshNetworks(Bucket(store), newer, Time()).current() is newer


# --- how lists are fetched ----------------------------------------------------------------------------------------


class Answer(io.BytesIO):
    """What urllib gives: a body in pieces, each of which takes a second."""

    def __init__(self, content, clock, piece=10):
        super().__init__(content)
        self.clock, self.piece = clock, piece

    def read1(self, size=-1):
        self.clock.now += 1
        return super().read1(min(size, self.piece))


def fetched(content, most_bytes=1000, seconds=100.0, address="https://lists.test/a", error=None):
    clock = Time()

    def opening(request, timeout):
        assert request.full_url == address
        assert timeout <= seconds
        if error:
            raise error
        return Answer(content, clock)

    return HttpsLists(opening, clock).fetch(address, most_bytes, seconds)


def test_a_list_is_read_whole():
    assert fetched(b"52.0.0.0/16," * 50) == b"52.0.0.0/16," * 50


@pytest.mark.parametrize(
    "bounds",
    [
        {"most_bytes": 599},
        {"seconds": 59.0},
        {"error": TimeoutError()},
        {"error": ValueError()},
        {"address": "http://lists.test/a"},
        {"address": "file:///etc/passwd"},
    ],
)
def test_a_list_that_is_too_long_too_slow_or_out_of_reach_is_not_had(bounds):
    with pytest.raises(Unavailable):
        fetched(b"x" * 600, **bounds)
    if "error" not in bounds and "address" not in bounds:
        assert fetched(b"x" * 590, **{name: value + 1 for name, value in bounds.items()})


class HttpAnswer(addinfourl):
    """What urllib makes of an answer, with the reason that its handlers read."""

    msg = ""


class Elsewhere(urllib.request.HTTPSHandler):
    """Origins that send `/old` elsewhere, and answer anything else, by http and https."""

    handler_order = 100  # before urllib's own

    def __init__(self, target):
        super().__init__()
        self.target = target

    def https_open(self, request):
        headers = Message()
        if request.full_url.endswith("/old"):
            headers["Location"] = self.target
        status = 302 if "Location" in headers else 200
        return HttpAnswer(io.BytesIO(b"52.0.0.0/16"), headers, request.full_url, status)

    http_open = https_open


def test_a_redirect_is_followed_to_https_and_to_nothing_else():
    def fetch(target):
        return HttpsLists(secure_opener(Elsewhere(target)).open).fetch("https://lists.test/old", 100, 5.0)

    assert fetch("https://lists.test/new") == b"52.0.0.0/16"
    for target in ("http://lists.test/new", "file:///etc/passwd", "ftp://lists.test/new"):
        with pytest.raises(Unavailable):
            fetch(target)
