"""Was it a person?"""

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.engagement.counters import Outcome
from ocello.domain.verdicts.agents import Agent, recognise
from ocello.domain.verdicts.judge import judge
from ocello.domain.verdicts.sources import network_of, networks_of, source_of
from ocello.domain.verdicts.verdict import RULES, Context, explain
from tests.fakes.engagement import CHROME, a_hit

SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SCRAPER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246"
)
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
OUTLOOK = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"
APPLE_MAIL = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"

IPHONE = "iPhone; CPU iPhone OS 18_6 like Mac OS X"

AGENTS = [
    ("", Agent.ABSENT),
    ("Mozilla/5.0", Agent.PRIVACY_PROXY),
    (f"{SCRAPER} Mozilla/5.0", Agent.GMAIL_PREFETCH),
    (SCRAPER, Agent.CRAWLER),
    (GMAIL, Agent.PROXY),
    ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", Agent.PROXY),
    ("Mozilla/4.0 (compatible; FastMailUA/1.0; +https://www.fastmail.com)", Agent.PROXY),
    ("Mozilla/5.0 (compatible; SeznamEmailProxy/3.0.70; http://email.seznam.cz)", Agent.PROXY),
    ("StackRambler/2.0 (MSIE incompatible)", Agent.ODD),
    (APPLE_MAIL, Agent.MAIL_CLIENT),
    (OUTLOOK, Agent.MAIL_CLIENT),
    ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17726; Pro)", Agent.MAIL_CLIENT),
    ("Outlook-iOS/724.4.2612.1.release/4.2434.0", Agent.MAIL_CLIENT),
    ("MacOutlook/16.89.24090815 (Intelx64 Mac OS X 14.6)", Agent.MAIL_CLIENT),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.3.0", Agent.MAIL_CLIENT),
    ("Mozilla/5.0 (Windows NT 10.0) eM Client/10.1", Agent.MAIL_CLIENT),
    ("Mozilla/4.0 (compatible; Microsoft Office Existence Discovery)", Agent.CRAWLER),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", Agent.PREVIEW),
    ("WhatsApp/2.23.20.0", Agent.PREVIEW),
    ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", Agent.PREVIEW),
    ("LinkedInBot/1.0 (compatible; Mozilla/5.0; Jakarta Commons-HttpClient/3.1)", Agent.PREVIEW),
    ("TelegramBot (like TwitterBot)", Agent.PREVIEW),
    ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", Agent.PREVIEW),
    ("SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com", Agent.PREVIEW),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Agent.CRAWLER),
    ("curl/8.5.0", Agent.CRAWLER),
    ("python-requests/2.32", Agent.CRAWLER),
    (CHROME, Agent.BROWSER),
    (FIREFOX, Agent.BROWSER),
    (SAFARI, Agent.BROWSER),
    ("Mozilla/5.0 (Mystery) Thing Other Words", Agent.ODD),
    ("Fancy Widget/2.1", Agent.ODD),  # a name that nobody knows is no machine
    ("acme", Agent.ODD),
    (f"{APPLE_MAIL.replace('Macintosh; Intel Mac OS X 10_15_7', IPHONE)} Mobile/15E148", Agent.MAIL_CLIENT),
    (
        f"{APPLE_MAIL.replace('Macintosh; Intel Mac OS X 10_15_7', IPHONE)} Mobile/15E148 (1407374883)",
        Agent.MAIL_CLIENT,
    ),
    (f"{APPLE_MAIL.replace('Macintosh; Intel Mac OS X 10_15_7', IPHONE)} Mobile/15E148 [LinkedInApp]/9", Agent.BROWSER),
    (f"{CHROME} OPR/114.0.0.0 (Edition Rambler)", Agent.BROWSER),
    ("RamblerMail/6.0 (incompatible; ImageProxy/6.0)", Agent.PROXY),
    (f"{CHROME} GTmetrix", Agent.CRAWLER),
    (f"{CHROME} DebugBear", Agent.CRAWLER),
    ("Mozilla/5.0 (compatible; claude-web/1.0)", Agent.CRAWLER),
    ("Mozilla/5.0 (X11; Linux x86_64) Miniature.io/6.0 AppleWebKit/537.36 Chrome/69.0.3497.128", Agent.CRAWLER),
    ("Mozilla/5.0 (Mixnode) AppleWebKit/537.36 (KHTML, like Gecko)", Agent.CRAWLER),
    (f"{CHROME} Assetnote/1.0.0", Agent.CRAWLER),
    ("SPARK COMMIT: 08059e95dacafe0bf6e5782f8e2c8ec9cd8c5a17", Agent.CRAWLER),
    (CHROME.replace("Chrome/", "YLT Chrome/"), Agent.CRAWLER),
]


