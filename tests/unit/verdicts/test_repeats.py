"""Repeats are folded when counted: each rule at its edges, and all rules compared with a simple model."""

import random

import pytest

from ocello.domain.engagement import packing, row, row_parts
from ocello.domain.engagement import summary as engagement
from ocello.domain.engagement.settle import rebuild
from ocello.domain.messages.alerts import changes
from ocello.domain.tracking.tokens import SEVERAL
from ocello.domain.verdicts import repeats
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.judge import judge
from ocello.domain.verdicts.outcomes import Outcome
from ocello.domain.verdicts.repeats import Repeats
from ocello.domain.verdicts.sources import networks_of
from ocello.domain.verdicts.traces import place_of, trace_of
from ocello.domain.verdicts.verdict import explain
from tests.fakes.engagement.settling import BORN, CHROME, a_hit

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.3.0"
PERSON = {"sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "accept-language": "it"}
MINUTE = 60_000


def counted(hits, links=0):
    return judge(sorted(hits, key=place_of), Context(links))


def folded(hits):
    return [each.folded for each in counted(hits)]


def kinds(hits):
    return [each.verdict.kind for each in counted(hits)]


def read(hits, links=0):
    return engagement.unpack(row.pack(rebuild([sorted(hits, key=place_of)], Context(links)).row()))


def opens(*moments, **facts):
    return [a_hit(at, f"o{place:04}", **facts) for place, at in enumerate(moments)]


def clicks(*moments, link=1, **facts):
    return [a_hit(at, f"c{place:04}", "click", link=link, **facts) for place, at in enumerate(moments)]


# --- the same within two seconds


def test_the_same_click_within_two_seconds_of_the_first_is_one():
    assert folded(clicks(0, 900, 2_000)) == [False, True, True]
    assert folded(clicks(0, 2_001)) == [False, False]
    assert folded(clicks(0, 1_500, 3_000, 5_000)) == [False, True, False, True]  # the window began at the first


@pytest.mark.parametrize(
    "other",
    [{"recipient": 1}, {"link": 2}, {"address": "203.0.113.2"}, {"agent": FIREFOX}, {"kind": "open", "link": None}],
)
def test_what_differs_in_recipient_kind_link_source_or_agent_is_another(other):
    assert folded([a_hit(0, "a", "click", link=1), a_hit(500, "b", **{"kind": "click", "link": 1} | other)])[1] is False


def test_one_site_of_ipv6_is_one_source_and_an_address_that_is_not_known_is_none():
    assert folded(
        [*clicks(0, address="2001:db8:1:2::a"), a_hit(9, "d", "click", link=1, address="2001:db8:1:2:f::b")]
    ) == [False, True]
    assert folded(clicks(0, 500, address="10.0.0.7")) == [False, True]
    assert folded(clicks(0, 500, address="")) == [False, False]


# --- readings


def test_opens_with_less_than_five_minutes_between_are_one_reading():
    assert folded(opens(0, 299_999, 599_998)) == [False, True, True]
    assert folded(opens(0, 300_000)) == [False, False]


def test_a_reading_is_of_thirty_minutes_at_most():
    moments = [place * 4 * MINUTE for place in range(17)]
    assert [at // MINUTE for at, one in zip(moments, folded(opens(*moments)), strict=True) if not one] == [0, 32, 64]
    assert folded(opens(*range(0, 30 * MINUTE + 1, 2 * MINUTE)))[-1] is True
    assert folded(opens(*range(0, 30 * MINUTE, 2 * MINUTE), 30 * MINUTE + 1))[-1] is False


def test_thunderbird_that_loads_the_pixel_again_on_reply_is_one_reading():
    assert read(opens(0, 40_000, 95_000, agent=THUNDERBIRD)).message_opens.count == 1


def test_another_client_or_place_is_another_reading():
    assert (
        folded([*opens(0), a_hit(1_000, "p", agent=FIREFOX), a_hit(2_000, "q", address="198.51.100.1")]) == [False] * 3
    )


def test_no_machine_takes_in_a_persons_hit():
    ahead = {"sec-purpose": "prefetch"}
    hits = [a_hit(0, "p", headers=ahead), a_hit(100, "g"), a_hit(200, "p2", headers=ahead), a_hit(300, "g2")]
    assert folded(hits) == [False, False, True, True]


@pytest.mark.parametrize("shared", [SEVERAL, 0xFFFF])
def test_what_many_people_share_repeats_nothing(shared):
    hits = [*opens(*range(0, 3_000, 100), recipient=shared), *clicks(*range(0, 3_000, 100), recipient=shared)]
    assert not any(folded(hits))
    assert "bot" not in kinds(hits)


# --- the scan at the time of a click


def test_the_same_link_from_another_network_just_after_a_persons_click_is_a_scan():
    hits = [*clicks(0), a_hit(30_000, "s", "click", link=1, address="198.51.100.1")]
    assert kinds(hits) == ["human", "scanner"]
    assert explain(counted(hits)[1].verdict).startswith(
        "scanner: the same link, just when a person followed it, from another network"
    )
    assert kinds([*clicks(0), a_hit(30_001, "s", "click", link=1, address="198.51.100.1")]) == ["human"] * 2
    assert kinds([*clicks(0), a_hit(5_000, "s", "click", link=2, address="198.51.100.1")]) == ["human"] * 2
    assert kinds([*clicks(0), a_hit(5_000, "s", "click", 1, 1, address="198.51.100.1")]) == ["human"] * 2
    assert kinds([*clicks(0), a_hit(5_000, "s", "click", link=1, address="203.0.9.9")]) == ["human"] * 2  # one network
    assert kinds([*clicks(0), a_hit(5_000, "s", "click", link=1, address="10.0.0.1")]) == ["human"] * 2


def test_a_click_is_held_against_none_before_it():
    hits = [*clicks(0, address="198.51.100.1"), a_hit(3_000, "p", "click", link=1, headers=PERSON)]
    assert kinds(hits) == ["human", "human"]
    assert kinds(hits[:1]) == ["human"]


def test_what_follows_a_link_again_from_the_readers_own_address_with_another_agent_is_a_click_of_its_own():
    assert folded([*clicks(0), a_hit(1_000, "v", "click", link=1, agent=FIREFOX)]) == [False, False]


@pytest.mark.parametrize("machine", [{"agent": "curl/8"}, {"method": "HEAD"}])
def test_a_machine_that_is_known_as_one_takes_no_click_from_a_person(machine):
    for first, second in ((0, 3_000), (3_000, 0)):
        hits = [a_hit(first, "m", "click", link=1, address="198.51.100.1", **machine), *clicks(second)]
        assert sorted(kinds(hits)) == ["bot", "human"]


def test_a_scan_is_no_persons_click_and_makes_no_further_scans():
    hits = [
        *clicks(0),
        a_hit(20_000, "s", "click", link=1, address="198.51.100.1"),
        a_hit(45_000, "t", "click", link=1),
    ]
    assert kinds(hits) == ["human", "scanner", "human"]


# --- floods


def both(count, every):
    return [hit for place in range(count) for hit in (*opens_at(place, every), *clicks_at(place, every))]


def opens_at(place, every):
    return [a_hit(place * every, f"o{place:04}")]


def clicks_at(place, every):
    return [a_hit(place * every + 1, f"c{place:04}", "click", link=1)]


def test_a_hundred_opens_and_a_hundred_clicks_in_four_seconds_are_one_open_and_one_click():
    hits = both(100, 40)
    found = counted(hits)
    assert [each.verdict.kind for each in found[:2]] == ["human", "human"]
    assert {each.verdict.kind for each in found[2:]} == {"bot"}
    assert explain(found[9].verdict).startswith("bot: ")
    assert "hits in" in explain(found[9].verdict)
    assert found[9].verdict.outcome is Outcome.MACHINE
    shown = read(hits)
    assert (shown.message_opens.count, shown.message_clicks.count) == (1, 1)
    assert len(changes(engagement.Engagement(), shown, BORN).rung) == 2
    assert shown.message_opens.machine > 0
    assert shown.message_clicks.machine > 0


def test_more_than_twenty_hits_within_ten_seconds_are_a_flood_and_twenty_are_not():
    hits = [a_hit(place * 500, f"o{place:02}", address=f"203.0.{place}.1") for place in range(21)]
    assert kinds(hits) == ["human"] + ["bot"] * 20
    assert "bot" not in kinds(hits[:20])
    late = [*hits[:20], a_hit(10_001, "z", address=hits[20].address)]
    assert "bot" not in kinds(late)
    assert "bot" not in kinds([hit._replace(recipient=place % 2) for place, hit in enumerate(hits)])


def test_a_flood_that_goes_on_has_one_first_open_and_a_later_one_has_its_own():
    long = opens(*range(0, 60_000, 400))
    assert kinds(long).count("human") == 1
    again = [hit._replace(at=hit.at + 3_600_000, request=f"z{hit.request}") for hit in long]
    assert kinds([*long, *again]).count("human") == 2


def test_what_is_known_better_than_a_flood_keeps_its_verdict():
    burst = [a_hit(place * 50, f"c{place:02}", "click", link=place) for place in range(30)]
    assert set(kinds(burst)) == {"scanner"}
    own = Context(own=networks_of("OWN_NETWORKS", "203.0.113.0/24"))
    hits = opens(*range(0, 3_000, 100))
    assert {each.verdict.kind for each in judge(hits, own)} == {"self"}


# --- a pass may be kept and taken up again


def some_traces(count, agents, addresses, step=700):
    rng = random.Random(3)
    return [
        trace_of(
            a_hit(
                place * step,
                f"q{place:04}",
                rng.choice(["open", "click"]),
                rng.randrange(2),
                1,
                agent=agents[rng.randrange(len(agents))],
                address=addresses[rng.randrange(len(addresses))],
            ),
            Context(),
        )
        for place in range(count)
    ]


def test_a_pass_may_stop_anywhere_and_go_on_from_its_open_windows(monkeypatch):
    monkeypatch.setattr(repeats, "MOST_WINDOWS", 5)
    whole, cut = Repeats(), Repeats()
    seen = []
    for trace in some_traces(300, [CHROME, FIREFOX, THUNDERBIRD], ["203.0.113.1", "198.51.100.7", "192.0.2.1"]):
        expected = whole.take(trace, ())
        assert cut.take(trace, ()) == expected
        cut = Repeats(cut.open_at(trace.place.at))
        assert cut.open_at(trace.place.at) == whole.open_at(trace.place.at)
        assert len(whole._windows) <= 5
        seen.append(expected.folded)
    assert True in seen


def test_what_is_remembered_is_bounded_and_packs_back():
    made = Repeats()
    agents = [f"Mozilla/5.0 (X11) Gecko/{place} Firefox/140.0" for place in range(200)]
    traces = some_traces(500, agents, ["203.0.113.1"], step=1)
    for trace in traces:
        made.take(trace, ())
    now = traces[-1].place.at
    windows = made.open_at(now)
    assert len(windows) == repeats.MOST_WINDOWS
    out = packing.Writer()
    row_parts.write_windows(out, windows, now)
    assert row_parts.read_windows(packing.Reader(out.sealed()), now) == windows


def test_an_alert_whose_hit_an_earlier_one_took_in_is_merged_and_not_withdrawn():
    first, second = a_hit(0, "a"), a_hit(60_000, "b")
    before, after = read([second]), read([first, second])
    assert after.message_opens.count == 1
    assert changes(before, after, BORN).withdrawn == ()
    one, two = clicks(0, 1_000)
    assert changes(read([two]), read([one, two]), BORN).withdrawn == ()


def test_an_alert_whose_hit_became_a_machines_is_withdrawn_all_the_same():
    one = a_hit(0, "c0", "click", link=0)
    burst = [one, *(a_hit(place * 100, f"c{place}", "click", link=place) for place in (1, 2))]
    assert len(changes(read([one]), read(burst), BORN).withdrawn) == 1


# --- several places


def places_of(*where, step=3_600_000):
    hits = [a_hit(n * step, f"p{n}", agent=agent, address=address) for n, (agent, address) in enumerate(where)]
    return read(hits).recipient(0).spread


HOME, WORK, TRAIN = "203.0.113.1", "198.51.100.7", "192.0.2.9"


def test_three_pairs_of_client_and_network_within_a_day_are_several_places():
    assert places_of((CHROME, HOME), (FIREFOX, WORK), (THUNDERBIRD, TRAIN))
    assert places_of((CHROME, HOME), (FIREFOX, HOME), (THUNDERBIRD, HOME))
    assert not places_of((CHROME, HOME), (FIREFOX, WORK), (CHROME, HOME), (FIREFOX, WORK))
    assert not places_of((CHROME, HOME), (FIREFOX, WORK), (THUNDERBIRD, TRAIN), step=12 * 3_600_000 + 1)
    assert places_of((CHROME, HOME), (FIREFOX, WORK), (THUNDERBIRD, TRAIN), step=12 * 3_600_000)


def test_machines_and_providers_are_no_places():
    gmail = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
    assert not places_of((CHROME, HOME), (FIREFOX, WORK), ("curl/8", TRAIN))
    assert not places_of((CHROME, HOME), (FIREFOX, WORK), (gmail, TRAIN))
