"""Spells a target for the `Location` header: what a browser would have requested, in characters a header may carry.

ASCII stays as it is, whatever it says: the browser reads `Location` as it would have read the link. Only what a header cannot
hold is spelled otherwise: a host's other letters in IDNA, everything else percent-encoded as UTF-8.
"""

import re

# Patterns are compiled (and kept by `re`) at their first use: an open needs none, and its cold start would wait for them.
_PARTS = r"(?is)\A(https?:[/\\]*)([^/\\?#]*)(.*)\Z"
_UNSAFE = r"[^\x21-\x7e]"
_DOTS = "[.\u3002\uff0e\uff61]"  # UTS 46 reads each as a full stop


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "surrogatepass"))


def _label(label: str) -> str:
    """Spell one label of a host in IDNA, as browsers do (UTS 46, non-transitional: ß and ς stay themselves)."""
    if label.isascii():
        return label
    import unicodedata  # noqa: PLC0415 — 1 MB that few redirects need

    mapped = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).lower())
    return mapped if mapped.isascii() else "xn--" + mapped.encode("punycode").decode()


def _host(authority: str) -> str:
    user, at, host = authority.rpartition("@")
    name, colon, port = host.partition(":")
    if host.startswith("["):
        name, colon, port = host, "", ""
    labels = ".".join(_label(label) for label in re.split(_DOTS, name))
    return (
        re.sub(_UNSAFE, _percent, user)
        + at
        + re.sub(_UNSAFE, _percent, labels)
        + colon
        + re.sub(_UNSAFE, _percent, port)
    )


def host_of(target: str) -> str:
    """Give the host of an http or https target, in IDNA and lower case; '' where it has none."""
    parts = re.match(_PARTS, target)
    if parts is None:
        return ""
    host = _host(parts[2].rpartition("@")[2])
    name = host if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")


def location(target: str) -> str:
    """Spell an http or https `target` in visible ASCII, fragment included, nothing appended."""
    if target.isascii():
        return re.sub(_UNSAFE, _percent, target)
    parts = re.match(_PARTS, target)
    if parts is None:  # not what tokens hold; still nothing that a header cannot carry
        return re.sub(_UNSAFE, _percent, target)
    return parts[1] + _host(parts[2]) + re.sub(_UNSAFE, _percent, parts[3])
