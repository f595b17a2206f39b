"""Settings are read once, in one spelling, and what is wrong with one is named."""

import importlib
from pathlib import Path
from typing import NamedTuple

import pytest

from ocello import settings
from ocello.settings import SettingsError

FUNCTIONS = sorted(path.parent.name for path in (Path(__file__).parents[2] / "functions").glob("*/settings.py"))


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
    """An origin whose name ended otherwise would not be read as one."""
    fields = importlib.import_module(f"functions.{function}.settings").Settings._fields
    assert all(field.endswith("_origin") for field in fields if "origin" in field)
