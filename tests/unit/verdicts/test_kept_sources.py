"""After its address was cut, a hit is judged as before, and its address is not to be found."""

import ipaddress

from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.domain.engagement import row
from ocello.domain.engagement.settle import rebuild, take
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.context import Context, CopyFacts
from ocello.domain.verdicts.judge import judge
from ocello.domain.verdicts.networks import NetworkClass
from ocello.domain.verdicts.signed_in import SignedIn, source_digest
from ocello.domain.verdicts.traces import place_of, trace_of, without_address
from tests.fakes import SUBJECT_KEY

BORN = 1_790_000_000_000
MESSAGE, OTHER = "01890000-0000-7000-8000-000000000000", "01890000-0000-7000-8000-000000000001"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
CLASSES = {"203.0.113.1": NetworkClass.CONSUMER, "198.51.100.7": NetworkClass.HOSTING}
CONTEXT = Context(
    5,
    own=(ipaddress.ip_network("198.51.100.64/30"), ipaddress.ip_network("2001:db8:7::/64")),
    copies={0: CopyFacts(BORN), 1: CopyFacts(BORN - 300_000, mx="gateway"), 2: CopyFacts(BORN, own=True)},
    sessions=(SignedIn(source_digest("192.0.2.4", SUBJECT_KEY), BORN, BORN + 3_000),),
    source_key=SUBJECT_KEY,
    class_of=lambda address: CLASSES.get(address, NetworkClass.UNKNOWN),
)
ADDRESSES = [
    *("203.0.113.1", "203.0.113.2", "198.51.100.7", "198.51.100.65", "192.0.2.4", "10.0.0.1", "10.0.0.2", "::1", "::9"),
    *("2001:db8:7::1", "2001:db8:7::2", "2001:db8:7:1::1", "::ffff:203.0.113.1", "unknown", ""),
]

hits = st.builds(
    Hit,
    message=st.just(MESSAGE),
    at=st.one_of(st.integers(0, 9_000), st.integers(0, 86_400_000)).map(BORN.__add__),
    request=st.text("abc", min_size=1, max_size=6),
    kind=st.sampled_from(["open", "click"]),
    recipient=st.integers(0, 2),
    link=st.integers(0, 4),
    method=st.sampled_from(["GET", "GET", "HEAD"]),
    address=st.one_of(st.sampled_from(ADDRESSES), st.ip_addresses().map(str)),
    agent=st.sampled_from([CHROME, "curl/8", "Mozilla/5.0", ""]),
    headers=st.just({}),
    flags=st.just(0),
).map(lambda hit: hit if hit.kind == "click" else hit._replace(link=None))
sets_of_hits = st.lists(hits, min_size=1, max_size=40, unique_by=place_of)


@settings(max_examples=300, deadline=None)
@given(sets_of_hits, st.data())
def test_verdicts_before_and_after_the_addresses_were_cut_are_equal(found, data):
    found = sorted(found, key=place_of)
    cut = [without_address(hit, CONTEXT) if data.draw(st.booleans()) else hit for hit in found]
    assert judge(cut, CONTEXT) == judge(found, CONTEXT)
    whole = rebuild([found], CONTEXT)
    again = rebuild([cut], CONTEXT)
    assert row.pack(again.row()) == row.pack(whole.row())


@settings(max_examples=100, deadline=None)
@given(sets_of_hits, hits)
def test_a_row_that_full_addresses_made_goes_on_the_same_with_hits_whose_addresses_were_cut(found, one):
    full, cut = take(None, found, CONTEXT), take(None, found, CONTEXT)
    after, after_cut = take(full, [one], CONTEXT), take(cut, [without_address(one, CONTEXT)], CONTEXT)
    assert (after is None) == (after_cut is None)
    if after is not None:
        assert row.pack(after) == row.pack(after_cut)


@given(hits)
def test_what_is_cut_once_stays_as_it_is(hit):
    once = without_address(hit, CONTEXT)
    assert without_address(once, CONTEXT) == once
    assert not once.address or ipaddress.ip_network(once.address).prefixlen in (24, 48)


def _from(address, message=MESSAGE):
    return Hit(message, BORN, "r", "open", 0, None, "GET", address, CHROME, {}, 0)


def test_two_addresses_of_one_network_stay_two_sources_and_one_address_stays_one():
    one, same, other = (without_address(_from(address), CONTEXT) for address in ("192.0.2.4", "192.0.2.4", "192.0.2.5"))
    assert one.address == other.address == "192.0.2.0/24"
    assert one.source == same.source
    assert one.source.source != other.source.source


def test_the_digest_of_a_source_tells_nothing_of_another_message_nor_to_whom_has_not_the_key():
    keys = [CONTEXT, CONTEXT._replace(source_key=b"another key of thirty-two bytes.")]
    found = {trace_of(_from("192.0.2.4", message), each).who.source for message in (MESSAGE, OTHER) for each in keys}
    assert len(found) == 4
