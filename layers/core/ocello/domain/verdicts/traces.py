"""What is kept of a hit to judge it beside others: its evidence as bits, and digests of where it came from.

The digests are of 12 bits (agents: 16), enough to tell apart the few hits that are looked at together. Those of sources
are keyed for each message: whoever has not the key learns of an address no more than its network, and nothing of whether
one source read two messages.
"""

import hashlib
import hmac
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ocello.domain.consent.networks import cut
from ocello.domain.engagement.counters import HitKind
from ocello.domain.tracking.hits import Hit, Source
from ocello.domain.tracking.tokens import AGGREGATE
from ocello.domain.verdicts.context import SCAN_WINDOW_MS, UNKNOWN_COPY, Context, CopyFacts
from ocello.domain.verdicts.evidence import BIT, mask_of
from ocello.domain.verdicts.networks import NetworkClass
from ocello.domain.verdicts.programs.agents import Agent, recognise
from ocello.domain.verdicts.programs.requests import evidence_of
from ocello.domain.verdicts.signed_in import source_digest
from ocello.domain.verdicts.sources import is_own, network_of, source_of

PLACE_BITS, AGENT_BITS, REQUEST_BITS = 12, 16, 24
_EARLY_MS = 2_000  # clocks differ so far
_MINUTE_MS, _MINUTES_MS = 60_000, 300_000


class HitPlace(NamedTuple):
    """Where a hit stands among its message's hits: milliseconds, then a digest of the gateway's request id."""

    at: int
    request: int


class Who(NamedTuple):
    """Digests of where a hit came from: its source and network (0: the address tells nothing), and its agent."""

    source: int  # of a private address's own text, where `network` is 0; 0 without any address
    network: int
    agent: int


@dataclass(slots=True)
class Trace:
    """A hit as far as judging needs it. `mask`: its evidence; `figures`: of findings, how many, and -span in ms."""

    place: HitPlace
    kind: HitKind
    recipient: int
    link: int | None
    who: Who
    mask: int
    figures: dict[int, tuple[int, int, bool]] = field(default_factory=dict)
    packed: tuple[object, ...] | None = None  # by whoever packs it: what it was packed from, and into what

    def copy(self) -> "Trace":
        """Copy it, so that marking one leaves the other alone."""
        return Trace(self.place, self.kind, self.recipient, self.link, self.who, self.mask, dict(self.figures))

    def mark(self, bit: int, figures: tuple[int, int, bool] | None = None) -> None:
        """Note a finding; of several, that with the highest figures."""
        self.mask |= bit
        if figures is not None and figures > self.figures.get(bit, (0, 0, False)):
            self.figures[bit] = figures


