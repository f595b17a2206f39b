"""Hosts: their ASCII form, the domains they lie in, and the domain that somebody registered.

The ASCII form is the one that browsers request: UTS 46, not transitional, so that ß and ς stay themselves, as in IDNA 2008.
Python's codec `idna` is of 2003 and would lead to other hosts. The mapping is made of casefolding and NFKC; what UTS 46 forbids
is not looked for, as nobody can register it. The hot function imports this: standard library only, and little of it.
"""

import re

# Patterns are compiled (and kept by `re`) at their first use, as not every start needs them.
_AUTHORITY = r"(?is)\A[\t\n\r ]*https?:[/\\]*([^/\\?#]*)"
_IGNORED = (
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LONGEST_LABEL = 63
_DEEPEST = 8  # labels looked at for a public suffix: more than any rule has


def ascii_form(host: str) -> str:
    """Spell a host in ASCII, as browsers do; what is ASCII stays as it is."""
    if host.isascii():
        return host
    return ".".join(map(_label, mapped(host).split(".")))


def _label(label: str) -> str:
    """Spell one label, mapped, in ASCII; one that is too long for a name is none, and would take long."""
    return label if label.isascii() or len(label) > _LONGEST_LABEL else "xn--" + label.encode("punycode").decode()


def mapped(host: str) -> str:
    """Return the characters that a host is read as: casefolded, compatible forms replaced, invisible ones left out."""
    import unicodedata  # noqa: PLC0415 — 1 MB that few redirects need

    text = re.sub(_IGNORED, "", host)
    for _ in range(2):  # what is compatible may be a capital again
        folded = (letter if letter in "ßς" else "ß" if letter == "ẞ" else letter.casefold() for letter in text)
        text = unicodedata.normalize("NFKC", "".join(folded)).replace("\u3002", ".")
    return text


def host_of(url: str) -> str:
    """Return the host of an http or https address, in ASCII and lower case, without port and final dot; '' for none."""
    found = re.match(_AUTHORITY, url)
    if found is None:
        return ""
    host = found[1].rpartition("@")[2]
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return compared(host.partition(":")[0])


def compared(host: str) -> str:
    """Return the one spelling by which hosts are compared: decoded, in ASCII and lower case, without the final dot."""
    if "%" in host:
        from urllib.parse import unquote  # noqa: PLC0415 — hardly any host needs it

        host = unquote(host)
    return ascii_form(host).lower().rstrip(".")


def domains(text: str) -> frozenset[str]:
    """Read a comma-separated list of domains or hosts, as settings spell them; ports do not count."""
    names = (name.strip().removeprefix("*").lstrip(".") for name in text.split(","))
    return frozenset(host_of(name if "//" in name else f"https://{name}") for name in names if name)


def within(host: str, domains: frozenset[str]) -> bool:
    """Return whether `host` is one of `domains` or lies under one; all as `compared` spells them."""
    while host and domains:
        if host in domains:
            return True
        host = host.partition(".")[2]
    return False


def registrable(host: str) -> str:
    """Return the part of a host that somebody registered: one label more than its public suffix.

    An address of the network, a host of one label and a public suffix stand for themselves.
    """
    from ocello.domain.common.suffixes import RULES  # noqa: PLC0415 — the hot function never needs them

    labels = compared(host).split(".")
    if labels[-1].isdigit() or labels[0].startswith("["):
        return ".".join(labels)
    for place in range(max(0, len(labels) - _DEEPEST), len(labels)):
        rest = ".".join(labels[place + 1 :])
        if f"!{labels[place]}.{rest}" in RULES:
            return f"{labels[place]}.{rest}"
        if f"*.{rest}" in RULES or (f"{labels[place]}.{rest}" if rest else labels[place]) in RULES:
            return ".".join(labels[max(0, place - 1) :])
    return ".".join(labels[-2:])
