"""Rule sets: what a country's rules allow, by what is known of a reader's consent.

What is lawful is decided by people. A rule set says where its rules were read, when, and who of the operator's counsel has
reviewed it; nobody has until the operator writes it there.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple, cast, get_args

from ocello.domain.consent.modes import AXES, MODES, Axis, Mode, Modes, allows, strictest

ConsentState = Literal["unknown", "granted", "refused", "withdrawn"]
CONSENT_STATES: tuple[ConsentState, ...] = get_args(ConsentState)
RulesName = Literal["eu-strict", "it-284-2026", "fr-2026-042", "de-tdddg", "uk-pecr-2026", "none"]
RULES_NAMES: tuple[RulesName, ...] = get_args(RulesName)
STRICTEST: RulesName = "eu-strict"
NO_RULES: RulesName = "none"


class RuleSource(NamedTuple):
    """Where a rule was read: its title, its date (ISO 8601; '' where we know none), and in what form it was read."""

    title: str
    date: str
    read_in: str


class RuleSet(NamedTuple):
    """The rules of a country ('' for none), with the ceiling of each state of consent."""

    name: str
    version: int
    country: str
    as_of: str
    reviewed_by: str
    sources: tuple[RuleSource, ...]
    ceilings: Mapping[ConsentState, Modes]

    @property
    def id(self) -> str:
        """Name the set and its version, as what was decided by it says: `it-284-2026/1`."""
        return f"{self.name}/{self.version}"

    def ceiling(self, axis: Axis, consent: ConsentState) -> Mode:
        """Return what may be done at most with this consent."""
        return self.ceilings[consent].of(axis)

    def most(self, axis: Axis) -> Mode:
        """Return what some consent would allow: beyond that the rules themselves forbid."""
        return max((self.ceiling(axis, consent) for consent in CONSENT_STATES), key=MODES.index)


def rule_set(read: Mapping[str, object]) -> RuleSet:
    """Make a rule set of its file's values. Raises ValueError naming what is wrong.

    No consent may allow more than a granted one, and a refusal allows nothing.
    """
    try:
        given = cast("Mapping[str, Mapping[str, Mode]]", read["ceiling"])
        ceilings = {state: Modes(given[state]["opens"], given[state]["links"]) for state in ("unknown", "granted")}
        refused = Modes(given["refused"]["opens"], given["refused"]["links"])
        sources = tuple(
            RuleSource(each["title"], each["date"], each["read_in"])
            for each in cast("list[dict[str, str]]", read["sources"])
        )
        found = RuleSet(
            name=str(read["name"]),
            version=int(cast("int", read["version"])),
            country=str(read["country"]),
            as_of=str(read["as_of"]),
            reviewed_by=str(read["reviewed_by"]),
            sources=sources,
            ceilings=cast("Mapping[ConsentState, Modes]", {**ceilings, "refused": refused, "withdrawn": refused}),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"a rule set misses a value: {error}") from None
    _checked(found)
    return found


def _checked(rules: RuleSet) -> None:
    for state, modes in rules.ceilings.items():
        for axis in AXES:
            mode = modes.of(axis)
            if mode not in MODES:
                raise ValueError(f"{rules.name}: {mode} is no mode")
            if not allows(rules.ceiling(axis, "granted"), mode):
                raise ValueError(f"{rules.name}: {state} allows more than granted")
            if state in ("refused", "withdrawn") and mode != "off":
                raise ValueError(f"{rules.name}: a refusal allows nothing")
    date.fromisoformat(rules.as_of)
    if rules.name != NO_RULES and not rules.sources:
        raise ValueError(f"{rules.name} names no source")


def ruling(deployed: RuleSet, country: str, known: Mapping[str, RuleSet]) -> tuple[RuleSet, ...]:
    """Return the rule sets that rule for a reader of `country` (ISO 3166-1, or '' where nobody knows): all of them hold.

    The set that was deployed always does. A country's own come beside it, and the strictest for a country that has none
    here. Where the operator deployed *none*, no country's rules come beside it: that is what it means. `known` holds all
    sets by name.
    """
    if deployed.name == NO_RULES or country in ("", deployed.country):
        return (deployed,)
    of_country = next((rules for rules in known.values() if rules.country == country), known[STRICTEST])
    return (deployed,) if of_country == deployed else (deployed, of_country)


class Ceiling(NamedTuple):
    """What may be done at most with a state of consent by what holds, and by what is wanted in its place."""

    consent: ConsentState
    axis: Axis
    holds: Mode
    wanted: Mode


def looser(holding: tuple[RuleSet, ...], wanted: RuleSet) -> Ceiling | None:
    """Return the first ceiling that `wanted` would lift above what holds; None where it is stricter, or as strict.

    A set that is stricter at one ceiling and looser at another is looser.
    """
    for consent in CONSENT_STATES:
        for axis in AXES:
            holds, mode = least(holding, axis, consent), wanted.ceiling(axis, consent)
            if not allows(holds, mode):
                return Ceiling(consent, axis, holds, mode)
    return None


def in_force(deployed: RuleSet, chosen: RuleSet | None) -> tuple[RuleSet, ...]:
    """Return the sets that hold: the stricter of the deployed one and the one that an administrator chose, else both.

    What was chosen holds also where other rules are deployed later.
    """
    if chosen is None or chosen == deployed:
        return (deployed,)
    if looser((deployed,), chosen) is None:
        return (chosen,)
    return (deployed,) if looser((chosen,), deployed) is None else (deployed, chosen)


def least(rules: tuple[RuleSet, ...], axis: Axis, consent: ConsentState) -> Mode:
    """Return what all of `rules` allow with this consent."""
    return strictest(each.ceiling(axis, consent) for each in rules)
