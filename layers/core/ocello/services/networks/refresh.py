"""Makes a fresh table of networks: the providers' published lists, over the table that comes with the package.

If a list cannot be fetched, is broken, or has less than half of its earlier size, the last good one is used. The whole
table is written under its version first; then it becomes the current one.
"""

import datetime as dt
import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ocello.domain.common.errors import Unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.verdicts.networks import NetworkClass, Networks, Range
from ocello.domain.verdicts.sources import NO_EVIDENCE
from ocello.services.networks.ports import (
    CURRENT,
    NetworksStore,
    PublishedLists,
    list_name,
    table_name,
)
from ocello.services.networks.published import Network, Provider, networks_in, sizes

MOST_BYTES = 40_000_000  # of one list; Apple's has about 10 MB
SECONDS = 25.0  # for one list
LARGEST_TABLE = 4_000_000  # bytes; one of today's lists has 1 MB
_LEAST_SHARE = 0.5
_LONGEST = 100  # characters of an outcome
_TEXT = "text/plain; charset=utf-8"

FRESH, KEPT, MISSING = "fresh", "kept", "missing"


class GoodList(NamedTuple):
    """A provider's last good list, and when it was fetched (ms)."""

    fetched_at: int
    networks: list[Network]


class Refreshed(NamedTuple):
    """The outcome of a refresh: the table's version ('' if no list was fresh), and the outcome of each provider's list.

    An outcome is FRESH, or begins with KEPT (the last good list is used) or MISSING and says why.

    `oldest_days` is the age of the oldest list in use; if there is none, that of the package's table.
    """

    version: str
    outcomes: dict[str, str]
    oldest_days: int


def refresh(
    providers: Sequence[Provider],
    lists: PublishedLists,
    store: NetworksStore,
    builtin: Networks,
    now_ms: int,
    largest: int = LARGEST_TABLE,
) -> Refreshed:
    """Fetch the published lists, and make them the current table.

    Raises Unavailable if the store fails, or if the table would be larger than `largest` bytes.
    """
    outcomes: dict[str, str] = {}
    used: list[tuple[Provider, GoodList]] = []
    for provider in providers:
        last = _parse(store.get(list_name(provider.name)))
        try:
            fresh = _fetch(provider, lists, last)
        except (Unavailable, ValueError) as error:
            outcomes[provider.name] = f"{KEPT if last else MISSING}: {error}"[:_LONGEST]
        else:
            outcomes[provider.name] = FRESH
            last = GoodList(now_ms, fresh)
            store.put(list_name(provider.name), _serialize(last), _TEXT)
        if last:
            used.append((provider, last))
    ages = [(now_ms - each.fetched_at) // DAY_MS for _, each in used] or [builtin.days_old(now_ms)]
    if FRESH not in outcomes.values():
        return Refreshed("", outcomes, max(ages))
    at = dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC)
    table = Networks.build(at.strftime("%Y-%m-%dT%H%MZ"), _ranges(used), builtin)
    data = table.pack()
    if len(data) > largest:
        raise Unavailable(f"the table would have {len(data)} bytes, more than {largest}")
    store.put(table_name(table.version), data, "application/octet-stream")
    store.put(CURRENT, table.version.encode(), _TEXT)
    return Refreshed(table.version, outcomes, max(ages))


def _fetch(provider: Provider, lists: PublishedLists, last: GoodList | None) -> list[Network]:
    """Return one fetched list. Raises Unavailable, and ValueError for a broken list."""
    fresh = networks_in(provider, lists.fetch(provider.address, MOST_BYTES, SECONDS))
    if last is not None:
        before, now = sizes(last.networks), sizes(fresh)
        if any(now[kind] < before[kind] * _LEAST_SHARE for kind in before):
            raise ValueError("less than half of what it was")
    return fresh


def _ranges(used: Iterable[tuple[Provider, GoodList]]) -> Iterator[Range]:
    for provider, each in used:
        for network in each.networks:
            yield _range(network, provider.network_class)
    for network in NO_EVIDENCE:  # whatever a list says of loopback and private addresses
        yield _range(network, NetworkClass.UNKNOWN)


def _range(network: Network, network_class: NetworkClass) -> Range:
    return Range(network.network_address, network.broadcast_address, network_class)


def _serialize(good: GoodList) -> bytes:
    """Return the text of a list: when it was fetched, then one network per line."""
    return "\n".join([str(good.fetched_at), *map(str, good.networks), ""]).encode()


def _parse(content: bytes | None) -> GoodList | None:
    """Return a stored list; None if there is none, or if it is damaged."""
    try:
        first, *rest = (content or b"").decode().split()
        return GoodList(int(first), [ipaddress.ip_network(each) for each in rest])
    except ValueError:
        return None
