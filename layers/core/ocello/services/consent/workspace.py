"""The rules and modes of tracking for everybody: as deployed, or stricter as administrators chose."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.errors import Conflict, Invalid, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.consent.ladder import BUILT
from ocello.domain.consent.modes import AXES, MODES, Axis, Mode, Modes
from ocello.domain.consent.rules import NO_RULES, Ceiling, RuleSet, in_force, looser
from ocello.domain.people.audit import Action, AuditEntry, new_entry
from ocello.domain.people.users import Principal
from ocello.services.common.ports import Clock
from ocello.services.consent.ports import RulesPeriod, WorkspaceSetting, WorkspaceStore

LEASE_S = 2.0  # what was read is used for so long, so that a change reaches every function within it
# The most that a workspace may allow.
CHOICES: Mapping[Axis, tuple[Mode, ...]] = {axis: tuple(mode for mode in MODES if mode in BUILT[axis]) for axis in AXES}
_ACTIONS: Mapping[Axis, Action] = {"opens": "workspace.opens", "links": "workspace.links"}
_TARGET = "workspace"


class InForce(NamedTuple):
    """What holds: the rule sets, the most that is tracked of anybody, and the stored choice."""

    rules: tuple[RuleSet, ...]
    setting: WorkspaceSetting

    @property
    def modes(self) -> Modes:
        """Return the most that is tracked of anybody."""
        return Modes(self.setting.opens, self.setting.links)

    @property
    def ids(self) -> str:
        """Name the rule sets, with their versions."""
        return "+".join(each.id for each in self.rules)

    @property
    def no_rules(self) -> bool:
        """Return whether no rules of consent hold."""
        return all(each.name == NO_RULES for each in self.rules)

    @property
    def footers(self) -> bool:
        """Return whether mail carries a footer: under rules always, else if an administrator wants it."""
        return self.setting.footers or not self.no_rules

    def period(self, since: int, text: str, actor: str = "") -> RulesPeriod:
        """Return the period that begins with this; `text` is that of footers."""
        shown = text if self.footers else ""
        return RulesPeriod(since, self.ids, *self.modes, self.setting.footers, actor, shown)


class WorkspaceUpdate(NamedTuple):
    """What an administrator wants to hold: a rule set by name, the most that is tracked, footers where no rules hold.

    `version` is that of what the administrator saw; None: whatever holds.
    """

    rules: str
    opens: str
    links: str
    footers: bool
    version: int | None


class Offer(NamedTuple):
    """A rule set as an administrator sees it: whether it holds, and what forbids to choose it; None: nothing does."""

    rules: RuleSet
    holds: bool
    obstacle: Ceiling | None


class OfferedRules(NamedTuple):
    """What holds for everybody, and what else can be chosen: the sets that hold come first."""

    holds: InForce
    offers: tuple[Offer, ...]


@dataclass(slots=True)
class WorkspaceRules:
    """What holds for everybody.

    `known` has all rule sets by name, `text` names the text of footers with its version, `seconds` is a clock that only
    goes forward.
    """

    store: WorkspaceStore
    deployed: RuleSet
    known: Mapping[str, RuleSet]
    text: str
    clock: Clock
    seconds: Callable[[], float]
    _held: InForce | None = None
    _until: float = float("-inf")

    def now(self) -> InForce:
        """Return what holds, as it was within the last two seconds. Raises Unavailable."""
        if self._held is None or self.seconds() >= self._until:
            return self._read()
        return self._held

    @property
    def says_no_rules(self) -> bool:
        """Return whether pages are to say that no rules hold; where the database does not answer, as deployed."""
        if self.deployed.name != NO_RULES:
            return False
        try:
            return self.now().no_rules
        except Unavailable:
            return True

    def offered(self) -> OfferedRules:
        """Return what holds, read anew, and every rule set with whether it can be chosen. Raises Unavailable."""
        return self._offered(self._read())

    def _offered(self, holds: InForce) -> OfferedRules:
        offers = [Offer(each, each in holds.rules, looser(holds.rules, each)) for each in self.known.values()]
        return OfferedRules(
            holds, tuple(sorted(offers, key=lambda offer: (not offer.holds, offer.obstacle is not None)))
        )

    def change(self, by: Principal, wanted: WorkspaceUpdate) -> OfferedRules:
        """Let other rules, modes and footers hold, and record who changed what.

        Raises Invalid for what there is not, and for rules that allow more than those that hold; Conflict if what holds
        has changed since the administrator saw it; Unavailable.
        """
        before = self._read()
        if wanted.version not in (None, before.setting.version):
            raise Conflict("somebody else has changed it meanwhile: look again, then repeat it")
        chosen = self._chosen(before, wanted.rules)
        opens, links = (_mode(axis, value) for axis, value in zip(AXES, (wanted.opens, wanted.links), strict=True))
        now = self.clock()
        rules = before.rules if chosen is None else in_force(self.deployed, chosen)
        setting = before.setting._replace(
            rules=before.setting.rules if chosen is None else chosen.name,
            opens=opens,
            links=links,
            footers=wanted.footers,
        )
        after = InForce(rules, setting)
        notes = [
            new_entry(now, by.user, action, _TARGET, old, new, by_key=by.by_key)
            for action, old, new in _changes(before, after)
        ]
        if not notes:
            return self._offered(before)
        return self._offered(self._write(after, after.period(now, self.text, by.user.address), notes))

    def _chosen(self, before: InForce, name: str) -> RuleSet | None:
        """Return the rule set that is wanted; None if it holds already. Raises Invalid."""
        wanted = self.known.get(name)
        if wanted is None:
            raise Invalid("rules", Text("must be one of %(names)s", names=", ".join(self.known)))
        if wanted in before.rules:
            return None
        more = looser(before.rules, wanted)
        if more is not None:
            reason = Text(
                "“%(name)s” would allow more than what holds: for %(axis)s with consent %(consent)s “%(wanted)s” instead of "
                "at most “%(holds)s”. Rules can be made stricter here, never looser.",
                name=wanted.name,
                **more._asdict(),
            )
            raise Invalid("rules", reason)
        return wanted

    def _read(self) -> InForce:
        """Read what holds. If that is not what held last, such as after a deploy, begin a period."""
        started = self.seconds()
        setting = self.store.read()
        holds = InForce(in_force(self.deployed, self.known.get(setting.rules)), setting)
        last = setting.periods[-1] if setting.periods else None
        if last is None or holds.period(last.since, self.text, last.actor) != last:
            with suppress(Unavailable, Conflict):  # whoever decides next notes it
                return self._write(holds, holds.period(self.clock(), self.text), [])
        self._held, self._until = holds, started + LEASE_S
        return holds

    def _write(self, holds: InForce, period: RulesPeriod, notes: list[AuditEntry]) -> InForce:
        """Write what holds from now on. Raises Conflict and Unavailable."""
        started = self.seconds()
        setting = holds.setting._replace(periods=(*holds.setting.periods, period))
        if not self.store.write(setting, notes):
            raise Conflict("somebody else has changed it meanwhile: look again, then repeat it")
        held = InForce(holds.rules, setting._replace(version=setting.version + 1))
        self._held, self._until = held, started + LEASE_S
        return held


def _mode(axis: Axis, value: str) -> Mode:
    known = next((mode for mode in CHOICES[axis] if mode == value), None)
    if known is None:
        raise Invalid(axis, Text("must be one of %(names)s", names=", ".join(CHOICES[axis])))
    return known


def _changes(before: InForce, after: InForce) -> Iterator[tuple[Action, str, str]]:
    """Yield what differs: the action, and how it was and is."""
    if before.rules != after.rules:
        yield "workspace.rules", before.ids, after.ids
    for axis in AXES:
        if before.modes.of(axis) != after.modes.of(axis):
            yield _ACTIONS[axis], before.modes.of(axis), after.modes.of(axis)
    if before.setting.footers != after.setting.footers:
        was, now = ("yes" if each.setting.footers else "no" for each in (before, after))
        yield "workspace.footers", was, now
