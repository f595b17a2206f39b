"""The table of networks: what it says of an address, how it is made of ranges, and that a broken one is refused."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.tools.data import make_networks
from ocello.adapters.networks.builtin import builtin
from ocello.domain.verdicts.networks import NetworkClass, Networks, Range, nothing_known

FIRST = str(ipaddress.IPv4Address(0))
HOSTING, CONSUMER, UNKNOWN = NetworkClass.HOSTING, NetworkClass.CONSUMER, NetworkClass.UNKNOWN


def a_range(first, last, kind):
    return Range(ipaddress.ip_address(first), ipaddress.ip_address(last), kind)


SMALL = Networks.build(
    "2026-06-17",
    [
        a_range(FIRST, "0.0.0.255", CONSUMER),
        a_range("192.0.2.0", "192.0.2.255", HOSTING),
        a_range("192.0.2.64", "192.0.2.127", NetworkClass.SECURITY_VENDOR),
        a_range("255.255.255.0", "255.255.255.255", NetworkClass.MOBILE),
        a_range("2001:db8::", "2001:db8:0:ffff:ffff:ffff:ffff:ffff", CONSUMER),
        a_range("ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", HOSTING),
    ],
)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (FIRST, CONSUMER),
        ("0.0.1.0", UNKNOWN),
        ("192.0.1.255", UNKNOWN),
        ("192.0.2.0", HOSTING),
        ("192.0.2.63", HOSTING),
        ("192.0.2.64", NetworkClass.SECURITY_VENDOR),
        ("192.0.2.127", NetworkClass.SECURITY_VENDOR),
        ("192.0.2.128", HOSTING),
        ("192.0.2.255", HOSTING),
        ("192.0.3.0", UNKNOWN),
        ("255.255.255.255", NetworkClass.MOBILE),
        ("::ffff:192.0.2.64", NetworkClass.SECURITY_VENDOR),
        ("::ffff:c000:240", NetworkClass.SECURITY_VENDOR),
        ("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", UNKNOWN),
        ("2001:db8::", CONSUMER),
        ("2001:DB8:0:ffff::1", CONSUMER),
        ("2001:db8:1::", UNKNOWN),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", HOSTING),
        ("fe80::1%eth0", UNKNOWN),
        ("", UNKNOWN),
        ("192.0.2", UNKNOWN),
        ("192.0.2.0/24", UNKNOWN),
        ("192.0.2.064", UNKNOWN),
    ],
)
def test_an_address_has_the_class_of_the_range_it_is_in(address, kind):
    assert SMALL.class_of(address) is kind
    assert Networks.parse(SMALL.pack()).class_of(address) is kind


@given(st.text() | st.ip_addresses().map(str) | st.text("0123456789.:abcdef%/", max_size=50))
@example("%")
@example("1" * 5000)
def test_no_text_makes_a_look_up_fail(text):
    assert SMALL.class_of(text) in NetworkClass
    assert nothing_known(text) is UNKNOWN


numbers = st.integers(0, 60)
some_ranges = st.lists(st.tuples(numbers, numbers, st.sampled_from(NetworkClass)), max_size=12)


def spread(version, ranges):
    """Return addresses for small numbers, counted so that they end with the last address of a kind."""
    top = 2**32 if version == 4 else 2**128
    step = 1 if version == 4 else 2**64
    make = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address

    def first(number):
        return make(top - (61 - number) * step)

    found = [
        Range(first(min(one, other)), make(int(first(max(one, other))) + step - 1), kind) for one, other, kind in ranges
    ]
    return found, [str(first(number)) for number in range(61)]


@given(st.sampled_from([4, 6]), some_ranges, some_ranges)
def test_where_ranges_meet_the_later_one_is_right(version, below, above):
    lower, addresses = spread(version, below)
    upper, _ = spread(version, above)
    made = Networks.build("2026-06-18", upper, Networks.build("2026-06-17", lower))
    assert made.pack() == Networks.build("2026-06-18", lower + upper).pack()
    for number, address in enumerate(addresses):
        covering = [kind for one, other, kind in below + above if min(one, other) <= number <= max(one, other)]
        assert made.class_of(address) is (covering[-1] if covering else UNKNOWN)


def test_ranges_that_touch_and_are_alike_become_one():
    halves = [a_range("192.0.2.0", "192.0.2.127", HOSTING), a_range("192.0.2.128", "192.0.2.255", HOSTING)]
    whole = [a_range("192.0.2.0", "192.0.2.255", HOSTING)]
    assert Networks.build("2026-06-17", halves).pack() == Networks.build("2026-06-17", whole).pack()


@given(st.integers(0, len(SMALL.pack()) - 1))
def test_a_table_that_was_cut_is_refused(length):
    with pytest.raises(ValueError, match=r"\S"):
        Networks.parse(SMALL.pack()[:length])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"ocello-networks 1", b"ocello-networks 2"),
        (b"2026-06-17", b"2026-06-17 1"),
        (b"2026-06-17", b"2026-06-31"),
        (b"security_vendor", b"securityvendor_"),
        (b"\xc0\x00\x02\x00", b"\xc0\x00\x02\x40"),  # a beginning that is no later than the one before
        (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff"),
    ],
)
def test_a_table_that_holds_something_else_is_refused(before, after):
    packed = SMALL.pack()
    assert before in packed
    with pytest.raises(ValueError, match=r"\S"):
        Networks.parse(packed.replace(before, after, 1))
    with pytest.raises(ValueError, match="behind"):
        Networks.parse(packed + b"\0")


def test_classes_are_read_by_their_names_and_a_class_nobody_knows_is_refused():
    packed = SMALL.pack()
    moved = packed.replace(b"hosting,security_vendor", b"security_vendor,hosting", 1)
    assert Networks.parse(moved).class_of("192.0.2.64") is HOSTING
    assert Networks.parse(moved).class_of("192.0.2.0") is NetworkClass.SECURITY_VENDOR
    with pytest.raises(ValueError, match="satellite"):
        Networks.parse(packed.replace(b"hosting", b"satellite", 1))
    with pytest.raises(ValueError, match="classes"):
        Networks.parse(packed.replace(b",consumer,mobile,privacy_relay,office_gateway,unknown", b"", 1))


@given(st.binary(max_size=80) | st.tuples(st.integers(0, 200), st.integers(0, 255)))
def test_garbage_is_refused_as_a_value_error(garbage):
    packed = bytearray(SMALL.pack())
    if isinstance(garbage, tuple):
        packed[garbage[0] % len(packed)] = garbage[1]
    data = garbage if isinstance(garbage, bytes) else bytes(packed)
    try:
        read = Networks.parse(data)
    except ValueError:
        return
    assert read.class_of("192.0.2.64") in NetworkClass


# --- what comes with the package -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def networks():
    return builtin()


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("52.95.110.1", HOSTING),  # Amazon
        ("2a01:4f8::1", HOSTING),  # Hetzner
        ("35.198.1.1", HOSTING),  # Google Cloud
        ("66.249.84.1", NetworkClass.MAIL_PROVIDER),  # Google's image proxy
        ("40.94.29.90", NetworkClass.MAIL_PROVIDER),  # Microsoft: Safe Links was seen from here
        ("17.58.0.1", NetworkClass.MAIL_PROVIDER),  # Apple
        ("67.231.144.1", NetworkClass.SECURITY_VENDOR),  # Proofpoint
        ("207.211.30.1", NetworkClass.SECURITY_VENDOR),  # Mimecast
        ("165.225.72.1", NetworkClass.OFFICE_GATEWAY),  # Zscaler
        ("104.28.30.1", NetworkClass.PRIVACY_RELAY),  # Private Relay and WARP
        ("172.225.1.1", NetworkClass.PRIVACY_RELAY),
        ("2a02:26f7:b000::1", NetworkClass.PRIVACY_RELAY),
        ("93.45.7.7", CONSUMER),  # Fastweb
        ("82.64.1.1", CONSUMER),  # Free
        ("37.160.7.7", NetworkClass.MOBILE),  # Free Mobile
        ("10.0.0.1", UNKNOWN),
        ("127.0.0.1", UNKNOWN),
        ("192.0.2.1", UNKNOWN),
        ("::1", UNKNOWN),
    ],
)
def test_the_table_that_comes_with_the_package_knows_the_large_operators(networks, address, kind):
    assert networks.class_of(address) is kind


def test_the_table_that_comes_with_the_package_is_small_and_says_its_date(networks):
    assert networks.version == make_networks.DATE
    assert len(networks.pack()) < 1_000_000
    sizes = networks.sizes()
    assert sum(sizes.values()) == 2**32
    assert all(sizes[kind] > 100_000 for kind in NetworkClass)


def test_every_operator_has_a_class_and_a_reason_and_every_class_its_operators():
    listed = make_networks.operators()
    assert {operator.network_class for operator in listed} == set(NetworkClass) - {UNKNOWN}
    assert all(len(operator.reason) > 20 for operator in listed)
    assert len({(operator.network_class, operator.name) for operator in listed}) == len(listed)


@pytest.mark.parametrize(
    "line",
    [
        "hosting,Somebody,,machines for rent",
        "hosting,Somebody,64500,",
        "hosting,Somebody,64500 64500x,machines for rent",
        "cloud,Somebody,64500,machines for rent",
        "hosting,Somebody,64501,a system that stands twice",
        "hosting,Somebody,192.0.2.1/24,no network",
    ],
)
def test_a_line_of_the_list_that_says_too_little_is_refused(tmp_path, line):
    path = tmp_path / "networks.csv"
    path.write_text(f"class,operator,networks,reason\nhosting,Other,64501,machines for rent\n{line}\n")
    with pytest.raises(ValueError, match=r"\S"):
        make_networks.operators(path)


def test_the_tool_puts_systems_under_networks_and_refuses_a_system_without_addresses(tmp_path):
    (tmp_path / "asn-ipv4.csv").write_text(
        '192.0.2.0,192.0.2.255,64500,"Some, Inc."\n198.51.100.0,198.51.100.9,1,Other\n'
    )
    (tmp_path / "asn-ipv6.csv").write_text("2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,64500,Some\n")
    part = (ipaddress.ip_network("192.0.2.128/25"),)
    listed = [
        make_networks.Operator(NetworkClass.PRIVACY_RELAY, "Relay", (), part, "a part"),
        make_networks.Operator(HOSTING, "Some", (64500,), (), "the whole"),
    ]
    made = Networks.build("2026-06-17", make_networks.ranges(tmp_path, listed))
    found = [made.class_of(address) for address in ("192.0.2.1", "192.0.2.129", "198.51.100.1", "2001:db8::1")]
    assert found == [HOSTING, NetworkClass.PRIVACY_RELAY, UNKNOWN, HOSTING]
    with pytest.raises(SystemExit, match="64502"):
        list(make_networks.ranges(tmp_path, [listed[1]._replace(systems=(64502,))]))
