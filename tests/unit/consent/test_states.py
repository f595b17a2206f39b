"""Which consent follows from what was said."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common.errors import Conflict
from ocello.domain.common.times import DAY_MS
from ocello.domain.consent.ladder import Consent
from ocello.domain.consent.ledger import CLOSING, GRANTING, ConsentChannel, ConsentEventName, LedgerEntry
from ocello.domain.consent.states import CLOSED, AxisConsent, SubjectConsent, after, obstacle, stopping

NOW = 1_790_000_000_000
UNKNOWN = AxisConsent()


def said(event, at=NOW, channel="double_opt_in", purpose="opens", valid_until=0):
    return LedgerEntry(
        f"id-{event}-{at}", "s", "", event, purpose, "consent", at, at, channel, "", "", valid_until=valid_until
    )


def following(*entries):
    consent = UNKNOWN
    for entry in entries:
        consent = after(consent, entry) or consent
    return consent


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("granted", "granted"),
        ("imported", "granted"),
        ("refused", "refused"),
        ("objected", "refused"),
        ("withdrawn", "withdrawn"),
        ("requested", "unknown"),
        ("no_answer", "unknown"),
    ],
)
def test_each_event_has_its_state(event, state):
    assert following(said(event)).state == state


def test_a_state_names_its_entry_its_time_and_whose_word_it_was():
    entry = said("granted", valid_until=NOW + 5)
    assert following(entry) == AxisConsent("granted", NOW, entry.id, own=True, valid_until=NOW + 5)
    assert not following(said("granted", channel="api")).own


def test_opens_and_links_have_a_consent_each():
    consent = SubjectConsent().after(said("granted")).after(said("refused", purpose="links"))
    assert consent.known(NOW) == Consent("granted", "refused")
    assert consent.closed() == {"links"}


@pytest.mark.parametrize("event", sorted(CLOSING))
def test_a_refusal_that_stands_is_not_said_twice(event):
    consent = following(said("withdrawn", channel="page"))
    assert after(consent, said(event, NOW + 9, "page")) is None
    assert after(consent, said(event, NOW + 9, "api")) is None


def test_the_persons_own_refusal_is_said_although_another_told_of_it_before():
    told = following(said("refused", channel="spoken"))
    assert after(told, said("withdrawn", NOW + 9, "page")).own


@pytest.mark.parametrize("channel", ["spoken", "api", "import"])
@pytest.mark.parametrize("event", ["granted", "imported", "corrected"])
@pytest.mark.parametrize("later", [-DAY_MS, 0, DAY_MS])
def test_nobody_lifts_a_persons_own_refusal_for_them(channel, event, later):
    with pytest.raises(Conflict):
        after(following(said("refused", channel="page")), said(event, NOW + later, channel))


def test_a_person_lifts_their_own_refusal_later():
    refused = following(said("refused", channel="page"))
    assert after(refused, said("granted", NOW + 1)).state == "granted"
    assert after(refused, said("granted", NOW)).state == "refused", "of two at the same time, the refusal holds"
    assert after(refused, said("granted", NOW - 1)).state == "refused", "an earlier grant was refused since"


def test_a_refusal_that_others_told_of_is_lifted_by_others():
    assert following(said("refused", channel="spoken"), said("granted", NOW + 1, "spoken")).state == "granted"


def test_what_was_said_earlier_changes_no_later_state():
    assert following(said("granted"), said("refused", NOW - 1, "page")).state == "granted"
    assert following(said("refused", channel="api"), said("granted", NOW - 1, "import")).state == "refused"


def test_a_persons_refusal_that_arrives_late_holds_against_what_others_said_since():
    assert following(said("granted", channel="spoken"), said("withdrawn", NOW - 1, "page")).state == "withdrawn"


def test_a_correction_takes_a_wrong_grant_back_and_says_nothing_of_the_unknown():
    assert following(said("granted", channel="spoken"), said("corrected", NOW + 1, "api")).state == "unknown"
    assert after(UNKNOWN, said("corrected", channel="api")) is None


def test_a_grant_ends_with_its_last_moment():
    consent = SubjectConsent(opens=following(said("granted", valid_until=NOW + 100)))
    assert consent.known(NOW + 99).opens == "granted"
    assert consent.known(NOW + 100).opens == "unknown"
    assert SubjectConsent(opens=following(said("granted"))).known(NOW * 2).opens == "granted"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(get_args(ConsentEventName)),
            st.integers(NOW, NOW + 5),
            st.sampled_from(get_args(ConsentChannel)),
        ),
        max_size=12,
    )
)
def test_once_a_person_has_refused_only_their_own_later_grant_opens_again(events):
    consent = UNKNOWN
    for event, at, channel in events:
        before = consent
        try:
            consent = after(before, said(event, at, channel)) or before
        except Conflict:
            continue
        if before.own and before.state in CLOSED and consent.state not in CLOSED:
            assert channel in ("page", "form", "double_opt_in")
            assert event in {*GRANTING, "corrected"}
            assert at > before.at


def test_stop_is_a_withdrawal_of_a_grant_else_a_refusal_or_an_objection():
    granted = following(said("granted", valid_until=NOW + 100))
    assert stopping(granted, NOW, objecting=True) == "withdrawn"
    assert stopping(granted, NOW + 100, objecting=False) == "refused"
    assert stopping(UNKNOWN, NOW, objecting=True) == "objected"


# --- asking -------------------------------------------------------------------------------------------------------


def asked(event, at=NOW):
    return SubjectConsent(opens=following(said(event, at, "api")))


def test_a_person_who_was_asked_is_left_in_peace_for_six_months():
    for event in ("requested", "no_answer"):
        assert obstacle(asked(event), ["opens"], NOW + 184 * DAY_MS - 1) == "recently-asked"
        assert obstacle(asked(event), ["opens"], NOW + 184 * DAY_MS) is None


def test_the_pause_counts_from_the_last_of_asking_and_silence():
    silent = SubjectConsent(opens=following(said("requested", NOW, "api"), said("no_answer", NOW + 30 * DAY_MS, "api")))
    assert obstacle(silent, ["opens"], NOW + 200 * DAY_MS) == "recently-asked"
    assert after(silent.opens, said("requested", NOW - 1, "api")) is None


def test_a_person_who_refused_is_not_asked_again():
    assert obstacle(asked("refused"), ["opens", "links"], NOW + 400 * DAY_MS) == "refused"
    assert obstacle(asked("refused"), ["links"], NOW) is None


def test_nobody_was_ever_asked_before_the_first_time():
    assert obstacle(SubjectConsent(), ["opens", "links"], NOW) is None


def test_a_refusal_keeps_when_the_person_was_asked():
    assert following(said("requested", channel="api"), said("refused", NOW + 1)).asked == NOW
