"""Resolves a host that a user entered, and refuses addresses of our own network."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence

from ocello.domain.common.texts import Text
from ocello.domain.messages.delivery import Rejected, Unreachable

Resolver = Callable[[str, int], Sequence[str]]
_LOOKUP_SECONDS = 10
_RELAYS = ipaddress.ip_network("192.88.99.0/24")  # of 6to4: RFC 7526
_GIVEN = ipaddress.ip_network("2000::/3")  # RFC 4291, section 2.4
_SPECIAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3ffe::/16",  # 6bone, given back
        "3fff::/20",  # documentation
    )
)


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host. It is looked up once; connections are made to these addresses, never by name again.

    Raise OSError, also if the look-up takes too long: the system's function has no time limit.
    """
    found: list[str] = []
    failures: list[Exception] = []

    def look_up() -> None:
        try:
            found.extend(str(address[4][0]) for address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failures.append(error)

    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(_LOOKUP_SECONDS)
    if thread.is_alive():
        raise TimeoutError("the name was not found in time")
    if failures:
        raise failures[0]
    return list(dict.fromkeys(found))


def addresses_of(host: str, port: int, *, allow_private: bool, resolver: Resolver = resolve) -> Sequence[str]:
    """Return the addresses that may be connected to. Raise Rejected if all are private, Unreachable if there are none.

    Loopback, private, link-local (such as a cloud's metadata service), shared, reserved and translated addresses are private.
    """
    try:
        found = resolver(host.strip("[]"), port)
    except (OSError, UnicodeError) as error:
        raise Unreachable(Text("The server %(host)s could not be found.", host=host)) from error
    public = [address for address in found if allow_private or is_public(address)]
    if found and not public:
        pattern = "The server %(host)s is at a private address, which this installation does not connect to."
        raise Rejected(Text(pattern, host=host))
    return public


def is_public(text: str) -> bool:
    """Return whether an IP address belongs to the public internet.

    IPv6 addresses are public only within 2000::/3, which is assigned to networks, without the ranges that embed an IPv4
    address or have no hosts: a translator could lead such an address anywhere.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        return address in _GIVEN and not any(address in special for special in _SPECIAL)
    return address.is_global and not address.is_multicast and address not in _RELAYS
