"""Users: invited, admitted, changed and disabled, whatever happens at the same moment."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import SCOPES, Principal, User
from ocello.services.people.api_keys import ApiKeys
from ocello.services.people.authenticate import AdmissionPolicy, Authenticator
from ocello.services.people.ports import Claims
from ocello.services.people.suppressions import SuppressionEditor
from ocello.services.people.users import UserAdministration
from tests import fakes

ADA = User("01900000-0000-7000-8000-000000000001", "ada@example.test", "Ada", admin=True, groups=("admins",))
ALMA = User("01900000-0000-7000-8000-000000000002", "alma@example.test", "Alma", admin=True, groups=("admins",))
REP = User("01900000-0000-7000-8000-000000000003", "rep@example.test", "Rosa", groups=("sales",))


def by(user, *, by_key=False):
    return Principal(user, frozenset(SCOPES), by_key)


class World:
    """Three users, two of them administrators, and the doorkeeper; tokens are the claims' subjects."""

    def __init__(self):
        self.clock, self.random_bytes = fakes.Clock(), fakes.PredictableBytes()
        self.users, self.keys, self.directory = (
            fakes.MemoryUserStore(),
            fakes.MemoryApiKeyStore(),
            fakes.MemoryDirectory(),
        )
        self.keys.trail = self.users.trail
        self.claims = {}
        for user in (ADA, ALMA, REP):
            self.users.create(user)
            self.claims[user.id] = Claims("issuer", user.id, "id", user.address, user.name, user.groups)
        admission = AdmissionPolicy(frozenset({"allowed.test"}), frozenset({"guests"}))
        self.authenticator = Authenticator(self, self.users, self.keys, admission, self.clock, self.random_bytes)

    def verify(self, token):
        claims = self.claims[token]
        return replace(claims, issued_at=claims.issued_at or self.clock())

    def sign_in(self, user):
        return self.authenticator.authenticate(f"Bearer {user.id}").user

    def change(self, who, whom, **wanted):
        return UserAdministration(self.users, None, self.clock, None).change(by(who), whom.id, **wanted)

    def invite(self, address, directory=True, name=""):
        chosen = self.directory if directory else None
        return UserAdministration(self.users, chosen, self.clock, self.random_bytes).invite(by(ADA), address, name)

    def told(self):
        return [(each.action, each.actor, each.target, each.before, each.after) for each in self.users.trail]


@pytest.fixture
def world():
    return World()


# --- who comes in -------------------------------------------------------------------------------------------------


def test_the_administrators_group_comes_in_though_nobody_could_have_invited_it(world):
    first = Claims("issuer", "first", "id", "first@nowhere.test", "First", ("admins",))
    world.claims["first"] = first
    made = world.authenticator.authenticate("Bearer first").user
    assert (made.admin, made.address, made.state) == (True, "first@nowhere.test", "active")
    world.claims["second"] = replace(first, subject="second", address="second@nowhere.test", groups=("others",))
    with pytest.raises(Forbidden):
        world.authenticator.authenticate("Bearer second")
    world.claims["third"] = replace(first, subject="third", address="")
    with pytest.raises(Forbidden):
        world.authenticator.authenticate("Bearer third")
    assert ("user.joined", "first@nowhere.test", "first@nowhere.test", "", "") in world.told()


def test_a_name_of_the_identity_provider_is_taken_without_what_would_turn_or_break_a_line(world):
    world.claims["x"] = Claims("issuer", "x", "id", "x@nowhere.test", "Ann\u202e nnA\r\nBcc: \u2067y\0", ("admins",))
    assert world.authenticator.authenticate("Bearer x").user.name == "Ann nnA Bcc: y"


@pytest.mark.parametrize("name", ["Ann\u202e", "Ann\r\nBcc: y"])
def test_a_name_that_turns_or_breaks_a_line_is_not_invited(world, name):
    with pytest.raises(Invalid, match="name: must have no"):
        world.invite("turned@example.test", name=name)
    assert world.users.by_address("turned@example.test") is None


def test_another_name_of_the_administrators_group_is_the_one_that_comes_in(world):
    keeper = replace(world.authenticator, admission=AdmissionPolicy(admin_group="chiefs"))
    for group, comes in (("chiefs", True), ("admins", False)):
        world.claims[group] = Claims("issuer", group, "id", f"{group}@nowhere.test", "", (group,))
        if comes:
            assert keeper.authenticate(f"Bearer {group}").user.admin
        else:
            with pytest.raises(Forbidden):
                keeper.authenticate(f"Bearer {group}")


