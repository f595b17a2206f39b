"""Says what kind of program a User-Agent names. Mail clients and proxies are tested before any crawler list."""

import re
from enum import StrEnum
from functools import lru_cache

from ocello.domain.verdicts.crawlers import PATTERNS


class Agent(StrEnum):
    """Kinds of program that fetch pixels and links."""

    ABSENT = "absent"
    PRIVACY_PROXY = "privacy_proxy"  # fetches whether or not anyone reads
    GMAIL_PREFETCH = "gmail_prefetch"
    PROXY = "proxy"  # fetches for a person at the moment of reading
    MAIL_CLIENT = "mail_client"
    PREVIEW = "preview"  # shows a link that was shared in a chat
    CRAWLER = "crawler"
    BROWSER = "browser"
    ODD = "odd"


# Apple Mail Privacy Protection; exactly this, nothing longer.
_APPLE_PRIVACY = "Mozilla/5.0"

# Gmail fetches ahead with this agent; without its last token it is a common scraper.
_SCRAPER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246"
)
_GMAIL_PREFETCH = f"{_SCRAPER} Mozilla/5.0"

# Of these it is documented that they fetch when the mail is opened.
_SURE_PROXIES = re.compile(r"googleimageproxy|yahoomailproxy|ymailatgateway", re.IGNORECASE | re.ASCII)

# Image proxies of mailbox providers: Gmail, Yahoo, Fastmail, HEY, Seznam, Rambler (not its crawler), ukr.net.
_PROXIES = re.compile(
    r"googleimageproxy|yahoomailproxy|ymailatgateway|fastmailua|fastmail|hey\.com|heyimageproxy|seznamemailproxy"
    r"|(?<!stack)rambler|ukr\.net|ukrnet",
    re.IGNORECASE | re.ASCII,
)

# Apple Mail without privacy protection, and the new Outlook for Windows, end like this.
_BARE_WEBKIT = "(KHTML, like Gecko)"

# Office looks whether a link is there before anyone decides to follow it.
_PROBES = re.compile(r"(?:existence|protocol) discovery", re.IGNORECASE | re.ASCII)

_MAIL_CLIENTS = re.compile(
    r"\boutlook\b|\bmacoutlook\b|\bms-?office\b|microsoft office/|thunderbird|betterbird|\bem ?client\b|\bspark\b"
    r"|\bairmail\b|mailbird|\bpostbox\b|the bat!|foxmail|\bk-9\b|\bkmail\b|\bkontact\b|\bevolution/|mailspring"
    r"|canary mail|bluemail|aquamail|lotus-?notes|hcl notes|\bgeary\b|superhuman|claws mail|windows ?mail"
    r"|\bapple ?mail\b|samsung ?email|\bspike\b|\bmailmate\b|\bmimestream\b",
    re.IGNORECASE | re.ASCII,
)

# Slack, Teams (Skype), WhatsApp, Facebook, LinkedIn, Telegram, Discord, and their like.
_PREVIEWS = re.compile(
    r"slackbot|slack-imgproxy|skypeuripreview|microsoftpreview|\bwhatsapp/|facebookexternalhit|facebot|linkedinbot"
    r"|telegrambot|discordbot|twitterbot|\bviber\b|snap url preview|redditbot|mattermost|iframely|embedly",
    re.IGNORECASE | re.ASCII,
)

_CRAWLERS = re.compile("|".join(PATTERNS), re.IGNORECASE | re.ASCII)
_BROWSERS = re.compile(
    r"^mozilla/[45]\.0 \(.*(?:chrome/|crios/|firefox/|fxios/|safari/|edg(?:e|a|ios)?/|opr/|trident/|msie |gecko/)"
    r"|^opera/",
    re.IGNORECASE | re.ASCII,
)


@lru_cache(maxsize=4096)
def fetches_when_opened(agent: str) -> bool:
    """Return whether a proxy is known to fetch at the moment of reading: Gmail's or Yahoo's."""
    return _SURE_PROXIES.search(agent) is not None


@lru_cache(maxsize=4096)
def recognise(agent: str) -> Agent:  # noqa: PLR0911 — a list of questions in their order
    """Say what kind of program `agent` names."""
    agent = agent.strip()
    if not agent:
        return Agent.ABSENT
    if agent == _APPLE_PRIVACY:
        return Agent.PRIVACY_PROXY
    if agent == _GMAIL_PREFETCH:
        return Agent.GMAIL_PREFETCH
    if agent == _SCRAPER or _PROBES.search(agent):
        return Agent.CRAWLER
    if _PROXIES.search(agent):
        return Agent.PROXY
    if agent.endswith(_BARE_WEBKIT) or _MAIL_CLIENTS.search(agent):
        return Agent.MAIL_CLIENT
    if _PREVIEWS.search(agent):
        return Agent.PREVIEW
    if _CRAWLERS.search(agent):
        return Agent.CRAWLER
    return Agent.BROWSER if _BROWSERS.search(agent) else Agent.ODD
