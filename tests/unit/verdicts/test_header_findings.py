"""Whether a browser's headers fit its agent."""

import pytest

from ocello.domain.verdicts.programs.clients import client_of
from ocello.domain.verdicts.programs.headers import header_findings

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36"
EDGE = f"{CHROME} Edg/141.0.0.0"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE_MAIL = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
)
SAFARI = f"{IPHONE_MAIL.removesuffix('Mobile/15E148')}Version/18.6 Mobile/15E148 Safari/604.1"
OUTLOOK = f"{EDGE} OneOutlook/1.2026.317.100"

HINTS = {
    "sec-ch-ua": '"Google Chrome";v="141", "Not?A_Brand";v="8", "Chromium";v="141"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Windows"',
}
FOLLOWED = {
    "sec-fetch-mode": "navigate",
    "sec-fetch-site": "cross-site",
    "sec-fetch-dest": "document",
    "sec-fetch-user": "?1",
}
SHOWN = {"sec-fetch-mode": "no-cors", "sec-fetch-site": "cross-site", "sec-fetch-dest": "image"}
ANDROID_HINTS = {**HINTS, "sec-ch-ua-mobile": "?1", "sec-ch-ua-platform": '"Android"'}
OPERA_HINTS = {"sec-ch-ua": '"Opera GX";v="125", "Chromium";v="141"'}
DUCKDUCKGO_HINTS = {"sec-ch-ua": '"DuckDuckGo";v="141", "Not?A_Brand";v="8", "Chromium";v="141"'}
EDGE_HINTS = {**HINTS, "sec-ch-ua": '"Microsoft Edge";v="141", "Not?A_Brand";v="8", "Chromium";v="141"'}


def found(agent, kind, headers):
    return set(header_findings(client_of(agent), kind, headers))


PEOPLE = [
    (CHROME, "click", {**HINTS, **FOLLOWED}, {"consistent_navigation"}),
    (CHROME, "click", {**HINTS, **FOLLOWED, "sec-fetch-site": "none"}, {"consistent_navigation"}),
    (CHROME, "click", {"sec-fetch-mode": "navigate", "sec-fetch-user": "?1"}, {"consistent_navigation"}),
    (CHROME, "open", {**HINTS, **SHOWN, "accept-language": "it-IT,it;q=0.9"}, {"consistent_subresource", "accept_language"}),
    (EDGE, "click", {**EDGE_HINTS, **FOLLOWED}, {"consistent_navigation"}),
    (f"{CHROME} OPR/125.0.0.0", "click", {**OPERA_HINTS, **FOLLOWED}, {"consistent_navigation"}),
    (ANDROID, "click", {**ANDROID_HINTS, **FOLLOWED}, {"consistent_navigation"}),
    (EDGE, "click", {**DUCKDUCKGO_HINTS, **FOLLOWED}, {"consistent_navigation"}),
    (FIREFOX, "click", FOLLOWED, {"consistent_navigation"}),
    (SAFARI, "click", {**FOLLOWED, "accept-language": "en-GB,en;q=0.9"}, {"consistent_navigation", "accept_language"}),
    (OUTLOOK, "open", {**EDGE_HINTS, **SHOWN}, {"consistent_subresource"}),
]  # fmt: skip


@pytest.mark.parametrize(("agent", "kind", "headers", "codes"), PEOPLE)
def test_headers_that_fit_speak_for_a_person(agent, kind, headers, codes):
    assert found(agent, kind, headers) == codes


SILENT = [
    (IPHONE_MAIL, "open"),
    (OUTLOOK, "open"),
    (CHROME.replace("141", "70"), "click"),
    (FIREFOX.replace("140", "78"), "click"),
    ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17726; Pro)", "open"),
]


@pytest.mark.parametrize(("agent", "kind"), SILENT)
def test_old_browsers_and_mail_apps_need_not_send_fetch_metadata(agent, kind):
    assert found(agent, kind, {}) == set()


@pytest.mark.parametrize("agent", [CHROME, EDGE, ANDROID, FIREFOX, SAFARI])
def test_a_new_browser_without_fetch_metadata_is_worth_a_doubt(agent):
    assert found(agent, "click", {}) == {"no_fetch_metadata"}


IMPOSSIBLE = [
    (CHROME, "click", {**FOLLOWED, "sec-fetch-dest": "image"}),
    (CHROME, "click", SHOWN),
    (CHROME, "click", {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "cross-site"}),
    (CHROME, "click", {**FOLLOWED, "sec-fetch-user": "?0"}),
    (CHROME, "click", {**FOLLOWED, "sec-fetch-site": "elsewhere"}),
    (CHROME, "open", FOLLOWED),
    (CHROME, "open", {**SHOWN, "sec-fetch-user": "?1"}),
    (CHROME, "open", {**SHOWN, "sec-fetch-dest": "script"}),
    (CHROME.replace("141", "70"), "click", FOLLOWED),
    (FIREFOX.replace("140", "78"), "click", FOLLOWED),
]


@pytest.mark.parametrize(("agent", "kind", "headers"), IMPOSSIBLE)
def test_what_no_browser_sends_for_a_link_or_an_image_is_said(agent, kind, headers):
    assert found(agent, kind, headers) == {"impossible_fetch"}


MISMATCHES = [
    # a headless Chromium 156 under an agent of Chrome 141, as measured
    (CHROME, {"sec-ch-ua": '"Chromium";v="156", "Not)A;Brand";v="24"'}, "brand_mismatch"),
    (CHROME, {"sec-ch-ua": '"HeadlessChrome";v="141", "Chromium";v="141"'}, "brand_mismatch"),
    (CHROME, EDGE_HINTS, "brand_mismatch"),
    (EDGE, HINTS, "brand_mismatch"),
    (EDGE, {"sec-ch-ua": '"Not:A-Brand";v="8", "Chromium";v="141"'}, "brand_mismatch"),
    (FIREFOX, HINTS, "brand_mismatch"),
    (SAFARI, HINTS, "brand_mismatch"),
    (CHROME, {**HINTS, "sec-ch-ua-platform": '"Linux"'}, "platform_mismatch"),
    (ANDROID, {"sec-ch-ua-mobile": "?0"}, "mobile_mismatch"),
    (CHROME, {"sec-ch-ua-mobile": "?1"}, "mobile_mismatch"),
]


@pytest.mark.parametrize(("agent", "headers", "code"), MISMATCHES)
def test_client_hints_that_contradict_the_agent_are_said_and_speak_for_nobody(agent, headers, code):
    assert found(agent, "click", {**FOLLOWED, **headers}) == {code}


def test_user_activation_and_preferences_prove_nothing_alone():
    assert found(CHROME, "click", {"sec-fetch-user": "?1"}) == {"no_fetch_metadata"}
    assert found(SAFARI, "click", {**FOLLOWED, "dnt": "1", "sec-gpc": "1"}) == {"consistent_navigation"}


def test_an_empty_language_or_any_language_speaks_for_nobody():
    assert found(IPHONE_MAIL, "open", {"accept-language": ""}) == set()
    assert found(IPHONE_MAIL, "open", {"accept-language": "*"}) == set()
