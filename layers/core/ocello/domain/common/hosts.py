"""Hosts: their ASCII form, whether they belong to a list of domains, and their registrable domain.

The ASCII form is the one that browsers request: UTS 46 without transitional processing, so that ß and ς are kept, as in IDNA
2008. Python's codec `idna` implements IDNA 2003 and would lead to other hosts. The mapping is done by casefolding and NFKC;
characters that UTS 46 forbids are not checked, as nobody can register them. The hot function imports this module: it uses the
standard library only, and little of it.
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:  # the hot function starts without it
    from collections.abc import Mapping

# Patterns are compiled (and cached by `re`) at their first use, since not every start needs them.
_AUTHORITY = r"(?is)\A[\t\n\r ]*https?:[/\\]*([^/\\?#]*)"
_IGNORED = (
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LONGEST_LABEL = 63
_DEEPEST = 8  # labels that are checked for a public suffix: more than any rule has


def ascii_form(host: str) -> str:
    """Return a host in ASCII, as browsers convert it; an ASCII host is returned unchanged."""
    if host.isascii():
        return host
    return ".".join(map(_label, map_host(host).split(".")))


def _label(label: str) -> str:
    """Return a mapped label in ASCII. One that is too long for a host is returned unchanged: converting it would take long."""
    return label if label.isascii() or len(label) > _LONGEST_LABEL else "xn--" + label.encode("punycode").decode()


def map_host(host: str) -> str:
    """Return a host casefolded, with compatibility characters replaced and invisible ones removed (the mapping of UTS 46)."""
    import unicodedata  # noqa: PLC0415 — 1 MB that few redirects need

    text = re.sub(_IGNORED, "", host)
    for _ in range(2):  # a replaced character may be a capital again
        folded = (letter if letter in "ßς" else "ß" if letter == "ẞ" else letter.casefold() for letter in text)
        text = unicodedata.normalize("NFKC", "".join(folded)).replace("\u3002", ".")
    return text


def host_of(url: str) -> str:
    """Return the host of an http or https address, in ASCII and lower case, without port and final dot; '' if it has none."""
    found = re.match(_AUTHORITY, url)
    if found is None:
        return ""
    host = found[1].rpartition("@")[2]
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return normalized(host.partition(":")[0])


def normalized(host: str) -> str:
    """Return the form in which hosts are compared: percent-decoded, in ASCII and lower case, without the final dot."""
    if "%" in host:
        from urllib.parse import unquote  # noqa: PLC0415 — hardly any host needs it

        host = unquote(host)
    return ascii_form(host).lower().rstrip(".")


def parse_domains(text: str) -> frozenset[str]:
    """Parse a comma-separated list of domains or hosts, as in the settings; ports are dropped."""
    names = (name.strip().removeprefix("*").lstrip(".") for name in text.split(","))
    return frozenset(host_of(name if "//" in name else f"https://{name}") for name in names if name)


def is_within(host: str, domains: frozenset[str]) -> bool:
    """Return whether `host` is one of `parse_domains` or a subdomain of one; all in the form that `normalized` returns."""
    while host and domains:
        if host in domains:
            return True
        host = host.partition(".")[2]
    return False


def registrable_domain(host: str) -> str:
    """Return the registrable domain of a host: its public suffix and one label more.

    An IP address, a host of one label and a public suffix are returned unchanged.
    """
    from ocello.domain.common.suffixes import RULES  # noqa: PLC0415 — the hot function never needs them

    labels = normalized(host).split(".")
    if labels[-1].isdigit() or labels[0].startswith("["):
        return ".".join(labels)
    for place in range(max(0, len(labels) - _DEEPEST), len(labels)):
        rest = ".".join(labels[place + 1 :])
        if f"!{labels[place]}.{rest}" in RULES:
            return f"{labels[place]}.{rest}"
        if f"*.{rest}" in RULES or (f"{labels[place]}.{rest}" if rest else labels[place]) in RULES:
            return ".".join(labels[max(0, place - 1) :])
    return ".".join(labels[-2:])


def client_address(headers: "Mapping[str, str]", trusted: str, source: str) -> str:
    """Return who sent a request: the last address in the trusted proxy's header (in lower case; '': none), or `source`."""
    named = headers.get(trusted, "") if trusted else ""
    return named.rpartition(",")[2].strip() or source
