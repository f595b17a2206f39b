"""What hits near one another say together: each finding is of a cluster, and is held against no hit outside it.

A cluster is of one recipient: hits from one source; or from one network by one agent; or, where addresses tell nothing,
by one agent. A finding is of a window of time. Each window is looked at when the last of its hits is known, and when a hit
comes that was missing in it: the marks are the same, in whatever order the hits come (`pending` holds all in reach).
"""

from collections.abc import Iterator, Sequence

from ocello.domain.tracking.tokens import EVERYONE, SEVERAL
from ocello.domain.verdicts.evidence import BIT, SEEN_BESIDE, mask_of
from ocello.domain.verdicts.traces import NAMELESS, NAVIGATED, Trace
from ocello.domain.verdicts.verdict import weigh

BURST_LINKS, BURST_MS = 3, 2_000
PACE_MS = 10_000  # nearly all links of a mail (as of a sweep) within it are a burst too: nobody reads so fast
SWEEP_LINKS, SWEEP_MS = 4, 60_000  # of at least that many links, four fifths
NETWORKS, NETWORKS_MS = 3, 120_000  # of one recipient
RECIPIENTS, RECIPIENTS_MS = 3, 10_000  # whose links one source follows: an office shares its address, not its seconds
HEAD_MS = 90_000  # after a HEAD
FLOOD_HITS, FLOOD_MS = 20, 10_000  # more hits than that of one recipient
READ_MS = (1_500, 600_000)  # between an open and the click that follows it
HORIZON_MS = READ_MS[1]  # no hits further apart are looked at together

_HEAD = BIT["head"]
# Programs that fetch for others, from wherever they stand: their networks say nothing of who reads.
ELSEWHERE = mask_of(
    "image_proxy", "image_proxy_sure", "apple_privacy", "gmail_prefetch", "preview", "crawler", "privacy_relay"
)
_PROXIES = mask_of("image_proxy", "image_proxy_sure")


def mark(pending: Sequence[Trace], new: Trace, link_count: int) -> bool:
    """Mark `new`, and those of `pending` (sorted by place; `new` among them) of which it makes something known.

    Return whether a hit other than `new` was marked with something that it was not marked with before.
    """
    if len(pending) == 1:
        return False
    before = [each.mask for each in pending]
    _look(pending, new, link_count)
    return any(each.mask != mask for each, mask in zip(pending, before, strict=True) if each is not new)


def _look(pending: Sequence[Trace], new: Trace, link_count: int) -> None:
    at, recipient = new.place.at, new.recipient
    mates = [
        each for each in pending if each.recipient == recipient and -HORIZON_MS <= each.place.at - at <= HORIZON_MS
    ]
    clicked = new.kind == "click" and not new.mask & _HEAD
    if len(mates) > 1:
        if clicked:
            _find_links(mates, new, link_count)
        if recipient < SEVERAL:
            _find_networks(mates, new)
            _find_heads(mates, new)
            _find_reading(mates, new)
            _find_floods(mates, new)
    if clicked and recipient != EVERYONE and new.who.network and not new.mask & NAVIGATED:
        _find_recipients(pending, new)


def _clusters(mates: Sequence[Trace], new: Trace) -> Iterator[tuple[list[Trace], bool]]:
    """Yield the hits of each cluster that `new` is in, and whether they come from one source."""
    source, network, agent = new.who
    if network:
        yield [each for each in mates if each.who.source == source and each.who.network], True
        yield [each for each in mates if each.who.network == network and each.who.agent == agent], False
    else:
        yield [each for each in mates if not each.who.network and each.who.agent == agent], False


def _windows(cluster: Sequence[Trace], new: Trace, span: int) -> Iterator[Sequence[Trace]]:
    """Yield the hits of each window of `span` ms that ends with a hit of the cluster and holds `new`."""
    begin, first = 0, new.place.at
    for end, last in enumerate(cluster):
        if last.place < new.place:
            continue
        if last.place.at - first > span:
            return
        while cluster[begin].place.at < last.place.at - span:
            begin += 1
        yield cluster[begin : end + 1]


def _took(window: Sequence[Trace]) -> int:
    return window[-1].place.at - window[0].place.at


