"""Judges hits: was it a person? By what a hit says of itself, and by the hits near it in time.

`judge` is pure, so judging again is always safe. A hit's verdict depends on hits at most HORIZON_MS away from it.
"""

from collections.abc import Sequence
from functools import cache

from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import AGGREGATE
from ocello.domain.verdicts.agents import Agent, fetches_when_opened, recognise
from ocello.domain.verdicts.correlation import CERTAIN, Neighbours
from ocello.domain.verdicts.sources import is_own
from ocello.domain.verdicts.verdict import Context, Verdict, verdict_of


def judge(hits: Sequence[Hit], context: Context, wanted: range | None = None) -> list[Verdict]:
    """Judge the `wanted` places (all, if None) of one message's `hits`, which are sorted by time."""
    neighbours = Neighbours(hits, context)

    @cache
    def alone(place: int) -> Verdict:
        return _judge_one(hits[place], neighbours.scanned(place), context)

    def beside(place: int) -> Verdict:
        verdict = alone(place)
        if verdict.outcome.counts and any(_outdoes(alone(other), verdict) for other in neighbours.rivals(place)):
            return verdict_of("scanner", 0.75, "time_of_click")
        return verdict

    return [beside(place) for place in wanted or range(len(hits))]


def _outdoes(other: Verdict, verdict: Verdict) -> bool:
    """Return whether of two clicks on one link at one time, from two networks, the other is surely the person's."""
    return other.outcome.counts and other.confidence > verdict.confidence


_PURPOSES = ("sec-purpose", "purpose", "x-moz", "x-purpose")
_PREFETCHES = ("prefetch", "prerender", "preview")


def _prefetched(headers: dict[str, str]) -> bool:
    purposes = [headers[name].lower() for name in _PURPOSES if name in headers]  # most hits have none
    return any(word in purpose for purpose in purposes for word in _PREFETCHES)


_BOTS = {
    Agent.CRAWLER: verdict_of("bot", 0.95, "crawler"),
    Agent.PREVIEW: verdict_of("bot", 0.95, "preview"),
}


def _judge_one(hit: Hit, scanned: Verdict | None, context: Context) -> Verdict:  # noqa: PLR0911 — the precedence, line by line
    agent = recognise(hit.agent)
    if is_own(hit.address, context.own):
        return verdict_of("self", 0.9, "own_network")
    if hit.method == "HEAD":
        return verdict_of("bot", 0.95, "head")
    if _prefetched(hit.headers):
        return verdict_of("prefetch", 0.99, "prefetch_header")
    if agent is Agent.GMAIL_PREFETCH:
        return verdict_of("prefetch", 0.95, "gmail_prefetch")
    if scanned is not None and scanned.confidence >= CERTAIN:
        return scanned
    if agent in _BOTS:
        return _BOTS[agent]
    if agent in (Agent.PRIVACY_PROXY, Agent.PROXY) and hit.kind == "click":
        return verdict_of("bot", 0.9, "image_proxy_click")
    if agent is Agent.PRIVACY_PROXY:
        return verdict_of("privacy_proxy", 0.95, "apple_privacy")
    if agent is Agent.PROXY:
        return verdict_of("proxy", 0.9 if fetches_when_opened(hit.agent) else 0.85, "image_proxy")
    return scanned or _person(hit, agent)


def _person(hit: Hit, agent: Agent) -> Verdict:
    if hit.flags & AGGREGATE and agent is Agent.ABSENT:
        return verdict_of("human", 0.7, "aggregate")
    if agent is Agent.ABSENT:
        return verdict_of("unknown", 0.5, "no_agent")
    if agent is Agent.ODD:
        return verdict_of("unknown", 0.5, "odd_agent")
    if hit.kind == "click" and _navigated(hit.headers):
        return verdict_of("human", 0.95, str(agent), "navigated")
    return verdict_of("human", 0.85 if agent is Agent.MAIL_CLIENT else 0.8, str(agent))


def _navigated(headers: dict[str, str]) -> bool:
    """Return whether a browser says that a person followed the link; that it does not say so proves nothing."""
    return (
        headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-user") == "?1"
        and bool(headers.get("accept-language"))
    )
