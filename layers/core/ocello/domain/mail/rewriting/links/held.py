"""Finds a reader's own address in a link: such a link is never tracked, since its token would carry the address."""

import functools
import re
from urllib.parse import unquote

from ocello.domain.common import hosts

_DEPTH = 3  # times that an address may have been percent-encoded, one within the other


def holds(target: str, address: str) -> bool:
    """Return whether the link to `target` holds `address`, in any case, plain or percent-encoded."""
    if not address or ("@" not in target and "%" not in target):
        return False
    wanted = _pattern(address)
    for _ in range(_DEPTH):
        if wanted.search(target):
            return True
        decoded = unquote(target)
        if decoded == target:
            return False
        target = decoded
    return wanted.search(target) is not None


@functools.lru_cache(64)
def _pattern(address: str) -> re.Pattern[str]:
    """Return the pattern of an address in either spelling of its host, which is not a part of a longer address."""
    local, _, domain = address.rpartition("@")
    spelled = "|".join(re.escape(each) for each in sorted({domain, hosts.normalized(domain)}))
    return re.compile(rf"(?<![\w.\-]){re.escape(local)}@(?:{spelled})(?![\w\-]|\.\w)", re.IGNORECASE)
