"""How what is held of a person is written down in an export."""

from typing import Any

from ocello.domain.common import times
from ocello.domain.consent.networks import cut
from ocello.domain.engagement.summary import Summary
from ocello.domain.tracking.hits import Hit


def written_time(at: int | None) -> str | None:
    """Return a time (ms) as RFC 3339 writes it; None where there is none."""
    return None if at is None else times.rfc3339(at)


def counted_json(summary: Summary) -> dict[str, Any]:
    """Return how often and when a mail was opened, or its links followed."""
    return {
        "count": summary.count,
        "by_machines": summary.machine,
        "unclear": summary.unknown,
        "first": written_time(summary.first),
        "last": written_time(summary.last),
        "times": [times.rfc3339(at) for at in summary.times],
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """Return a hit; of its network address the network alone."""
    return {
        "at": times.rfc3339(hit.at),
        "kind": hit.kind,
        "link": hit.link,
        "network": cut(hit.address),
        "agent": hit.agent,
        "headers": hit.headers,
    }
