"""Was it a person?"""

import random

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.verdicts.context import Context, CopyFacts, DomainHistory
from ocello.domain.verdicts.evidence import BIT, RULES, TABLE, mask_of
from ocello.domain.verdicts.judge import judge
from ocello.domain.verdicts.networks import NetworkClass
from ocello.domain.verdicts.outcomes import Outcome
from ocello.domain.verdicts.programs.agents import Agent, recognise
from ocello.domain.verdicts.signed_in import SignedIn, source_digest
from ocello.domain.verdicts.sources import network_of, networks_of, source_of
from ocello.domain.verdicts.traces import place_of
from ocello.domain.verdicts.verdict import explain, weigh
from tests.fakes import SUBJECT_KEY
from tests.fakes.engagement.settling import BORN, CHROME, a_hit

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
MYSTERY = "Mozilla/5.0 (Mystery) Thing Other Words"
PERSON = {"sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "accept-language": "it"}
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


CLASSES = {
    "203.0.113.1": NetworkClass.CONSUMER,
    "198.51.100.7": NetworkClass.HOSTING,
    "192.0.2.9": NetworkClass.SECURITY_VENDOR,
    "52.103.4.4": NetworkClass.MAIL_PROVIDER,
    "203.0.113.5": NetworkClass.MOBILE,
}
HOME, HOSTING, VENDOR, MICROSOFT, _ = CLASSES
ELSEWHERE = "192.88.1.1"  # a network of which nothing is known
LONG_AGO, NOW = CopyFacts(BORN - 86_400_000), CopyFacts(BORN - 30_000)


def class_of(address):
    return CLASSES.get(address, NetworkClass.UNKNOWN)


def verdicts(hits, links=0, copy=LONG_AGO, **known):
    copies = dict.fromkeys(range(4), copy)
    return [each.verdict for each in judge(sorted(hits, key=place_of), Context(links, copies=copies, **known))]


def kinds(hits, links=0, copy=LONG_AGO):
    return [verdict.kind for verdict in verdicts(hits, links, copy)]


def one(copy=LONG_AGO, **facts):
    (verdict,) = verdicts([a_hit(**facts)], copy=copy, class_of=class_of)
    return verdict


ALONE = [
    ({"agent": CHROME}, "human", Outcome.COUNTED),
    ({"agent": OUTLOOK}, "human", Outcome.COUNTED),
    ({"agent": GMAIL}, "proxy", Outcome.SURE),
    ({"agent": "Mozilla/5.0"}, "privacy_proxy", Outcome.MACHINE),
    ({"agent": f"{SCRAPER} Mozilla/5.0"}, "prefetch", Outcome.MACHINE),
    ({"agent": ""}, "unknown", Outcome.UNKNOWN),
    ({"agent": MYSTERY}, "unknown", Outcome.UNKNOWN),
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
    (verdict,) = verdicts([a_hit(**{"address": ELSEWHERE} | facts)])
    assert (verdict.kind, verdict.outcome) == (kind, outcome)


@pytest.mark.parametrize("kind", ["open", "click"])
@pytest.mark.parametrize("headers", [{}, PERSON])
@pytest.mark.parametrize("agent", [CHROME, FIREFOX, SAFARI])
def test_a_known_clients_hit_outside_the_scan_window_is_a_persons_with_and_without_fetch_metadata(kind, headers, agent):
    if kind == "click" or not headers:
        assert one(kind=kind, headers=headers, agent=agent, address=ELSEWHERE).outcome.counts


def test_the_absence_of_fetch_metadata_alone_condemns_nobody_and_sec_fetch_user_alone_proves_nothing():
    weight = {each.code: each.weight for each in TABLE}
    assert weigh(mask_of("browser", "no_fetch_metadata")).outcome.counts
    assert not weigh(mask_of("browser", "consistent_navigation", "hosting_early", "click_first_minute")).outcome.counts
    assert one(kind="click", headers={"sec-fetch-user": "?1"}, address=HOSTING, copy=NOW).outcome is Outcome.MACHINE
    assert weight["no_fetch_metadata"] > -1


def test_inside_the_scan_window_the_network_decides():
    facts = {"kind": "click", "copy": NOW}
    assert one(address=HOME, **facts).outcome.counts
    assert one(address=HOSTING, **facts).outcome is Outcome.MACHINE
    assert one(address=VENDOR, **facts).outcome is Outcome.MACHINE
    assert one(address=MICROSOFT, **facts).outcome is Outcome.MACHINE
    assert one(address=ELSEWHERE, **facts).outcome is Outcome.UNKNOWN
    assert not one(address=HOSTING, headers=PERSON, **facts).outcome.counts


def test_a_data_centre_alone_is_never_enough_but_a_security_companys_network_is():
    assert one(kind="click", address=HOSTING, headers=PERSON).outcome.counts
    assert one(address=HOSTING, agent=OUTLOOK, copy=NOW).outcome.counts
    assert not one(kind="click", address=VENDOR, headers=PERSON).outcome.counts


def test_microsofts_network_is_evidence_at_a_click_and_none_at_an_open():
    facts = {"address": MICROSOFT, "copy": NOW}
    shown = {"sec-fetch-mode": "no-cors", "accept-language": "it"}
    assert one(kind="click", **facts).outcome is Outcome.MACHINE
    assert one(headers=shown, **facts) == one(headers=shown, address=ELSEWHERE, copy=NOW)


def test_a_person_is_sure_by_evidence_of_two_kinds_alone():
    assert one(kind="click", headers=PERSON, address=HOME, copy=NOW).outcome is Outcome.SURE
    assert one(kind="click", headers=PERSON, address=ELSEWHERE, copy=NOW).outcome is Outcome.COUNTED
    assert one(kind="click", address=HOME, copy=NOW).outcome is Outcome.COUNTED


def test_of_each_kind_of_evidence_the_heaviest_alone_is_added():
    assert weigh(mask_of("browser", "consumer", "mobile")).odds == weigh(mask_of("browser", "consumer")).odds
    assert weigh(mask_of("browser", "brand_mismatch", "mobile_mismatch")).odds == pytest.approx(1.7 - 2.5)


def test_a_hit_that_comes_before_its_copy_was_delivered_is_doubted():
    early = CopyFacts(BORN + 60_000)
    assert one(kind="click", address=ELSEWHERE, copy=early).outcome is not Outcome.COUNTED


def burst(times, **facts):
    return [
        a_hit(at, f"r{place}", "click", link=place, **{"address": ELSEWHERE} | facts) for place, at in enumerate(times)
    ]


def test_three_links_within_two_seconds_are_a_scanner_and_two_are_not():
    assert kinds(burst([0, 1000, 2000])) == ["scanner"] * 3
    assert kinds(burst([0, 1000, 2001])) == ["human"] * 3
    assert kinds(burst([0, 1000])) == ["human"] * 2


def test_no_network_and_no_reading_before_makes_a_person_of_a_burst_without_a_browsers_own_headers():
    read = a_hit(-6_000, "o", address=HOME)
    found = verdicts([read, *burst([0, 200, 400, 600], address=HOME)], 4, NOW, class_of=class_of)
    assert [each.outcome for each in found] == [Outcome.MACHINE] * 5
    clicks = burst([0, 200, 400, 600], address=HOME, headers=PERSON)
    assert [each.outcome for each in verdicts([read, *clicks], 4, NOW, class_of=class_of)][1:] == [Outcome.SURE] * 4


def test_nearly_all_links_within_ten_seconds_are_a_burst():
    assert kinds(burst([0, 3_000, 6_500, 10_000]), links=4) == ["scanner"] * 4
    assert kinds(burst([0, 3_000, 6_500, 10_001]), links=4, copy=CopyFacts(BORN - 900_000)) == ["human"] * 4


def test_a_network_of_machines_is_never_sure_evidence_of_a_person():
    found = verdicts(
        [a_hit(-6_000, "o", agent=GMAIL), *burst([0], address=HOSTING, headers=PERSON)], 4, NOW, class_of=class_of
    )
    assert found[1].outcome is Outcome.COUNTED


def test_a_burst_is_held_against_nobody_outside_its_cluster_nor_against_evidence_of_two_kinds():
    person = a_hit(500, "p", "click", link=9, headers=PERSON, address="198.18.0.1", agent=FIREFOX)
    assert kinds([*burst([0, 700, 1_400]), person]) == ["scanner", "human", "scanner", "scanner"]
    tabs = burst([0, 800, 1_700], headers=PERSON, address=HOME)
    found = verdicts(tabs, copy=NOW, class_of=class_of)
    assert [each.outcome for each in found] == [Outcome.SURE] * 3
    read = a_hit(-6_000, "o", agent=OUTLOOK, address=ELSEWHERE)
    assert kinds([read, *burst([0, 800, 1_700], headers=PERSON)], copy=NOW) == ["human"] * 4


def test_the_same_link_thrice_is_no_burst():
    assert kinds([a_hit(at, str(at), "click", link=1) for at in (0, 500, 900)]) == ["human"] * 3


def test_a_head_makes_no_burst_and_is_in_none():
    heads = [
        a_hit(place * 100, f"h{place}", "click", link=place, method="HEAD", agent=FIREFOX, address=HOME)
        for place in range(2)
    ]
    assert kinds([*heads, a_hit(300, "g", "click", link=2)]) == ["bot", "bot", "scanner"]  # by the HEADs, in 90 s
    assert kinds([*burst([0, 100, 200]), a_hit(300, "h", "click", link=3, method="HEAD")]) == ["scanner"] * 3 + ["bot"]


def test_what_is_asked_for_in_whole_within_90_s_after_its_headers_is_doubted():
    head = a_hit(0, "h", "click", link=1, method="HEAD", address=ELSEWHERE)
    assert kinds([head, a_hit(90_000, "g", "click", link=2, address=ELSEWHERE)]) == ["bot", "scanner"]
    assert kinds([head, a_hit(90_001, "g", "click", link=2, address=ELSEWHERE)]) == ["bot", "human"]
    assert kinds([a_hit(-5_000, "g", "click", link=2, address=ELSEWHERE), head]) == ["human", "bot"]
    assert kinds([head, a_hit(9_000, "g", "click", link=2, address="198.18.0.1", headers=PERSON)]) == ["bot", "human"]


def test_a_head_is_neither_one_of_three_networks_nor_of_three_recipients():
    networks = from_networks([0, 60_000])
    assert kinds([*networks, a_hit(70_000, "h", "click", address="198.51.100.1", method="HEAD")])[:2] == ["human"] * 2
    at_once = [a_hit(n * 1_000, f"s{n}", "click", n) for n in range(2)]
    assert kinds([*at_once, a_hit(3_000, "h", "click", 2, method="HEAD")])[:2] == ["human"] * 2


def test_recipients_do_not_make_a_burst_together():
    assert kinds([a_hit(place, str(place), "click", place, place) for place in range(2)]) == ["human"] * 2


def test_a_burst_is_explained_to_people():
    found = verdicts(burst([0, 200, 400, 600, 800], address=HOSTING), 9, NOW, class_of=class_of)
    assert explain(found[2]).startswith("scanner: 5 links in 0.8 s from one address; from a hosting network just after")


def test_private_addresses_are_not_one_address():
    assert explain(verdicts(burst([0, 200, 400], address="10.1.2.3"), 9)[0]).startswith("scanner: 3 links in 0.4 s")
    assert explain(verdicts(burst([0, 1, 2], address="10.1.2.3"), 9)[0]).startswith("scanner: 3 links in 0.1 s"), (
        "never in none"
    )


def test_four_fifths_of_the_links_within_a_minute_are_probably_a_scanner():
    slow = [0, 15_000, 30_000, 45_000]
    just_now = CopyFacts(BORN - 301_000)
    assert kinds(burst(slow), links=5, copy=just_now) == ["scanner"] * 4
    assert kinds(burst(slow), links=6, copy=just_now) == ["human"] * 4
    assert kinds(burst(slow[:3]), links=3, copy=just_now) == ["human"] * 3
    assert kinds(burst(slow), copy=just_now) == ["human"] * 4


def test_who_follows_all_links_within_a_minute_at_home_or_when_scanners_have_gone_is_a_person():
    slow = [0, 15_000, 30_000, 45_000]
    assert kinds(burst(slow), links=4, copy=CopyFacts(BORN - 601_000)) == ["human"] * 4
    at_home = verdicts(burst(slow, address=HOME), 4, CopyFacts(BORN - 60_001), class_of=class_of)
    assert [each.kind for each in at_home] == ["human"] * 4


def test_the_pixel_from_the_address_of_a_burst_is_the_scanner_s():
    clicks = burst([33_000, 33_200, 33_400])
    assert kinds([a_hit(address=ELSEWHERE), *clicks])[0] == "scanner"
    assert kinds([a_hit(66_000, "z", address=ELSEWHERE), *clicks])[-1] == "scanner"
    assert kinds([a_hit(address="198.51.100.1"), *clicks])[0] == "human"


@pytest.mark.parametrize("mail", [OUTLOOK, APPLE_MAIL])
def test_a_mail_program_that_starts_a_browser_is_a_person(mail):
    assert kinds([a_hit(agent=mail), a_hit(9000, "c", "click")]) == ["human"] * 2


def test_an_open_by_a_program_that_nobody_knows_is_the_persons_who_clicks_there_within_ten_minutes():
    opened = a_hit(0, "o", agent=MYSTERY)
    assert kinds([opened]) == ["unknown"]
    assert kinds([opened, a_hit(600_000, "c", "click")]) == ["human", "human"]
    assert kinds([opened, a_hit(600_001, "c", "click")]) == ["unknown", "human"]
    assert kinds([opened, a_hit(9_000, "c", "click", address="198.51.100.1")]) == ["unknown", "human"]


def test_a_gmail_proxy_is_counted_beside_a_burst_from_elsewhere():
    assert kinds([a_hit(agent=GMAIL, address="66.249.84.1"), *burst([10, 20, 30])])[0] == "proxy"


def test_every_piece_of_evidence_can_be_explained_and_says_where_it_is_known_from():
    for each in TABLE:
        assert each.source, each.code
        assert each.sentence, each.code
        assert len([other for other in TABLE if other.code == each.code]) == 1
        assert explain(weigh(BIT[each.code]).verdict)


def test_a_machine_s_hit_lowers_no_persons():
    rng = random.Random(4)
    person = [a_hit(0, "p", "click", link=1, headers=PERSON, address=HOME, agent=FIREFOX)]
    alone = verdicts(person, 5, NOW, class_of=class_of)[0]
    for seed in range(200):
        rng.seed(seed)
        machines = [
            a_hit(
                rng.randrange(-60_000, 60_000),
                f"m{place}",
                rng.choice(["open", "click"]),
                link=rng.randrange(5),
                address=rng.choice([HOSTING, MICROSOFT, VENDOR, f"198.18.{place}.1"]),
                agent=rng.choice([CHROME, FIREFOX, "curl/8"]),
                method=rng.choice(["GET", "GET", "HEAD"]),
            )
            for place in range(rng.randrange(1, 12))
        ]
        hits = sorted([*person, *machines], key=place_of)
        assert verdicts(hits, 5, NOW, class_of=class_of)[hits.index(person[0])].confidence >= alone.confidence


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


def test_one_agent_in_three_networks_within_two_minutes_is_probably_a_scanner():
    assert kinds(from_networks([0, 60_000, 120_000])) == ["scanner"] * 3
    assert kinds(from_networks([0, 60_000, 120_001])) == ["human"] * 3
    assert kinds(from_networks([0, 60_000])) == ["human"] * 2
    assert kinds(from_networks([0, 60_000, 120_000], headers=PERSON)) == ["human"] * 3
    assert kinds([a_hit(n, str(n), "click", n, address=f"203.{n}.1.1") for n in range(3)]) == ["human"] * 3
    assert explain(verdicts(from_networks([0, 60_000, 120_000]))[0]).startswith("scanner: 3 networks in 120.0 s")


def test_networks_of_providers_and_private_ones_are_not_a_recipients():
    person = from_networks([0, 60_000])
    assert kinds([*person, a_hit(70_000, "g", agent=GMAIL, address="66.249.84.1")])[:2] == ["human"] * 2
    assert kinds([*person, a_hit(70_000, "p", "click", address="192.168.1.1")]) == ["human"] * 3


def test_one_source_that_follows_links_of_three_recipients_at_once_is_probably_a_scanner():
    at_once = [a_hit(n * 5_000, f"s{n}", "click", n) for n in range(3)]
    assert kinds(at_once) == ["scanner"] * 3
    assert explain(verdicts(at_once)[0]).startswith("scanner: 3 recipients in 10.0 s from one address")
    assert kinds([a_hit(n * 5_001, f"s{n}", "click", n) for n in range(3)]) == ["human"] * 3
    assert kinds([a_hit(n, f"s{n}", "open", n) for n in range(3)]) == ["human"] * 3
    assert kinds([a_hit(n, f"s{n}", "click", n, address="10.0.0.1") for n in range(3)]) == ["human"] * 3


def test_colleagues_behind_one_address_who_navigate_are_people():
    agents = [CHROME, CHROME, CHROME]
    assert kinds([a_hit(n, f"s{n}", "click", n, agent=agents[n], headers=PERSON) for n in range(3)]) == ["human"] * 3


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
    (verdict,) = verdicts([a_hit(address=address, agent=GMAIL)], own=OWN)
    assert (verdict.kind, verdict.outcome) == (("self", Outcome.UNKNOWN) if own else ("proxy", Outcome.SURE))


def test_what_a_user_of_ours_does_with_a_copy_is_self():
    assert one(copy=CopyFacts(BORN, own=True)).kind == "self"


def test_where_the_sender_was_signed_in_before_is_self_for_two_weeks():
    session = SignedIn(source_digest("203.0.113.1", SUBJECT_KEY), BORN, BORN + 5)
    day = 86_400_000
    for at, address, kind in (
        (1, HOME, "self"),
        (-1, HOME, "human"),
        (14 * day + 5, HOME, "self"),
        (14 * day + 6, HOME, "human"),
        (1, "203.0.113.2", "human"),
    ):
        (found,) = verdicts([a_hit(at, address=address)], sessions=(session,), source_key=SUBJECT_KEY)
        assert found.kind == kind
        (other,) = verdicts([a_hit(at, address=address)], sessions=(session,), source_key=b"o" * 32)
        assert other.kind == "human"


def test_a_gateway_and_a_domain_that_is_scanned_are_evidence_in_the_scan_window_alone():
    seen = CopyFacts(BORN - 30_000, mx="gateway", history="scanned")
    facts = {"kind": "click", "headers": PERSON, "address": ELSEWHERE}
    first, later = one(copy=seen, **facts), one(copy=seen._replace(delivered_at=BORN - 900_000), **facts)
    assert first.confidence < one(copy=NOW, **facts).confidence
    assert later == one(**facts)


def test_a_domains_history_tells_something_when_enough_was_seen():
    assert DomainHistory(mails=2, bursts=2).tells == ""
    assert DomainHistory(mails=10, bursts=3).tells == "scanned"
    assert DomainHistory(mails=10, bursts=2).tells == ""
    assert DomainHistory(mails=10, early=4, early_machines=2).tells == "scanned"
    assert DomainHistory(mails=20).tells == "quiet"


def test_rules_that_know_other_networks_are_other_rules():
    assert Context().rules == RULES
    assert len({Context().rules, Context(own=OWN).rules, Context(own=OWN[:1]).rules}) == 3


@pytest.mark.parametrize("text", ["203.0.113.1/24", "here", "203.0.113.0/24;10.0.0.0/8"])
def test_a_setting_that_is_no_network_is_named(text):
    with pytest.raises(Invalid, match="OWN_NETWORKS"):
        networks_of("OWN_NETWORKS", text)
