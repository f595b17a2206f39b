"""Cuts a network address down to what may be shown of it."""

import ipaddress

_KEPT = {4: 24, 6: 48}  # bits: enough to tell an office from another, too few to tell a reader
_CUT = ("/24", "/48")


def cut(address: str) -> str:
    """Return the network that an address is in, /24 of IPv4 and /48 of IPv6; empty for what is no address.

    What is such a network already stays as it is.
    """
    try:
        if address.endswith(_CUT):
            return str(ipaddress.ip_network(address))
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((plain, _KEPT[plain.version]), strict=False))
