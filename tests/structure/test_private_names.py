"""Private names of libraries that our code uses: each is named here, and is still there in the version that is pinned.

A private name may go with any release. Whoever updates a library learns it from here, not from mail that fails.
"""

import importlib
import pathlib
import re
import smtplib

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pynamodb.models import Model

from infra.tools.check import lint_js

ROOT = pathlib.Path(__file__).parents[2]
PYTHON = [path for folder in ("layers/core", "functions", "infra") for path in sorted((ROOT / folder).rglob("*.py"))]
USE = re.compile(r"[\w)]\.(_[a-z]\w*)")
IMPORT = re.compile(
    r'import_module\("[\w.]*\.(_\w+)"\)|^from (?!ocello|functions|infra|tests)\S+ import .*\b(_[a-z]\w*)'
)
OUR_OWN = {"_families"}  # read by another method of the same class

IN_LIBRARIES = {
    "_host": lambda: smtplib.SMTP()._host,  # type: ignore[attr-defined] # private: typeshed leaves it out
    "_connection": lambda: Model._connection,
    "_get_connection": lambda: Model._get_connection,
    "_static_routes": lambda: APIGatewayHttpResolver()._static_routes,
    "_dynamic_routes": lambda: APIGatewayHttpResolver()._dynamic_routes,
    "_constants": lambda: importlib.import_module("re._constants").LITERAL,
    "_parser": lambda: importlib.import_module("re._parser").parse,
}
# Of what the tests' own environment does not have: the test that fails without it.
ELSEWHERE = {
    "_update_resource": "tests/local/test_restart.py",  # the local engine, whose version is pinned
    "_build_persistence_save_dict": "tests/local/test_restart.py",
    "_stacks": "tests/local/test_restart.py",
    "_imageResizer": "tests/browser/mail/test_composer.py",  # the editor of mails
}


def used() -> set[str]:
    lines = [line for path in PYTHON for line in path.read_text().splitlines()]
    found = {name for line in lines if "# noqa: SLF001" in line for name in USE.findall(line.partition("#")[0])}
    for line in lines:
        for match in IMPORT.finditer(line):
            found |= {name for name in match.groups() if name}
    scripts = (path.read_text() for path in lint_js.scripts(ROOT / "functions/web/static"))
    return found | {name for text in scripts for name in re.findall(r"(?<!this)\.(_[a-z]\w*)", text)}


def test_every_private_name_of_a_library_is_named_here():
    assert used() - OUR_OWN == IN_LIBRARIES.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("name", IN_LIBRARIES)
def test_a_private_name_is_still_there(name):
    IN_LIBRARIES[name]()  # raises AttributeError or ImportError where it is gone


@pytest.mark.parametrize("test", sorted(set(ELSEWHERE.values())))
def test_what_holds_the_others_is_there(test):
    assert (ROOT / test).is_file()