@lru_cache(maxsize=8192)
def _digest(text: str, bits: int) -> int:
    """Return a digest from 1 on."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % ((1 << bits) - 1) + 1


def place_of(hit: Hit) -> HitPlace:
    """Return a hit's place among its message's hits."""
    return HitPlace(hit.at, _digest(hit.request, REQUEST_BITS))


def trace_of(hit: Hit, context: Context) -> Trace:
    """Take down what a hit says by itself."""
    copy = context.copies.get(hit.recipient, UNKNOWN_COPY)
    return Trace(place_of(hit), hit.kind, hit.recipient, hit.link, _who(hit, context), _own(hit, copy, context))


def without_address(hit: Hit, context: Context) -> Hit:
    """Return a hit with its address cut to the network, and with what is kept to judge it as before."""
    if not hit.address or hit.source is not None:
        return hit
    who = _who(hit, context)
    own = " ".join(
        name
        for name, is_so in (("network", _in_own_network(hit, context)), ("session", _in_session(hit, context)))
        if is_so
    )
    kept = Source(context.class_of(hit.address).value, who.source, who.network, own)
    return hit._replace(address=cut(hit.address), source=kept)


def _who(hit: Hit, context: Context) -> Who:
    agent = _digest(hit.agent, AGENT_BITS)
    if hit.source is not None:
        return Who(hit.source.source, hit.source.network, agent)
    source, network = _from(hit.address, hit.message, context.source_key) if hit.address else (0, 0)
    return Who(source, network, agent)


@lru_cache(maxsize=4096)
def _from(address: str, message: str, key: bytes) -> tuple[int, int]:
    """Return the digests of a source, of one message alone, and of its network."""
    network = network_of(address)
    text = f"source {source_of(address) or address} of {message}"
    number = int.from_bytes(hmac.digest(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)[:4])
    return number % ((1 << PLACE_BITS) - 1) + 1, 0 if network is None else _digest(network, PLACE_BITS)


def _own(hit: Hit, copy: CopyFacts, context: Context) -> int:
    """Gather the evidence that a hit brings by itself, and by what is known beside the hits."""
    mask = _known_beside(hit, copy, context)
    mask |= evidence_of(hit.kind, hit.method, hit.agent, hit.headers, aggregate=bool(hit.flags & AGGREGATE))
    early = _time(hit, copy)
    in_window = copy.delivered_at is not None and hit.at - copy.delivered_at <= SCAN_WINDOW_MS
    if in_window:
        mask |= _HISTORIES[copy.history]
        if copy.mx == "gateway" and hit.kind == "click":
            mask |= BIT["gateway_mx"]
    return mask | early | _network(hit, context, mail=recognise(hit.agent) is Agent.MAIL_CLIENT, in_window=in_window)


_HISTORIES = {"": 0, "scanned": BIT["domain_scans"], "quiet": BIT["domain_quiet"]}


def _known_beside(hit: Hit, copy: CopyFacts, context: Context) -> int:
    """Gather what decides alone, by what is known of ourselves."""
    mask = 0
    if _in_own_network(hit, context):
        mask |= BIT["own_network"]
    if copy.own:
        mask |= BIT["own_user"]
    if _in_session(hit, context):
        mask |= BIT["own_session"]
    return mask


def _in_own_network(hit: Hit, context: Context) -> bool:
    if hit.source is not None:
        return "network" in hit.source.own
    return bool(context.own) and is_own(hit.address, context.own)


def _in_session(hit: Hit, context: Context) -> bool:
    """Return whether the sender was signed in where a hit came from."""
    if hit.source is not None:
        return "session" in hit.source.own
    if not context.sessions or not (source := source_digest(hit.address, context.source_key)):
        return False
    return any(session.source == source and session.covers(hit.at) for session in context.sessions)


def _time(hit: Hit, copy: CopyFacts) -> int:
    """Say what the time since delivery tells: scanners come in the first minutes."""
    if copy.delivered_at is None:
        return 0
    after = hit.at - copy.delivered_at
    if after < -_EARLY_MS:
        return BIT["before_delivery"]
    if after <= _MINUTE_MS:
        return BIT["click_first_minute" if hit.kind == "click" else "open_first_minute"]
    if after <= _MINUTES_MS:
        return BIT["click_first_minutes" if hit.kind == "click" else "open_first_minutes"]
    return 0 if hit.kind == "open" else BIT["click_early" if after <= SCAN_WINDOW_MS else "click_late"]


_NETWORKS = {
    NetworkClass.CONSUMER: BIT["consumer"],
    NetworkClass.MOBILE: BIT["mobile"],
    NetworkClass.PRIVACY_RELAY: BIT["privacy_relay"],
    NetworkClass.SECURITY_VENDOR: BIT["security_vendor"],
}


def _network(hit: Hit, context: Context, *, mail: bool, in_window: bool) -> int:
    """Say what the network tells: a mailbox provider's only of clicks, since its servers show pictures to people."""
    if hit.source is not None:
        network = NetworkClass(hit.source.network_class)
    else:
        network = context.class_of(hit.address) if hit.address else NetworkClass.UNKNOWN
    if network is NetworkClass.HOSTING:
        return BIT["hosting_mail"] if mail else BIT["hosting_early" if in_window else "hosting"]
    if network is NetworkClass.MAIL_PROVIDER and hit.kind == "click":
        return BIT["mail_provider_early" if in_window else "mail_provider"]
    return _NETWORKS.get(network, 0)


NAVIGATED = BIT["consistent_navigation"]
NAMELESS = mask_of("odd_agent", "no_agent")
