"""A hit: one request for a pixel or a link, as it was received. It is a fact; after two days its address is cut short.

The hot function imports this module: it uses the standard library only, and little of it.
"""

from collections import namedtuple

from ocello.domain.tracking.tokens import AGGREGATE, CLICK, EVERYONE, Token

# Headers stored with every hit: they show a prefetch and how a page was requested, and are the same for many readers.
AGGREGATE_HEADERS: tuple[str, ...] = (
    "purpose",
    "sec-purpose",
    "x-moz",
    "x-purpose",
    "sec-fetch-mode",
    "sec-fetch-user",
)
# Headers stored unless the hit is aggregate: they describe the browser, and show whether that agrees with its user agent.
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
_DAY_SECONDS = 86_400

# User agents that many readers share, so that storing one identifies no reader: docs/decisions/0011.
SHARED_AGENTS = ("GoogleImageProxy", "YahooMailProxy", "Edge/12.246 Mozilla/5.0", "bot", "Bot", "Slack", "WhatsApp")

Source = namedtuple("Source", "network_class source network own")  # noqa: PYI024 — typing's import would cost the hot function 3 ms
Source.__doc__ = """What is kept of where a hit came from once its address is cut: enough to judge it again, and the same.

`network_class` is that of the address; `source` and `network` are the digests of traces.Who, of this message alone; `own`
says whether the address was in the team's own networks ('network') or where the sender was signed in ('session').
"""

Hit = namedtuple(  # noqa: PYI024 — typing's import would cost the hot function 3 ms
    "Hit", "message at request kind recipient link method address agent headers flags source", defaults=(None,)
)
Hit.__doc__ = """One request for a pixel or a link.

`message` is the message's id; `at` milliseconds since 1970 and `request` the id, both by the gateway; `kind` is 'open' or
'click'; `recipient` its index; `link` a click's link index, else None; `method` GET or HEAD; `address` the client's, or '';
`agent` its user agent; `headers` those of KEPT_HEADERS that it sent, in lower case; `flags` the token's; `source` a
Source where `address` is cut to its network, such as 192.0.2.0/24, else None.
"""


def seconds_to_live(days: int) -> int:
    """Return after how many seconds the database may delete a hit that is to be gone after `days`.

    It is a day less: the database deletes for free, within a day or so, and retention deletes what is left on time.
    """
    return (days - 1) * _DAY_SECONDS


def hit_of(token: Token, at: int, request: str, method: str, address: str, agent: str, headers: dict[str, str]) -> Hit:
    """Return the hit of a request with a verified `token`; in aggregate mode, without what identifies a recipient."""
    agent, recipient, wanted = agent[:MAX_AGENT], token.recipient, KEPT_HEADERS
    if token.flags & AGGREGATE:
        address, recipient = "", EVERYONE
        agent = agent if agent == "Mozilla/5.0" or any(shared in agent for shared in SHARED_AGENTS) else ""
        wanted = AGGREGATE_HEADERS
    stored_headers = {name: headers[name][:MAX_HEADER] for name in wanted if name in headers}
    kind = "click" if token.purpose == CLICK else "open"
    return Hit(
        token.message,
        at,
        request[:MAX_REQUEST],
        kind,
        recipient,
        token.link,
        method,
        address,
        agent,
        stored_headers,
        token.flags,
    )


def without_client(hit: Hit) -> Hit:
    """Return the hit without what tells readers apart: address, user agent, and headers that describe the browser."""
    headers = {name: hit.headers[name] for name in AGGREGATE_HEADERS if name in hit.headers}
    return hit._replace(address="", agent="", headers=headers)
