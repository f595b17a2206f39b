"""Measures the table of networks that comes with the package: its size, how long it takes to load, and one look-up.

Run it as `python tests/bench/networks.py`. Printed only; nothing is asserted.
"""

import random
import sys
import timeit
import tracemalloc
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from ocello.adapters.networks.builtin import builtin  # noqa: E402 — after the path

LOOK_UPS, ROUNDS = 20_000, 5


def fastest(addresses, networks):
    """Return the microseconds of one look-up, at the fastest round."""

    def look_up():
        for address in addresses:
            networks.class_of(address)

    return min(timeit.repeat(look_up, number=1, repeat=ROUNDS)) / len(addresses) * 1e6


def main():
    """Print the figures."""
    rng = random.Random(9)
    loading = min(timeit.repeat(builtin, number=1, repeat=20)) * 1e3
    tracemalloc.start()
    networks = builtin()
    held = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    v4 = [".".join(str(rng.randrange(256)) for _ in range(4)) for _ in range(LOOK_UPS)]
    v6 = ["2" + ":".join(f"{rng.randrange(65536):x}" for _ in range(8))[-38:] for _ in range(LOOK_UPS)]
    print(
        f"networks of {networks.version}: {len(networks.pack())} bytes, loaded in {loading:.1f} ms, {held:.2f} MB held"
    )
    print(f"  a look-up of random addresses: IPv4 {fastest(v4, networks):.1f} µs, IPv6 {fastest(v6, networks):.1f} µs")


if __name__ == "__main__":
    main()
