"""Says what kind of program a User-Agent names. Mail programs and proxies are tested before any crawler list.

A name that nobody knows is ODD, which is no machine. Texts are looked for in the agent in lower case.
"""

import re
from enum import StrEnum
from functools import lru_cache

from ocello.domain.verdicts.programs import crawlers


class Agent(StrEnum):
    """Kinds of program that fetch pixels and links."""

    ABSENT = "absent"
    PRIVACY_PROXY = "privacy_proxy"  # fetches whether or not anyone reads
    GMAIL_PREFETCH = "gmail_prefetch"
    PROXY = "proxy"  # fetches for a person at the moment of reading
    MAIL_CLIENT = "mail_client"
    PREVIEW = "preview"  # shows a link that was shared in a chat
    CRAWLER = "crawler"
    BROWSER = "browser"  # an app's inner browser too
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
_SURE_PROXIES = ("googleimageproxy", "yahoomailproxy", "ymailatgateway")

# Image proxies of mailbox providers: Gmail, Yahoo, Fastmail, HEY, Seznam, ukr.net, Shortwave.
_PROXIES = (
    *_SURE_PROXIES,
    *("via ggpht.com", "fastmail", "hey.com", "heyimageproxy", "seznamemailproxy", "ukr.net", "ukrnet"),
    "shortwave image fetcher",
)
# Rambler's image proxy: not its crawler, and not the browser that Opera made for it.
_RAMBLER = re.compile(r"(?<!stack)(?<!edition )rambler", re.ASCII)

# Office looks whether a link is there before anyone decides to follow it.
_PROBES = ("existence discovery", "protocol discovery")

_MAIL_PROGRAMS = (
    *("outlook", "ms-office", "msoffice", "microsoft office/", "thunderbird", "betterbird", "icedove"),
    *("em client", "emclient", "airmail", "mailbird", "postbox", "the bat!", "foxmail", "k-9", "kmail"),
    *("kontact", "mailspring", "canary mail", "canary%20mail", "bluemail", "blue mail", "aquamail"),
    *("lotus-notes", "lotus notes", "lotusnotes", "hcl notes", "superhuman", "claws mail", "claws-mail"),
    *("windowsmail", "windows mail", "windows live mail", "apple mail", "applemail", "com.apple.mail"),
    *("mobilemail", "samsung email", "samsungemail", "mailmate", "mimestream", "edison mail", "edisonmail"),
    *("newton mail", "cloudmagic", "polymail", "protonmail/", "proton mail", "tutanota", "tuta mail"),
    *("fairemail", "fair email", "zoho mail", "zohomail", "zimbra", "missive", "incredimail", "eudora"),
    *("pegasus mail", "pocomail", "opera mail", "yahoomobilemail", "yahoomail", "yahoo mail", "navermailapp"),
    *("ru.mail.mailapp", "mymail", "typeapp", "typemail", "unibox", "gyazmail", "entourage", "mailplane"),
    *("wavebox", "groupwise", "nextcloud mail", "shortwave", "spike mail", "notion mail", "url/emacs"),
    *("com.google.gmail", "gmail/", "mailmaster", "worxmail", "blackberry-work", "android-gmail"),
    *("jp.co.yahoo.ymail", "yahoo%20mail", "mailapp/", "interlink/", "epyrus/", "spicebird", "iceape"),
    *("readdle", "mailpilot", "nylas", "sparrow/", "mail.ru/android", "seznam.cz email", "em-client"),
)
# Mail programs whose names are words of their own, or that say nothing but their name.
_MAIL_NAMES = re.compile(
    r"(?:evolution|geary|balsa|trojit[aá]|sylpheed|fancy viewer|nine|boxer|hey|front|inky|becky!?|mutt|neomutt|alpine"
    r"|newton|barcapro|barca|spike|mail|mailapp|email|mew|gnus|shuriken|delta ?chat|hiri|twobird|mail\.ru|readdle"
    r"|kiwi for gmail|mailnag|vivaldi mail|libremail|rainloop|mailtime|myemail|triage|dispatch email)(?:[/ ;(v]|$)"
    r"|spark(?! commit)[ /%]|.*\bspark(?: mail| desktop)?/\d|.*\bmail/\d[\d.]* \(?(?:cfnetwork|darwin)",
    re.ASCII,
)

# Apple Mail without privacy protection, and the new Outlook for Windows, end like this; a number may follow on iPhones.
_BARE_WEBKIT = re.compile(r" applewebkit/[\d.+]+ \(khtml, like gecko\)(?: mobile/\w+(?: \(\d+\))?)?$", re.ASCII)

# Slack, Teams (Skype), WhatsApp, Facebook, LinkedIn, Telegram, Discord, and their like.
_PREVIEWS = (
    *("slackbot", "slack-imgproxy", "skypeuripreview", "microsoftpreview", "facebookexternalhit", "facebot"),
    *("linkedinbot", "telegrambot", "discordbot", "twitterbot", "snap url preview", "redditbot", "mattermost"),
    *("iframely", "embedly", "cardyb", "mastodon/", "kakaotalk-scrap", "vkshare", "notionembedder"),
    "rocket.chat",
)
_PREVIEW_NAMES = re.compile(r"(?:whatsapp|viber)/", re.ASCII)

