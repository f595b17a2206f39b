"""Choice, quiet hours and muting say of which alerts channels tell, and change nothing of which alerts there are."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.alerts.handler import answer
from ocello.domain.messages.alerts import Alert
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.ringing import QuietHours
from ocello.domain.people.users import TrackingSettings
from ocello.services.alerts.alert import alert, miss, release, tell
from ocello.services.alerts.ports import ChannelName, Notice
from ocello.services.sending.ports import StoredMessage
from tests.fakes.engagement.settling import BORN, CHROME, MESSAGE, MemoryChannel, a_hit
from tests.fakes.messages import messages_of
from tests.fakes.people.people import MemoryPreferenceStore, MemorySettingsStore
from tests.unit.messages.test_alerts import NOTHING, STORED, delivered, delivery_record, engagement, opened, ports

HOUR = 3_600_000
NIGHT = QuietHours.between("20:00", "08:00")
DAY_HOURS = QuietHours.between("08:00", "20:00")
OPENS_AND_CLICKS = (
    *opened(0, 40, 80),
    *opened(5, recipient=1),
    a_hit(50 * 60_000, "c", "click", link=1),
    a_hit(90 * 60_000, "d", "click", link=2, recipient=2),
)
ALL = ["o0", "o1", "o0", "c0.1", "o0", "c2.2"]


def stage(*, muted=False, zone="Europe/Rome", **chosen):
    return ports(
        settings=MemorySettingsStore(usual=TrackingSettings(mail_alerts=True, **chosen)),
        preferences=MemoryPreferenceStore({"u1": Preferences(zone=zone)}),
        messages=messages_of(replace(STORED, message=replace(STORED.message, muted=muted))),
    )


def silences(made):
    """List the alerts in the order of their hits, each with why no channel was told."""
    return [(each.mark, each.silent) for each in sorted(made.alerts.rows, key=lambda row: row.at)]


def told(made, channel="bus"):
    return [(each.change, each.alert.mark) for each in made.queue.notices if each.channel == channel]


@pytest.mark.parametrize(
    ("chosen", "rung"),
    [
        ({}, ALL),
        ({"alert_choice": "first_open"}, ["o0", "o1"]),
        ({"alert_choice": "clicks"}, ["c0.1", "c2.2"]),
        ({"muted": True}, []),
        ({"muted": True, "alert_choice": "clicks"}, []),
    ],
    ids=str,
)
def test_all_alerts_are_listed_and_channels_tell_of_the_chosen_ones(chosen, rung):
    made = stage(**chosen)
    assert alert(MESSAGE, NOTHING, engagement(*OPENS_AND_CLICKS), BORN + 2 * HOUR, made).rung == len(ALL)
    assert [mark for mark, _ in silences(made)] == ALL
    for channel in ("bus", "mail"):
        assert [mark for _, mark in told(made, channel)] == rung
    reason = "muted" if chosen.get("muted") else "choice"
    assert {silent for _, silent in silences(made)} <= {"", reason}
    assert sum(silent == reason for _, silent in silences(made)) == len(ALL) - len(rung)


@pytest.mark.parametrize(
    ("zone", "quiet"),
    [("UTC", False), ("Europe/Rome", False), ("Asia/Tokyo", True), ("", False), ("No/Such", False)],
)
def test_in_quiet_hours_by_the_owners_clock_alerts_are_listed_and_no_channel_is_told(zone, quiet):
    made = stage(zone=zone, quiet_hours=NIGHT)
    assert BORN % (24 * HOUR) // HOUR == 14, "in Tokyo it is 23 o'clock"
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    assert silences(made) == [("o0", "quiet" if quiet else "")]
    assert told(made) == ([] if quiet else [("rung", "o0")])


def test_the_hour_in_which_an_alert_would_ring_counts_and_not_that_of_its_hit():
    made = stage(quiet_hours=NIGHT)
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN + 6 * HOUR, made)  # past 22 o'clock in Rome
    assert silences(made) == [("o0", "quiet")]


def test_what_was_silent_in_quiet_hours_does_not_ring_when_they_end():
    made = stage(quiet_hours=NIGHT)
    unsure, sure = engagement(a_hit()), engagement(a_hit())
    alert(MESSAGE, NOTHING, unsure, BORN + 6 * HOUR, made)
    alert(MESSAGE, NOTHING, sure, BORN + 20 * HOUR, made)
    assert (silences(made), told(made)) == ([("o0", "quiet")], [])


def test_an_alert_on_hold_is_silent_by_what_its_owner_wants_when_it_would_ring():
    waiting = delivered(5_000, settings=MemorySettingsStore(usual=TrackingSettings()))
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, waiting)
    ((held, _),) = waiting.queue.held
    stored = replace(waiting.messages.load(MESSAGE), engagement=engagement(a_hit()))
    cases: dict[str, tuple[StoredMessage, dict[str, Any]]] = {
        "muted": (replace(stored, message=replace(stored.message, muted=True)), {}),
        "choice": (stored, {"alert_choice": "clicks"}),
        "quiet": (stored, {"quiet_hours": DAY_HOURS}),
        "": (stored, {"alert_choice": "first_open", "quiet_hours": NIGHT}),
    }
    for silent, (mail, chosen) in cases.items():
        made = stage(**chosen)._replace(messages=messages_of(mail))
        assert release(held, BORN + 90_000, made)
        assert silences(made) == [("o0", silent)]
        assert told(made) == ([] if silent else [("rung", "o0")])


def test_a_silent_alert_is_withdrawn_in_the_panel_and_the_bus_hears_nothing_of_it():
    clicks = [a_hit(n * 300, f"c{n}", "click", link=n) for n in range(3)]
    made = stage(muted=True)
    alert(MESSAGE, NOTHING, engagement(clicks[0]), BORN, made)
    alert(MESSAGE, engagement(clicks[0]), engagement(*clicks), BORN, made)
    assert list(made.alerts.rows.values()) == [True]
    assert (silences(made), told(made)) == ([("c0.0", "muted")], [])


def test_one_that_rang_is_withdrawn_on_the_bus_though_its_mail_was_muted_meanwhile():
    clicks = [a_hit(n * 300, f"c{n}", "click", link=n) for n in range(3)]
    made = stage()
    alert(MESSAGE, NOTHING, engagement(clicks[0]), BORN, made)
    muted = stage(muted=True)
    alert(MESSAGE, engagement(clicks[0]), engagement(*clicks), BORN, made._replace(messages=muted.messages))
    assert told(made) == [("rung", "c0.0"), ("withdrawn", "c0.0")]


EVENING = BORN + 5 * HOUR  # in Rome it is 21 o'clock


def memory_channels() -> dict[ChannelName, MemoryChannel]:
    return {"bus": MemoryChannel(), "mail": MemoryChannel()}


@pytest.mark.parametrize(
    ("changed", "now", "heard"),
    [
        ({}, EVENING, ["bus", "mail"]),
        ({"quiet_hours": NIGHT}, BORN, ["bus", "mail"]),
        ({"quiet_hours": NIGHT}, EVENING, []),
        ({"muted": True}, BORN, []),
        ({"alerts": False}, BORN, []),
        ({"alert_choice": "clicks"}, BORN, ["bus", "mail"]),
    ],
    ids=str,
)
def test_a_notice_that_waited_is_told_if_that_is_still_wished_when_its_turn_comes(changed, now, heard):
    made = stage()
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    channels = memory_channels()
    later = stage(**changed)._replace(alerts=made.alerts)
    handed = [tell(notice, channels, now, later) for notice in made.queue.notices]
    assert [name for name, channel in channels.items() if channel.sent] == heard
    assert sum(handed) == len(heard)
    assert silences(made) == [("o0", "")]


def test_a_notice_that_waited_until_mail_was_switched_off_or_its_alert_withdrawn_is_let_go():
    made, channels = stage(), memory_channels()
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    notices = list(made.queue.notices)
    no_mail = made._replace(settings=MemorySettingsStore(usual=TrackingSettings(mail_alerts=False)))
    assert [tell(each, channels, BORN, no_mail) for each in notices] == [True, False]
    made.alerts.put(notices[0].alert, withdrawn=True)
    assert [tell(each, channels, BORN, made) for each in notices] == [False, False]


def test_that_an_alert_is_withdrawn_is_told_at_any_hour_where_the_alert_was_told():
    made, bus = stage(quiet_hours=DAY_HOURS), MemoryChannel()
    withdrawn = Notice("bus", "withdrawn", Alert("u1", MESSAGE, BORN, "o0", "open", "Offer", "b@c.test", None))
    assert tell(withdrawn, {"bus": bus}, BORN, made)
    assert bus.sent == [withdrawn]


SCANNER = "198.51.100.9"
FETCHED = a_hit(0, "s", address=SCANNER)
SWEPT = [a_hit(30_000 + n * 200, f"s{n}", "click", link=n, address=SCANNER) for n in range(5)]
READ = a_hit(45 * 60_000, "p")


def test_the_first_open_of_a_person_rings_though_a_machines_had_taken_its_place():
    """What the choice left out is told of when it comes to be the first; again changes nothing."""
    made = stage(alert_choice="first_open")
    before, after = engagement(FETCHED, READ), engagement(FETCHED, *SWEPT, READ)
    alert(MESSAGE, NOTHING, before, BORN + HOUR, made)
    assert (silences(made), told(made)) == ([("o0", ""), ("o0", "choice")], [("rung", "o0")])
    for _ in range(2):
        alert(MESSAGE, before, after, BORN + HOUR, made)
    assert [withdrawn for _, withdrawn in sorted(made.alerts.rows.items(), key=lambda row: row[0].at)] == [True, False]
    assert [silent for _, silent in silences(made)] == ["", ""]
    assert [change for change, _ in told(made)] == ["rung", "rung", "withdrawn"]


def test_an_open_that_has_become_the_first_and_is_on_hold_waits_on():
    made = stage(alert_choice="first_open")
    alert(MESSAGE, engagement(FETCHED, READ), engagement(FETCHED, *SWEPT, READ), BORN + HOUR, made)
    assert (made.alerts.rows, told(made)) == ({}, [])


def test_an_alert_that_goes_over_to_an_earlier_hit_stays_as_loud_as_it_was():
    for muted in (False, True):
        made = stage(muted=muted)
        later, both = engagement(*opened(10)), engagement(*opened(5, 10))
        alert(MESSAGE, NOTHING, later, BORN + HOUR, made)
        changed = made._replace(messages=stage(muted=not muted).messages)
        alert(MESSAGE, later, both, BORN + HOUR, changed)
        assert silences(made) == [("o0", "muted" if muted else "")]
        assert len(told(made)) == (0 if muted else 1)


@pytest.mark.parametrize("chosen", [{}, {"muted": True}, {"alert_choice": "clicks"}], ids=str)
def test_that_a_copy_did_not_arrive_is_told_whatever_is_muted_or_chosen(chosen):
    made = stage(**chosen)
    bounced = replace(STORED.recipients[0], status="bounced", changed_at=BORN + 5)
    mail = replace(made.messages.load(MESSAGE), recipients=(bounced, *STORED.recipients[1:]))
    made = made._replace(messages=messages_of(mail))
    answer({"Records": [delivery_record(1, "bounced")]}, made, {}, lambda: BORN)
    assert silences(made) == [("b0", "")]


def test_a_copy_that_did_not_arrive_in_quiet_hours_is_listed_as_silent():
    bounced = replace(STORED.recipients[0], status="bounced", changed_at=BORN + 5)
    mail = replace(STORED, recipients=(bounced, *STORED.recipients[1:]))
    made = stage(quiet_hours=DAY_HOURS)._replace(messages=messages_of(mail))
    assert miss(MESSAGE, 0, BORN, made)
    assert silences(made) == [("b0", "quiet")]


def test_the_reason_of_its_silence_is_no_part_of_which_alert_it_is():
    plain = Alert("u1", MESSAGE, BORN, "o0", "open", "Offer", "b@c.test", None)
    assert plain == replace(plain, silent="muted")


# Any hits, in any order, with any wishes

some_hits = st.lists(
    st.builds(
        lambda at, kind, recipient, link, address, agent, request: a_hit(
            at, f"{request:03}", kind, recipient, link, address=address, agent=agent
        ),
        st.one_of(st.integers(0, 60_000), st.integers(0, 10_000_000)),
        st.sampled_from(["open", "open", "click"]),
        st.sampled_from([0, 0, 1]),
        st.integers(0, 4),
        st.sampled_from(["203.0.113.1", SCANNER]),
        st.sampled_from([CHROME, CHROME, "curl/8", "Mozilla/5.0"]),
        st.integers(0, 999),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda hit: hit.request,
)
wishes = st.fixed_dictionaries(
    {
        "alert_choice": st.sampled_from(["every", "first_open", "clicks"]),
        "quiet_hours": st.sampled_from([None, NIGHT, DAY_HOURS]),
        "muted": st.booleans(),
    }
)


def played(hits, made):
    """Let hits arrive one by one; tell which alerts stand, each with its silence."""
    before = NOTHING
    for count in range(1, len(hits) + 1):
        after = engagement(*hits[:count])
        alert(MESSAGE, before, after, BORN + 3 * HOUR, made)
        before = after
    return {each: each.silent for each, withdrawn in made.alerts.rows.items() if not withdrawn}, before


@settings(max_examples=200)
@given(some_hits, st.booleans(), wishes, st.randoms(use_true_random=False))
def test_whatever_is_wished_and_in_whatever_order_hits_come_the_same_alerts_stand(hits, swept, wish, random):
    hits = [*hits, *((FETCHED, *SWEPT) if swept else ())]
    in_order, _ = played(sorted(hits, key=lambda hit: (hit.at, hit.request)), stage())
    random.shuffle(hits)
    made = stage(**wish)
    standing, known = played(hits, made)
    assert standing.keys() == in_order.keys()
    wanted = not wish["muted"] and wish["alert_choice"] == "first_open"
    for each, silent in standing.items():
        first = each.kind == "open" and known.recipient(int(each.mark[1:])).opens.first == each.at
        assert not (wanted and first and silent == "choice"), "each recipient's first open is told of"
    played(hits, plain := stage())
    assert Counter(told(made)) <= Counter(told(plain)), "no wish lets channels be told of more"
