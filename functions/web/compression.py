"""Compresses answers by gzip, which every browser accepts (RFC 9110, sections 8.4.1 and 12.5.3).

A secret in a compressed page can be guessed by an attacker who can put guesses into the page and sees its length
(BREACH). So a page that another site requests is not compressed, and tokens of forms are masked (`functions.web.csrf`).
"""

import gzip
from collections.abc import Mapping

_LEAST = 1_000  # bytes; a smaller answer consists mostly of its headers
_KINDS = ("text/", "image/svg+xml", "application/json")
_PAGES, _FILES = 6, 9  # compression levels: a page is compressed at each request, a file once


def is_worth_it(content_type: str, size: int) -> bool:
    """Return whether an answer of this type and size, in bytes, becomes much smaller when compressed."""
    return size >= _LEAST and content_type.lower().startswith(_KINDS)


def may_be(headers: Mapping[str, str], *, secret: bool) -> bool:
    """Return whether the answer to a request with these headers may be compressed; `secret` says that it is for one person."""
    asked_here = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    return (asked_here or not secret) and _takes_gzip(headers.get("accept-encoding", ""))


def _takes_gzip(header: str) -> bool:
    weights: dict[str, float] = {}
    for part in header.lower().split(",")[:20]:
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            weights[name] = float(weight)
        except ValueError:
            weights[name] = 0
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0))) > 0


def pack(content: bytes, *, file: bool = False) -> bytes:
    """Compress; a file of ours as much as possible."""
    return gzip.compress(content, _FILES if file else _PAGES, mtime=0)