# What the crawler lists do not name.
_MORE_CRAWLERS = (
    *("gtmetrix", "debugbear", "claude-web", "claude-user", "miniature.io", "mixnode", "assetnote"),
    *("spark commit", " ylt ", "image fetcher", "fetcher/", "fetch/", "webhook", "searcher", "sectxt"),
    *("security.txt", "shodan", "gobuster", "arachni", "matomo/", "grafana/", "prometheus/", "uptime"),
    *("thousandeyes", "-external", "externalhit", "meta-web", "amzn-user", "githubcopilot", "dreamweaver"),
    *("okhttp-bot", "lighthouse", "zgrab", "probe/", "fastprobe", "request-promise", "report runner"),
    *("browsershots", "seobility", "webmon", "acunetix", "laravel", "placeholder", "favicon"),
    *("screenshot", " dcv", "compatible; +", "+devin", "reconnaissance", "recon/", "leadgen", "internetsearch"),
    *("yunjiankong", "prospector", "hello world", "hello, world", "slimerjs", "puppeteer"),
    *("rootevidence", "yahoo! slurp", "yahooseeker", "yahoo:linkexpander", "inktomi", "web-sniffer", "worker/"),
    *("wkhtmlto", "webthumb", "websnapr", "grub-client", "evc-batch", "kimonolabs", "siege/", "zombie.js"),
    *("requests/", "yandex.translate", "bytespider", "ahrefs", "blackboardally", "kendra", "collectd/"),
    *("kiwitcms", "sixy.ch"),
)
_MORE_NAMES = frozenset(
    {
        *("git", "docker", "twine", "gradle", "castopod", "castro", "spotify", "itms", "zeno", "zeus", "ruby"),
        *("lavf", "hakai", "kowai", "lolisec", "nvd0rz", "b3astmode", "wp_is_mobile", "venus", "cortex", "monit"),
        "goose",
    }
)
# A domain that a program names as its own home: "; +upday)", "(+devin.ai)".
_HOME = re.compile(r"[;(] ?\+[a-z]", re.ASCII)
# Programs that claim to be a browser and say not even which.
_BARE_CLAIMS = frozenset({"chrome", "firefox", "safari", "mozilla", "mozilla/5.0 (compatible)", "user-agent", "bot"})

_STARTS = re.compile("|".join(crawlers.STARTS), re.ASCII)
_PATTERNS = tuple((text, re.compile(pattern, re.ASCII)) for text, pattern in crawlers.PATTERNS)
_TEXTS = (*crawlers.TEXTS, *_MORE_CRAWLERS)
_NAMES = crawlers.NAMES | _MORE_NAMES
_AFTER_NAME = re.compile(r"[/(;,\[]| v?\d", re.ASCII)

# Makers give Android devices names such as "Discovery SE", "M bot 60" or "CUBOT": they say nothing of the program.
_MODEL = re.compile(r"\bandroid [\d.]+;[^()]*(?:\([^()]*\)[^()]*)*\)|\bandroid \([^)]*\)|\bfbdv/[^;\]]*", re.ASCII)
_NO_MODEL = ("compatible", "http", "-google", "neustar", "screenshot")  # programs that put their name there

_BROWSERS = re.compile(
    r"mozilla/[45]\.0 \(.*(?:chrome/|crios/|firefox/|fxios/|safari/|edg(?:e|a|ios)?/|opr/|trident/|msie |gecko/"
    r"|\(khtml, like gecko\) mobile/)"
    r"|(?:opera|dillo|netsurf)/",
    re.ASCII,
)


@lru_cache(maxsize=4096)
def fetches_when_opened(agent: str) -> bool:
    """Return whether a proxy is known to fetch at the moment of reading: Gmail's or Yahoo's."""
    return _holds(agent.lower(), _SURE_PROXIES)


@lru_cache(maxsize=4096)
def recognise(agent: str) -> Agent:  # noqa: PLR0911 — a list of questions in their order
    """Say what kind of program `agent` names."""
    agent = agent.strip(" \t\"'")
    if not agent:
        return Agent.ABSENT
    if agent == _APPLE_PRIVACY:
        return Agent.PRIVACY_PROXY
    if agent == _GMAIL_PREFETCH:
        return Agent.GMAIL_PREFETCH
    said = agent.lower()
    if agent == _SCRAPER or _holds(said, _PROBES):
        return Agent.CRAWLER
    if _holds(said, _PROXIES) or ("rambler" in said and _RAMBLER.search(said)):
        return Agent.PROXY
    said = _without_model(said)
    if _holds(said, _MAIL_PROGRAMS) or _MAIL_NAMES.match(said):
        return Agent.MAIL_CLIENT
    if _holds(said, _PREVIEWS) or _PREVIEW_NAMES.match(said):
        return Agent.PREVIEW
    if _is_crawler(said):
        return Agent.CRAWLER
    if _BARE_WEBKIT.search(said) or "electron/" in said:
        return Agent.MAIL_CLIENT
    return Agent.BROWSER if _BROWSERS.match(said) else Agent.ODD


def name_of(said: str) -> str:
    """Return the product's name that an agent in lower case begins with, without its version."""
    return _AFTER_NAME.split(said, maxsplit=1)[0].strip()


def _holds(said: str, texts: tuple[str, ...]) -> bool:
    for text in texts:  # noqa: SIM110 — `any` would take half as long again, for each agent seen
        if text in said:
            return True
    return False


def _without_model(said: str) -> str:
    """Return an agent without the name of the Android device that it runs on."""
    model = _MODEL.search(said) if "android" in said or "fbdv/" in said else None
    if model is None or _holds(model[0], _NO_MODEL):
        return said
    return said[: model.start()] + said[model.end() :]


def _is_crawler(said: str) -> bool:
    if _holds(said, _TEXTS) or _STARTS.match(said) or said in _BARE_CLAIMS or name_of(said) in _NAMES:
        return True
    if "+" in said and _HOME.search(said):
        return True
    return any(text in said and pattern.search(said) for text, pattern in _PATTERNS)
