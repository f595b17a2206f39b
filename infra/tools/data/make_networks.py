"""Makes the built-in table of networks from npm `@ip-location-db/asn` and our own list of operators.

With `--check` it only compares. The package lists the addresses that an autonomous system announces; it is fetched by
`npm pack` and checked by its hash. Our list says which operators count as what, and why: `networks.csv` beside this
program has an operator per line, with the numbers of its systems, or with networks if only a part of a system is meant.
If two lines have the same address, the later one counts.
"""

import csv
import ipaddress
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from infra.tools import fetch
from ocello.domain.verdicts.networks import NetworkClass, Networks, Range

PACKAGE, VERSION = "@ip-location-db/asn", "2.3.2026061719"
INTEGRITY = "sha512-PpqYi7wyEyWwunXBtl+y3Vi403SvNywotWwvmiYCOUtE0SVol/Sf492Ee+eErEznmGapxEQB2SAfrpXuZ9a+vQ=="
DATE = "2026-06-17"  # of the data, by the package's version
ROOT = Path(__file__).resolve().parents[3]
LISTED = Path(__file__).with_name("networks.csv")
TARGET = ROOT / "layers/core/ocello/adapters/networks/networks.bin"
FILES = ("asn-ipv4.csv", "asn-ipv6.csv")


class Operator(NamedTuple):
    """One line of our list: whose networks they are, what they are used for, and the reason."""

    network_class: NetworkClass
    name: str
    systems: tuple[int, ...]
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    reason: str


def operators(path: Path = LISTED) -> list[Operator]:
    """Return our list. Raises ValueError for an invalid line, and for a system that is listed twice."""
    found, seen = [], set[int]()
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, strict=True):
            words = line["networks"].split()
            systems = tuple(int(word) for word in words if word.isdecimal())
            networks = tuple(ipaddress.ip_network(word) for word in words if not word.isdecimal())
            if not words or not line["operator"] or not line["reason"] or seen & set(systems):
                raise ValueError(f"{line['operator']}: networks or reason are missing, or a system stands twice")
            seen.update(systems)
            found.append(Operator(NetworkClass(line["class"]), line["operator"], systems, networks, line["reason"]))
    return found


def ranges(folder: Path, listed: list[Operator]) -> Iterator[Range]:
    """Return the ranges of the operators' systems, then their networks. Raises SystemExit for a system without addresses."""
    class_of = {system: operator.network_class for operator in listed for system in operator.systems}
    without = set(class_of)
    for name in FILES:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for first, last, number, _ in csv.reader(file):
                system = int(number)
                if system in class_of:
                    without.discard(system)
                    yield Range(ipaddress.ip_address(first), ipaddress.ip_address(last), class_of[system])
    if without:
        raise SystemExit(f"{LISTED.name}: {PACKAGE} knows no address of {sorted(without)}")
    for operator in listed:
        for network in operator.networks:
            yield Range(network.network_address, network.broadcast_address, operator.network_class)


def main() -> None:
    """Write the table, or with `--check` return whether it is up to date."""
    try:
        folder = fetch.npm(PACKAGE, VERSION, INTEGRITY) / "package"
    except fetch.Unfetched as reason:
        raise SystemExit(str(reason)) from None
    made = Networks.build(DATE, ranges(folder, operators()))
    data = made.pack()
    if "--check" in sys.argv[1:]:
        if TARGET.read_bytes() != data:
            raise SystemExit(f"{TARGET.relative_to(ROOT)} is not what make_networks.py makes: run it without --check")
        print("the table of networks is what its source gives")
    else:
        TARGET.write_bytes(data)
        sizes = ", ".join(f"{kind} {size / 1e6:.1f}" for kind, size in made.sizes().items())
        print(f"wrote {TARGET.relative_to(ROOT)}: {len(data)} bytes; millions of IPv4 addresses: {sizes}")


if __name__ == "__main__":
    main()
