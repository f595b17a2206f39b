"""Rule sets: their files, which of them rule for whom, and the country that decides it."""

import tomllib
from datetime import date

import pytest

from ocello.adapters.consent.rule_files import FOLDER, rule_sets
from ocello.domain.consent.countries import country_of
from ocello.domain.consent.rules import RULES_NAMES, rule_set, ruling

RULES = rule_sets()


def test_there_is_a_file_for_each_name_and_no_other():
    assert {file.stem for file in FOLDER.glob("*")} == set(RULES) == set(RULES_NAMES)


@pytest.mark.parametrize("name", RULES_NAMES)
def test_rules_say_where_they_were_read_and_that_no_counsel_has_reviewed_them(name):
    rules = RULES[name]
    assert rules.reviewed_by == ""
    assert rules.as_of == "2026-11-25"
    assert bool(rules.sources) == (name != "none")
    for source in rules.sources:
        assert source.title
        assert source.read_in
        assert not source.date or date.fromisoformat(source.date)


def file_of(name="it-284-2026"):
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda read: read.pop("as_of"), "misses a value: 'as_of'"),
        (lambda read: read["ceiling"].pop("refused"), "misses a value: 'refused'"),
        (lambda read: read["ceiling"]["unknown"].pop("links"), "misses a value: 'links'"),
        (lambda read: read["ceiling"]["unknown"].update(opens="most"), "most is no mode"),
        (lambda read: read["ceiling"]["refused"].update(opens="pooled"), "a refusal allows nothing"),
        (lambda read: read["ceiling"]["granted"].update(opens="off"), "unknown allows more than granted"),
        (lambda read: read.update(sources=[]), "names no source"),
        (lambda read: read.update(as_of="soon"), "Invalid isoformat"),
    ],
)
def test_a_file_that_is_wrong_is_refused_and_says_why(change, words):
    read = file_of()
    change(read)
    with pytest.raises(ValueError, match=words):
        rule_set(read)


# --- who is ruled by what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deployed", "country", "names"),
    [
        ("it-284-2026", "IT", ["it-284-2026"]),
        ("it-284-2026", "", ["it-284-2026"]),
        ("it-284-2026", "FR", ["it-284-2026", "fr-2026-042"]),
        ("it-284-2026", "GB", ["it-284-2026", "uk-pecr-2026"]),
        ("it-284-2026", "ES", ["it-284-2026", "eu-strict"]),  # no rules of its own here: the strictest
        ("eu-strict", "IT", ["eu-strict", "it-284-2026"]),
        ("eu-strict", "ES", ["eu-strict"]),
        ("none", "FR", ["none"]),
    ],
)
def test_the_deployed_rules_and_those_of_the_readers_country_hold(deployed, country, names):
    assert [each.name for each in ruling(RULES[deployed], country, RULES)] == names


@pytest.mark.parametrize(
    ("address", "said", "country"),
    [
        ("ann@customer.fr", {}, "FR"),
        ("ann@customer.co.uk", {}, "GB"),
        ("ann@customer.FR.", {}, "FR"),
        ("ann@customer.com", {"workspace": "IT"}, "IT"),
        ("ann@customer.fr", {"workspace": "IT"}, "FR"),
        ("ann@customer.fr", {"item": "de", "workspace": "IT"}, "DE"),
        ("ann@customer.fr", {"recipient": "ES", "item": "DE", "workspace": "IT"}, "ES"),
        ("ann@customer.eu", {}, ""),
        ("ann@customer.io", {}, ""),
        ("ann@customer.io", {"workspace": "IT"}, "IT"),
        ("ann@[192.0.2.1]", {}, ""),
        ("ann@localhost", {}, ""),
    ],
)
def test_a_country_is_what_is_said_of_the_reader_else_the_address_else_the_workspaces(address, said, country):
    assert country_of(address, **said) == country
