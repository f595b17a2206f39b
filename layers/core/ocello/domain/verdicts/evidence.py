"""The table of evidence: what tells a person's hit from a machine's, how much each piece weighs, and where it is known from.

A weight is in log-odds (natural logarithm): above 0 it speaks for a person, below for a machine. Of each kind of evidence
the heaviest piece alone is added. How the weights were found is said in docs/verdicts.md. Change RULES with each change here.
"""

from typing import Literal, NamedTuple

RULES = 7  # raise it with every change of a rule or a weight: rows that older rules made are then made anew

EvidenceKind = Literal["agent", "headers", "network", "time", "behaviour", "history"]
VerdictKind = Literal["human", "proxy", "privacy_proxy", "prefetch", "scanner", "bot", "self", "unknown"]


class Certain(NamedTuple):
    """Evidence that decides alone: the verdict, and its confidence."""

    verdict: VerdictKind
    confidence: float


class Evidence(NamedTuple):
    """A piece of evidence: its code, kind, weight in log-odds, where it is known from, and how it is said to people.

    `finding`: seen only beside other hits, and never held against a hit with a person's evidence of two kinds.
    """

    code: str
    kind: EvidenceKind
    weight: float
    source: str
    sentence: str
    certain: Certain | None = None
    finding: bool = False


def _sure(code: str, kind: EvidenceKind, certain: Certain, source: str, sentence: str) -> Evidence:
    return Evidence(code, kind, 0.0, source, sentence, certain)


def _found(code: str, weight: float, source: str, sentence: str) -> Evidence:
    return Evidence(code, "behaviour", weight, source, sentence, finding=True)


