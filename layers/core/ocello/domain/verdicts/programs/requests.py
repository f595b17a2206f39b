"""What one request says by itself: its method, its agent and its headers. Capture judges pooled loads by this alone."""

from typing import Literal

from ocello.domain.verdicts.evidence import BIT
from ocello.domain.verdicts.outcomes import Outcome
from ocello.domain.verdicts.programs.agents import Agent, fetches_when_opened
from ocello.domain.verdicts.programs.clients import client_of
from ocello.domain.verdicts.programs.headers import header_findings
from ocello.domain.verdicts.verdict import weigh

_PURPOSES = ("sec-purpose", "purpose", "x-moz", "x-purpose")
_PREFETCHES = ("prefetch", "prerender", "preview")
_AGENTS = {
    Agent.GMAIL_PREFETCH: BIT["gmail_prefetch"],
    Agent.CRAWLER: BIT["crawler"],
    Agent.PREVIEW: BIT["preview"],
    Agent.PRIVACY_PROXY: BIT["apple_privacy"],
    Agent.PROXY: BIT["image_proxy"],
    Agent.MAIL_CLIENT: BIT["mail_client"],
    Agent.BROWSER: BIT["browser"],
    Agent.ABSENT: BIT["no_agent"],
    Agent.ODD: BIT["odd_agent"],
}
_PROXIES = (Agent.PRIVACY_PROXY, Agent.PROXY)


def evidence_of(
    kind: Literal["open", "click"], method: str, agent: str, headers: dict[str, str], *, aggregate: bool = False
) -> int:
    """Gather the evidence that a request brings by itself, as a mask; `headers` by their names in lower case.

    `aggregate`: the agent was not kept unless many share it, so that its absence says nothing.
    """
    client, mask = client_of(agent), 0
    if method == "HEAD":
        mask |= BIT["head"]
    for name in _PURPOSES:
        if name in headers and any(word in headers[name].lower() for word in _PREFETCHES):
            mask |= BIT["prefetch_header"]
    if kind == "click" and client.kind in _PROXIES:
        mask |= BIT["image_proxy_click"]
    elif aggregate and client.kind is Agent.ABSENT:
        mask |= BIT["aggregate"]
    else:
        mask |= BIT["image_proxy_sure"] if fetches_when_opened(agent) else _AGENTS[client.kind]
    for code in header_findings(client, kind, headers):
        mask |= BIT[code]
    return mask


def class_of_load(method: str, agent: str, headers: dict[str, str]) -> Literal["person", "machine", "unknown"]:
    """Say whether a person or a machine loaded a picture, as far as the request alone tells."""
    outcome = weigh(evidence_of("open", method, agent, headers)).outcome
    if outcome is Outcome.MACHINE:
        return "machine"
    return "person" if outcome.counts else "unknown"
