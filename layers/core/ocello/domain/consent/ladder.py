"""The ladder: rules, workspace, user, message and the recipient's consent; the strictest of them decides, for each axis.

What is asked with *true* is done as far as it is allowed. A mode that is asked for by name, and is not allowed, is an error
that names the level which forbids it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal, NamedTuple, get_args

from ocello.domain.consent.modes import AXES, INDIVIDUAL, MODES, OFF, Axis, Mode, Modes, allows, strictest
from ocello.domain.consent.rules import NO_RULES, ConsentState, RuleSet, least

Level = Literal["rules", "workspace", "user", "message", "recipient"]
LEVELS: tuple[Level, ...] = get_args(Level)  # in the order in which they are named where several forbid alike
Basis = Literal["consent", "exempt", "none"]
Reason = Literal[
    "rules",
    "workspace",
    "own-user",
    "user",
    "message",
    "consent-unknown",
    "consent-refused",
    "consent-withdrawn",
    "no-footer",
    "allowed",
]
# A granted consent limits where the rules allow no more even then.
_OF_CONSENT: Mapping[ConsentState, Reason] = {
    "unknown": "consent-unknown",
    "granted": "rules",
    "refused": "consent-refused",
    "withdrawn": "consent-withdrawn",
}
# What mail can be sent in: a pool has a pixel and no links, so that pooled links are left as they are.
BUILT: Mapping[Axis, frozenset[Mode]] = {"opens": frozenset(MODES), "links": frozenset({"off", "individual"})}


class Asked(NamedTuple):
    """What is asked of one axis: a mode, or by *true* and *false* the most and nothing (`named` false)."""

    mode: Mode
    named: bool

    @classmethod
    def of(cls, value: "bool | Mode") -> "Asked":
        """Read what `track.opens`, `track.clicks` and their like may be."""
        if isinstance(value, bool):
            return cls("individual" if value else "off", named=False)
        return cls(value, named=True)


class Consent(NamedTuple):
    """What is known of a reader's consent, apart for opens and links."""

    opens: ConsentState = "unknown"
    links: ConsentState = "unknown"

    def of(self, axis: Axis) -> ConsentState:
        """Return the state of an axis."""
        return self.opens if axis == "opens" else self.links


@dataclass(frozen=True, slots=True)
class Steps:
    """What each level above the recipient allows.

    `user` is what the user's settings say where the message says nothing, else *individual*: a user may decide otherwise
    for one mail.
    """

    rules: tuple[RuleSet, ...]
    workspace: Modes = INDIVIDUAL
    user: Modes = INDIVIDUAL
    message: Modes = INDIVIDUAL

    @property
    def ids(self) -> str:
        """Name the rules that hold, with their versions."""
        return "+".join(each.id for each in self.rules)


@dataclass(frozen=True, slots=True)
class Decision:
    """How one recipient is tracked, by which rules, and which level allowed no more; frozen with the copy."""

    opens: Mode
    links: Mode
    basis: Basis | None  # None: nothing is recorded
    rules: str
    limited_by: Level | None
    reason: Reason

    @property
    def modes(self) -> Modes:
        """Return the modes of opens and links."""
        return Modes(self.opens, self.links)

    @property
    def tracked(self) -> bool:
        """Return whether anything is recorded."""
        return self.modes != OFF

    def counters(self, *, kept: bool) -> tuple[str, ...]:
        """Return the counters to which a copy adds one; `kept` is whether the copy could be written as decided."""
        return tuple(
            f"{axis}_off" if mode == "off" or not kept else f"{axis}_{mode}_{self.basis}"
            for axis in AXES
            for mode in [self.modes.of(axis)]
        )


# By what the copies of a day are counted: purpose, mode, and where something is recorded the basis. It tells of nobody.
COUNTERS: tuple[str, ...] = tuple(
    name
    for axis in AXES
    for mode in MODES
    for name in ([f"{axis}_off"] if mode == "off" else [f"{axis}_{mode}_{basis}" for basis in get_args(Basis)])
)


