"""Of a network address no more is shown than the network that it is in."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.consent.networks import cut


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", ""),
        ("unknown", ""),
        ("192.0.2.77, 10.0.0.1", ""),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("2001:db8:1::/48", "2001:db8:1::/48"),
        ("192.0.2.77/24", ""),
    ],
)
def test_an_address_is_cut(address, network):
    assert cut(address) == network


@given(st.ip_addresses())
def test_all_that_share_a_network_are_shown_alike(address):
    network = ipaddress.ip_network(cut(str(address)))
    assert {cut(str(network[0])), cut(str(network[-1]))} == {str(network)}
    assert network.num_addresses in (2**8, 2**80)
