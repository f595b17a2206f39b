"""Answers the schedule's event: makes the table of networks again, and logs the result in one line."""

from collections.abc import Sequence

from ocello.adapters.metrics import Figure, write_line
from ocello.domain.verdicts.networks import Networks
from ocello.services.common.ports import Clock
from ocello.services.networks.ports import NetworksStore, PublishedLists
from ocello.services.networks.published import PROVIDERS, Provider
from ocello.services.networks.refresh import refresh


def answer(
    lists: PublishedLists,
    store: NetworksStore,
    builtin: Networks,
    clock: Clock,
    providers: Sequence[Provider] = PROVIDERS,
) -> None:
    """Refresh the table; `NetworksAge` is the age in days of the oldest list in use. Raises Unavailable if the bucket fails."""
    done = refresh(providers, lists, store, builtin, clock())
    write_line(
        "networks refreshed",
        clock(),
        {"NetworksAge": Figure(done.oldest_days)},
        version=done.version,
        **{name.replace("-", "_"): outcome for name, outcome in done.outcomes.items()},
    )
