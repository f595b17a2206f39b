"""Settings are read once, in one spelling, and an error names the setting."""

import importlib
from pathlib import Path
from typing import NamedTuple

import pytest

from ocello import settings
from ocello.settings import SettingsError

FUNCTIONS = sorted(path.parent.name for path in (Path(__file__).parents[3] / "functions").glob("*/settings.py"))


class One(NamedTuple):
    app_origin: str = ""
    name: str = ""


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://links.example.com", "https://links.example.com"),
        ("https://links.example.com/", "https://links.example.com"),
        ("https://links.example.com//", "https://links.example.com"),
        (" https://Links.Example.COM/ ", "https://links.example.com"),
        ("HTTP://127.0.0.1:8042/", "http://127.0.0.1:8042"),
        ("", ""),
    ],
)
def test_an_origin_is_read_in_one_spelling(given, read):
    assert settings.read(One, {"APP_ORIGIN": given}).app_origin == read


@pytest.mark.parametrize(
    "given",
    ["links.example.com", "ftp://links.example.com", "https://", "https:///", "https://x/app", "https://x?y", "https://x#y",
     "https://me@x", "https://x y", "https:links.example.com"],
)  # fmt: skip
def test_what_is_no_origin_is_refused_by_name_without_its_value(given):
    with pytest.raises(SettingsError) as refused:
        settings.read(One, {"APP_ORIGIN": given})
    assert "APP_ORIGIN" in str(refused.value)
    assert str(refused.value) == "APP_ORIGIN must be an origin, such as https://links.example.com"


def test_a_text_that_is_no_origin_keeps_its_slash():
    assert settings.read(One, {"NAME": "https://x/"}).name == "https://x/"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_that_knows_an_origin_reads_it_in_that_spelling(function):
    """A setting is read as an origin only if its name ends so."""
    fields = importlib.import_module(f"functions.{function}.settings").Settings._fields
    assert all(field.endswith("_origin") for field in fields if "origin" in field)


@pytest.mark.parametrize("function", ["api", "web", "deliver"])
@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", "auto"),
        ("auto", "auto"),
        ("Auto", "auto"),
        ("true", "true"),
        ("1", "true"),
        ("false", "false"),
        ("no", "false"),
    ],
)
def test_a_choice_is_read_as_it_was_when_it_was_true_or_false_alone(function, given, read):
    declared = importlib.import_module(f"functions.{function}.settings").Settings
    environment = dict.fromkeys(map(str.upper, declared._fields), "") | {"LEAVE_ADDRESS_TEXT": given}
    required = {name.upper(): "x" for name in declared._fields if name not in declared._field_defaults}
    required |= {name: "https://x.test" for name in required if name.endswith("_ORIGIN")}
    required |= {"TRACKING_RULES": "none"} if "TRACKING_RULES" in required else {}
    required |= {name: "1" for name in required if name.endswith("_DAYS")}
    assert settings.read(declared, environment | required).leave_address_text == read
    with pytest.raises(SettingsError, match="LEAVE_ADDRESS_TEXT must be one of auto, true, false"):
        settings.read(declared, environment | required | {"LEAVE_ADDRESS_TEXT": "perhaps"})
