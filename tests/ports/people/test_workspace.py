"""What administrators chose for everybody, and what held when."""

from ocello.domain.people.audit import new_entry
from ocello.services.consent.ports import RulesPeriod, WorkspaceSetting
from tests.fakes.world import USER
from tests.ports.examples import NOW

FIRST = RulesPeriod(NOW, "none/1", "individual", "individual", footers=False)
SECOND = RulesPeriod(NOW + 5, "eu-strict/1", "off", "individual", footers=True, actor=USER.address, text="footer/1")
STRICT = WorkspaceSetting("eu-strict", "off", "individual", footers=True, periods=(FIRST, SECOND))


def test_before_anybody_chose_nothing_is_chosen(stores):
    assert stores.workspace.read() == WorkspaceSetting()


def test_a_choice_comes_back_as_it_was_with_its_periods_and_its_entries(stores):
    note = new_entry(NOW, USER, "workspace.rules", "workspace", "none/1", "eu-strict/1")
    assert stores.workspace.write(STRICT, [note])
    assert stores.workspace.read() == STRICT._replace(version=1)
    assert stores.trail.page(10, None).items == (note,)
    assert stores.workspace.write(stores.workspace.read()._replace(footers=False), [])
    assert stores.workspace.read() == STRICT._replace(footers=False, version=2)


def test_of_two_who_saw_the_same_one_writes_and_the_other_leaves_no_entry(stores):
    seen = stores.workspace.read()
    assert stores.workspace.write(seen._replace(opens="off"), [])
    note = new_entry(NOW, USER, "workspace.links", "workspace", "individual", "off")
    assert not stores.workspace.write(seen._replace(links="off"), [note])
    assert stores.workspace.read() == WorkspaceSetting(opens="off", version=1)
    assert stores.trail.page(10, None).items == ()
    assert not stores.workspace.write(WorkspaceSetting(links="off", version=7), [])