# The first certain piece decides where several are there.
TABLE: tuple[Evidence, ...] = (
    Evidence("browser", "agent", 1.7, "a starting point: most hits by browsers are people's", "a browser"),
    Evidence("mail_client", "agent", 2.2, "as above; scanners hardly ever name a mail client", "a mail client"),
    Evidence("consistent_navigation", "headers", 1.6, "Fetch Metadata, W3C; headless browsers send it too",
             "what the browser says of itself fits a link that was followed"),
    Evidence("consumer", "network", 1.3, "lists of autonomous systems", "from a network of homes and offices"),
    Evidence("mobile", "network", 1.3, "lists of autonomous systems", "from a mobile network"),
    Evidence("accept_language", "headers", 0.2, "RFC 9110", "the browser names its reader's languages"),
    Evidence("consistent_subresource", "headers", 0.4, "Fetch Metadata, W3C",
             "what the browser says of itself fits a picture in a mail"),
    Evidence("opened_before", "behaviour", 1.0, "people read before they click", "the mail was opened before"),
    Evidence("read_there", "behaviour", 1.6, "people read before they click; scanners name browsers, not mail programs",
             "a mail client opened the mail there before"),
    Evidence("click_first_minute", "time", -1.0, "836 scanners' bursts: 69 % within a minute of delivery",
             "a click in the first minute after delivery, when most scanners come"),
    Evidence("click_first_minutes", "time", -0.8, "836 scanners' bursts: 28 % one to five minutes after delivery",
             "a click in the first five minutes after delivery, when scanners come"),
    Evidence("click_early", "time", -0.3, "836 scanners' bursts: 2 % five to thirty minutes after delivery",
             "a click in the first ten minutes after delivery, when some scanners come"),
    Evidence("click_late", "time", 0.0, "836 scanners' bursts: 3 % later than five minutes after delivery",
             "a click when scanners have mostly gone"),
    Evidence("open_first_minute", "time", -0.6, "scanners load the picture a median 33 s before the links",
             "opened in the first minute after delivery, when most scanners come"),
    Evidence("open_first_minutes", "time", -0.5, "as above",
             "opened in the first five minutes after delivery, when scanners come"),
    Evidence("no_fetch_metadata", "headers", -0.5, "Fetch Metadata, W3C; proxies of companies strip it",
             "a new browser that does not say what it fetches for"),
    Evidence("hosting_early", "network", -2.1, "gateways scan from hosting networks just after delivery",
             "from a hosting network just after delivery"),
    Evidence("hosting", "network", -0.6, "virtual desktops and VPNs leave from data centres too", "from a hosting network"),
    Evidence("hosting_mail", "network", -0.4, "as above; scanners hardly ever name a mail program",
             "a mail client in a hosting network"),
    Evidence("security_vendor", "network", -3.5, "networks of companies that scan mail",
             "from the network of a security company"),
    Evidence("mail_provider_early", "network", -2.2, "Safe Links follows links with ordinary browsers' agents",
             "from a mailbox provider's network just after delivery"),
    Evidence("mail_provider", "network", -1.8, "as above", "from a mailbox provider's network"),
    Evidence("privacy_relay", "network", 0.6, "relays of browsers, which people switch on", "through a privacy relay"),
    Evidence("gateway_mx", "history", -0.6, "MX records", "the recipient's mail passes a gateway that scans"),
    Evidence("domain_scans", "history", -0.8, "what was seen of the domain", "mail to this domain is often scanned"),
    Evidence("domain_quiet", "history", 0.5, "what was seen of the domain", "mail to this domain was never scanned"),
    Evidence("before_delivery", "time", -1.5, "gateways scan before they take a mail", "before the mail was delivered"),
    Evidence("brand_mismatch", "headers", -2.5, "User-Agent Client Hints, WICG; headless Chromium",
             "the browser names itself otherwise in its headers"),
    Evidence("platform_mismatch", "headers", -2.0, "User-Agent Client Hints, WICG",
             "the browser names another system in its headers"),
    Evidence("mobile_mismatch", "headers", -1.5, "User-Agent Client Hints, WICG",
             "the browser says both that it is on a phone and that it is not"),
    Evidence("impossible_fetch", "headers", -2.0, "Fetch Metadata, W3C", "headers that no browser sends"),
    Evidence("odd_agent", "agent", 0.0, "a name that nobody knows is no machine", "the program is not known"),
    Evidence("no_agent", "agent", 0.0, "some mail programs send none", "the program did not name itself"),
    Evidence("aggregate", "agent", 1.0, "nothing that tells recipients apart is kept",
             "a person as far as is known: nothing that tells recipients apart is kept"),
    Evidence("before_click", "behaviour", 2.0, "programs that show a mail and start a browser",
             "a person clicked from there soon after"),
    _found("burst", -3.5, "five or more links within a second; people: one link", "many links at once"),
    _found("sweep", -2.0, "slow scanners follow every link", "nearly all links within a minute"),
    _found("networks", -1.8, "a gateway of a bank: five networks in two minutes", "many networks at once"),
    _found("head_before", -3.0, "scanners ask for the headers first", "the headers alone were asked for just before"),
    _found("recipients", -2.0, "one scanner for a company's copies", "several recipients at once"),
    _found("scanner_open", -2.5, "scanners load the picture a median 33 s before the links",
           "the picture was loaded from where the scanner came"),
    _found("time_of_click", -3.0, "services that scan a link when it is clicked",
           "the same link, just when a person followed it, from another network"),
    _sure("own_network", "network", Certain("self", 0.9), "the operator's own networks", "from your own network"),
    _sure("own_user", "history", Certain("self", 0.9), "the list of users", "the recipient is one of your own users"),
    _sure("own_session", "network", Certain("self", 0.9), "signed-in sessions", "from where the sender was signed in"),
    _sure("head", "behaviour", Certain("bot", 0.95), "people's browsers ask for the whole", "asked for the headers alone"),
    _sure("prefetch_header", "headers", Certain("prefetch", 0.99), "the browser's own words", "fetched ahead, as it said itself"),
    _sure("gmail_prefetch", "agent", Certain("prefetch", 0.95), "Gmail", "fetched ahead by Gmail"),
    _sure("crawler", "agent", Certain("bot", 0.95), "public lists of crawlers", "a program of the crawler list"),
    _sure("preview", "agent", Certain("bot", 0.95), "the services' documentation", "the link was shared: a preview was made"),
    _sure("image_proxy_click", "agent", Certain("bot", 0.9), "image proxies fetch pictures", "an image proxy followed a link"),
    _sure("apple_privacy", "agent", Certain("privacy_proxy", 0.95), "Apple",
          "fetched by Apple's privacy protection, whether or not anyone reads"),
    _sure("image_proxy_sure", "agent", Certain("proxy", 0.95), "Gmail and Yahoo fetch when a mail is opened",
          "fetched by the mailbox provider when the mail was opened"),
    _sure("image_proxy", "agent", Certain("proxy", 0.85), "mailbox providers' proxies",
          "fetched by the mailbox provider, probably when the mail was opened"),
    Evidence("flood", "behaviour", 0.0, "nobody loads a picture twenty times in ten seconds", "many hits at once",
             finding=True),
)  # fmt: skip

BY_CODE = {each.code: each for each in TABLE}
BIT = {each.code: 1 << place for place, each in enumerate(TABLE)}
FINDINGS = sum(BIT[each.code] for each in TABLE if each.finding)
SEEN_BESIDE = FINDINGS | BIT["opened_before"] | BIT["read_there"] | BIT["before_click"]  # what other hits say of one
STRONG = 0.8  # the least weight with which a person's evidence is one of the two kinds that protect, and ring at once


def mask_of(*codes: str) -> int:
    """Return the bits of codes."""
    return sum(BIT[code] for code in codes)


def evidence_in(mask: int) -> list[Evidence]:
    """Return the pieces whose bits are in `mask`, in the table's order."""
    return [each for each in TABLE if mask & BIT[each.code]]
