"""What hits near one another in time say together: bursts, sweeps, and one source or many where there should not be."""

from collections.abc import Callable, Hashable, Sequence

from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import EVERYONE, SEVERAL
from ocello.domain.verdicts.agents import Agent, recognise
from ocello.domain.verdicts.repeats import CLICK_MS
from ocello.domain.verdicts.sources import network_of, source_of
from ocello.domain.verdicts.verdict import Context, Reason, Verdict, verdict_of

BURST_LINKS, BURST_MS = 3, 2_000
SWEEP_LINKS, SWEEP_MS = 4, 60_000  # of at least that many links, four fifths
LOOK_MS = 90_000  # how far an open and a click are looked at together
NETWORKS, NETWORKS_MS = 3, 120_000  # of one recipient
RECIPIENTS, RECIPIENTS_MS = (
    3,
    10_000,
)  # whose links one source follows: an office shares its address, but not its seconds
HORIZON_MS = max(LOOK_MS + BURST_MS, SWEEP_MS, NETWORKS_MS, RECIPIENTS_MS)
CERTAIN = 0.9  # the confidence from which a scanner goes before bots and proxies
_PROBABLY = 0.75


# Agents that fetch for others from wherever their providers are: their networks say nothing of who reads.
_ELSEWHERE = frozenset({Agent.PROXY, Agent.PRIVACY_PROXY, Agent.GMAIL_PREFETCH, Agent.PREVIEW, Agent.CRAWLER})


