"""From where the sender was signed in: what is kept of it, and how long it counts."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common.times import DAY_MS
from ocello.domain.verdicts.networks import NetworkClass
from ocello.domain.verdicts.signed_in import MOST_SOURCES, SignedIn, is_shared, joined, seen, source_digest
from tests.fakes import SUBJECT_KEY

NOW = 1_790_000_000_000
HOME = "203.0.113.1"


def digest(address, key=SUBJECT_KEY):
    return source_digest(address, key)


def test_a_source_is_an_address_or_a_site_of_ipv6_and_private_ones_are_none():
    assert digest(HOME) == digest(f"::ffff:{HOME}") != digest("203.0.113.2")
    assert digest("2001:db8:1:2::5") == digest("2001:db8:1:2:ffff::9") != digest("2001:db8:1:3::5")
    assert {digest(address) for address in ("10.0.0.1", "127.0.0.1", "::1", "", "garbage", "fd00::1")} == {0}


def test_a_digest_says_nothing_without_the_key():
    assert digest(HOME) != digest(HOME, b"o" * 32)
    assert digest(HOME, b"") == 0


@given(st.ip_addresses().filter(lambda each: each.is_global))
def test_a_digest_is_no_part_of_the_address(address):
    found = digest(str(address))
    assert 0 < found < 1 << 32
    if isinstance(address, ipaddress.IPv4Address):
        assert found != int(address)


def test_a_source_that_many_people_share_tells_of_nobody():
    assert {kind for kind in NetworkClass if is_shared(HOME, {HOME: kind}.__getitem__)} == {
        NetworkClass.MOBILE,
        NetworkClass.PRIVACY_RELAY,
        NetworkClass.OFFICE_GATEWAY,
    }


def test_a_source_counts_from_when_it_was_seen_first_until_two_weeks_after_it_was_seen_last():
    one = SignedIn(7, NOW, NOW + DAY_MS)
    assert [one.covers(at) for at in (NOW - 1, NOW, NOW + 15 * DAY_MS, NOW + 15 * DAY_MS + 1)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_source_that_is_used_on_keeps_its_beginning_and_one_that_comes_back_after_long_begins_anew():
    first = seen((), 7, NOW)
    assert first == (SignedIn(7, NOW, NOW),)
    on = seen(first, 7, NOW + 14 * DAY_MS)
    assert on == (SignedIn(7, NOW, NOW + 14 * DAY_MS),)
    assert seen(on, 8, NOW + 29 * DAY_MS) == (SignedIn(8, NOW + 29 * DAY_MS, NOW + 29 * DAY_MS),)
    assert seen(first, 7, NOW + 15 * DAY_MS) == (SignedIn(7, NOW + 15 * DAY_MS, NOW + 15 * DAY_MS),)


def test_of_many_sources_those_seen_last_are_kept():
    known: tuple[SignedIn, ...] = ()
    for number in range(1, MOST_SOURCES + 5):
        known = seen(known, number, NOW + number)
    assert [each.source for each in known] == list(range(5, MOST_SOURCES + 5))


SOME = st.lists(
    st.builds(lambda source, since, more: SignedIn(source, since, since + more), *[st.integers(1, 4)] * 3), max_size=6
)


@given(SOME, SOME, SOME)
def test_what_was_known_at_several_times_is_joined_in_any_order(one, two, three):
    assert joined(joined(one, two), three) == joined(joined(three, one), two)
    assert joined(one, one) == joined(one, ())
    together = joined(one, two)
    assert all(any(each.covers(at) for each in together) for part in (one, two) for at in part[:1] and part[0][1:])
