"""The dependency rule and the layout of ARCHITECTURE.md, read from the syntax trees."""

import ast
import functools
import pathlib
import sys
from collections import Counter

import pytest

ROOT = pathlib.Path(__file__).parents[2]
CORE = ROOT / "layers" / "core" / "ocello"
FUNCTIONS = ROOT / "functions"
OURS = ("ocello", "functions", "infra", "tests")
STANDARD = sys.stdlib_module_names

# Modules that depend on the outside world: the clock, randomness, the environment, other machines.
WORLDLY = {
    "time",
    "random",
    "secrets",
    "os",
    "socket",
    "http.client",
    "urllib.request",
    "subprocess",
    "threading",
    "logging",
}
DOMAIN_MAY_IMPORT_OF_OURS = ("ocello.domain",)


@functools.cache
def tree(path):
    return ast.parse(path.read_text(), str(path))


def modules(*folders):
    return [path for folder in folders for path in sorted(folder.rglob("*.py"))]


def name_of(path):
    base = CORE.parent if CORE.parent in path.parents else ROOT
    parts = list(path.relative_to(base).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Return every module that a file imports, as absolute names; `from a import b` gives `a` and `a.b`."""
    package = name_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def within(name, *packages):
    return any(name == package or name.startswith(package + ".") for package in packages)


def idents(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


DOMAIN = modules(CORE / "domain")
SERVICES = modules(CORE / "services")
ADAPTERS = modules(CORE / "adapters")
HANDLERS = modules(FUNCTIONS)


@pytest.mark.parametrize("path", DOMAIN, ids=idents(DOMAIN))
def test_the_domain_imports_the_standard_library_and_itself_only(path):
    for name in imports(path):
        if within(name, *OURS):
            assert within(name, "ocello.domain") or name == "ocello", name
        else:
            assert name.split(".")[0] in STANDARD, name
            assert not within(name, *WORLDLY), f"{name} brings the world into the domain"


@pytest.mark.parametrize("path", DOMAIN, ids=idents(DOMAIN))
def test_the_domain_asks_no_clock_and_no_chance(path):
    request = {"now", "today", "utcnow", "uuid1", "uuid4", "uuid7", "urandom", "open", "print", "input"}
    ours = {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and (owner := ast.unparse(node.func).rpartition("."))[2] in request - ours:
            assert owner[0] not in ("", "datetime", "datetime.datetime", "date", "uuid", "os"), ast.unparse(node)


@pytest.mark.parametrize("path", SERVICES, ids=idents(SERVICES))
def test_services_import_the_domain_and_their_ports_only(path):
    for name in imports(path):
        if within(name, *OURS):
            assert within(name, "ocello.domain", "ocello.services") or name == "ocello", name
        else:
            assert name.split(".")[0] in STANDARD, name


@pytest.mark.parametrize("path", ADAPTERS, ids=idents(ADAPTERS))
def test_adapters_import_of_services_the_ports_alone(path):
    for name in imports(path):
        assert not within(name, "functions", "infra", "tests"), name
        if within(name, "ocello.services") and name != "ocello.services":
            subject = name.removeprefix("ocello.services.").split(".")
            assert subject[1:2] in ([], ["ports"]), name


@pytest.mark.parametrize("path", HANDLERS, ids=idents(HANDLERS))
def test_one_function_never_imports_another(path):
    own = path.relative_to(FUNCTIONS).parts[0]
    for name in imports(path):
        assert not within(name, "infra", "tests"), name
        if within(name, "functions") and name != "functions":
            assert name.split(".")[1] == own, name


WIRING = modules(CORE / "wiring")


@pytest.mark.parametrize("path", WIRING, ids=idents(WIRING))
def test_the_composition_root_knows_no_function(path):
    for name in imports(path):
        assert not within(name, "functions", "infra", "tests"), name


def test_of_what_is_deployed_an_app_alone_imports_the_composition_root():
    importers = {
        path
        for path in modules(CORE, FUNCTIONS)
        if path not in WIRING and any(within(name, "ocello.wiring") for name in imports(path))
    }
    assert importers == {path for path in HANDLERS if path.name == "app.py"}


def test_every_function_folder_looks_alike():
    for folder in sorted(path for path in FUNCTIONS.iterdir() if path.is_dir() and path.name != "__pycache__"):
        there = {path.name for path in folder.iterdir()}
        assert {"__init__.py", "settings.py", "handler.py", "app.py"} <= there, folder.name


@pytest.mark.parametrize("path", modules(FUNCTIONS, CORE), ids=idents(modules(FUNCTIONS, CORE)))
def test_the_environment_is_read_by_an_app_alone(path):
    """Only `app.py` names `os.environ`, and hands it to `ocello.settings.read`."""
    if path.parent.parent == FUNCTIONS and path.name == "app.py":
        return
    for node in ast.walk(tree(path)):
        text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        assert text not in ("os.environ", "os.getenv", "os.environb"), f"line {getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            assert not {alias.name for alias in node.names} & {"environ", "getenv"}


def test_an_app_is_all_that_acts_when_imported():
    """A handler, a settings module and our package may define things when imported, and no more."""
    harmless = (
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Assign,
        ast.AnnAssign,
    )
    for path in modules(FUNCTIONS, CORE):
        if path.name == "app.py":
            continue
        for node in tree(path).body:
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            typed = isinstance(node, (ast.TypeAlias, ast.If, ast.Try))
            assert docstring or typed or isinstance(node, harmless), f"{path.relative_to(ROOT)}:{node.lineno}"


KEYS = ("keys.py", "consent_keys.py", "item_keys.py", "mailbox_keys.py", "pool_keys.py")


def _key_literals():
    """Return every prefix by which the modules of keys spell a key, such as `MSG#`."""
    found: set[str] = set()
    nodes = (node for name in KEYS for node in ast.walk(tree(CORE / "adapters" / "dynamodb" / name)))
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "#" in node.value:
            found.update(part + "#" for part in node.value.split("#")[:-1] if part.isupper())
    return found


def test_keys_are_spelled_in_the_modules_of_keys_alone():
    prefixes = _key_literals()
    assert {"MSG#", "USER#", "GATE#", "ITEM#"} <= prefixes  # else this test looks at nothing
    for path in modules(CORE, FUNCTIONS):
        if path.name in KEYS:
            continue
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree(path))
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None
            if isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                assert not any(node.value.startswith(prefix) for prefix in prefixes), f"{path.name}:{node.lineno}"


def test_the_hot_function_imports_the_standard_library_and_our_own_modules_only():
    seen, waiting = set(), [FUNCTIONS / "capture" / "app.py"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in imports(path):
            if not within(name, "ocello", "functions"):
                assert name.split(".")[0] in STANDARD, f"{path.name}: {name}"
                continue
            base = ROOT if name.startswith("functions") else CORE.parent
            candidates = (
                base.joinpath(*name.split(".")).with_suffix(".py"),
                base.joinpath(*name.split("."), "__init__.py"),
            )
            waiting.extend(candidate for candidate in candidates if candidate.exists())
    assert len(seen) > 5  # the test really read some files


def test_broad_excepts_stand_only_where_the_style_allows_them_with_a_reason():
    for path in modules(CORE, FUNCTIONS):
        lines = path.read_text().splitlines()
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = ast.unparse(node.type) if node.type else "everything"
            passes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if caught in ("Exception", "BaseException", "everything") and not passes_on:
                reason = lines[node.lineno - 1].partition("#")[2]
                assert "— " in reason, f"{path.relative_to(ROOT)}:{node.lineno} catches {caught}"


def test_no_module_is_over_three_hundred_lines():
    generated = {"crawlers.py", "suffixes.py"}
    long = [
        str(path.relative_to(ROOT))
        for path in modules(CORE, FUNCTIONS, ROOT / "infra")
        if path.name not in generated and len(path.read_text().splitlines()) > 300
    ]
    assert long == []


def test_no_folder_of_code_has_more_than_twelve_modules():
    folders = {path.parent for path in modules(CORE, FUNCTIONS, ROOT / "infra", ROOT / "tests")}
    assert {ROOT / "tests" / "fakes", CORE / "services" / "items"} <= folders  # else this test looks at nothing
    for folder in folders:
        there = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(there) <= 12, f"{folder.relative_to(ROOT)}: is this one subject?"


@pytest.mark.parametrize(("where", "folders"), [("templates", 12), ("static", 4)])
def test_no_folder_of_pages_has_more_than_twelve_files(where, folders):
    root = FUNCTIONS / "web" / where
    files = [path for path in root.rglob("*") if path.is_file()]
    there = Counter(path.parent for path in files)
    assert len(there) >= folders  # else this test looks at nothing
    assert {str(folder.relative_to(ROOT)): count for folder, count in there.items() if count > 12} == {}


def test_the_modules_of_the_package_form_no_cycle():
    """Imports inside a function count too: they are a cycle all the same, only later."""
    known = {name_of(path): path for path in modules(CORE, FUNCTIONS)}
    needs = {  # a module does not need the package that it stands in
        name: {each for each in imports(path) if each in known and not within(name, each)}
        for name, path in known.items()
    }
    empty = {name for name, path in known.items() if path.name == "__init__.py" and len(tree(path).body) == 1}
    while ready := [name for name, wanted in needs.items() if not (wanted - empty) & needs.keys()]:
        for name in ready:
            del needs[name]
    assert needs == {}


def test_a_public_class_name_is_defined_once_in_the_package():
    defined: dict[str, list[str]] = {}
    for path in modules(CORE):
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                defined.setdefault(node.name, []).append(str(path.relative_to(CORE)))
    assert {name: places for name, places in defined.items() if len(places) > 1} == {}
