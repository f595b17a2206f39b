"""The engagement row is a function of the set of hits."""

import random
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.domain.engagement import row, summary
from ocello.domain.engagement.counters import PLACED, ROW_BYTES
from ocello.domain.engagement.settle import rebuild, take
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.clusters import HORIZON_MS
from ocello.domain.verdicts.context import Context, CopyFacts
from ocello.domain.verdicts.judge import LEAST_PENDING, MOST_PENDING, judge
from ocello.domain.verdicts.networks import NetworkClass
from ocello.domain.verdicts.signed_in import MOST_SOURCES, SignedIn, source_digest
from ocello.domain.verdicts.traces import place_of
from tests.fakes import SUBJECT_KEY

MESSAGE = "01890000-0000-7000-8000-000000000000"
BORN = 1_790_000_000_000
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "curl/8",
    "",
]
NAVIGATED = {"sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "accept-language": "it"}
CLASSES = {"203.0.113.1": NetworkClass.CONSUMER, "198.51.100.7": NetworkClass.HOSTING}
CONTEXT = Context(
    5,
    copies={0: CopyFacts(BORN), 1: CopyFacts(BORN - 300_000, mx="gateway")},
    sessions=(SignedIn(source_digest("192.0.2.4", SUBJECT_KEY), BORN + 2_000, BORN + 3_000),),
    source_key=SUBJECT_KEY,
    class_of=lambda a: CLASSES.get(a, NetworkClass.UNKNOWN),
    networks="2026-11-20",
)
ADDRESSES = ["203.0.113.1", "203.0.113.2", "198.51.100.7", "192.0.2.4", "10.0.0.1", ""]


def a_hit(
    at=0, request="r", kind="open", recipient=0, link=None, agent=0, address=0, method="GET", flags=0, headers=()
):
    return Hit(
        message=MESSAGE,
        at=BORN + at,
        request=request,
        kind=kind,
        recipient=recipient,
        link=(link or 0) if kind == "click" else None,
        method=method,
        address=ADDRESSES[address],
        agent=AGENTS[agent],
        headers=dict(headers),
        flags=flags,
    )


class Store:
    """A message's hits and its packed row, settled as the service does, and the cost of it."""

    def __init__(self, context=CONTEXT):
        self.packed, self.context, self.known = None, context, []
        self.rebuilds = self.writes = 0

    def deliver(self, batch):
        fresh = {place_of(hit): hit for hit in batch}
        self.known = sorted({**{place_of(hit): hit for hit in self.known}, **fresh}.values(), key=place_of)
        before = None if self.packed is None else row.unpack(self.packed)
        after = take(before, batch, self.context)
        if after is None:
            self.rebuilds += 1
            newest = max(before.newest, *(hit.at for hit in batch))
            visible = [hit for hit in self.known if hit.at <= newest]
            after = rebuild((visible[i : i + 50] for i in range(0, len(visible), 50)), self.context).row()
        packed = row.pack(after)
        self.writes += packed != self.packed
        self.packed = packed


def at_once(hits, context=CONTEXT):
    return row.pack(rebuild([sorted(hits, key=lambda hit: hit[1:3])], context).row())


hits = st.builds(
    a_hit,
    at=st.one_of(
        st.integers(0, 5_000),
        st.integers(0, 300_000),
        st.integers(0, 4 * 86_400_000),
        st.sampled_from([0, 1, 2, HORIZON_MS, HORIZON_MS + 1, HORIZON_MS + 2, 86_400_000, 86_400_001]),
    ),
    request=st.text("ab", min_size=1, max_size=3),
    kind=st.sampled_from(["open", "click"]),
    recipient=st.sampled_from([0, 1, 2, 0xFFFF]),
    link=st.integers(0, 6),
    agent=st.integers(0, len(AGENTS) - 1),
    address=st.integers(0, len(ADDRESSES) - 1),
    method=st.sampled_from(["GET", "GET", "GET", "GET", "HEAD"]),
    headers=st.sampled_from([{}, {}, NAVIGATED]),
)
sets_of_hits = st.lists(hits, min_size=1, max_size=220, unique_by=place_of)


@settings(max_examples=500, deadline=None)
@given(sets_of_hits, st.randoms(use_true_random=False))
def test_any_order_batching_and_redelivery_gives_the_row_made_at_once(found, rng):
    store = Store()
    rng.shuffle(found)
    if rng.random() < 0.5:  # nearly in order, as streams are
        found.sort(key=lambda hit: hit.at + rng.randint(0, 3000))
    left = list(found)
    while left:
        size = rng.randint(1, 40)
        batch, left = left[:size], left[size:]
        store.deliver(batch + rng.sample(found[: len(found) - len(left)], k=min(2, len(batch))))
    store.deliver(found[-3:])
    assert store.packed == at_once(found)


def test_two_hits_of_the_millisecond_that_settles_others_give_one_row_in_any_order():
    found = [a_hit(at=0), a_hit(at=HORIZON_MS + 1, request="a"), a_hit(at=HORIZON_MS + 1, request="aa")]
    rows = set()
    for order in permutations(found):
        store = Store()
        for hit in order:
            store.deliver([hit])
        rows.add(store.packed)
    assert rows == {at_once(found)}


def many(count, seed, span=600_000, recipients=3):
    rng = random.Random(seed)
    return [
        a_hit(
            at=int(i * span / count) + rng.randint(0, 50),
            request=f"q{i:05d}",
            kind=rng.choice(["open", "click"]),
            recipient=rng.randrange(recipients),
            link=rng.randrange(8),
            agent=rng.randrange(6),
            address=rng.randrange(5),
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("span", [3_000, 600_000, 30 * 86_400_000])
def test_thousands_of_hits_one_by_one_give_the_row_made_at_once_and_no_other_hit_is_read(span):
    found, store = sorted(many(1500, seed=span, span=span), key=place_of), Store()
    for start in range(0, len(found), 7):
        store.deliver(found[start : start + 7])
    assert store.packed == at_once(found)
    assert store.rebuilds == 0


def test_a_replay_a_day_after_gives_the_same_row():
    found = many(300, seed=4, span=3 * 86_400_000)
    lost = found[50:60]
    store = Store()
    store.deliver([hit for hit in found if hit not in lost])
    without = store.packed
    store.deliver(lost)
    assert store.packed == at_once(found) != without
    assert store.rebuilds == 1


def test_a_redelivery_writes_nothing():
    found, store = many(200, seed=5), Store()
    store.deliver(found)
    store.deliver(found[:20])
    store.deliver(found[-20:])
    assert store.writes == 1


def test_what_the_row_says_of_expired_hits_stands():
    store = Store()
    store.deliver([a_hit(at=i * 400_000, request=f"a{i}") for i in range(5)])
    late = a_hit(at=500 * 86_400_000, request="z")
    after = take(row.unpack(store.packed), [late], CONTEXT)
    assert summary.unpack(row.pack(after)).message_opens.count == 6


@settings(max_examples=100, deadline=None)
@given(st.lists(hits, min_size=1, max_size=MOST_PENDING, unique_by=place_of), st.integers(0, 59))
def test_what_other_hits_tell_of_one_depends_on_nothing_beyond_the_horizon(found, index):
    found.sort(key=place_of)
    index %= len(found)
    near = [hit for hit in found if hit.at <= found[index].at + HORIZON_MS]
    assert judge(near, CONTEXT)[index] == judge(found, CONTEXT)[index]


def test_the_worst_row_fits_in_four_kilobytes_and_the_usual_one_in_one():
    rng = random.Random(7)
    worst = 0
    for links, days, crowd, people in (
        (50, 30, 0, 50),
        (64, 90, 0, PLACED),
        (150, 90, 500, PLACED),
        (300, 400, 0, 50),
        (1000, 90, 0, 50),
        (20, 400, 500, 50),
        (300, 400, 500, 50),
        (50, 30, 500, 50),
    ):
        at, found = 0, []
        for place in range(6000):
            at += rng.randrange(1, days * 86_400_000 // 3000) if place < 6000 - crowd else rng.randrange(1, 900)
            found.append(
                a_hit(
                    at=at,
                    request=f"{rng.getrandbits(80):020x}",
                    kind=rng.choice(["open", "click"]),
                    recipient=rng.randrange(people),
                    link=rng.randrange(links),
                    agent=rng.choice([0, 0, 0, 1, 4, 5]),
                    address=rng.randrange(5),
                )
            )
        sources = tuple(
            SignedIn(rng.getrandbits(32), BORN - rng.randrange(10**10), BORN + rng.randrange(10**10))
            for _ in range(MOST_SOURCES)
        )
        made = rebuild(
            (found[i : i + 500] for i in range(0, len(found), 500)),
            CONTEXT._replace(
                link_count=links,
                copies={n: CopyFacts(BORN - n) for n in range(50)},
                sessions=sources,
                networks="2026-11-20T0300Z",
            ),
        )
        worst = max(worst, len(row.pack(made.row())))
    assert worst <= ROW_BYTES
    usual = many(30, seed=1, span=9 * 86_400_000)
    assert len(at_once(usual)) <= 1024


def test_a_hit_that_comes_after_the_settled_ones_and_yet_changes_a_verdict_of_theirs_is_late():
    clicks = [a_hit(at=n * 500, request=f"c{n}", kind="click", link=n) for n in range(3)]
    found, store = [*clicks, a_hit(at=700_000, request="z")], Store()
    store.deliver([clicks[0], clicks[1], found[3]])
    store.deliver([clicks[2]])
    assert store.rebuilds == 1
    assert store.packed == at_once(found)
    assert summary.unpack(store.packed).message_clicks.machine == 3


@pytest.mark.parametrize("seed", range(40))
def test_a_dense_crowd_of_hits_arriving_a_little_out_of_order_gives_the_row_made_at_once(seed):
    rng = random.Random(seed)
    found = many(rng.randint(100, 260), seed, span=rng.choice([2_000, 20_000, 200_000]), recipients=rng.randint(1, 6))
    arriving = sorted(found, key=lambda hit: hit.at + rng.expovariate(1 / rng.choice([100, 3_000, 30_000])))
    store = Store()
    while arriving:
        size = rng.randint(1, 25)
        batch, arriving = arriving[:size], arriving[size:]
        store.deliver(batch)
    assert store.packed == at_once(found)


@pytest.mark.parametrize("seed", range(12))
def test_readings_and_floods_of_days_split_anywhere_give_the_row_made_at_once(seed):
    rng = random.Random(seed)
    at, found = 0, []
    for place in range(400):
        at += rng.choice([1, 30, 400, 9_000, 200_000, 40_000_000 if rng.random() < 0.1 else 5])
        found.append(
            a_hit(
                at=at,
                request=f"q{place:04}",
                kind=rng.choice(["open", "open", "click"]),
                recipient=rng.randrange(2),
                link=rng.randrange(2),
                agent=rng.randrange(2),
                address=rng.randrange(3),
            )
        )
    store, arriving = Store(), sorted(found, key=lambda hit: hit.at + rng.expovariate(1 / 2_000))
    while arriving:
        size = rng.randint(1, 30)
        batch, arriving = arriving[:size], arriving[size:]
        store.deliver(batch)
    assert store.packed == at_once(found)
    assert row.unpack(store.packed).total > 0


@pytest.mark.parametrize("others", range(LEAST_PENDING - 3, MOST_PENDING + 3))
def test_a_burst_is_seen_wherever_hits_are_settled(others):
    found = [a_hit(at=n, request=f"a{n:03}", recipient=1) for n in range(others)]
    found += [a_hit(at=100 + n, request=f"c{n}", kind="click", link=n) for n in range(3)]
    assert summary.unpack(at_once(found)).message_clicks.machine == 3


def test_a_row_of_the_format_that_knew_no_repeats_is_read_and_goes_on():
    before = bytes.fromhex(
        "016362626db87170518f09d3c7452c4c85c60faf3033151a3130b03002d103208711c86260646082708124130b03501103131363e3653e2666"
        "c6a6e94a8c00"
    )
    read = row.unpack(before)
    assert (read.rules, read.count, read.newest - BORN) == (2, 3, 70_000)
    assert [(ring.at - BORN, ring.mark, ring.sure) for ring in read.counters.rings] == [
        (0, "o0", True),
        (60_000, "c1.2", False),
    ]
    assert summary.unpack(before).message_opens.machine + summary.unpack(before).message_clicks.machine == 1
    assert row.unpack(row.pack(read)) == read


def test_a_row_that_does_not_know_what_unsure_hits_took_is_read_and_goes_on():
    before = bytes.fromhex(
        "0004040580d8c1a28c34030101000606676f6f676c6500f1a204f98eac03a1ac4f83e9ac0304020000000005010260ea00000101040200"
        "00000005010260ea00000121ca06e0d40302010101010400e1d4030002000181d30e01030300000000006a0a7011010000000000090000"
        "01006a0a00000000000000000200000200000010270000c46e01000183346b20d6130000014000000000000001000000560ec40e0aef00"
    )
    read = row.unpack(before)
    assert (read.count, read.known.copies[0].mx, len(read.pending)) == (4, "google", 1)
    assert [(ring.at - BORN, ring.mark) for ring in read.counters.rings] == [(0, "o0"), (60_000, "c0.2")]
    assert row.pack(row.unpack(row.pack(read))) == row.pack(read)


def test_a_row_that_does_not_name_its_table_of_networks_is_read_and_goes_on():
    before = bytes.fromhex(
        "0005050580d8c1a28c34030101d18c010206676f6f676c6501f1b0b9d80b0ae1dc2ae596f506c1b955caf6e906020106010260ae0a000201"
        "0201020100000000000200040260ae0a000041ca06e0dc2a00000104ca86d872e0dc2a02020201010400e1dc2a000181f3aa010204020101"
        "0003006a0a00000000000000000201000300000000000000c4ce0000014a7bdac05c150000018000000000000000000000560ec40e0aef00"
    )
    read = row.unpack(before)
    assert (read.count, read.known.copies[0].mx, read.known.networks) == (4, "google", "")
    assert read.known.sessions == (SignedIn(3138279537, BORN - 5, BORN - 5),)
    assert [(ring.at - BORN, ring.mark) for ring in read.counters.rings] == [(700_000, "c1.3")]
    assert row.pack(row.unpack(row.pack(read))) == row.pack(read)


def test_a_row_names_the_oldest_table_of_networks_that_judged_any_of_its_hits():
    hits = [a_hit(place * 1_000, f"r{place}", agent=place) for place in range(3)]
    old, new = CONTEXT._replace(networks="2026-11-20T0300Z"), CONTEXT._replace(networks="2026-11-21T0300Z")

    def named(*contexts):
        found = None
        for hit, context in zip(hits, contexts, strict=False):
            found = take(found, [hit], context)
        return row.unpack(row.pack(found)).known.networks

    assert named(new, new) == new.networks
    assert named(old, new) == named(new, old) == named(old, new, new) == old.networks
    assert named(CONTEXT._replace(networks=""), new) == ""
    assert row.unpack(row.pack(rebuild([hits], new).row())).known.networks == new.networks


def test_a_row_of_the_first_format_is_read_and_its_alerts_rang():
    before = bytes.fromhex(
        "016364646db87170518f0953e3874d418cc90faf3033263130b03002d1832bcc4c8c401603230313840b24995818806a80028c0757b23331"
        "3336344c9fccca0c00"
    )
    read = row.unpack(before)
    assert read.count == 3
    assert [(ring.at - BORN, ring.mark, ring.sure) for ring in read.counters.rings[:2]] == [
        (0, "o0", True),
        (60_000, "c1.2", True),
    ]
    assert row.unpack(row.pack(read)) == read
