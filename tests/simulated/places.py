"""Addresses that hits come from: networks that their owners publish, each of a known class."""

import ipaddress
from random import Random

NETWORKS = {
    "hosting": (
        *("3.8.0.0/16", "18.184.0.0/15", "54.93.0.0/16", "167.99.0.0/16", "88.198.0.0/16", "95.216.0.0/16"),
        *("51.68.0.0/16", "51.89.0.0/16", "35.198.0.0/16", "34.89.0.0/16", "139.162.0.0/16", "2a01:4f8::/32"),
    ),
    "security_vendor": (
        *("67.231.144.0/20", "195.130.217.0/24", "91.220.42.0/24", "68.232.128.0/19", "205.139.110.0/24"),
        *("63.128.21.0/24", "208.84.64.0/22"),
    ),
    "mail_provider": ("40.94.0.0/16", "52.103.0.0/17", "104.47.0.0/17"),  # Microsoft's, which shows mail and scans it
    "consumer": (
        *("79.20.0.0/16", "87.4.0.0/16", "84.128.0.0/12", "79.192.0.0/12", "73.10.0.0/16", "82.64.0.0/16"),
        *("86.130.0.0/16", "93.45.0.0/16", "151.30.0.0/16", "68.10.0.0/16", "88.1.0.0/16", "2003::/20"),
    ),
    "mobile": ("37.160.0.0/13", "172.56.0.0/16", "174.192.0.0/12", "2607:fb90::/32"),
    "office_gateway": ("165.225.72.0/21", "147.161.128.0/17", "104.129.192.0/20", "185.46.212.0/22"),
    "privacy_relay": ("172.224.224.0/20", "104.28.0.0/16", "172.225.0.0/16"),
    "gmail": ("66.249.84.0/24", "66.249.93.0/24", "66.102.8.0/24", "74.125.210.0/24"),
    "yahoo": ("87.248.100.0/24",),
}


def address_in(kind: str, random: Random) -> str:
    """Return a random address in a network of `kind`."""
    network = ipaddress.ip_network(random.choice(NETWORKS[kind]))
    return str(network[random.randrange(1, min(network.num_addresses - 1, 1 << 100))])
