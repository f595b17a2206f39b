"""Says whether a hit's fetch metadata and client hints fit the agent: what a browser tells the server by itself.

Sources: Fetch Metadata Request Headers (W3C), User-Agent Client Hints (WICG). A header that is missing contradicts
nothing: proxies strip them, and hits of earlier releases kept fewer. `DNT` and `Sec-GPC` are people's preferences.
"""

import re
from typing import Literal

from ocello.domain.verdicts.programs.agents import Agent
from ocello.domain.verdicts.programs.clients import Brand, Client, Engine, Platform

# The first major versions that send fetch metadata on https: 2019, 2021, and the one after Safari 16.4.
_SENDS_FROM: dict[Engine, int] = {"chromium": 76, "gecko": 90, "webkit": 17}

_MODES = frozenset({"navigate", "no-cors", "cors", "same-origin", "websocket"})
_SITES = frozenset({"none", "cross-site", "same-site", "same-origin"})
_DOCUMENTS = frozenset({"document", "iframe", "frame", "embed", "object", "fencedframe"})

_HINTS: dict[str, tuple[Platform, ...]] = {
    "windows": ("windows",),
    "macos": ("mac",),
    "linux": ("linux",),
    "android": ("android", "linux"),  # "request desktop site" changes the agent's
    "chrome os": ("chromeos", "linux"),
    "chromium os": ("chromeos", "linux"),
}
# As their names begin: "Opera GX" is Opera, "Microsoft Edge WebView2" is Edge.
_BRAND_NAMES: dict[str, Brand] = {"microsoft edge": "edge", "opera": "opera", "samsung": "samsung"}
_BRAND = re.compile(r'"((?:[^"\\]|\\.)*)"\s*;\s*v="(\d{1,4})', re.ASCII)
_GREASE = re.compile(r"not.*brand", re.ASCII)  # a made-up brand, so that servers get used to unknown ones
_LANGUAGES = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*(?:\s*[,;]|$)", re.ASCII | re.IGNORECASE)


def header_findings(client: Client, kind: Literal["open", "click"], headers: dict[str, str]) -> tuple[str, ...]:
    """Name what `headers` (names in lower case) say of a hit by `client`: codes of evidence, each at most once.

    For a person: consistent_navigation, and weakly consistent_subresource, accept_language. For a machine:
    impossible_fetch, brand_mismatch, platform_mismatch, mobile_mismatch, and weakly no_fetch_metadata.
    """
    said = {name: value.strip().lower() for name, value in headers.items() if name.startswith("sec-")}
    wrong = [
        code
        for code, found in (
            ("impossible_fetch", _impossible(client, kind, said)),
            ("brand_mismatch", _brands_differ(client, said)),
            ("platform_mismatch", _platforms_differ(client, said)),
            ("mobile_mismatch", _mobiles_differ(client, said)),
        )
        if found
    ]
    fetched = any(name in said for name in ("sec-fetch-mode", "sec-fetch-site", "sec-fetch-dest"))
    if not fetched and _should_send(client):
        wrong.append("no_fetch_metadata")
    right = []
    if not wrong and client.engine and "sec-fetch-mode" in said:
        if kind == "click" and said["sec-fetch-mode"] == "navigate":
            right.append("consistent_navigation")
        elif kind == "open" and _shows_image(said):
            right.append("consistent_subresource")
    if _LANGUAGES.match(headers.get("accept-language", "").strip()):
        right.append("accept_language")
    return (*wrong, *right)


def _should_send(client: Client) -> bool:
    least = _SENDS_FROM.get(client.engine)
    return least is not None and client.kind is Agent.BROWSER and not client.app and client.version >= least


def _shows_image(said: dict[str, str]) -> bool:
    return said["sec-fetch-mode"] == "no-cors" and said.get("sec-fetch-dest", "image") == "image"


def _impossible(client: Client, kind: str, said: dict[str, str]) -> bool:
    """Return whether no browser sends this for a link that is followed, or for the image of a mail."""
    mode, dest, site = (said.get(f"sec-fetch-{name}") for name in ("mode", "dest", "site"))
    user = said.get("sec-fetch-user")
    if mode is None and dest is None and site is None and user is None:
        return False
    too_old = client.kind is Agent.BROWSER and not client.app and _never_sends(client)
    unknown = (mode is not None and mode not in _MODES) or (site is not None and site not in _SITES)
    if too_old or unknown or (user is not None and (user != "?1" or mode not in (None, "navigate"))):
        return True
    navigates = mode == "navigate" or (mode is None and dest in _DOCUMENTS)
    if mode is not None and dest is not None and navigates != (dest in _DOCUMENTS):
        return True
    if kind == "click":  # a link is followed by navigating; an image's or a script's request is none
        return (mode is not None and not navigates) or (dest is not None and dest not in _DOCUMENTS)
    return navigates or user is not None or mode == "websocket" or dest not in (None, "image", "empty")


def _never_sends(client: Client) -> bool:
    """Return whether the agent names a browser from before fetch metadata."""
    if client.engine == "trident":
        return True
    # Safari began within version 16: the one before it never did
    least = {"chromium": 76, "gecko": 90, "webkit": 16}.get(client.engine)
    return least is not None and 0 < client.version < least


def _brands_differ(client: Client, said: dict[str, str]) -> bool:
    hinted = any(name in said for name in ("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform"))
    if hinted and client.engine in ("gecko", "webkit", "trident"):
        return True  # browsers on Chromium alone send client hints
    brands = {name: int(version) for name, version in _BRAND.findall(said.get("sec-ch-ua", ""))}
    if client.engine != "chromium" or not brands:
        return False
    other_version = client.version != 0 and any(
        brands.get(name, client.version) != client.version for name in ("chromium", "google chrome")
    )
    return "headlesschrome" in brands or other_version or (not client.app and _makers_differ(client, set(brands)))


def _makers_differ(client: Client, brands: set[str]) -> bool:
    named = next((brand for name, brand in _BRAND_NAMES.items() if any(each.startswith(name) for each in brands)), "")
    # a browser of another maker may borrow Edge's agent, but says its own brand
    others = {name for name in brands if name not in ("chromium", "google chrome") and not _GREASE.search(name)}
    return named != client.brand and (named != "" or not others)


def _platforms_differ(client: Client, said: dict[str, str]) -> bool:
    fitting = _HINTS.get(said.get("sec-ch-ua-platform", "").strip('"'))
    return (
        client.engine == "chromium" and client.platform != "" and fitting is not None and client.platform not in fitting
    )


def _mobiles_differ(client: Client, said: dict[str, str]) -> bool:
    hint = said.get("sec-ch-ua-mobile")
    return client.engine == "chromium" and hint in ("?0", "?1") and (hint == "?1") != client.mobile
