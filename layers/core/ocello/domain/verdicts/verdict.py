"""What a verdict is: was a hit a person's? An opinion with a confidence and with reasons that people can read."""

import zlib
from functools import cache
from typing import Literal, NamedTuple

from ocello.domain.common.texts import Text
from ocello.domain.engagement.counters import Outcome
from ocello.domain.verdicts.sources import Network

RULES = 3  # raise it with every change of a rule: rows that older rules made are then made anew

ENGAGED = 0.7  # the confidence from which a person's hit counts
SURE = 0.9  # the confidence from which it rings at once

Kind = Literal["human", "proxy", "privacy_proxy", "prefetch", "scanner", "bot", "self", "unknown"]
_MACHINES: frozenset[Kind] = frozenset({"privacy_proxy", "prefetch", "scanner", "bot"})


class Reason(NamedTuple):
    """Why: a code, and where many hits tell together, how many what in how many milliseconds, from one address or not."""

    code: str
    number: int = 0
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
        if self.kind not in ("human", "proxy") or self.confidence < ENGAGED:
            return Outcome.UNKNOWN
        return Outcome.SURE if self.confidence >= SURE else Outcome.COUNTED


@cache
def verdict_of(kind: Kind, confidence: float, *codes: str) -> Verdict:
    """Make a verdict whose reasons are codes alone."""
    return Verdict(kind, confidence, tuple(Reason(code) for code in codes))


class Context(NamedTuple):
    """What is known beside the hits: how many links the message has (0: not known), and the team's own networks."""

    link_count: int = 0
    own: tuple[Network, ...] = ()

    @property
    def rules(self) -> int:
        """Name the rules together with the networks that they know, so that a change of either is seen."""
        known = " ".join(map(str, self.own))
        return RULES | zlib.crc32(known.encode()) << 8 if known else RULES


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
    "own_network": "from your own network",
    "two_agents": "pixel and link from one address with different browsers",
    "mail_client": "a mail program",
    "browser": "a browser",
    "navigated": "the browser says that a person navigated",
    "aggregate": "a person as far as is known: nothing that tells recipients apart is kept",
    "time_of_click": "the same link, just when a person followed it, from another network",
    "no_agent": "the program did not name itself",
    "odd_agent": "the program is not known",
}


def explain(verdict: Verdict) -> str:
    """Say a verdict and its reasons to a person: "scanner: 5 links in 0.8 s from one address"."""
    return f"{verdict.kind.replace('_', ' ')}: {'; '.join(map(sentence, verdict.reasons))}"


def sentence(reason: Reason) -> str:
    """Say one reason; what holds figures is a Text, so that pages can say it in other languages."""
    number, seconds = reason.number, round(reason.span_ms / 1000, 1)
    match reason.code:
        case "burst" | "sweep" if reason.one_source:
            return Text("%(number)s links in %(seconds)s s from one address", number=number, seconds=seconds)
        case "burst" | "sweep":
            return Text("%(number)s links in %(seconds)s s", number=number, seconds=seconds)
        case "networks":
            return Text("%(number)s networks in %(seconds)s s", number=number, seconds=seconds)
        case "flood":
            return Text("%(number)s hits in %(seconds)s s", number=number, seconds=seconds)
        case "recipients":
            return Text("%(number)s recipients in %(seconds)s s from one address", number=number, seconds=seconds)
    return _SENTENCES[reason.code]
