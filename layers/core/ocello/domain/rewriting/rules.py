"""Which addresses are links to track, and why the others are not."""

import re
import unicodedata
from urllib.parse import unquote

from ocello.domain import hosts
from ocello.domain.rewriting.context import MAX_TARGET, TrackingContext

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*+):", re.ASCII)
# Scheme, perhaps a user, host, perhaps a port; a backslash is a slash to browsers.
_WEB = re.compile(
    r"(https?)://(?:[^/\\?#@]*+@)?(\[[^\]/]*+\]|[^/\\?#@:\[\]\s]++)(?::(\d*+))?+(?=[/\\?#]|\Z)",
    re.ASCII | re.IGNORECASE,
)
_PORTS = {"http": "80", "https": "443"}
_TEMPLATE = re.compile(r"\{\{|\}\}|%%[^%]++%%|\*\|[^|]*+\|\*|\{%|%\}|<%|\$\{")
_NO_TEMPLATE = re.compile(r"[A-Za-z0-9:/._?=&#\-]*+", re.ASCII)
_UNSUBSCRIBE = ("unsubscribe", "opt-out", "opt_out", "optout", "disiscri", "désabonn", "desabonn", "abmeld")
_ONE_TIME = (
    "reset-password",
    "password-reset",
    "reset_password",
    "magic-link",
    "magiclink",
    "verify-email",
    "confirm-email",
    "one-time",
    "onetime",
    "otp=",
)
_ADDRESS_TEXT = re.compile(
    r"https?://\S++|www\.\S++|(?:[a-z0-9\-]++\.)++[a-z]{2,24}+(?::\d++)?+(?:[/?#]\S*+)?+", re.ASCII | re.IGNORECASE
)


def reason_by_shape(target: str) -> str | None:
    """Say what keeps an address from being one of the web at all."""
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


def reason_to_leave(  # noqa: PLR0911 — one line for each rule of the design, in its order
    target: str, text: str, context: TrackingContext, unsubscribe: frozenset[str]
) -> str | None:
    """Say why the web address `target`, shown as `text`, is not tracked; None where it is.

    `unsubscribe` are the message's List-Unsubscribe addresses.
    """
    try:
        if len(target.encode()) > MAX_TARGET:
            return "too-long"
    except UnicodeEncodeError:
        return "malformed"
    web = _WEB.match(target)
    if web is None:
        return "malformed"
    host = hosts.compared(web[2])
    port = "" if web[3] == _PORTS[web[1].lower()] else web[3]
    if target in context.excepted:
        return "except"
    if context.tracking_host.lower() in (host, f"{host}:{port}" if port else host):
        return "tracking-host"
    if target in unsubscribe or _asks_to_leave(target, text):
        return "unsubscribe"
    if hosts.within(host, context.never_track):
        return "never-track"
    if hosts.within(host, context.excluded_domains):
        return "excluded-domain"
    lowered = target.lower()
    return "one-time" if any(word in lowered for word in _ONE_TIME) else None


def shows_address(text: str) -> bool:
    """Tell whether a link's visible text is itself a web address: some clients compare the two and warn."""
    return len(text) <= MAX_TARGET and _ADDRESS_TEXT.fullmatch(text.strip().rstrip(".,;")) is not None


def _asks_to_leave(target: str, text: str) -> bool:
    """Tell whether a link takes its reader off a list, by its address or its words; such a link is sacred."""
    words = f"{target}\n{unquote(target)}\n{text}" if "%" in target else f"{target}\n{text}"
    if not words.isascii():
        words = unicodedata.normalize("NFC", words)
    words = words.lower()
    return any(word in words for word in _UNSUBSCRIBE)
