"""The target of a click, written for the `Location` header in characters that a header can hold.

ASCII characters are never changed: the browser reads `Location` as it would have read the link. Of the others, those of the
host are written in IDNA, the rest is percent-encoded as UTF-8.
"""

import re

from ocello.domain.common.hosts import ascii_form

# Patterns are compiled (and cached by `re`) at their first use: an open needs none, and its cold start would wait for them.
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
    """Return an http or https `target` in visible ASCII, with its fragment and nothing appended."""
    if target.isascii():
        return re.sub(_UNSAFE, _percent, target)
    parts = re.match(_PARTS, target)
    if parts is None:  # no token holds such a target; a header must still be able to hold the result
        return re.sub(_UNSAFE, _percent, target)
    return parts[1] + _host(parts[2]) + re.sub(_UNSAFE, _percent, parts[3])
