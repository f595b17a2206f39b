"""Settings against their function and the template: what is set is read, and what may be read is set."""

import ast
import importlib
import pathlib
from collections.abc import Iterator

import pytest

ROOT = pathlib.Path(__file__).parents[2]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/settings.py"))
CORE = ROOT / "layers" / "core" / "ocello"
READ_BY_OTHERS = {  # by libraries or by Lambda itself, before any code of ours
    "AWS_ENDPOINT_URL": "botocore and the small client",
    "POWERTOOLS_LOG_LEVEL": "Powertools",
    "POWERTOOLS_SERVICE_NAME": "Powertools",
    "PYTHONUNBUFFERED": "Python",
}
SET_BY_OTHERS = {"aws_region": "Lambda", "aws_sam_local": "sam local"}


def fields(function: str) -> tuple[str, ...]:
    return importlib.import_module(f"functions.{function}.settings").Settings._fields


def sources(function: str) -> Iterator[pathlib.Path]:
    """The modules in which a function's settings may be read: its own, and those that put functions together."""
    yield from (ROOT / "functions" / function).rglob("*.py")
    yield from (path for path in (CORE / "wiring.py", *(CORE / "wiring").glob("*.py")) if path.is_file())


def attributes(function: str) -> set[str]:
    """What is read of what is named settings, or told as capture names it."""
    return {
        node.attr
        for path in sources(function)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).strip("_") in ("settings", "told")
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_setting_is_read(function):
    assert sorted(set(fields(function)) - attributes(function)) == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_variable_that_the_template_sets_is_a_setting(function, functions):
    variables = functions[function]["Environment"]["Variables"]
    read = {name.upper() for name in fields(function)}
    assert sorted(set(variables) - read - set(READ_BY_OTHERS)) == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_setting_is_set_by_the_template(function, functions):
    variables = functions[function]["Environment"]["Variables"]
    unset = {name for name in fields(function) if name.upper() not in variables} - set(SET_BY_OTHERS)
    assert sorted(unset) == []
