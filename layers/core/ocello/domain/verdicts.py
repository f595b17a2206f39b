"""Judges hits: was it a person? An opinion with reasons, from the hits near a hit in time and a few facts beside them.

`judge` is pure, so judging again is always safe. A hit's verdict depends on hits at most HORIZON_MS away from it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from ocello.domain.agents import Agent, recognise
from ocello.domain.hits import Hit
from ocello.domain.sources import source_of
from ocello.domain.tally import Outcome
from ocello.domain.texts import Text
from ocello.domain.tokens import AGGREGATE, EVERYONE

RULES = 1  # raise it with every change of a rule: rows that older rules made are then made anew

BURST_LINKS, BURST_MS = 3, 2_000
SWEEP_LINKS, SWEEP_MS = 4, 60_000  # of at least that many links, four fifths
LOOK_MS = 90_000  # how far an open and a click are looked at together
HORIZON_MS = max(LOOK_MS + BURST_MS, SWEEP_MS)
CERTAIN = 0.9  # the confidence from which a scanner goes before bots and proxies
ENGAGED = 0.7  # the confidence from which a person's hit counts

Kind = Literal["human", "proxy", "privacy_proxy", "prefetch", "scanner", "bot", "self", "unknown"]
_MACHINES: frozenset[Kind] = frozenset({"privacy_proxy", "prefetch", "scanner", "bot"})


class Reason(NamedTuple):
    """Why: a code, and for a burst how many links in how many milliseconds, from one address or not."""

    code: str
    links: int = 0
    span_ms: int = 0
    one_source: bool = False


class Verdict(NamedTuple):
    """What a hit is thought to be, how sure (0 to 1), why, and by which version of the rules."""

    kind: Kind
    confidence: float
    reasons: tuple[Reason, ...]
    rules: int = RULES

    @property
    def outcome(self) -> Outcome:
        """Say what the verdict comes to."""
        if self.kind in _MACHINES:
            return Outcome.MACHINE
        counts = self.kind in ("human", "proxy") and self.confidence >= ENGAGED
        return Outcome.COUNTED if counts else Outcome.UNKNOWN


class Context(NamedTuple):
    """What is known beside the hits: how many links the message has (0: not known)."""

    link_count: int = 0


_SENTENCES = {
    "head": "asked for the headers alone",
    "prefetch_header": "fetched ahead, as it said itself",
    "gmail_prefetch": "fetched ahead by Gmail",
    "crawler": "a program of the crawler list",
    "preview": "the link was shared: a preview was made",
    "image_proxy_click": "an image proxy followed a link",
    "apple_privacy": "fetched by Apple's privacy protection, whether or not anyone reads",
    "image_proxy": "fetched by the mailbox provider when the mail was opened",
    "scanner_open": "the pixel, from the address of the burst",
    "two_agents": "pixel and link from one address with different browsers",
    "mail_client": "a mail program",
    "browser": "a browser",
    "navigated": "the browser says that a person navigated",
    "aggregate": "a person as far as is known: nothing that tells recipients apart is kept",
    "no_agent": "the program did not name itself",
    "odd_agent": "the program is not known",
}


def explain(verdict: Verdict) -> str:
    """Say a verdict and its reasons to a person: "scanner: 5 links in 0.8 s from one address"."""
    return f"{verdict.kind.replace('_', ' ')}: {'; '.join(map(sentence, verdict.reasons))}"


def sentence(reason: Reason) -> str:
    """Say one reason; what holds figures is a Text, so that pages can say it in other languages."""
    if reason.code in ("burst", "sweep"):
        seconds = round(reason.span_ms / 1000, 1)
        if reason.one_source:
            return Text("%(links)s links in %(seconds)s s from one address", links=reason.links, seconds=seconds)
        return Text("%(links)s links in %(seconds)s s", links=reason.links, seconds=seconds)
    return _SENTENCES[reason.code]


def judge(hits: Sequence[Hit], context: Context, wanted: range | None = None) -> list[Verdict]:
    """Judge the `wanted` places (all, if None) of one message's `hits`, which are sorted by time."""
    nearby = _Nearby(hits, context)
    return [_judge_one(hits[place], nearby.scanned(place)) for place in wanted or range(len(hits))]


def _verdict(kind: Kind, confidence: float, *codes: str) -> Verdict:
    return Verdict(kind, confidence, tuple(Reason(code) for code in codes))


_PREFETCHES = ("prefetch", "prerender", "preview")


def _prefetched(headers: dict[str, str]) -> bool:
    names = ("sec-purpose", "purpose", "x-moz", "x-purpose")
    return any(word in headers.get(name, "").lower() for name in names for word in _PREFETCHES)


_BOTS = {
    Agent.CRAWLER: _verdict("bot", 0.95, "crawler"),
    Agent.PREVIEW: _verdict("bot", 0.95, "preview"),
}


