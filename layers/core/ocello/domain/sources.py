"""Says which addresses are one source; loopback and private addresses are evidence of nothing."""

import ipaddress
from functools import lru_cache

# Not `is_private`, which also counts the addresses kept for documentation.
_NO_EVIDENCE = [
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


@lru_cache(maxsize=4096)
def source_of(address: str) -> str | None:
    """Name the source behind `address`: itself, for IPv6 its /64; None where it is evidence of nothing."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if any(parsed in network for network in _NO_EVIDENCE if network.version == parsed.version):
        return None
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _SITE_BITS), strict=False))
