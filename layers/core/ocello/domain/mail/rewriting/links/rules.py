"""The rules that decide which addresses are tracked, and the reasons why others are not."""

import functools
import re

from ocello.domain.common import hosts
from ocello.domain.mail.rewriting.context import MAX_TARGET, TrackingContext
from ocello.domain.mail.rewriting.links.once import works_once
from ocello.domain.mail.rewriting.links.unsubscribe import unsubscribes
from ocello.domain.messages.untracked import Reason

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*+):", re.ASCII)
# Scheme, optional user, host, optional port; browsers read a backslash as a slash.
_WEB = re.compile(
    r"(https?)://(?:[^/\\?#@]*+@)?(\[[^\]/]*+\]|[^/\\?#@:\[\]\s]++)(?::(\d*+))?+(?=[/\\?#]|\Z)",
    re.ASCII | re.IGNORECASE,
)
_PORTS = {"http": "80", "https": "443"}
_NAME = r"[A-Za-z_][A-Za-z0-9_]*+(?:[.:=|\-][A-Za-z0-9_]++)*+"  # the name of a placeholder
_UUID = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-"  # may be in braces without being a placeholder
_ESCAPE = r"%[0-9A-Fa-f]{2}"
_TEMPLATE = re.compile(
    r"\{\{|\}\}|%%[^%]++%%|\*\|[^|]*+\|\*|\{%|%\}|<%|\$\{"
    rf"|\{{[$!#@]?+(?!{_UUID}){_NAME}\}}"
    rf"|(?!{_ESCAPE})%{_NAME}%|%{_NAME}(?!{_ESCAPE})%",  # at least one of the two percent signs begins no escape
    re.ASCII,
)
_NO_TEMPLATE = re.compile(r"[A-Za-z0-9:/._?=&#\-]*+", re.ASCII)
_WHOLE = re.compile(r"https?:/*+", re.IGNORECASE)
_ADDRESS_TEXT = re.compile(
    r"https?://\S++|www\.\S++|(?:[a-z0-9\-]++\.)++[a-z]{2,24}+(?::\d++)?+(?:[/?#]\S*+)?+", re.ASCII | re.IGNORECASE
)


def reason_by_shape(target: str) -> Reason | None:
    """Return why `target` is no web address that can be tracked; None if it is one."""
    if not target:
        return "empty"
    if target.startswith("#"):
        return "fragment"
    if not _NO_TEMPLATE.fullmatch(target) and _TEMPLATE.search(target):
        return "template"
    scheme = _SCHEME.match(target)
    if not scheme:
        return "relative"
    if scheme[1].lower() not in ("http", "https"):
        return "scheme"
    return None if _WEB.match(target) else "malformed"


def untracked_reason(  # noqa: PLR0911 — one line for each rule of the design, in its order
    target: str, text: str, context: TrackingContext, unsubscribe: frozenset[tuple[str, ...]]
) -> Reason | None:
    """Return why the web address `target`, shown as `text`, is not tracked; None if it is.

    `unsubscribe` are the message's List-Unsubscribe addresses, as `parse_list_unsubscribe` returns them.
    """
    try:
        if len(target.encode()) > MAX_TARGET:
            return "too-long"
    except UnicodeEncodeError:
        return "malformed"
    web = _WEB.match(target)
    if web is None:
        return "malformed"
    host = hosts.normalized(web[2])
    if target in context.excepted:
        return "except"
    if _is_ours(host, web[3] or _PORTS[web[1].lower()], context.tracking_host):
        return "tracking-host"
    if unsubscribes(target, text, unsubscribe):
        return "unsubscribe"
    if hosts.is_within(host, context.never_track):
        return "never-track"
    if hosts.is_within(host, context.excluded_domains):
        return "excluded-domain"
    return "one-time" if works_once(target) else None


def reason_by_text(target: str, text: str, context: TrackingContext) -> Reason | None:
    """Return whether a link is not tracked because its visible text is itself an address."""
    if context.leave_address_text == "true":
        return "address-text" if shows_address(text) or whole_address(text) else None
    if context.leave_address_text == "auto" and (shown := whole_address(text)):
        ours = hosts.registrable_domain(hosts.host_of(f"https://{context.tracking_host}"))
        return (
            "address-text"
            if any(hosts.registrable_domain(hosts.host_of(each)) != ours for each in (shown, target))
            else None
        )
    return None


def whole_address(text: str) -> str:
    """Return the text of a link without spaces if it is a whole address with its scheme, else ''.

    This is how Thunderbird reads it: it stops a click if the link leads to another registrable domain.
    """
    joined = "".join(text.split())
    return joined if _WHOLE.match(joined) else ""


def shows_address(text: str) -> bool:
    """Return whether a link's visible text is itself a web address: some mail clients compare the two and warn."""
    return len(text) <= MAX_TARGET and _ADDRESS_TEXT.fullmatch(text.strip().rstrip(".,;")) is not None


def _is_ours(host: str, port: str, tracking_host: str) -> bool:
    """Return whether a host and port are those of our addresses; without a port, both use the default of their scheme."""
    name, own_port = _split(tracking_host)
    return host == name and (port == own_port or (not own_port and port in _PORTS.values()))


@functools.lru_cache(8)
def _split(tracking_host: str) -> tuple[str, str]:
    """Return the host of our addresses, in the form of `hosts.normalized`, and its port, if it has one."""
    name, colon, port = tracking_host.rpartition(":")
    return (hosts.normalized(name), port) if colon and not port.endswith("]") else (hosts.normalized(tracking_host), "")