def _judge_one(hit: Hit, scanned: Verdict | None) -> Verdict:  # noqa: PLR0911 — the precedence, line by line
    agent = recognise(hit.agent)
    if hit.method == "HEAD":
        return _verdict("bot", 0.95, "head")
    if _prefetched(hit.headers):
        return _verdict("prefetch", 0.99, "prefetch_header")
    if agent is Agent.GMAIL_PREFETCH:
        return _verdict("prefetch", 0.95, "gmail_prefetch")
    if scanned is not None and scanned.confidence >= CERTAIN:
        return scanned
    if agent in _BOTS:
        return _BOTS[agent]
    if agent in (Agent.PRIVACY_PROXY, Agent.PROXY) and hit.kind == "click":
        return _verdict("bot", 0.9, "image_proxy_click")
    if agent is Agent.PRIVACY_PROXY:
        return _verdict("privacy_proxy", 0.95, "apple_privacy")
    if agent is Agent.PROXY:
        return _verdict("proxy", 0.9, "image_proxy")
    return scanned or _person(hit, agent)


def _person(hit: Hit, agent: Agent) -> Verdict:
    if hit.flags & AGGREGATE and agent is Agent.ABSENT:
        return _verdict("human", 0.7, "aggregate")
    if agent is Agent.ABSENT:
        return _verdict("unknown", 0.5, "no_agent")
    if agent is Agent.ODD:
        return _verdict("unknown", 0.5, "odd_agent")
    if hit.kind == "click" and _navigated(hit.headers):
        return _verdict("human", 0.95, str(agent), "navigated")
    return _verdict("human", 0.85 if agent is Agent.MAIL_CLIENT else 0.8, str(agent))


def _navigated(headers: dict[str, str]) -> bool:
    """Tell whether a browser says that a person followed the link; that it does not say so proves nothing."""
    return (
        headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-user") == "?1"
        and bool(headers.get("accept-language"))
    )


class _Nearby:
    """What the hits of each recipient say together. Places are indexes into the hits."""

    def __init__(self, hits: Sequence[Hit], context: Context) -> None:
        self._hits = hits
        self._found: dict[int, Verdict] = {}
        by_recipient: dict[int, list[int]] = {}
        for place, hit in enumerate(hits):
            by_recipient.setdefault(hit.recipient, []).append(place)
        for recipient, places in by_recipient.items():
            clicks = [place for place in places if hits[place].kind == "click" and hits[place].method != "HEAD"]
            opens = [place for place in places if hits[place].kind == "open"]
            if recipient != EVERYONE:  # whose hits are several people's, from sources not kept
                self._compare_agents(opens, clicks)
                self._find_sweeps(clicks, context.link_count)
            self._find_bursts(clicks)
            self._find_opens_of_bursts(opens, clicks)

    def scanned(self, place: int) -> Verdict | None:
        """Give the verdict on a hit that looks like a scanner's beside its neighbours, or None."""
        return self._found.get(place)

    def _find_sweeps(self, clicks: list[int], link_count: int) -> None:
        if link_count >= SWEEP_LINKS:
            self._mark(clicks, SWEEP_MS, -(-4 * link_count // 5), "sweep", 0.8)

    def _find_bursts(self, clicks: list[int]) -> None:
        self._mark(clicks, BURST_MS, BURST_LINKS, "burst", 0.97)

    def _mark(self, clicks: list[int], span: int, least: int, code: str, confidence: float) -> None:
        """Mark each click by the window of at most `span` ms around it that holds most links, if at least `least`."""
        hits, links = self._hits, Counter[int | None]()
        best: dict[int, tuple[int, int, bool]] = {}
        end = 0
        for begin, first in enumerate(clicks):
            while end < len(clicks) and hits[clicks[end]].at - hits[first].at <= span:
                links[hits[clicks[end]].link] += 1
                end += 1
            if len(links) >= least:
                window = clicks[begin:end]
                sources = {source_of(hits[place].address) for place in window}
                took = hits[window[-1]].at - hits[first].at
                seen = (len(links), -took, len(sources) == 1 and None not in sources)
                for place in window:
                    best[place] = max(best.get(place, seen), seen)
            links[hits[first].link] -= 1
            if not links[hits[first].link]:
                del links[hits[first].link]
        for place, (count, minus_took, one_source) in best.items():
            self._found[place] = Verdict("scanner", confidence, (Reason(code, count, -minus_took, one_source),))

    def _find_opens_of_bursts(self, opens: list[int], clicks: list[int]) -> None:
        """Give the pixel that came from a burst's own address to the scanner (it comes a median 33 s before)."""
        bursts = [place for place in clicks if place in self._found and self._found[place].confidence >= CERTAIN]
        for place in self._together(opens, bursts, same_agent=None):
            self._found[place] = _verdict("scanner", 0.9, "scanner_open")

    def _compare_agents(self, opens: list[int], clicks: list[int]) -> None:
        """Doubt a pixel and a link fetched from one source by different browsers.

        A mail program and the browser that it starts differ by nature and from one address: they are no evidence.
        """
        opens = [place for place in opens if recognise(self._hits[place].agent) is Agent.BROWSER]
        clicks = [place for place in clicks if recognise(self._hits[place].agent) is Agent.BROWSER]
        for ones, others in ((opens, clicks), (clicks, opens)):
            for place in self._together(ones, others, same_agent=False):
                self._found[place] = _verdict("scanner", 0.75, "two_agents")

    def _together(self, ones: list[int], others: list[int], *, same_agent: bool | None) -> list[int]:
        """Give those of `ones` with one of the `others` from the same source within LOOK_MS, before or after."""
        hits, found = self._hits, []
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