@pytest.mark.parametrize(("agent", "kind"), AGENTS)
def test_an_agent_is_known_for_what_it_is(agent, kind):
    assert recognise(agent) is kind


@pytest.mark.parametrize("model", ["Discovery SE", "M bot 60", "CUBOT NOTE 20", "java j1", "Radar X", "4G SPARK"])
def test_the_name_of_a_phone_makes_no_machine_of_its_browser(model):
    agent = (
        f"Mozilla/5.0 (Linux; Android 10; {model} Build/QP1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
    )
    assert recognise(f"{agent} Mobile Safari/537.36") is Agent.BROWSER
    assert recognise(f"{agent} Mobile Safari/537.36 (compatible; Googlebot/2.1)") is Agent.CRAWLER


def kinds(hits, links=0):
    return [verdict.kind for verdict in judge(hits, Context(links))]


ALONE = [
    ({"agent": CHROME}, "human", Outcome.COUNTED),
    ({"agent": OUTLOOK}, "human", Outcome.COUNTED),
    ({"agent": GMAIL}, "proxy", Outcome.SURE),
    ({"agent": "Mozilla/5.0"}, "privacy_proxy", Outcome.MACHINE),
    ({"agent": f"{SCRAPER} Mozilla/5.0"}, "prefetch", Outcome.MACHINE),
    ({"agent": ""}, "unknown", Outcome.UNKNOWN),
    ({"method": "HEAD"}, "bot", Outcome.MACHINE),
    ({"headers": {"sec-purpose": "prefetch;prerender"}}, "prefetch", Outcome.MACHINE),
    ({"headers": {"purpose": "prefetch"}}, "prefetch", Outcome.MACHINE),
    ({"headers": {"x-moz": "prefetch"}}, "prefetch", Outcome.MACHINE),
    ({"headers": {"x-purpose": "preview"}}, "prefetch", Outcome.MACHINE),
    ({"headers": {"dnt": "1", "sec-gpc": "1"}}, "human", Outcome.COUNTED),
    ({"kind": "click", "agent": "Slackbot 1.0"}, "bot", Outcome.MACHINE),
    ({"kind": "click", "agent": GMAIL}, "bot", Outcome.MACHINE),
    ({"agent": "", "address": "", "flags": 1, "recipient": 0xFFFF}, "human", Outcome.COUNTED),
    ({"agent": GMAIL, "address": "", "flags": 1, "recipient": 0xFFFF}, "proxy", Outcome.SURE),
]


@pytest.mark.parametrize(("facts", "kind", "outcome"), ALONE)
def test_a_hit_alone_is_judged_by_what_it_says_of_itself(facts, kind, outcome):
    (verdict,) = judge([a_hit(**facts)], Context())
    assert (verdict.kind, verdict.outcome) == (kind, outcome)


