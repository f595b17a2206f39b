"""Says which addresses are one source, one network, or one's own; loopback and private ones are evidence of nothing."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from ocello.domain.common.errors import Invalid

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Not `is_private`, which also counts the addresses kept for documentation.
NO_EVIDENCE = [
    ipaddress.ip_network(network)
    for network in (
        *(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
        ),
        *("::/127", "fc00::/7", "fe80::/10"),
    )
]
_SITE_BITS = 64  # an IPv6 site hands out its lower half at will
_NETWORK_BITS = {4: 16, 6: 32}  # what one provider's customers mostly share, as their addresses come and go


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address, IPv4 in IPv6's clothes as IPv4; None for what is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


@lru_cache(maxsize=4096)
def _telling(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address; None where it is evidence of nothing."""
    parsed = _read(address)
    return None if parsed is None or within(parsed, NO_EVIDENCE) else parsed


@lru_cache(maxsize=4096)
def source_of(address: str) -> str | None:
    """Name the source behind `address`: itself, for IPv6 its /64; None where it is evidence of nothing."""
    parsed = _telling(address)
    if parsed is None or parsed.version == 4:
        return None if parsed is None else str(parsed)
    return str(ipaddress.ip_network((parsed, _SITE_BITS), strict=False))


@lru_cache(maxsize=4096)
def network_of(address: str) -> str | None:
    """Name the network of `address`, its /16 or for IPv6 its /32; None where it is evidence of nothing."""
    parsed = _telling(address)
    if parsed is None:
        return None
    return str(ipaddress.ip_network((parsed, _NETWORK_BITS[parsed.version]), strict=False))


def networks_of(field: str, text: str) -> tuple[Network, ...]:
    """Read comma-separated networks, such as `203.0.113.0/24, 2001:db8::/32`. Raises Invalid, naming `field`."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise Invalid(field, "must be networks such as 203.0.113.0/24, comma-separated") from None


def within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: Sequence[Network]) -> bool:
    """Return whether `address` is in one of the networks."""
    return any(address in network for network in networks if network.version == address.version)


def is_own(address: str, networks: Sequence[Network]) -> bool:
    """Return whether the text `address` is an address in one of the networks."""
    parsed = _read(address) if networks else None
    return parsed is not None and within(parsed, networks)
