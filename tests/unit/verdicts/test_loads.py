"""What one load of a picture says by itself: a person's, a machine's, or neither for certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.judge import judge
from ocello.domain.verdicts.outcomes import Outcome
from ocello.domain.verdicts.programs.requests import class_of_load

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
IMAGE = {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image", "sec-fetch-site": "cross-site"}
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
OUTLOOK = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"


@pytest.mark.parametrize(
    ("method", "agent", "headers", "found"),
    [
        ("GET", CHROME, IMAGE, "person"),
        ("GET", OUTLOOK, {}, "person"),
        ("GET", GMAIL, {}, "person"),
        ("HEAD", CHROME, IMAGE, "machine"),
        ("GET", CHROME, {"sec-purpose": "prefetch"}, "machine"),
        ("GET", "Mozilla/5.0", {}, "machine"),  # Apple's privacy protection
        ("GET", "curl/8.5.0", {}, "machine"),
        ("GET", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", {}, "machine"),
        ("GET", CHROME, {"sec-ch-ua": '"HeadlessChrome";v="140"'}, "machine"),
        ("GET", "", {}, "unknown"),
        ("GET", "Quux/1.0", {}, "unknown"),
    ],
)
def test_a_load_is_judged_by_its_request_alone(method, agent, headers, found):
    assert class_of_load(method, agent, headers) == found


@given(
    st.sampled_from(["GET", "HEAD"]),
    st.sampled_from([CHROME, GMAIL, OUTLOOK, "", "Mozilla/5.0", "Quux/1.0", "Wget/1.21"]),
    st.dictionaries(
        st.sampled_from(["sec-purpose", "sec-fetch-mode", "sec-fetch-dest", "sec-ch-ua-platform", "accept-language"]),
        st.sampled_from(["prefetch", "no-cors", "navigate", "image", '"Windows"', '"macOS"', "it", ""]),
    ),
)
def test_a_load_is_thought_of_as_a_lonely_hit_without_an_address_would_be(method, agent, headers):
    hit = Hit("0199a000-0000-7000-8000-000000000001", 1, "r", "open", 0, None, method, "", agent, headers, 0)
    (judged,) = judge([hit], Context())
    expected = {Outcome.MACHINE: "machine", Outcome.UNKNOWN: "unknown"}.get(judged.verdict.outcome, "person")
    assert class_of_load(method, agent, headers) == expected