def test_who_is_invited_gets_a_sign_in_and_reads_as_invited_until_the_first_time(world):
    made = world.invite("new@example.test")
    assert (made.state, world.directory.mailed) == ("invited", ["new@example.test"])
    with pytest.raises(Conflict):
        world.invite("new@example.test")
    assert world.directory.mailed == ["new@example.test"], "and nobody is mailed for nothing"
    world.claims[made.id] = Claims("issuer", made.id, "id", made.address)
    assert world.sign_in(made).state == "active"
    assert world.users.get(made.id).state == "active"
    assert ("user.invited", ADA.address, "new@example.test", "", "") in world.told()


def test_an_invitation_that_the_pool_did_not_take_can_be_repeated(world):
    world.directory.down = True
    with pytest.raises(Unavailable):
        world.invite("new@example.test")
    assert world.users.by_address("new@example.test") is None
    world.directory.down = False
    assert world.invite("new@example.test").invited
    world.directory.people["known@example.test"] = True
    assert world.invite("known@example.test").invited, "who has a sign-in keeps it"
    assert world.invite("elsewhere@example.test", directory=False).invited
    assert world.directory.mailed == ["new@example.test"]


def test_only_who_never_came_is_invited_again(world):
    def again(user, directory=True):
        return UserAdministration(world.users, world.directory if directory else None, world.clock, None).invite_again(
            by(ADA), user.id
        )

    made = world.invite("new@example.test")
    assert again(made).state == "invited"
    assert world.directory.mailed == ["new@example.test"] * 2
    before = world.invite("before@example.test", directory=False)
    again(before)
    assert world.directory.mailed[-1] == "before@example.test", "invited before the pool was ours"
    world.directory.people[made.address] = True
    for user, directory in ((made, True), (REP, True), (made, False)):
        with pytest.raises(Conflict):
            again(user, directory)
    with pytest.raises(NotFound):
        again(replace(REP, id="none"))


# --- at the same moment -------------------------------------------------------------------------------------------


def test_a_sign_in_that_races_with_disabling_does_not_enable_again(world):
    world.claims[REP.id] = replace(world.claims[REP.id], groups=("sales", "north"))  # so that the sign-in writes
    world.users.meanwhile = lambda: world.change(ADA, REP, disabled=True)
    with pytest.raises(Forbidden):
        world.sign_in(REP)
    stands = world.users.get(REP.id)
    assert (stands.disabled, stands.groups) == (True, ("sales", "north"))


def test_a_change_of_groups_that_races_with_disabling_does_not_enable_again(world):
    world.users.meanwhile = lambda: world.change(ADA, REP, disabled=True)
    assert world.change(ALMA, REP, groups=["board"]).disabled
    stands = world.users.get(REP.id)
    assert (stands.disabled, stands.given_groups) == (True, ("board",))


def test_of_two_administrators_who_disable_each_other_one_is_left(world):
    world.users.meanwhile = lambda: world.change(ALMA, ADA, disabled=True)
    with pytest.raises(Forbidden):
        world.change(ADA, ALMA, disabled=True)
    assert [world.users.get(user.id).disabled for user in (ADA, ALMA)] == [True, False]


def test_nobody_disables_oneself_nor_after_having_lost_the_office(world):
    with pytest.raises(Conflict):
        world.change(ADA, ADA, disabled=True)
    with pytest.raises(Conflict):
        world.change(ADA, ADA, disabled=True, groups=["board"])
    assert world.users.get(ADA.id) == ADA, "and nothing else of such a change is made"
    world.users.update(replace(ALMA, admin=False))
    with pytest.raises(Forbidden):
        world.change(ALMA, ADA, disabled=True)


def test_a_change_that_never_gets_through_says_so(world):
    world.users.change = lambda *_: False
    for work in (
        lambda: world.change(ADA, REP, disabled=True),
        lambda: UserAdministration(world.users, None, world.clock, None).sign_out_everywhere(by(REP)),
        lambda: world.sign_in(replace(REP, id=_other(world))),
    ):
        with pytest.raises(Unavailable):
            work()


def _other(world):
    world.claims["changed"] = Claims("issuer", "changed", "id", REP.address, "", ("changed",))
    return "changed"


# --- the trail ----------------------------------------------------------------------------------------------------


def test_who_changed_what_of_a_user_is_noted_and_what_changes_nothing_is_not(world):
    world.change(ADA, REP, groups=["board"], disabled=True)
    world.change(ADA, REP, groups=["board"], disabled=True)
    world.change(ADA, REP, disabled=False)
    assert world.told() == [
        ("groups.changed", ADA.address, REP.address, "", "board"),
        ("user.disabled", ADA.address, REP.address, "", ""),
        ("user.enabled", ADA.address, REP.address, "", ""),
    ]
    with pytest.raises(Invalid):
        world.change(ADA, REP, groups=["a,b"], disabled=True)
    assert not world.users.get(REP.id).disabled


