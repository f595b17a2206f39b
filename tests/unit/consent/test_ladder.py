"""The ladder: how each recipient is tracked, by whose word, and what is said where less is done than was asked."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.adapters.consent.rule_files import rule_sets
from ocello.domain.consent.ladder import (
    BUILT,
    LEVELS,
    Asked,
    Consent,
    Decision,
    NotAllowed,
    Steps,
    decide,
    forbidden,
    frozen,
    together,
)
from ocello.domain.consent.modes import AXES, INDIVIDUAL, MODES, OFF, Mode, Modes, allows
from ocello.domain.consent.rules import CONSENT_STATES, RULES_NAMES

RULES = rule_sets()
ALL = dict.fromkeys(AXES, frozenset(MODES))
POOLED = Modes("pooled", "pooled")

# What is done at most: by rules and consent, opens and links.
CEILINGS: dict[tuple[str, str], tuple[Mode, Mode]] = {
    ("none", "unknown"): ("individual", "individual"),
    ("it-284-2026", "unknown"): ("pooled", "off"),
    **{(name, "unknown"): ("off", "off") for name in ("eu-strict", "fr-2026-042", "de-tdddg", "uk-pecr-2026")},
    **{(name, "granted"): ("individual", "individual") for name in RULES_NAMES},
    **{(name, state): ("off", "off") for name in RULES_NAMES for state in ("refused", "withdrawn")},
}


def steps(*names, **levels):
    return Steps(tuple(RULES[name] for name in names), **levels)


def modes(decision):
    return decision.opens, decision.links


@pytest.mark.parametrize(("name", "state"), CEILINGS)
def test_the_rules_and_the_consent_say_how_much_is_done_at_most(name, state):
    found = decide(steps(name), Consent(state, state), ALL)
    assert modes(found) == CEILINGS[name, state]
    assert found.rules == f"{name}/1"
    assert found.limited_by == (None if modes(found) == INDIVIDUAL else "recipient")


def test_the_table_leaves_out_no_rules_and_no_state():
    assert set(CEILINGS) == set(itertools.product(RULES_NAMES, CONSENT_STATES))


@pytest.mark.parametrize("name", [name for name in RULES_NAMES if name != "none"])
@pytest.mark.parametrize(
    ("consent", "expected"),
    [(Consent("granted", "unknown"), ("individual", "off")), (Consent("refused", "granted"), ("off", "individual"))],
)
def test_opens_and_links_each_go_by_their_own_consent(name, consent, expected):
    found = decide(steps(name), consent)
    assert modes(found) == expected
    assert (found.basis, found.limited_by) == ("consent", "recipient")


# The strictest level decides; of several that are alike the first is named. `limited_by` None: all that was asked is done.
@pytest.mark.parametrize(
    ("levels", "consent", "expected", "limited_by", "reason"),
    [
        ({}, "granted", INDIVIDUAL, None, "allowed"),
        ({}, "unknown", OFF, "recipient", "consent-unknown"),
        ({}, "refused", OFF, "recipient", "consent-refused"),
        ({}, "withdrawn", OFF, "recipient", "consent-withdrawn"),
        ({"message": OFF}, "granted", OFF, "message", "message"),
        ({"message": OFF}, "unknown", OFF, "message", "message"),
        ({"user": OFF}, "granted", OFF, "user", "user"),
        ({"user": OFF, "message": OFF}, "refused", OFF, "user", "user"),
        ({"workspace": OFF}, "granted", OFF, "workspace", "workspace"),
        ({"workspace": OFF, "user": OFF, "message": OFF}, "unknown", OFF, "workspace", "workspace"),
        ({"workspace": POOLED}, "granted", POOLED, "workspace", "workspace"),
        ({"workspace": POOLED}, "unknown", OFF, "recipient", "consent-unknown"),
        ({"workspace": POOLED, "message": OFF}, "granted", OFF, "message", "message"),
        ({"workspace": OFF, "message": POOLED}, "granted", OFF, "workspace", "workspace"),
        ({"message": POOLED}, "granted", POOLED, "message", "message"),
    ],
)
def test_the_strictest_level_decides_and_is_named(levels, consent, expected, limited_by, reason):
    found = decide(steps("eu-strict", **levels), Consent(consent, consent), ALL)
    assert (modes(found), found.limited_by, found.reason) == (expected, limited_by, reason)


def test_where_opens_alone_are_wanted_the_level_that_stands_in_their_way_is_named():
    found = decide(steps("eu-strict", message=Modes("individual", "off")), Consent())
    assert (modes(found), found.limited_by, found.reason) == (OFF, "recipient", "consent-unknown")
    found = decide(steps("eu-strict", message=Modes("individual", "off")), Consent("granted", "refused"))
    assert (modes(found), found.limited_by, found.reason) == (("individual", "off"), None, "allowed")


def test_rules_are_named_where_no_consent_could_allow_it():
    nothing = RULES["eu-strict"]._replace(ceilings=dict.fromkeys(CONSENT_STATES, OFF))
    for state in CONSENT_STATES:
        found = decide(Steps((nothing,)), Consent(state, state))
        assert (modes(found), found.limited_by, found.reason) == (OFF, "rules", "rules")


def test_all_rules_that_rule_hold_together():
    found = decide(steps("it-284-2026", "fr-2026-042"), Consent(), ALL)
    assert modes(found) == OFF
    assert found.rules == "it-284-2026/1+fr-2026-042/1"


def test_pooled_opens_are_counted_and_pooled_links_are_left_as_they_are():
    found = decide(steps("it-284-2026"), Consent())
    assert (modes(found), found.limited_by) == (("pooled", "off"), "recipient")
    found = decide(steps("none", message=POOLED), Consent())
    assert (modes(found), found.limited_by) == (("pooled", "off"), "message")


@pytest.mark.parametrize(
    ("name", "consent", "basis"),
    [
        ("eu-strict", Consent("granted", "granted"), "consent"),
        ("eu-strict", Consent("granted", "unknown"), "consent"),
        ("eu-strict", Consent(), None),
        ("it-284-2026", Consent(), "exempt"),
        ("none", Consent(), "none"),
        ("none", Consent("granted", "unknown"), "none"),
        ("none", Consent("granted", "granted"), "consent"),
    ],
)
def test_it_is_said_on_what_recording_rests(name, consent, basis):
    assert decide(steps(name), consent, ALL).basis == basis


# --- what is asked ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        (True, ("individual", False)),
        (False, ("off", False)),
        ("off", ("off", True)),
        ("pooled", ("pooled", True)),
        ("individual", ("individual", True)),
    ],
)
def test_true_asks_for_as_much_as_is_allowed_and_a_name_for_that(value, asked):
    assert Asked.of(value) == asked


@pytest.mark.parametrize(
    ("name", "consent", "named", "expected"),
    [
        ("eu-strict", Consent(), ("opens",), NotAllowed("opens", "individual", "off", "recipient")),
        ("eu-strict", Consent("granted"), ("opens",), None),
        (
            "eu-strict",
            Consent("granted"),
            ("opens", "links"),
            NotAllowed("links", "individual", "off", "recipient"),
        ),
        ("it-284-2026", Consent(), ("opens",), NotAllowed("opens", "individual", "pooled", "recipient")),
        ("eu-strict", Consent(), (), None),
        ("none", Consent(), ("opens", "links"), None),
    ],
)
def test_a_mode_asked_for_by_name_that_is_not_allowed_is_told_with_the_level(name, consent, named, expected):
    assert forbidden(INDIVIDUAL, named, steps(name), consent) == expected


def test_less_than_is_allowed_may_be_named():
    assert forbidden(OFF, ("opens", "links"), steps("eu-strict"), Consent()) is None
    assert forbidden(POOLED, ("opens",), steps("it-284-2026"), Consent()) is None
    assert forbidden(POOLED, ("opens",), steps("none", workspace=OFF), Consent()).level == "workspace"


# --- freezing, and copies of several --------------------------------------------------------------------------------------

CONSENTS = st.builds(Consent, st.sampled_from(CONSENT_STATES), st.sampled_from(CONSENT_STATES))
MODES_OF_A_LEVEL = st.builds(Modes, st.sampled_from(MODES), st.sampled_from(MODES))
STEPS = st.builds(
    Steps,
    st.lists(st.sampled_from(list(RULES.values())), min_size=1, max_size=2, unique_by=lambda each: each.name).map(
        tuple
    ),
    MODES_OF_A_LEVEL,
    MODES_OF_A_LEVEL,
    MODES_OF_A_LEVEL,
)
BUILTS = st.sampled_from([ALL, BUILT, dict.fromkeys(AXES, frozenset({"off", "individual"}))])
DECISIONS = st.builds(decide, STEPS, CONSENTS, BUILTS)


@given(STEPS, CONSENTS, BUILTS)
def test_no_level_is_ever_exceeded(given_steps, consent, built):
    found = decide(given_steps, consent, built)
    for axis in ("opens", "links"):
        mode = Modes(found.opens, found.links).of(axis)
        assert mode in built[axis]
        for level in (given_steps.workspace, given_steps.user, given_steps.message):
            assert allows(level.of(axis), mode)
        for rules in given_steps.rules:
            assert allows(CEILINGS[rules.name, consent.of(axis)][("opens", "links").index(axis)], mode)


@given(STEPS, CONSENTS)
def test_every_limit_has_a_level_and_nothing_else_has(given_steps, consent):
    found = decide(given_steps, consent, ALL)
    if modes(found) == INDIVIDUAL:
        assert found.limited_by is None
    if found.limited_by is None:
        assert found.reason == "allowed"
        assert found.tracked
    assert found.limited_by in {*LEVELS, None}
    assert (found.basis is None) == (not found.tracked)


@given(DECISIONS, DECISIONS)
def test_what_is_decided_later_never_loosens(before, now):
    held = frozen(before, now)
    for axis in ("opens", "links"):
        assert allows(getattr(before, axis), getattr(held, axis))
        assert allows(getattr(now, axis), getattr(held, axis))
    assert (held.basis is None) == (not held.tracked)
    assert frozen(held, now) == held


def test_what_was_decided_stays_as_it_was_said_where_nothing_became_stricter():
    before = decide(steps("eu-strict", message=Modes("individual", "off")), Consent("granted"))
    assert frozen(before, decide(steps("none"), Consent())) is before


def test_a_consent_withdrawn_between_asking_and_leaving_stops_the_copy():
    before = decide(steps("eu-strict"), Consent("granted", "granted"))
    held = frozen(before, decide(steps("eu-strict"), Consent("withdrawn", "granted")))
    assert held == Decision("off", "individual", "consent", "eu-strict/1", "recipient", "consent-withdrawn")


def test_a_copy_of_several_is_as_the_strictest_of_them_on_each_axis():
    one = decide(steps("eu-strict"), Consent("granted", "unknown"))
    other = decide(steps("eu-strict"), Consent("unknown", "granted"))
    assert modes(together([one, one])) == ("individual", "off")
    shared = together([one, other])
    assert (modes(shared), shared.basis, shared.limited_by) == (OFF, None, "recipient")