class Neighbours:
    """What hits say together. Places are indexes into the hits; of two findings on one hit the later one stands."""

    def __init__(self, hits: Sequence[Hit], context: Context) -> None:
        self._hits = hits
        self._found: dict[int, Verdict] = {}
        self._same_link: dict[tuple[int, int | None], list[int]] = {}
        if len(hits) > 1:  # most messages are opened once: a hit has no neighbours then
            self._find(context)

    def _find(self, context: Context) -> None:
        """Look at the hits beside one another."""
        hits = self._hits
        by_recipient: dict[int, list[int]] = {}
        for place, hit in enumerate(hits):
            by_recipient.setdefault(hit.recipient, []).append(place)
            if hit.kind == "click" and hit.recipient < SEVERAL:
                self._same_link.setdefault((hit.recipient, _link(hit)), []).append(place)
        if len(by_recipient) >= RECIPIENTS:
            self._find_one_source(range(len(hits)))
        for recipient, places in by_recipient.items():
            clicks = [place for place in places if hits[place].kind == "click" and hits[place].method != "HEAD"]
            opens = [place for place in places if hits[place].kind == "open"]
            if recipient != EVERYONE:  # whose hits are several people's, from sources not kept
                self._find_networks(places)
                self._compare_agents(opens, clicks)
                self._find_sweeps(clicks, context.link_count)
            self._find_bursts(clicks)
            self._find_opens_of_bursts(opens, clicks)

    def scanned(self, place: int) -> Verdict | None:
        """Return the verdict on a hit that looks like a scanner's beside its neighbours, or None."""
        return self._found.get(place)

    def rivals(self, place: int) -> list[int]:
        """Return the clicks on the same link of the same recipient within CLICK_MS, before or after, from other networks."""
        hit = self._hits[place]
        clicks = self._same_link.get((hit.recipient, _link(hit)), ()) if hit.kind == "click" else ()
        network = network_of(hit.address) if len(clicks) > 1 else None
        if network is None:
            return []
        return [
            other
            for other in clicks
            if abs(self._hits[other].at - hit.at) <= CLICK_MS
            and network_of(self._hits[other].address) not in (None, network)
        ]

    def _find_one_source(self, places: Sequence[int]) -> None:
        """Doubt one source that follows the links of several recipients' copies at once."""
        by_source: dict[str, list[int]] = {}
        for place in places:
            hit, source = self._hits[place], source_of(self._hits[place].address)
            if source is not None and hit.kind == "click" and hit.method != "HEAD" and hit.recipient != EVERYONE:
                by_source.setdefault(source, []).append(place)
        for clicks in by_source.values():
            self._mark(clicks, RECIPIENTS_MS, RECIPIENTS, "recipients", _PROBABLY, lambda hit: hit.recipient)

    def _find_networks(self, places: list[int]) -> None:
        """Doubt what one recipient is said to do from several networks at once; those of providers do not count."""
        hits = self._hits
        told = [
            place
            for place in places
            if hits[place].method != "HEAD"
            and network_of(hits[place].address) is not None
            and recognise(hits[place].agent) not in _ELSEWHERE
        ]
        self._mark(told, NETWORKS_MS, NETWORKS, "networks", _PROBABLY, lambda hit: network_of(hit.address))

    def _find_sweeps(self, clicks: list[int], link_count: int) -> None:
        if link_count >= SWEEP_LINKS:
            self._mark(clicks, SWEEP_MS, -(-4 * link_count // 5), "sweep", 0.8, _link)

    def _find_bursts(self, clicks: list[int]) -> None:
        self._mark(clicks, BURST_MS, BURST_LINKS, "burst", 0.97, _link)

    def _mark(
        self, places: list[int], span: int, least: int, code: str, confidence: float, of: Callable[[Hit], Hashable]
    ) -> None:
        """Mark each hit by the window of at most `span` ms around it that holds most different `of`, if at least `least`."""
        hits, said = self._hits, [of(self._hits[place]) for place in places]
        if len(set(said)) < least:
            return
        seen_in: dict[Hashable, int] = {}
        best: dict[int, tuple[int, int, bool]] = {}
        end = 0
        for begin, first in enumerate(places):
            while end < len(places) and hits[places[end]].at - hits[first].at <= span:
                seen_in[said[end]] = seen_in.get(said[end], 0) + 1
                end += 1
            if len(seen_in) >= least:
                window = places[begin:end]
                sources = {source_of(hits[place].address) for place in window}
                took = hits[window[-1]].at - hits[first].at
                seen = (len(seen_in), -took, len(sources) == 1 and None not in sources)
                for place in window:
                    best[place] = max(best.get(place, seen), seen)
            seen_in[said[begin]] -= 1
            if not seen_in[said[begin]]:
                del seen_in[said[begin]]
        for place, (count, minus_took, one_source) in best.items():
            self._found[place] = Verdict("scanner", confidence, (Reason(code, count, -minus_took, one_source),))

    def _find_opens_of_bursts(self, opens: list[int], clicks: list[int]) -> None:
        """Give the pixel that came from a burst's own address to the scanner (it comes a median 33 s before)."""
        bursts = [place for place in clicks if place in self._found and self._found[place].confidence >= CERTAIN]
        for place in self._together(opens, bursts, same_agent=None):
            self._found[place] = verdict_of("scanner", 0.9, "scanner_open")

    def _compare_agents(self, opens: list[int], clicks: list[int]) -> None:
        """Doubt a pixel and a link fetched from one source by different browsers.

        A mail program and the browser that it starts differ by nature and from one address: they are no evidence.
        """
        opens = [place for place in opens if recognise(self._hits[place].agent) is Agent.BROWSER]
        clicks = [place for place in clicks if recognise(self._hits[place].agent) is Agent.BROWSER]
        if len({self._hits[place].agent for place in (*opens, *clicks)}) < 2:
            return
        for ones, others in ((opens, clicks), (clicks, opens)):
            for place in self._together(ones, others, same_agent=False):
                self._found[place] = verdict_of("scanner", _PROBABLY, "two_agents")

    def _together(self, ones: list[int], others: list[int], *, same_agent: bool | None) -> list[int]:
        """Return those of `ones` with one of the `others` from the same source within LOOK_MS, before or after."""
        hits, found = self._hits, list[int]()
        if not ones or not others:
            return found
        by_source: dict[str, list[Hit]] = {}
        for place in others:
            if (source := source_of(hits[place].address)) is not None:
                by_source.setdefault(source, []).append(hits[place])
        for place in ones:
            hit, source = hits[place], source_of(hits[place].address)
            for other in by_source.get(source, ()) if source is not None else ():
                near = abs(other.at - hit.at) <= LOOK_MS
                if near and (same_agent is None or (other.agent == hit.agent) is same_agent):
                    found.append(place)
                    break
        return found


def _link(hit: Hit) -> int | None:
    link: int | None = hit.link
    return link
