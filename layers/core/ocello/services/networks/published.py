"""The lists of networks that providers publish: the address of each, its class, and how to read it. A broken list is refused."""

import ipaddress
import json
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, NamedTuple

from ocello.domain.verdicts.networks import NetworkClass

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Form(Enum):
    """The format of a list."""

    JSON = "json"  # JSON: the networks are strings anywhere in it
    CSV = "csv"  # text: a network is the first field of a line


class Provider(NamedTuple):
    """One published list: its networks have this class; a list of fewer than `least` networks is wrong or incomplete."""

    name: str
    address: str
    network_class: NetworkClass
    form: Form
    least: int


_HOSTING, _RELAY = NetworkClass.HOSTING, NetworkClass.PRIVACY_RELAY

# If two lists have the same address, the later one counts. Azure is left out: its address changes each week.
PROVIDERS = (
    # https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html
    Provider("aws", "https://ip-ranges.amazonaws.com/ip-ranges.json", _HOSTING, Form.JSON, 1000),
    # https://cloud.google.com/compute/docs/faq#find_ip_range
    Provider("google-cloud", "https://www.gstatic.com/ipranges/cloud.json", _HOSTING, Form.JSON, 100),
    # https://docs.oracle.com/en-us/iaas/Content/General/Concepts/addressranges.htm
    Provider("oracle", "https://docs.oracle.com/en-us/iaas/tools/public_ip_ranges.json", _HOSTING, Form.JSON, 100),
    Provider("digitalocean", "https://www.digitalocean.com/geo/google.csv", _HOSTING, Form.CSV, 100),
    Provider("linode", "https://geoip.linode.com/", _HOSTING, Form.CSV, 100),
    Provider("starlink", "https://geoip.starlinkisp.net/feed.csv", NetworkClass.CONSUMER, Form.CSV, 100),
    Provider(
        "zscaler",
        "https://config.zscaler.com/api/zscaler.net/hubs/cidr/json/recommended",
        NetworkClass.OFFICE_GATEWAY,
        Form.JSON,
        20,
    ),
    Provider("cloudflare-warp", "https://api.cloudflare.com/local-ip-ranges.csv", _RELAY, Form.CSV, 100),
    # https://developer.apple.com/support/prepare-your-network-for-icloud-private-relay/
    Provider("apple-private-relay", "https://mask-api.icloud.com/egress-ip-ranges.csv", _RELAY, Form.CSV, 10_000),
)

_SHORTEST = {4: 8, 6: 20}  # bits: nobody owns a wider network, so a list that has one is broken
_BIT = {4: 32, 6: 64}


def networks_in(provider: Provider, content: bytes) -> list[Network]:
    """Return the networks of a list, joined where they touch. Raises ValueError for a list that is broken or too short."""
    text = content.decode()  # a UnicodeDecodeError is a ValueError
    words = (
        _texts(text) if provider.form is Form.JSON else (line.partition(",")[0].strip() for line in text.splitlines())
    )
    found = {network for word in words if (network := _network(word)) is not None}
    if len(found) < provider.least:
        raise ValueError(f"{len(found)} networks, fewer than {provider.least}")
    for network in found:
        if network.prefixlen < _SHORTEST[network.version]:
            raise ValueError(f"{network} is wider than any provider's")
    return collapse(found)


def collapse(networks: set[Network]) -> list[Network]:
    """Return the same addresses in as few networks as possible, in order."""
    v4 = [network for network in networks if isinstance(network, ipaddress.IPv4Network)]
    v6 = [network for network in networks if isinstance(network, ipaddress.IPv6Network)]
    return [*ipaddress.collapse_addresses(v4), *ipaddress.collapse_addresses(v6)]


def sizes(networks: Sequence[Network]) -> dict[int, int]:
    """Return the number of addresses of IPv4, and of IPv6 in /64s; a smaller IPv6 network counts as one."""
    found = {4: 0, 6: 0}
    for network in networks:
        found[network.version] += 1 << max(0, _BIT[network.version] - network.prefixlen)
    return found


def _texts(text: str) -> Iterator[str]:
    """Return all strings of a JSON document except names. Raises ValueError."""
    try:
        waiting: list[Any] = [json.loads(text)]
    except RecursionError:
        raise ValueError("nested too deep") from None
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _network(word: str) -> Network | None:
    """Return a network such as 192.0.2.0/24; None for any other text."""
    if "/" not in word:
        return None
    try:
        return ipaddress.ip_network(word)
    except ValueError:
        return None
