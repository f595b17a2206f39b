"""What a verdict is: was a hit a person's? An opinion with a confidence and with reasons that people can read."""

import math
from functools import lru_cache
from typing import NamedTuple

from ocello.domain.common.texts import Text
from ocello.domain.verdicts import evidence
from ocello.domain.verdicts.evidence import BIT, BY_CODE, RULES, STRONG, Evidence, VerdictKind, evidence_in
from ocello.domain.verdicts.outcomes import Outcome

ENGAGED = 0.7  # the confidence from which a person's hit counts
MACHINE = 0.4  # the probability of a person below which a hit is a machine's
_FLOOD = 0.9

_MACHINES: frozenset[VerdictKind] = frozenset({"privacy_proxy", "prefetch", "scanner", "bot"})


class Reason(NamedTuple):
    """One reason for a verdict, with the figures that its sentence needs."""

    code: str
    number: int = 0
    span_ms: int = 0
    one_source: bool = False


class Verdict(NamedTuple):
    """What is thought of a hit, why, and by which rules. `sure`: it rings at once (see `weigh`)."""

    kind: VerdictKind
    confidence: float
    reasons: tuple[Reason, ...]
    sure: bool = False
    rules: int = RULES

    @property
    def outcome(self) -> Outcome:
        """Say what the verdict comes to."""
        if self.kind in _MACHINES:
            return Outcome.MACHINE
        if self.kind not in ("human", "proxy") or self.confidence < ENGAGED:
            return Outcome.UNKNOWN
        return Outcome.SURE if self.sure else Outcome.COUNTED


class Weighed(NamedTuple):
    """What a set of evidence comes to. `odds` are log-odds; `protected`: a person's evidence of two kinds is there."""

    verdict: Verdict
    outcome: Outcome
    odds: float
    protected: bool


@lru_cache(maxsize=8192)
def weigh(mask: int) -> Weighed:
    """Weigh the evidence whose bits are in `mask`.

    Certain evidence decides alone. Else the heaviest piece of each kind is added up. A person's evidence of two kinds,
    the agent's own word left aside, takes the findings beside other hits away, and rings at once: unless the network is
    one of machines, or many links were followed at once and the browser's headers are none of the two. A program that
    nobody knows counts only if a click from the same place follows.
    """
    there = evidence_in(mask)
    certain = next((each for each in there if each.certain is not None), None)
    if certain is not None and certain.certain is not None:
        kind, confidence = certain.certain
        sure = certain.code == "image_proxy_sure"
        return _weighed(Verdict(kind, confidence, (Reason(certain.code),), sure), 9.0 if sure else 0.0, protected=sure)
    kinds = {each.kind for each in there if each.weight >= STRONG and each.kind != "agent" and not each.finding}
    agreed = len(kinds) >= 2 and not any(each.kind == "network" and each.weight <= -STRONG for each in there)
    protected = agreed and ("headers" in kinds or not mask & _BURST)
    unfounded = _SWEEP if "network" in kinds or mask & _LATE else 0
    heaviest: dict[str, Evidence] = {}
    nameless = mask & _NAMELESS and not mask & BIT["before_click"]
    for each in there:
        if (
            not (protected and each.finding)
            and not (nameless and each.kind == "time")
            and not unfounded & BIT[each.code]
        ):
            before = heaviest.get(each.kind)
            if before is None or (abs(each.weight), -each.weight) > (abs(before.weight), -before.weight):
                heaviest[each.kind] = each
    odds = sum(each.weight for each in heaviest.values())
    person = 1 / (1 + math.exp(-odds))
    if person >= ENGAGED and not nameless:
        decisive = [each for each in heaviest.values() if each.weight > 0]
        return _weighed(_verdict("human", person, decisive, sure=protected), odds, protected=protected)
    if person < MACHINE:
        decisive = [each for each in heaviest.values() if each.weight < 0]
        return _weighed(_verdict("scanner", 1 - person, decisive), odds, protected=protected)
    return _weighed(_verdict("unknown", 0.5, list(heaviest.values())), odds, protected=protected)


_BURST = BIT[
    "burst"
]  # reading before explains no burst, nor does a home's network: the browser's own headers alone may
# Nearly all links within a minute: people do it as well, at home, on the way, and when scanners have gone.
_SWEEP, _LATE = BIT["sweep"], BIT["click_late"]
_NAMELESS = evidence.mask_of("odd_agent", "no_agent")  # such a program counts by a click alone; its time tells nothing


def _verdict(kind: VerdictKind, confidence: float, decisive: list[Evidence], *, sure: bool = False) -> Verdict:
    decisive.sort(key=lambda each: -abs(each.weight))
    return Verdict(kind, round(confidence, 2), tuple(Reason(each.code) for each in decisive), sure)


def _weighed(verdict: Verdict, odds: float, *, protected: bool) -> Weighed:
    return Weighed(verdict, verdict.outcome, odds, protected)


FLOOD = Verdict("bot", _FLOOD, (Reason("flood"),))


def explain(verdict: Verdict) -> str:
    """Say a verdict and its reasons to a person: "scanner: 5 links in 0.8 s from one address; from a hosting network"."""
    return f"{verdict.kind.replace('_', ' ')}: {'; '.join(map(sentence, verdict.reasons))}"


def names_network(reason: Reason) -> bool:
    """Return whether a reason says in which kind of network a hit was made, which only the table of networks tells."""
    return BY_CODE[reason.code].kind == "network" and BY_CODE[reason.code].certain is None


def sentence(reason: Reason) -> str:
    """Say one reason; what holds figures is a Text, so that pages can say it in other languages."""
    number, seconds = reason.number, max(0.1, round(reason.span_ms / 1000, 1))  # never "in 0 s"
    if number:
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
    return BY_CODE[reason.code].sentence
