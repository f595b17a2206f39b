"""Reads the table of networks that comes with the package; infra/tools/data/make_networks.py makes it.

Source: npm `@ip-location-db/asn`, made of data of RouteViews (https://www.routeviews.org), DB-IP (https://db-ip.com) and the NRO
(https://www.nro.net), each under Creative Commons Attribution 4.0. Changes: it is a selection, with a class for each operator.
"""

from functools import cache
from pathlib import Path

from ocello.domain.verdicts.networks import NetworkClass, Networks

_FILE = Path(__file__).with_name("networks.bin")


@cache
def builtin() -> Networks:
    """Return the table; `make bench` measures how long reading it takes."""
    return Networks.parse(_FILE.read_bytes())


def class_of(address: str) -> NetworkClass:
    """Return the class of an address's network; the table is read at the first call."""
    return builtin().class_of(address)
