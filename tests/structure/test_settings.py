"""Settings, their functions and the template: everything that is set is read, and everything that is read is set."""

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


def trees(folder: pathlib.Path) -> Iterator[ast.Module]:
    yield from (ast.parse(path.read_text()) for path in sorted(folder.rglob("*.py")))


def read_of(node: ast.AST, *owners: str) -> set[str]:
    """Return the attributes that code reads of what has one of these names, by `getattr` too."""

    def is_owner(value: ast.AST) -> bool:
        return ast.unparse(value).rpartition(".")[2].strip("_") in owners

    found = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute) and is_owner(each.value)}
    for each in ast.walk(node):
        match each:
            case ast.Call(func=ast.Name("getattr"), args=[owner, ast.Constant(str(name)), *_]) if is_owner(owner):
                found.add(name)
    return found


def parts() -> dict[str, tuple[set[str], set[str]]]:
    """Return each part of the composition root: the settings that it reads, and the parts that it is made of."""
    methods = [
        node
        for tree in trees(CORE / "wiring")
        for each in tree.body
        if isinstance(each, ast.ClassDef)
        for node in each.body
        if isinstance(node, ast.FunctionDef)
    ]
    found: dict[str, tuple[set[str], set[str]]] = {}
    for method in methods:
        settings, made_of = found.setdefault(method.name, (set(), set()))
        settings |= read_of(method, "settings", "told")
        made_of |= read_of(method, "self")
    return found


def attributes(function: str) -> set[str]:
    """Return the settings that a function reads: in its own modules, and in the parts that it asks the composition root for."""
    own = list(trees(ROOT / "functions" / function))
    found = {name for tree in own for name in read_of(tree, "settings", "told")}
    known = parts()
    wanted, seen = {"__init__", *(name for tree in own for name in read_of(tree, "wiring"))}, set[str]()
    while wanted:
        name = wanted.pop()
        if name in known and name not in seen:
            seen.add(name)
            found |= known[name][0]
            wanted |= known[name][1]
    return found


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
