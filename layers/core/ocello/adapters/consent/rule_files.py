"""Reads the rule sets, one file each, in `rules` beside this module."""

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ocello.domain.consent.rules import RULES_NAMES, RuleSet, rule_set

FOLDER = Path(__file__).with_name("rules")


@functools.cache
def rule_sets() -> Mapping[str, RuleSet]:
    """Return every rule set by its name. Raises ValueError for a file that is wrong."""
    return MappingProxyType({name: _read(FOLDER / f"{name}.toml") for name in RULES_NAMES})


def _read(file: Path) -> RuleSet:
    found = rule_set(tomllib.loads(file.read_text(encoding="utf-8")))
    if found.name != file.stem:
        raise ValueError(f"{file.name} holds the rules {found.name}")
    return found
