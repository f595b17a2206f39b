"""Finds the addresses of a host that a user named, and refuses those that lead into our own network."""

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
    """Look a host up once; what is connected to afterwards is one of these addresses, never the name again.

    Raises OSError, also for a name whose servers take too long: the lookup itself knows no limit.
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
    """Return the addresses that may be connected to. Raises Refused where all are private, Unreachable where none is found.

    Loopback, private, link-local (a cloud's metadata service among them), shared, reserved and translated addresses are
    private.
    """
    try:
        found = resolver(host.strip("[]"), port)
    except (OSError, UnicodeError) as error:
        raise Unreachable(Text("The server %(host)s could not be found.", host=host)) from error
    public = [address for address in found if allow_private or is_public(address)]
    if found and not public:
        words = "The server %(host)s is at a private address, which this installation does not send through."
        raise Rejected(Text(words, host=host))
    return public


def is_public(text: str) -> bool:
    """Return whether an IP address is one of the internet's.

    Of IPv6 only what is given to networks (2000::/3), and of that nothing that stands for an IPv4 address or for no
    host at all: whatever translates it might lead anywhere.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        return address in _GIVEN and not any(address in special for special in _SPECIAL)
    return address.is_global and not address.is_multicast and address not in _RELAYS
