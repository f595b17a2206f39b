"""A hit: one request for a pixel or a link, as it came. A fact; it never changes.

Standard library only, and little of it: the hot function imports this.
"""

from collections import namedtuple

from ocello.domain.tracking.tokens import AGGREGATE, CLICK, EVERYONE, Token

# Headers kept of every hit: they say that nobody looks yet, and how a page was asked for, and are the same for many readers.
AGGREGATE_HEADERS: tuple[str, ...] = (
    "purpose",
    "sec-purpose",
    "x-moz",
    "x-purpose",
    "sec-fetch-mode",
    "sec-fetch-user",
)
# Kept of a hit that is one reader's: browsers say by them what they are, and whether that agrees with their agent.
KEPT_HEADERS = (
    *AGGREGATE_HEADERS,
    "sec-fetch-site",
    "sec-fetch-dest",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "accept-language",
    "dnt",
    "sec-gpc",
)
MAX_AGENT = 512  # characters
MAX_HEADER = 256
MAX_REQUEST = 64

# Agents that many readers share, so that keeping one tells no reader from another: docs/decisions/0011.
SHARED_AGENTS = ("GoogleImageProxy", "YahooMailProxy", "Edge/12.246 Mozilla/5.0", "bot", "Bot", "Slack", "WhatsApp")

Hit = namedtuple(  # noqa: PYI024 — typing's import would cost the hot function 3 ms
    "Hit", "message at request kind recipient link method address agent headers flags"
)
Hit.__doc__ = """One request for a pixel or a link.

`message` is the message's id; `at` milliseconds since 1970 and `request` the id, both by the gateway; `kind` is 'open' or
'click'; `recipient` its index; `link` a click's link index, else None; `method` GET or HEAD; `address` the client's, or '';
`agent` its user agent; `headers` those of KEPT_HEADERS that it sent, in lower case; `flags` the token's.
"""


def hit_of(token: Token, at: int, request: str, method: str, address: str, agent: str, headers: dict[str, str]) -> Hit:
    """Make the hit that a request with a verified `token` is; in aggregate mode, without what tells recipients apart."""
    agent, recipient, wanted = agent[:MAX_AGENT], token.recipient, KEPT_HEADERS
    if token.flags & AGGREGATE:
        address, recipient = "", EVERYONE
        agent = agent if agent == "Mozilla/5.0" or any(shared in agent for shared in SHARED_AGENTS) else ""
        wanted = AGGREGATE_HEADERS
    kept = {name: headers[name][:MAX_HEADER] for name in wanted if name in headers}
    kind = "click" if token.purpose == CLICK else "open"
    return Hit(
        token.message, at, request[:MAX_REQUEST], kind, recipient, token.link, method, address, agent, kept, token.flags
    )


def without_client(hit: Hit) -> Hit:
    """Return the hit without what tells one reader from another: address, agent, and what browsers say of themselves."""
    headers = {name: hit.headers[name] for name in AGGREGATE_HEADERS if name in hit.headers}
    return hit._replace(address="", agent="", headers=headers)
