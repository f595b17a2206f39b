"""The stores of the app table: what they share is written once, and their names follow one rule."""

import ast
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
CORE = ROOT / "layers" / "core" / "ocello"
ADAPTERS = sorted((CORE / "adapters").rglob("*.py"))


def classes(paths):
    return [
        (path, node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]


def ports():
    """Every protocol that the services name."""
    return {
        node.name
        for _, node in classes(sorted((CORE / "services").rglob("*.py")))
        if any(ast.unparse(base) == "Protocol" for base in node.bases)
    }


def test_a_false_condition_is_recognised_in_one_place_for_pynamodb_and_one_for_the_small_client():
    spelled = {path.relative_to(CORE).as_posix() for path in ADAPTERS if "ConditionalCheckFailed" in path.read_text()}
    assert spelled == {"adapters/dynamodb/conditions.py", "adapters/hot/dynamodb.py"}


def test_stores_leave_cursors_and_failed_conditions_to_the_modules_for_them():
    stores = [path for path in sorted((CORE / "adapters" / "dynamodb").rglob("*/*.py")) if path.parent.name != "models"]
    assert len(stores) > 25  # else this test looks at nothing
    for path in stores:
        text = path.read_text()
        for word in ("base64", "PutError", "UpdateError", "TransactWrite("):
            assert word not in text, f"{path.name} has {word}"


def test_adapters_of_dynamodb_are_named_after_their_port():
    named = [
        node.name for _, node in classes(ADAPTERS) if node.name.startswith("Dynamo") and node.name != "DynamoClient"
    ]
    assert len(named) > 25  # else this test looks at nothing
    assert {name.removeprefix("Dynamo") for name in named} <= ports()


def test_fakes_are_named_after_their_port():
    fakes = [node.name for _, node in classes(sorted((ROOT / "tests" / "fakes").rglob("*.py")))]
    memories = {name.removeprefix("Memory") for name in fakes if name.startswith("Memory")}
    assert len(memories) > 30
    assert memories <= ports()


def test_a_module_of_stores_holds_one_store():
    for path in sorted((CORE / "adapters" / "dynamodb").rglob("*/*.py")):
        stores = [node.name for _, node in classes([path]) if node.name.startswith("Dynamo")]
        assert len(stores) <= 1, f"{path.name} holds {stores}"


def test_every_store_on_dynamodb_runs_the_suite_of_its_port():
    named = {node.name for _, node in classes(ADAPTERS) if node.name.startswith("Dynamo")}
    suites = ast.parse((ROOT / "tests" / "ports" / "conftest.py").read_text())
    made = {node.id for node in ast.walk(suites) if isinstance(node, ast.Name) and node.id.startswith("Dynamo")}
    assert named - made == {"DynamoClient"}