def _find_links(mates: Sequence[Trace], new: Trace, link_count: int) -> None:
    """Find bursts and sweeps: many different links of a mail at once, or nearly all of them within a minute."""
    clicks = [each for each in mates if each.kind == "click" and not each.mask & _HEAD]
    if len(clicks) < BURST_LINKS:
        return
    sought = [(BIT["burst"], BURST_MS, BURST_LINKS)]
    if link_count >= SWEEP_LINKS:
        most = -(-4 * link_count // 5)
        sought += [(BIT["burst"], PACE_MS, most), (BIT["sweep"], SWEEP_MS, most)]
    for cluster, one_source in _clusters(clicks, new):
        for bit, span, least in sought:
            if len(cluster) < least:
                continue
            for window in _windows(cluster, new, span):
                links = len({each.link for each in window})
                if links >= least:
                    for each in window:
                        each.mark(bit, (links, -_took(window), one_source))


def together(one: Trace, other: Trace) -> bool:
    """Return whether two hits of one recipient are in one cluster."""
    mine, theirs = one.who, other.who
    if not mine.network or not theirs.network:
        return mine.network == theirs.network and mine.agent == theirs.agent
    return mine.source == theirs.source or (mine.network == theirs.network and mine.agent == theirs.agent)


def _find_networks(mates: Sequence[Trace], new: Trace) -> None:
    """Find one agent in many networks at once; what navigated as people do stays out of it, and providers' servers."""
    passed = _HEAD | ELSEWHERE | NAVIGATED
    if not new.who.network or new.mask & passed:
        return
    cluster = [
        each for each in mates if each.who.agent == new.who.agent and each.who.network and not each.mask & passed
    ]
    if len(cluster) < NETWORKS:
        return
    for window in _windows(cluster, new, NETWORKS_MS):
        networks = len({each.who.network for each in window})
        if networks >= NETWORKS:
            for each in window:
                each.mark(BIT["networks"], (networks, -_took(window), False))


def _find_heads(mates: Sequence[Trace], new: Trace) -> None:
    """Find what was asked for in whole after its headers alone had been asked for."""
    for each in mates:
        first, second = (new, each) if new.place < each.place else (each, new)
        headed = first.mask & _HEAD and not second.mask & _HEAD and first.place.at + HEAD_MS >= second.place.at
        if headed and together(first, second):
            second.mark(BIT["head_before"])


def _find_reading(mates: Sequence[Trace], new: Trace) -> None:
    """Find an open that goes before a click, as a reader's does."""
    for each in mates:
        if each.kind == new.kind:
            continue
        opened, clicked = (new, each) if new.kind == "open" else (each, new)
        if READ_MS[0] <= clicked.place.at - opened.place.at <= READ_MS[1]:
            _compare(opened, clicked)


def _compare(opened: Trace, clicked: Trace) -> None:
    same = opened.who.source == clicked.who.source and opened.who.network != 0
    alone = opened.mask & ~SEEN_BESIDE
    if same and alone & NAMELESS and weigh(clicked.mask & ~SEEN_BESIDE).outcome.counts:
        opened.mark(BIT["before_click"])
    if (same or alone & _PROXIES) and weigh(alone).outcome.counts:
        clicked.mark(BIT["read_there" if same and alone & BIT["mail_client"] else "opened_before"])


def _find_floods(mates: Sequence[Trace], new: Trace) -> None:
    """Find more hits within seconds than anybody makes."""
    if len(mates) <= FLOOD_HITS:
        return
    for window in _windows(mates, new, FLOOD_MS):
        if len(window) > FLOOD_HITS:
            for each in window:
                each.mark(BIT["flood"], (len(window), -_took(window), False))


def _find_recipients(pending: Sequence[Trace], new: Trace) -> None:
    """Find one source that follows links of several recipients at once with one agent, and not as people navigate."""
    cluster = [
        each
        for each in pending
        if each.kind == "click"
        and each.who == new.who
        and not each.mask & (_HEAD | NAVIGATED)
        and each.recipient != EVERYONE
    ]
    if len(cluster) < RECIPIENTS:
        return
    for window in _windows(cluster, new, RECIPIENTS_MS):
        recipients = len({each.recipient for each in window})
        if recipients >= RECIPIENTS:
            for each in window:
                each.mark(BIT["recipients"], (recipients, -_took(window), True))
