"""Spells a target for the `Location` header: what a browser would have requested, in characters a header may carry.

ASCII stays as it is, whatever it says: the browser reads `Location` as it would have read the link. Only what a header cannot
hold is spelled otherwise: a host's other letters in IDNA, everything else percent-encoded as UTF-8.
"""

import re

from ocello.domain.common.hosts import ascii_form

# Patterns are compiled (and kept by `re`) at their first use: an open needs none, and its cold start would wait for them.
_PARTS = r"(?is)\A(https?:[/\\]*)([^/\\?#]*)(.*)\Z"
_UNSAFE = r"[^\x21-\x7e]"


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "surrogatepass"))


def _host(authority: str) -> str:
    user, at, host = authority.rpartition("@")
    name, colon, port = host.partition(":")
    if host.startswith("["):
        name, colon, port = host, "", ""
    return (
        re.sub(_UNSAFE, _percent, user)
        + at
        + re.sub(_UNSAFE, _percent, ascii_form(name))
        + colon
        + re.sub(_UNSAFE, _percent, port)
    )


def location(target: str) -> str:
    """Spell an http or https `target` in visible ASCII, fragment included, nothing appended."""
    if target.isascii():
        return re.sub(_UNSAFE, _percent, target)
    parts = re.match(_PARTS, target)
    if parts is None:  # not what tokens hold; still nothing that a header cannot carry
        return re.sub(_UNSAFE, _percent, target)
    return parts[1] + _host(parts[2]) + re.sub(_UNSAFE, _percent, parts[3])
