"""Finds the addresses of a host that a user named, and refuses those that lead into our own network."""

import ipaddress
import socket
from collections.abc import Callable, Sequence

from ocello.domain.delivery import Postponed, Refused
from ocello.domain.texts import Text

Resolver = Callable[[str, int], Sequence[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last four bytes


def resolve(host: str, port: int) -> Sequence[str]:
    """Look a host up once; what is connected to afterwards is one of these addresses, never the name again."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def addresses_of(host: str, port: int, *, allow_private: bool, resolver: Resolver = resolve) -> Sequence[str]:
    """Give the addresses that may be connected to. Raises Refused where all are private, Postponed where none is found.

    Loopback, private, link-local (a cloud's metadata service among them), shared and reserved addresses are private.
    """
    try:
        found = resolver(host.strip("[]"), port)
    except (OSError, UnicodeError) as error:
        raise Postponed(Text("The server %(host)s could not be found.", host=host)) from error
    public = [address for address in found if allow_private or is_public(address)]
    if found and not public:
        words = "The server %(host)s is at a private address, which this installation does not send through."
        raise Refused(Text(words, host=host))
    return public


def is_public(text: str) -> bool:
    """Tell whether an IP address is one of the internet's, also where it wraps an IPv4 address."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        wrapped = address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if wrapped is not None and not is_public(str(wrapped)):
            return False
    return address.is_global and not address.is_multicast
