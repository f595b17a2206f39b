"""Both languages say everything, and dates are in a person's form."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from functions.web import language
from functions.web.render import environment

HOUSE = Path(__file__).parents[2] / "functions" / "web"


def texts():
    found = set()
    for path in sorted((HOUSE / "templates").rglob("*.html")):
        for _, _, text in environment().extract_translations(path.read_text("utf-8")):
            found.add(text if isinstance(text, str) else text[0])
    for path in sorted((HOUSE / "pages").glob("*.py")):
        found |= set(re.findall(r'say\("([^"]+)"\)', path.read_text("utf-8")))
    return sorted(found)


def test_there_are_texts_to_translate():
    assert len(texts()) > 150


@pytest.mark.parametrize("text", texts())
def test_every_text_has_its_italian_with_the_same_placeholders(text):
    italian = language.catalogue("it")[text]
    forms = [italian] if isinstance(italian, str) else italian
    for form in forms:
        assert form
        assert re.findall(r"%\(\w+\)s", form) == re.findall(r"%\(\w+\)s", text)


def test_no_text_has_two_translations():
    pairs = json.loads((HOUSE / "locales" / "it.json").read_text("utf-8"), object_pairs_hook=list)
    names = [name for name, _ in pairs]
    assert [name for name, times in Counter(names).items() if times > 1] == []


@pytest.mark.parametrize(
    ("header", "wanted"),
    [("it-IT,it;q=0.9,en;q=0.8", "it"), ("de,fr", "en"), ("", "en"), ("en;q=0.2,it;q=0.9", "it"), ("it;q=x,en", "en")],
)
def test_a_browsers_wish_is_heard(header, wanted):
    assert language.best(header) == wanted


def test_times_are_in_a_persons_zone_and_form():
    noon = 1_782_907_200_000  # 1 July 2026, 12:00 UTC
    rome = language.Forms("it", "Europe/Rome", noon)
    assert rome.short(noon) == "14:00"
    assert rome.full(noon) == "1 lug 2026, 14:00:00"
    assert language.Forms("en", "nowhere", noon).full(noon) == "1 Jul 2026, 12:00:00"
    assert rome.number(1234567.5) == "1.234.567,5"
