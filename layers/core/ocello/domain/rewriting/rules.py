"""Which addresses are links to track, and why the others are not."""

import re
import unicodedata
from urllib.parse import unquote, urlsplit

from ocello.domain.rewriting.context import MAX_TARGET, TrackingContext

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):", re.ASCII)
_WEB = re.compile(r"https?://[^/\\?#\s]", re.ASCII | re.IGNORECASE)
_TEMPLATE = re.compile(r"\{\{|\}\}|%%[^%]+%%|\*\|[^|]*\|\*|\{%|%\}|<%|\$\{")
_UNSUBSCRIBE = re.compile(r"unsubscribe|opt[-_]?out|\bopt out\b|disiscri|d[eé]sabonn|abmeld")
_ONE_TIME = re.compile(
    r"reset-password|password-reset|reset_password|magic-link|magiclink|verify-email|confirm-email|one-time|onetime|otp="
)
_ADDRESS_TEXT = re.compile(
    r"(?:https?://\S+|www\.\S+|(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,24}(?::\d+)?(?:[/?#]\S*)?)[.,;]?",
    re.IGNORECASE,
)


def reason_by_shape(target: str) -> str | None:
    """Say what keeps an address from being one of the web at all."""
    if not target:
        return "empty"
    if target.startswith("#"):
        return "fragment"
    if _TEMPLATE.search(target):
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
    host = host_of(target)
    if host is None:
        return "malformed"
    if context.tracking_host.lower() in (host, netloc_of(target)):
        return "tracking-host"
    if _asks_to_leave(target, text, unsubscribe):
        return "unsubscribe"
    if _excluded(host, context.excluded_domains):
        return "excluded-domain"
    return "one-time" if _ONE_TIME.search(target.lower()) else None


def shows_address(text: str) -> bool:
    """Tell whether a link's visible text is itself a web address: some clients compare the two and warn."""
    return len(text) <= MAX_TARGET and _ADDRESS_TEXT.fullmatch(text.strip()) is not None


def netloc_of(url: str) -> str:
    """Give host and port of a web address, in lower case, without a port that goes without saying."""
    scheme, _, rest = url.partition("://")
    netloc = re.split(r"[/\\?#]", rest, maxsplit=1)[0].rpartition("@")[2].lower()
    return netloc.removesuffix(":443" if scheme.lower() == "https" else ":80")


def host_of(url: str) -> str | None:
    """Give the host of a web address, in lower case, in IDNA where it can be; None where there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    if host and not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return host.lower()
    return host.rstrip(".") or None


def _excluded(host: str, domains: frozenset[str]) -> bool:
    """Tell whether `host` is one of `domains` or under one."""
    labels = host.split(".")
    return bool(domains) and any(".".join(labels[place:]) in domains for place in range(len(labels)))


def _asks_to_leave(target: str, text: str, unsubscribe: frozenset[str]) -> bool:
    """Tell whether a link takes its reader off a list; such a link is sacred."""
    if target in unsubscribe:
        return True
    words = unicodedata.normalize("NFC", f"{target}\n{unquote(target)}\n{text}").lower()
    return _UNSUBSCRIBE.search(words) is not None