def test_a_browser_that_says_that_a_person_navigated_is_believed_more():
    said = {"sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "accept-language": "it"}
    silent, spoken = judge([a_hit(kind="click"), a_hit(kind="click", headers=said)], Context())
    assert 0.7 <= silent.confidence < spoken.confidence


def burst(times, **facts):
    return [a_hit(at, f"r{place}", "click", link=place, **facts) for place, at in enumerate(times)]


def test_three_links_within_two_seconds_are_a_scanner_and_two_are_not():
    assert kinds(burst([0, 1000, 2000])) == ["scanner"] * 3
    assert kinds(burst([0, 1000, 2001])) == ["human"] * 3
    assert kinds(burst([0, 1000])) == ["human"] * 2


def test_the_same_link_thrice_is_no_burst():
    assert kinds([a_hit(at, str(at), "click", link=1) for at in (0, 500, 900)]) == ["human"] * 3


def test_a_head_makes_no_burst_and_is_in_none():
    heads = [a_hit(place * 100, f"h{place}", "click", link=place, method="HEAD") for place in range(2)]
    assert kinds([*heads, a_hit(300, "g", "click", link=2)]) == ["bot", "bot", "human"]
    assert kinds([*burst([0, 100, 200]), a_hit(300, "h", "click", link=3, method="HEAD")]) == ["scanner"] * 3 + ["bot"]


def test_a_head_is_neither_one_of_three_networks_nor_of_three_recipients():
    networks = from_networks([0, 60_000])
    assert kinds([*networks, a_hit(70_000, "h", "click", address="198.51.100.1", method="HEAD")])[:2] == ["human"] * 2
    at_once = [a_hit(n * 1_000, f"s{n}", "click", n) for n in range(2)]
    assert kinds([*at_once, a_hit(3_000, "h", "click", 2, method="HEAD")])[:2] == ["human"] * 2


@pytest.mark.parametrize("agent", ["curl/8.5.0", "Slackbot 1.0", GMAIL, "Mozilla/5.0"])
def test_a_burst_is_a_scanners_also_where_each_of_its_hits_would_be_a_bots(agent):
    assert kinds(burst([0, 100, 200], agent=agent)) == ["scanner"] * 3
    assert kinds(burst([0, 100], agent=agent)) == ["bot"] * 2


def test_recipients_do_not_make_a_burst_together():
    assert kinds([a_hit(place, str(place), "click", place, place) for place in range(2)]) == ["human"] * 2


def test_a_burst_is_explained_to_people():
    verdicts = judge(burst([0, 200, 400, 600, 800]), Context(9))
    assert explain(verdicts[2]) == "scanner: 5 links in 0.8 s from one address"


def test_private_addresses_are_not_one_address():
    verdicts = judge(burst([0, 200, 400], address="10.1.2.3"), Context(9))
    assert explain(verdicts[0]) == "scanner: 3 links in 0.4 s"


def test_four_fifths_of_the_links_within_a_minute_are_probably_a_scanner():
    slow = [0, 15_000, 30_000, 45_000]
    assert kinds(burst(slow), links=5) == ["scanner"] * 4
    assert kinds(burst(slow), links=6) == ["human"] * 4
    assert kinds(burst(slow[:3]), links=3) == ["human"] * 3
    assert kinds(burst(slow)) == ["human"] * 4


def test_the_pixel_from_the_address_of_a_burst_is_the_scanner_s():
    clicks = burst([33_000, 33_200, 33_400])
    assert kinds([a_hit(), *clicks])[0] == "scanner"
    assert kinds([a_hit(address="198.51.100.1"), *clicks])[0] == "human"


def test_pixel_and_link_from_one_address_with_different_browsers_are_doubted():
    assert kinds([a_hit(), a_hit(9000, "c", "click", agent=FIREFOX)]) == ["scanner"] * 2
    assert kinds([a_hit(), a_hit(9000, "c", "click")]) == ["human"] * 2
    assert kinds([a_hit(address="10.0.0.1"), a_hit(9, "c", "click", agent=FIREFOX, address="10.0.0.1")])[0] == "human"
    assert kinds([a_hit(), a_hit(9_000_000, "c", "click", agent=FIREFOX)]) == ["human"] * 2


@pytest.mark.parametrize("mail", [OUTLOOK, APPLE_MAIL])
def test_a_mail_program_that_starts_a_browser_is_a_person(mail):
    assert kinds([a_hit(agent=mail), a_hit(9000, "c", "click")]) == ["human"] * 2


def test_a_gmail_proxy_is_counted_beside_a_burst_from_elsewhere():
    assert kinds([a_hit(agent=GMAIL, address="66.249.84.1"), *burst([10, 20, 30])])[0] == "proxy"


def test_every_verdict_can_be_explained():
    seen = [verdict for facts, *_ in ALONE for verdict in judge([a_hit(**facts)], Context())]
    seen += judge([a_hit(), a_hit(9000, "c", "click", agent=FIREFOX)], Context())
    seen += judge([a_hit(), *burst([0, 10, 20])], Context())
    assert all(explain(verdict).startswith(verdict.kind.replace("_", " ") + ": ") for verdict in seen)


def test_sources_are_addresses_and_ipv6_sites():
    assert source_of("203.0.113.9") == "203.0.113.9"
    assert source_of("2001:db8:1:2::a") == source_of("2001:db8:1:2:ffff::b") != source_of("2001:db8:1:3::a")
    assert source_of("::ffff:203.0.113.9") == "203.0.113.9"
    for nothing in ("", "garbage", "127.0.0.1", "192.168.1.1", "172.31.0.1", "100.64.3.2", "::1", "fe80::1", "fd00::1"):
        assert source_of(nothing) is None
    assert network_of("203.0.113.9") == network_of("203.0.1.1") != network_of("203.1.1.1")
    assert network_of("2001:db8::1") == network_of("2001:db8:ffff::1") != network_of("2001:db9::1")
    assert network_of("10.0.0.1") is None


def from_networks(times, **facts):
    return [a_hit(at, f"n{place}", "click", address=f"203.{place}.113.1", **facts) for place, at in enumerate(times)]


def test_one_recipient_in_three_networks_within_two_minutes_is_probably_a_scanner():
    assert kinds(from_networks([0, 60_000, 120_000])) == ["scanner"] * 3
    assert kinds(from_networks([0, 60_000, 120_001])) == ["human"] * 3
    assert kinds(from_networks([0, 60_000])) == ["human"] * 2
    assert kinds([a_hit(n, str(n), "click", n, address=f"203.{n}.1.1") for n in range(3)]) == ["human"] * 3
    assert explain(judge(from_networks([0, 60_000, 120_000]), Context())[0]) == "scanner: 3 networks in 120.0 s"


def test_networks_of_providers_and_private_ones_are_not_a_recipients():
    person = from_networks([0, 60_000])
    assert kinds([*person, a_hit(70_000, "g", agent=GMAIL, address="66.249.84.1")])[:2] == ["human"] * 2
    assert kinds([*person, a_hit(70_000, "p", "click", address="192.168.1.1")]) == ["human"] * 3


def test_one_source_that_follows_links_of_three_recipients_at_once_is_probably_a_scanner():
    at_once = [a_hit(n * 5_000, f"s{n}", "click", n) for n in range(3)]
    assert kinds(at_once) == ["scanner"] * 3
    assert explain(judge(at_once, Context())[0]) == "scanner: 3 recipients in 10.0 s from one address"
    assert kinds([a_hit(n * 5_001, f"s{n}", "click", n) for n in range(3)]) == ["human"] * 3
    assert kinds([a_hit(n, f"s{n}", "open", n) for n in range(3)]) == ["human"] * 3
    assert kinds([a_hit(n, f"s{n}", "click", n, address="10.0.0.1") for n in range(3)]) == ["human"] * 3


OWN = networks_of("OWN_NETWORKS", "203.0.113.0/24, 2001:db8:7::/48")


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("203.0.113.77", True),
        ("::ffff:203.0.113.77", True),
        ("2001:db8:7:1::5", True),
        ("203.0.114.1", False),
        ("2001:db8:8::1", False),
        ("", False),
        ("garbage", False),
    ],
)
def test_what_comes_from_the_teams_own_networks_is_its_own_and_counts_nowhere(address, own):
    (verdict,) = judge([a_hit(address=address, agent=GMAIL)], Context(own=OWN))
    assert (verdict.kind, verdict.outcome) == (("self", Outcome.UNKNOWN) if own else ("proxy", Outcome.SURE))


def test_rules_that_know_other_networks_are_other_rules():
    assert Context().rules == RULES
    assert len({Context().rules, Context(own=OWN).rules, Context(own=OWN[:1]).rules}) == 3


@pytest.mark.parametrize("text", ["203.0.113.1/24", "here", "203.0.113.0/24;10.0.0.0/8"])
def test_a_setting_that_is_no_network_is_named(text):
    with pytest.raises(Invalid, match="OWN_NETWORKS"):
        networks_of("OWN_NETWORKS", text)
