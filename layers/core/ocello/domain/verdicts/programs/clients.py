"""Reads what a User-Agent says of the program: kind, engine, version, platform. What it says may be untrue."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from ocello.domain.verdicts.programs.agents import Agent, recognise

type Engine = Literal["chromium", "gecko", "webkit", "trident", ""]
type Platform = Literal["windows", "mac", "linux", "android", "ios", "chromeos", ""]
type Brand = Literal["edge", "opera", "samsung", ""]


class Client(NamedTuple):
    """A program that fetched a pixel or a link, as its agent describes it.

    `version` is the engine's major version (Chrome's, Firefox's, Safari's; on an iPhone the system's), 0 where unknown.
    `mobile` is what a browser's `sec-ch-ua-mobile` would say. `app`: no browser of its own but a mail app, an Android
    WebView, Electron or an app's inner browser, which need not send fetch metadata. `brand`: a browser on Chromium that
    names itself both in its agent and in `sec-ch-ua`.
    """

    kind: Agent
    engine: Engine
    version: int
    platform: Platform
    mobile: bool
    app: bool
    brand: Brand = ""


_APPS = re.compile(
    r"; wv\)|\bElectron/|QtWebEngine/|OneOutlook/|\[FB|\bFBA[NV]/|LinkedInApp|\bInstagram\b|Twitter for |\bTwitterAndroid"
    r"|\bGSA/|\bLine/|MicroMessenger|KAKAOTALK|NAVER\(|\bYahoo(?:Mobile)?/|Snapchat|Pinterest/|\bTikTok|musical_ly"
    r"|BytedanceWebview|TeamsMobile|\bTeams/|Slack_SSB/|\bSlack/",
    re.IGNORECASE | re.ASCII,
)
# Programs that keep Firefox's name for sites' sake, and whose engine is older than they say.
_LIKE_FIREFOX = re.compile(r"Goanna/|SeaMonkey/|PaleMoon/|Waterfox/|K-Meleon", re.ASCII)
_CHROMIUM = re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/(\d{1,3})\b", re.ASCII)
_FIREFOX = re.compile(r"\b(?:Firefox|Thunderbird|Betterbird)/(\d{1,3})\b", re.ASCII)
_TRIDENT = re.compile(r"\bMSIE (\d{1,2})|\bTrident/.*\brv:(\d{1,2})", re.ASCII)
_SAFARI = re.compile(r"\bVersion/(\d{1,2})\b", re.ASCII)
_IOS = re.compile(r"\b(?:iPhone|iPad|iPod)\b", re.ASCII)
_IOS_VERSION = re.compile(r"\bOS (\d{1,2})_", re.ASCII)
_PLATFORMS: tuple[tuple[Platform, re.Pattern[str]], ...] = (
    ("ios", _IOS),
    ("android", re.compile(r"\bAndroid\b", re.ASCII)),
    ("windows", re.compile(r"\bWindows\b|\bWin(?:32|64)\b", re.ASCII)),
    ("mac", re.compile(r"\bMac ?OS\b|\bMacintosh\b|\bDarwin/", re.ASCII)),
    ("chromeos", re.compile(r"\bCrOS\b", re.ASCII)),
    ("linux", re.compile(r"\bLinux\b|\bX11\b", re.ASCII)),
)
_BRANDS: tuple[tuple[Brand, str], ...] = (
    ("edge", "Edg/"),
    ("edge", "EdgA/"),
    ("opera", "OPR/"),
    ("samsung", "SamsungBrowser/"),
)


@lru_cache(maxsize=4096)
def client_of(agent: str) -> Client:
    """Read `agent` as the client that it describes; what it leaves out is '' or 0."""
    kind = recognise(agent)
    platform: Platform = next((name for name, pattern in _PLATFORMS if pattern.search(agent)), "")
    engine, version = _engine(agent, platform)
    mobile = platform == "ios" or re.search(r"\bMobile\b", agent, re.ASCII) is not None
    app = kind is Agent.MAIL_CLIENT or _APPS.search(agent) is not None
    brand: Brand = next((name for name, token in _BRANDS if token in agent), "")
    return Client(kind, engine, version, platform, mobile, app, brand)


def _engine(agent: str, platform: Platform) -> tuple[Engine, int]:
    if platform == "ios" and "AppleWebKit/" in agent:  # there every browser runs on the system's engine
        return "webkit", _number(_SAFARI, agent) or _number(_IOS_VERSION, agent)
    if _CHROMIUM.search(agent):
        legacy_edge = "Edge/" in agent  # on an engine of its own until 2020, of Chrome it had the name alone
        return ("", 0) if legacy_edge else ("chromium", _number(_CHROMIUM, agent))
    if "Gecko/" in agent:
        return "gecko", 0 if _LIKE_FIREFOX.search(agent) else _number(_FIREFOX, agent)
    if _TRIDENT.search(agent):
        return "trident", _number(_TRIDENT, agent)
    return ("webkit", _number(_SAFARI, agent)) if "AppleWebKit/" in agent else ("", 0)


def _number(pattern: re.Pattern[str], agent: str) -> int:
    found = pattern.search(agent)
    return int(next(filter(None, found.groups()))) if found else 0
