"""Programs that people read mail with and follow links in: agents, and the headers that each sends by itself."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"

type Headers = dict[str, str]

LANGUAGES = (
    "it-IT,it;q=0.9,en;q=0.8",
    "de-DE,de;q=0.9,en-US;q=0.8",
    "fr-FR,fr;q=0.9",
    "en-GB,en;q=0.7",
    "es-ES,es;q=0.9",
)
SHOWN = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
FOLLOWED = {"sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "sec-fetch-dest": "document"}


class Program(NamedTuple):
    """What a program sends: its agent, the headers that say who it is, and whether it sends fetch metadata."""

    agent: str
    headers: Headers
    fetches: bool = True

    def shows(self) -> Headers:
        """Return the headers of a picture's request."""
        return {**self.headers, **(SHOWN if self.fetches else {})}

    def follows(self, site: str) -> Headers:
        """Return the headers of a link that a person follows; `site` is none from a mail program, else cross-site."""
        return {**self.headers, **({**FOLLOWED, "sec-fetch-site": site} if self.fetches else {})}


def _hints(brands: str, version: int, platform: str, mobile: str = "?0") -> Headers:
    named = "".join(f'"{brand}";v="{version}", ' for brand in brands.split("|") if brand)
    return {
        "sec-ch-ua": f'{named}"Chromium";v="{version}", "Not=A?Brand";v="24"',
        "sec-ch-ua-mobile": mobile,
        "sec-ch-ua-platform": f'"{platform}"',
    }


def chrome(random: Random, system: str = "Windows NT 10.0; Win64; x64", platform: str = "Windows") -> Program:
    """Return a Chrome of one of the last versions."""
    version = random.randint(139, 156)
    agent = f"Mozilla/5.0 ({system}) {WEBKIT} Chrome/{version}.0.0.0 Safari/537.36"
    return Program(agent, {**_hints("Google Chrome", version, platform), "accept-language": random.choice(LANGUAGES)})


def chrome_mac(random: Random) -> Program:
    """Return a Chrome on a Mac."""
    return chrome(random, "Macintosh; Intel Mac OS X 10_15_7", "macOS")


def edge(random: Random) -> Program:
    """Return an Edge on Windows."""
    version = random.randint(139, 156)
    agent = (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/{version}.0.0.0 Safari/537.36 Edg/{version}.0.0.0"
    )
    return Program(agent, {**_hints("Microsoft Edge", version, "Windows"), "accept-language": random.choice(LANGUAGES)})


def chrome_android(random: Random) -> Program:
    """Return a Chrome on a phone."""
    version = random.randint(139, 156)
    agent = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/{version}.0.0.0 Mobile Safari/537.36"
    hints = _hints("Google Chrome", version, "Android", "?1")
    return Program(agent, {**hints, "accept-language": random.choice(LANGUAGES)})


def samsung(random: Random) -> Program:
    """Return Samsung's browser."""
    version = random.choice((121, 125, 130, 136))
    agent = (
        f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} SamsungBrowser/28.0 Chrome/{version}.0.0.0 Mobile Safari/537.36"
    )
    hints = _hints("Samsung Internet", version, "Android", "?1")
    return Program(agent, {**hints, "accept-language": random.choice(LANGUAGES)})


def firefox(random: Random, system: str = "Windows NT 10.0; Win64; x64") -> Program:
    """Return a Firefox."""
    version = random.choice((128, 140, 143, 144, 145))
    agent = f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
    return Program(agent, {"accept-language": random.choice(LANGUAGES)})


def firefox_linux(random: Random) -> Program:
    """Return a Firefox on Linux."""
    return firefox(random, "X11; Linux x86_64")


def safari_iphone(random: Random) -> Program:
    """Return a Safari on an iPhone; it sends no Sec-Fetch-User."""
    version = random.choice(("17.6", "18.5", "18.6", "26.0", "26.1"))
    agent = (
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {APPLE} Version/{version} Mobile/15E148 Safari/604.1"
    )
    return Program(agent, {"accept-language": random.choice(LANGUAGES)})


def safari_mac(random: Random) -> Program:
    """Return a Safari on a Mac."""
    version = random.choice(("17.6", "18.5", "18.6", "26.0", "26.1"))
    agent = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/{version} Safari/605.1.15"
    return Program(agent, {"accept-language": random.choice(LANGUAGES)})


