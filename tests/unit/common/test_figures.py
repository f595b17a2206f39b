"""A stack's metrics have its own name."""

import json
from pathlib import Path

import pytest

from functions.lookups.settings import Settings
from ocello.adapters import metrics
from ocello.adapters.hot.figures import namespace
from ocello.wiring.storage import StorageWiring

FUNCTIONS = sorted((Path(__file__).parents[3] / "functions").glob("*/app.py"))


@pytest.fixture
def unbound():
    yield
    metrics.bind("")


@pytest.mark.usefixtures("unbound")
def test_figures_stand_under_the_stack_whose_function_writes_them(capsys):
    for stack, name in [("ocello", "Ocello/ocello"), ("ocello-dev", "Ocello/ocello-dev"), ("", "Ocello")]:
        metrics.bind(stack)
        metrics.write_line("counted", 1, {"Things": metrics.Figure(2)})
        (directive,) = json.loads(capsys.readouterr().out)["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == name == namespace(stack)


@pytest.mark.parametrize("app", FUNCTIONS, ids=lambda path: path.parent.name)
def test_every_function_writes_its_figures_under_its_stacks_name(app):
    """By itself, or by the composition root's parts of the app table; capture writes lines of its own."""
    text = app.read_text()
    binds = "metrics.bind(_settings.stack_name)" in text or "Wiring(" in text.replace("HotWiring(", "")
    assert binds is (app.parent.name != "capture")


@pytest.mark.usefixtures("unbound")
def test_the_parts_of_the_app_table_bind_the_figures_to_the_stack(capsys):
    StorageWiring(Settings("table", "eu-south-1", "ocello-dev"), {})
    metrics.write_line("counted", 1, {"Things": metrics.Figure(2)})
    (directive,) = json.loads(capsys.readouterr().out)["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Ocello/ocello-dev"
