"""Reads the rule sets, one file each, in `rules` beside this module."""

import functools
from collections.abc import Mapping
from pathlib import Path

from ocello.adapters.consent.files import ReadLate, toml
from ocello.domain.consent.rules import RULES_NAMES, RuleSet, rule_set

FOLDER = Path(__file__).with_name("rules")


@functools.cache
def rule_sets() -> Mapping[str, RuleSet]:
    """Return every rule set by its name. A lookup raises ValueError for a file that is wrong."""
    return ReadLate(RULES_NAMES, _read)


def _read(name: str) -> RuleSet:
    found = rule_set(toml(FOLDER / f"{name}.toml"))
    if found.name != name:
        raise ValueError(f"{name}.toml holds the rules {found.name}")
    return found