def decide(steps: Steps, consent: Consent, built: Mapping[Axis, frozenset[Mode]] = BUILT) -> Decision:
    """Decide how one recipient is tracked.

    `limited_by` tells what stands in the way of what was asked: of the axes that the sender wants tracked, the level that
    is named first among the strictest. Where nothing is wanted, it tells who wants nothing.
    """
    ceilings = {axis: _ceilings(axis, steps, consent) for axis in AXES}
    modes = Modes(*(_as_built(strictest(ceilings[axis].values()), built[axis]) for axis in AXES))
    wanted = [axis for axis in AXES if "off" not in (steps.user.of(axis), steps.message.of(axis))] or AXES
    limits = [(level, axis) for axis in wanted if (level := _limit(ceilings[axis])) is not None]
    level, axis = min(limits, key=lambda one: LEVELS.index(one[0])) if limits else (None, AXES[0])
    basis = _basis(modes, steps.rules, consent)
    return Decision(modes.opens, modes.links, basis, steps.ids, level, _reason(level, consent.of(axis)))


def for_own_user(steps: Steps) -> Decision:
    """Return how the copy of one of our own users is tracked: not at all, whatever else allows it."""
    return Decision("off", "off", None, steps.ids, "workspace", "own-user")


def without_footer(decision: Decision) -> Decision:
    """Return how a copy is tracked that has no place for its footer: not at all."""
    if not decision.tracked:
        return decision
    return replace(decision, opens="off", links="off", basis=None, limited_by="message", reason="no-footer")


def frozen(before: Decision, now: Decision) -> Decision:
    """Return what holds when a copy leaves: what was decided before, or what is stricter now; never looser.

    What is said beside the modes is that of the decision which is the stricter one; of two that are each stricter on one
    axis, that of the level which is named first.
    """
    modes = Modes(strictest((before.opens, now.opens)), strictest((before.links, now.links)))
    for each in (before, now):
        if modes == each.modes:
            return each
    first = min((before, now), key=lambda each: LEVELS.index(each.limited_by or LEVELS[-1]))
    return replace(first, opens=modes.opens, links=modes.links, basis=None if modes == OFF else first.basis)


def together(decisions: Sequence[Decision]) -> Decision:
    """Return how a copy is tracked that several people get: on each axis as the strictest of them. Raises TypeError for none."""
    return reduce(frozen, decisions)


class NotAllowed(NamedTuple):
    """A mode that was asked for by name and is not allowed: the axis, what is allowed, and the level that forbids."""

    axis: Axis
    asked: Mode
    allowed: Mode
    level: Level


def forbidden(asked: Modes, named: Sequence[Axis], steps: Steps, consent: Consent) -> NotAllowed | None:
    """Return the first of the `named` axes on which less is allowed than was asked; None where all is."""
    for axis in named:
        found: Mapping[Level, Mode] = {**_ceilings(axis, steps, consent), "message": "individual"}
        allowed = strictest(found.values())
        if not allows(allowed, asked.of(axis)):
            return NotAllowed(axis, asked.of(axis), allowed, next(each for each in LEVELS if found[each] == allowed))
    return None


def _ceilings(axis: Axis, steps: Steps, consent: Consent) -> Mapping[Level, Mode]:
    """Return what each level allows at most."""
    return {
        "rules": strictest(each.most(axis) for each in steps.rules),
        "workspace": steps.workspace.of(axis),
        "user": steps.user.of(axis),
        "message": steps.message.of(axis),
        "recipient": least(steps.rules, axis, consent.of(axis)),
    }


def _limit(ceilings: Mapping[Level, Mode]) -> Level | None:
    """Return the first of the levels that allow least; None where all allow everything."""
    lowest = strictest(ceilings.values())
    return None if lowest == MODES[-1] else next(level for level in LEVELS if ceilings[level] == lowest)


def _as_built(mode: Mode, built: frozenset[Mode]) -> Mode:
    """Return the most of what mail can be sent in that is no more than `mode`."""
    return next(each for each in reversed(MODES) if each in built and allows(mode, each))


def _basis(modes: Modes, rules: Sequence[RuleSet], consent: Consent) -> Basis | None:
    """Say on what the recording rests."""
    tracked = [axis for axis in AXES if modes.of(axis) != "off"]
    if not tracked:
        return None
    if all(consent.of(axis) == "granted" for axis in tracked):
        return "consent"
    return "none" if all(each.name == NO_RULES for each in rules) else "exempt"


def _reason(level: Level | None, consent: ConsentState) -> Reason:
    if level is None:
        return "allowed"
    return _OF_CONSENT[consent] if level == "recipient" else level