def test_becoming_an_administrator_by_the_provider_is_noted(world):
    world.claims[REP.id] = replace(world.claims[REP.id], groups=("admins",))
    world.sign_in(REP)
    world.sign_in(REP)
    assert world.told() == [("user.administrator", REP.address, REP.address, "no", "yes")]


def test_keys_are_noted_by_their_names_and_never_by_their_text(world):
    key, text = ApiKeys(world.keys, world.clock, world.random_bytes).make(REP, "CRM", ["read"])
    ApiKeys(world.keys, world.clock, None).revoke(REP, key.id)
    with pytest.raises(NotFound):
        ApiKeys(world.keys, world.clock, None).revoke(REP, key.id)
    assert world.told() == [
        ("key.made", REP.address, "CRM", "", "read"),
        ("key.revoked", REP.address, "CRM", "", ""),
    ]
    assert text not in repr(world.users.trail)


def test_entries_of_one_moment_are_told_apart_and_sort_by_time():
    one, other = (new_entry(fakes.NOON, ADA, "user.disabled", target) for target in ("a@x.test", "b@x.test"))
    later = new_entry(fakes.NOON + 1, ADA, "user.disabled", "a@x.test")
    assert len({one.id, other.id, later.id}) == 3
    assert max(one.id, other.id) < later.id
    assert later.at == fakes.NOON + 1


# --- an end of keys and sessions ----------------------------------------------------------------------------------


def test_a_key_signs_in_until_it_expires(world):
    end = world.clock() + 60_000
    _, text = ApiKeys(world.keys, world.clock, world.random_bytes).make(REP, "k", ["read"], expires_at=end)
    world.clock.pass_by(59.999)
    assert world.authenticator.authenticate(f"Bearer {text}").user.id == REP.id
    world.clock.pass_by(0.001)
    with pytest.raises(Unauthenticated, match="expired"):
        world.authenticator.authenticate(f"Bearer {text}")
    with pytest.raises(Invalid):
        ApiKeys(world.keys, world.clock, world.random_bytes).make(REP, "k", ["read"], expires_at=end)


def test_signing_out_everywhere_ends_the_tokens_of_before_and_no_key(world):
    _, text = ApiKeys(world.keys, world.clock, world.random_bytes).make(REP, "k", ["read"])
    old = world.clock() // 1000 * 1000
    world.claims[REP.id] = replace(world.claims[REP.id], issued_at=old)
    assert world.sign_in(REP)
    world.clock.pass_by(5)
    UserAdministration(world.users, None, world.clock, None).sign_out_everywhere(by(REP))
    with pytest.raises(Unauthenticated):
        world.sign_in(REP)
    world.claims[REP.id] = replace(world.claims[REP.id], issued_at=old + 6_000)
    assert world.sign_in(REP)
    assert world.authenticator.authenticate(f"Bearer {text}").user.id == REP.id


# --- suppressed addresses -----------------------------------------------------------------------------------------


def test_a_complaint_is_lifted_by_an_administrator_only_and_a_bounce_by_anybody():
    kept, clock = fakes.MemorySuppressionList(), fakes.Clock()
    kept.add("a@x.test", "complaint", 0)
    kept.add("a@x.test", "bounce", 1)
    kept.add("b@x.test", "bounce", 0)
    with pytest.raises(Forbidden):
        SuppressionEditor(kept, clock).lift(by(REP), "A@x.test")
    SuppressionEditor(kept, clock).lift(by(REP), "b@x.test")
    SuppressionEditor(kept, clock).lift(by(ADA), "a@x.test")
    with pytest.raises(NotFound):
        SuppressionEditor(kept, clock).lift(by(ADA), "a@x.test")
    assert [(each.actor, each.target, each.before) for each in kept.trail] == [
        (REP.address, "b@x.test", "bounce"),
        (ADA.address, "a@x.test", "complaint"),
    ]


def test_a_bounce_that_turns_into_a_complaint_meanwhile_is_not_lifted():
    class Meanwhile(fakes.MemorySuppressionList):
        def remove(self, address, reason, note):
            self.add(address, "complaint", 0)
            return super().remove(address, reason, note)

    kept = Meanwhile({"a@x.test": "bounce"})
    with pytest.raises(Forbidden):
        SuppressionEditor(kept, fakes.Clock()).lift(by(REP), "a@x.test")
    assert kept.reasons == {"a@x.test": "complaint"}
