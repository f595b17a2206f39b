"""What an agent says of the program that sent it."""

import pytest

from ocello.domain.verdicts.programs.agents import Agent
from ocello.domain.verdicts.programs.clients import client_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
MACINTOSH = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID_WEBVIEW = (
    f"Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) {WEBKIT} "
    "Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36"
)

CLIENTS = [
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36", "chromium", 141, "windows"),
    (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/141.0.0.0 Safari/537.36", "chromium", 141, "chromeos"),
    (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/9.0.0.0 Safari/537.36", "chromium", 9, "linux"),
    (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763", "", 0, "windows"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "gecko", 140, "linux"),
    (
        "Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Goanna/6.7 Firefox/102.0 PaleMoon/33.5",
        "gecko",
        0,
        "linux",
    ),
    ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "trident", 11, "windows"),
    ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)", "trident", 8, "windows"),
    (f"{IPHONE} Version/18.6 Mobile/15E148 Safari/604.1", "webkit", 18, "ios"),
    (f"{IPHONE} CriOS/140.0.7339.95 Mobile/15E148 Safari/604.1", "webkit", 18, "ios"),
    (f"{MACINTOSH} Version/26.0 Safari/605.1.15", "webkit", 26, "mac"),
    ("curl/8.5.0", "", 0, ""),
]


@pytest.mark.parametrize(("agent", "engine", "version", "platform"), CLIENTS)
def test_engine_version_and_platform_are_read_from_the_agent(agent, engine, version, platform):
    client = client_of(agent)
    assert (client.engine, client.version, client.platform) == (engine, version, platform)


APPS = [
    ANDROID_WEBVIEW,
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0 OneOutlook/1.2026.3",
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Mailspring/1.13.3 Chrome/120.0.6099.56 Electron/28.1.0 Safari/537.36",
    f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/520.0.0.38.101;FBDV/iPhone15,2]",
    f"{IPHONE} Mobile/15E148 [LinkedInApp]/9.30.1234",
    f"{IPHONE} Mobile/15E148 Instagram 390.0.0.28.85 (iPhone15,2; iOS 18_6; it_IT)",
    f"{IPHONE} Mobile/15E148 Twitter for iPhone/11.10",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.3.0",
]


@pytest.mark.parametrize("agent", APPS)
def test_mail_apps_and_inner_browsers_of_apps_are_apps(agent):
    assert client_of(agent).app


@pytest.mark.parametrize("agent", [agent for agent, engine, *_ in CLIENTS if engine])
def test_a_browser_is_no_app(agent):
    assert not client_of(agent).app


def test_phones_are_mobile_and_desktops_and_tablets_without_the_word_are_not():
    assert client_of(ANDROID_WEBVIEW).mobile
    assert client_of(f"{IPHONE} Version/18.6 Mobile/15E148 Safari/604.1").mobile
    assert not client_of(f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/140.0.0.0 Safari/537.36").mobile


def test_the_kind_is_the_one_that_agents_are_recognised_by():
    assert client_of("curl/8.5.0").kind is Agent.CRAWLER
    assert client_of("Mozilla/5.0").kind is Agent.PRIVACY_PROXY
