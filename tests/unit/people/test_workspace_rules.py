"""Administrators make rules stricter, never looser; what holds is used at once, and what held when can be read later."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.adapters.consent.rule_files import rule_sets
from ocello.domain.common.errors import Conflict, Invalid, Unavailable
from ocello.domain.consent.modes import AXES, MODES, Modes, allows
from ocello.domain.consent.rules import CONSENT_STATES, RULES_NAMES, ConsentState, in_force, least, looser
from ocello.domain.people.users import Principal
from ocello.services.consent.ports import RulesPeriod, WorkspaceSetting
from ocello.services.consent.workspace import WorkspaceUpdate
from tests.fakes.people.consent import MemoryWorkspaceStore, workspace_rules
from tests.fakes.world import NOON, USER, Clock

RULES = rule_sets()
BY = Principal(USER, frozenset(), by_key=False)
MODE = st.sampled_from(MODES)


def some_set(name, unknown, granted):
    refused = Modes("off", "off")
    ceilings: dict[ConsentState, Modes] = {
        "unknown": unknown,
        "granted": granted,
        "refused": refused,
        "withdrawn": refused,
    }
    return RULES["eu-strict"]._replace(name=name, ceilings=ceilings)


def update(rules, opens="individual", links="individual", *, footers=False, version):
    return WorkspaceUpdate(rules, opens, links, footers, version)


class Workspace:
    """What holds under some rules, and an administrator who changes it."""

    def __init__(self, deployed, store=None, text="footer/1"):
        self.clock = Clock()
        self.store = store or MemoryWorkspaceStore()
        self.rules = workspace_rules(deployed, self.clock, self.store, text)

    def change(self, rules, **more):
        return self.rules.change(BY, update(rules, version=self.rules.now().setting.version, **more)).holds


@pytest.fixture
def workspace():
    return Workspace("it-284-2026")


@pytest.mark.parametrize(
    ("holds", "wanted", "more"),
    [
        ("none", "it-284-2026", None),
        ("it-284-2026", "eu-strict", None),
        ("eu-strict", "de-tdddg", None),
        ("eu-strict", "it-284-2026", ("unknown", "opens", "off", "pooled")),
        ("it-284-2026", "none", ("unknown", "opens", "pooled", "individual")),
    ],
)
def test_a_set_is_looser_where_it_allows_more(holds, wanted, more):
    assert looser((RULES[holds],), RULES[wanted]) == more


def test_a_set_that_is_stricter_at_one_ceiling_and_looser_at_another_is_looser():
    one = some_set("one", Modes("pooled", "off"), Modes("individual", "individual"))
    other = some_set("other", Modes("off", "pooled"), Modes("individual", "individual"))
    assert looser((one,), other) == ("unknown", "links", "off", "pooled")
    assert looser((other,), one) == ("unknown", "opens", "off", "pooled")
    assert in_force(one, other) == (one, other), "both hold"


@given(st.tuples(MODE, MODE, MODE, MODE), st.tuples(MODE, MODE, MODE, MODE))
def test_whatever_is_chosen_nothing_that_was_deployed_is_lifted(one, other):
    deployed = some_set("deployed", Modes(*one[:2]), Modes(*one[2:]))
    chosen = some_set("chosen", Modes(*other[:2]), Modes(*other[2:]))
    holds = in_force(deployed, chosen)
    for axis in AXES:
        for state in CONSENT_STATES:
            for each in (deployed, chosen):
                assert allows(each.ceiling(axis, state), least(holds, axis, state))


def test_rules_are_made_stricter_with_a_record(workspace):
    workspace.rules.now()
    workspace.clock.pass_by(60)
    held = workspace.change("eu-strict", links="off", footers=True)
    assert (held.ids, held.modes) == ("eu-strict/1", Modes("individual", "off"))
    assert [(each.action, each.actor, each.before, each.after) for each in workspace.store.trail] == [
        ("workspace.rules", USER.address, "it-284-2026/1", "eu-strict/1"),
        ("workspace.links", USER.address, "individual", "off"),
        ("workspace.footers", USER.address, "no", "yes"),
    ]
    assert workspace.store.setting.periods == (
        (NOON, "it-284-2026/1", "individual", "individual", False, "", "footer/1"),
        (NOON + 60_000, "eu-strict/1", "individual", "off", True, USER.address, "footer/1"),
    )


def test_a_period_names_the_footers_text_where_mail_has_one_and_another_text_begins_another():
    workspace = Workspace("none")
    workspace.rules.now()
    workspace.clock.pass_by(60)
    workspace.change("none", footers=True)
    workspace.clock.pass_by(60)
    later = Workspace("none", workspace.store, text="footer/2")
    later.clock.pass_by(120)
    for _ in range(2):
        later.rules.now()
    assert [(each.since - NOON, each.text) for each in workspace.store.setting.periods] == [
        (0, ""),
        (60_000, "footer/1"),
        (120_000, "footer/2"),
    ]


def test_a_period_of_before_texts_were_noted_is_kept_and_followed_by_one_that_names_it(workspace):
    early = RulesPeriod(NOON - 5, "it-284-2026/1", "individual", "individual", footers=False)
    workspace.store.setting = WorkspaceSetting(periods=(early,), version=1)
    workspace.rules.now()
    assert workspace.store.setting.periods == (early, early._replace(since=NOON, text="footer/1"))


def test_rules_are_never_made_looser_and_the_refusal_says_where(workspace):
    workspace.change("eu-strict")
    for name in ("it-284-2026", "none"):
        with pytest.raises(Invalid, match=r"opens with consent unknown .*at most “off”") as refused:
            workspace.change(name)
        assert refused.value.field == "rules"
    assert workspace.rules.now().ids == "eu-strict/1"
    assert len(workspace.store.trail) == 1


def test_modes_may_be_lifted_again_for_the_rules_still_hold(workspace):
    assert workspace.change("it-284-2026", opens="off").modes == Modes("off", "individual")
    assert workspace.change("it-284-2026").modes == Modes("individual", "individual")
    assert [each.after for each in workspace.store.trail] == ["off", "individual"]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("rules", {"rules": "zz"}),
        ("opens", {"rules": "it-284-2026", "opens": "x"}),
        ("links", {"rules": "it-284-2026", "links": ""}),
    ],
)
def test_what_there_is_not_cannot_be_chosen(workspace, field, wanted):
    with pytest.raises(Invalid) as refused:
        workspace.change(**wanted)
    assert refused.value.field == field


def test_who_saw_an_older_version_changes_nothing(workspace):
    seen = workspace.rules.now().setting.version
    workspace.change("eu-strict")
    with pytest.raises(Conflict):
        workspace.rules.change(BY, update("eu-strict", opens="off", version=seen))
    assert workspace.rules.now().modes.opens == "individual"


def test_saving_what_holds_already_writes_nothing(workspace):
    version = workspace.rules.now().setting.version
    assert workspace.change("it-284-2026").setting.version == version
    assert workspace.store.trail == []


def test_other_functions_use_a_change_within_two_seconds_and_read_once_meanwhile(workspace):
    other = Workspace("it-284-2026", workspace.store)
    other.rules.now()
    workspace.change("eu-strict")
    reads = workspace.store.reads
    assert [other.rules.now().ids for _ in range(3)] == ["it-284-2026/1"] * 3
    assert workspace.store.reads == reads
    other.clock.pass_by(2)
    assert other.rules.now().ids == "eu-strict/1"


@pytest.mark.parametrize("deployed", RULES_NAMES)
def test_a_choice_holds_also_where_other_rules_are_deployed_later(workspace, deployed):
    workspace.change("eu-strict")
    later = Workspace(deployed, workspace.store).rules.now()
    assert looser((RULES["eu-strict"],), later.rules[0]) is None


def test_a_deploy_of_other_rules_begins_a_period_of_nobody(workspace):
    workspace.rules.now()
    later = Workspace("de-tdddg", workspace.store)
    later.clock.pass_by(3600)
    later.rules.now()
    later.clock.pass_by(3600)
    later.rules.now()
    assert [(each.since, each.rules, each.actor) for each in workspace.store.setting.periods] == [
        (NOON, "it-284-2026/1", ""),
        (NOON + 3_600_000, "de-tdddg/1", ""),
    ]


def test_what_cannot_be_noted_holds_all_the_same(workspace):
    overtaken = replace(workspace.store)
    overtaken.write = lambda _setting, _notes: False
    assert Workspace("uk-pecr-2026", overtaken).rules.now().ids == "uk-pecr-2026/1"


def test_where_the_database_does_not_answer_nothing_is_decided_and_pages_say_what_was_deployed():
    store = MemoryWorkspaceStore(down=True)
    for deployed, says in (("none", True), ("eu-strict", False)):
        rules = Workspace(deployed, store).rules
        with pytest.raises(Unavailable):
            rules.now()
        assert rules.says_no_rules is says