_IPHONE_MAIL = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {APPLE} Mobile/15E148"


def _linkedin(random: Random) -> Program:
    agent = f"{_IPHONE_MAIL} [LinkedInApp]/9.30.{random.randint(1000, 9999)}"
    return Program(agent, {"accept-language": random.choice(LANGUAGES)}, fetches=random.random() < 0.5)


def _plain(*agents: str) -> Callable[[Random], Program]:
    return lambda random: Program(random.choice(agents), {}, fetches=False)


def _one_outlook(random: Random) -> Program:
    browser = edge(random)
    return browser._replace(agent=f"{browser.agent} OneOutlook/1.2026.{random.randint(300, 400)}.100")


def _webview(random: Random) -> Program:
    model = random.choice(
        ("SM-S918B Build/UP1A.231005.007", "Pixel 9 Build/AP4A.250205.002", "Discovery SE Build/QP1A.1")
    )
    agent = (
        f"Mozilla/5.0 (Linux; Android 14; {model}; wv) {WEBKIT} Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36"
    )
    hints = {
        "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24", "Android WebView";v="140"',
        "sec-ch-ua-mobile": "?1",
        "sec-ch-ua-platform": '"Android"',
        "accept-language": random.choice(LANGUAGES),
    }
    return Program(agent, hints if random.random() < 0.7 else {}, fetches=random.random() < 0.7)


def _electron(random: Random) -> Program:
    names = "Mailspring/1.16.0 Chrome/120.0.6099.56 Electron/28.1.0 Safari/537.36"
    agent = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} {names}"
    return Program(agent, {"accept-language": random.choice(LANGUAGES)})


class MailClient(NamedTuple):
    """A way to read mail: what shows its pictures, what follows its links, from where, and what `sec-fetch-site` says.

    `proxy` names a place that pictures are fetched from for the reader; `ahead` that they are fetched whoever reads.
    """

    shows: Callable[[Random], Program] | None
    follows: Callable[[Random], Program]
    site: str = "none"
    place: str = "consumer"
    proxy: str = ""
    ahead: bool = False
    same: bool = False  # the very browser that shows the mail follows its links


CLIENTS: dict[str, MailClient] = {
    "new Outlook": MailClient(_one_outlook, edge),
    "new Outlook, bare": MailClient(_plain(f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT}"), chrome),
    "classic Outlook": MailClient(
        _plain(
            "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
            "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17726; Pro)",
        ),
        edge,
    ),
    "Outlook for Mac": MailClient(
        _plain("MacOutlook/16.100.25081115 (Arm64 Mac OS X Version 15.6 (Build 24G84))"), safari_mac
    ),
    "Outlook on the web": MailClient(edge, edge, "cross-site", proxy="mail_provider"),
    "iPhone Mail": MailClient(
        _plain(_IPHONE_MAIL, f"{_IPHONE_MAIL} (1407374883553280)"), safari_iphone, place="mobile"
    ),
    "Mac Mail": MailClient(_plain(f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE}"), safari_mac),
    "Apple with privacy protection": MailClient(
        _plain("Mozilla/5.0"), safari_iphone, place="mobile", proxy="privacy_relay", ahead=True
    ),
    "Android mail app": MailClient(_webview, chrome_android, place="mobile"),
    "Samsung Email": MailClient(_webview, samsung, place="mobile"),
    "Gmail": MailClient(
        _plain("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"),
        chrome,
        "cross-site",
        proxy="gmail",
    ),
    "Yahoo": MailClient(
        _plain("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"),
        chrome_mac,
        "cross-site",
        proxy="yahoo",
    ),
    "webmail in Chrome": MailClient(chrome, chrome, "cross-site", same=True),
    "webmail in Firefox": MailClient(firefox, firefox, "cross-site", same=True),
    "Thunderbird": MailClient(
        _plain("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.3.0"), firefox_linux
    ),
    "Electron": MailClient(_electron, chrome),
    "small clients on Linux": MailClient(
        _plain("Balsa/2.6.4", "sylpheed", "Evolution/3.56.2", "Fancy Viewer"), firefox_linux
    ),
    "inside LinkedIn": MailClient(None, _linkedin, "cross-site", place="mobile"),
}
