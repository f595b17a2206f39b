"""What is deployed: our code alone where it is hot, bytecode that is really used, layers within Lambda's limits."""

import hashlib
import importlib.util
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import zipfile

import pytest

from tests.artifact.conftest import ROOT, SAM, build

FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
LAMBDA_LIMIT = 250 * 1024 * 1024  # unzipped, function and layers together
OUR_LIMIT = 110 * 1024 * 1024  # the layer and the largest function, and a little more: to exceed it needs a decision
CHECKED_NEVER = 0b01  # flags of an unchecked hash-based pyc, PEP 552


def folder(built, name):
    # The template names a function after its folder, with a capital first letter.
    return built / f"{name.capitalize()}Function"


def python(built, program, *, vendor, name=None, more=()):
    """Run a program as Lambda would find its modules: the artifact, then the layers."""
    paths = [folder(built, name)] if name else []
    paths += [built / "VendorLayer" / "python"] if vendor else []
    return subprocess.run(  # noqa: S603 — this interpreter, on what was built
        [
            sys.executable,
            "-I",
            "-B",
            *more,
            "-c",
            f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}\n{program}",
        ],
        env={"PATH": os.defpath, "AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=False,
    )


def bytecode(source):
    return pathlib.Path(importlib.util.cache_from_source(str(source)))


def test_every_function_is_built(built):
    assert {path.name for path in built.glob("*Function")} == {f"{name.capitalize()}Function" for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_functions_artifact_holds_its_own_folder_and_our_package(built, name):
    artifact = folder(built, name)
    assert {path.name for path in artifact.iterdir()} == {"functions", "ocello"}
    assert {path.name for path in (artifact / "functions").iterdir()} == {"__init__.py", "__pycache__", name}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_artifact_is_our_code_byte_for_byte_and_all_of_it(built, name):
    """So a deploy changes our code in one step: no layer holds any of it, because layers are replaced at another moment."""
    artifact = folder(built, name)
    for own, source in (("functions", ROOT / "functions" / name), ("ocello", ROOT / "layers" / "core" / "ocello")):
        start = artifact / own / (name if own == "functions" else "")
        made = {path.relative_to(start): path for path in start.rglob("*") if path.is_file() and path.suffix != ".pyc"}
        wanted = {
            path.relative_to(source): path for path in source.rglob("*") if path.is_file() and path.suffix != ".pyc"
        }
        assert made.keys() == wanted.keys()
        assert all(made[place].read_bytes() == wanted[place].read_bytes() for place in wanted)


def test_the_layer_holds_third_party_code_alone(built):
    assert not [path for path in (built / "VendorLayer" / "python").iterdir() if path.name in ("ocello", "functions")]
    assert not (built / "CoreLayer").exists()


@pytest.mark.parametrize("part", [*(f"{name.capitalize()}Function" for name in FUNCTIONS), "VendorLayer"])
def test_every_module_has_bytecode_that_no_date_invalidates(built, part):
    sources = [path for path in (built / part).rglob("*.py") if "template" not in path.name]
    assert sources
    for source in sources:
        compiled = bytecode(source)
        if not compiled.exists():  # what cannot be compiled (a test of syntax errors, say) cannot be imported either
            with pytest.raises(SyntaxError):
                compile(source.read_bytes(), str(source), "exec")
            continue
        head = compiled.read_bytes()[:16]
        assert head[:4] == importlib.util.MAGIC_NUMBER, source
        assert struct.unpack("<I", head[4:8])[0] == CHECKED_NEVER, source
        assert head[8:] == importlib.util.source_hash(source.read_bytes()), source


def test_the_bytecode_is_what_python_loads_even_from_an_archive_dated_1980(built, tmp_path):
    """Pack again as SAM does, unpack, and see which file the import system loads."""
    shutil.make_archive(str(tmp_path / "layer"), "zip", folder(built, "capture"))
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "layer.zip") as archive:
        archive.extractall(unpacked)
    for path in unpacked.rglob("*"):
        os.utime(path, (315532800, 315532800))  # 1980-01-01
    done = subprocess.run(  # noqa: S603 — this interpreter, on what was built
        [
            sys.executable,
            "-I",
            "-B",
            "-v",
            "-c",
            f"import sys; sys.path[:0] = [{str(unpacked)!r}]\nimport ocello.domain.tracking.tokens",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    ours = [line for line in done.stderr.splitlines() if str(unpacked) in line]
    assert any("code object from" in line and ".pyc" in line for line in ours)
    assert not any("code object from" in line and line.rstrip("'").endswith(".py") for line in ours), ours


def test_capture_imports_without_the_vendor_layer_and_loads_nothing_foreign(built):
    program = """
import functions.capture.handler, ocello.adapters.hot.dynamodb, ocello.adapters.hot.hit_sinks
foreign = [n for n, m in sys.modules.items() if "site-packages" in (getattr(m, "__file__", None) or "")]
print(foreign)
"""
    done = python(built, program, vendor=False, name="capture")
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "capture"])
def test_the_handler_of_every_other_function_imports_from_the_layers_alone(built, name):
    vendor = name not in ("replay", "settle")  # these have no layer
    done = python(built, f"import functions.{name}.handler, functions.{name}.settings", vendor=vendor, name=name)
    assert done.returncode == 0, done.stderr[-2000:]


def test_every_package_of_the_vendor_layer_works_on_this_processor(built):
    program = """
import aws_lambda_powertools.event_handler, botocore.session, cryptography.hazmat.bindings._rust
import jwt, pydantic_core, pynamodb.models
for service in "cognito-idp dynamodb events kms s3 secretsmanager sesv2 sqs sts".split():
    botocore.session.get_session().create_client(service, region_name="eu-west-1")
print(all("VendorLayer" in m.__file__ for m in (pydantic_core, pynamodb.models, jwt)))
"""
    done = python(built, program, vendor=True)
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr[-2000:]


def test_the_vendor_layer_leaves_out_services_that_nobody_speaks_to(built):
    data = built / "VendorLayer" / "python" / "botocore" / "data"
    services = {path.name for path in data.iterdir() if path.is_dir()}
    assert services == {"cognito-idp", "dynamodb", "events", "kms", "s3", "secretsmanager", "sesv2", "sqs", "sts"}


def size(part):
    return sum(path.stat().st_size for path in part.rglob("*") if path.is_file())


def test_layer_and_function_stay_within_lambdas_limit_and_ours(built):
    whole = {name: size(built / "VendorLayer") + size(folder(built, name)) for name in FUNCTIONS}
    assert max(whole.values()) <= min(OUR_LIMIT, LAMBDA_LIMIT), whole


def digest(part):
    files = sorted(path for path in part.rglob("*") if path.is_file())
    return {str(path.relative_to(part)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("part", ["CaptureFunction", "VendorLayer"])
def test_building_again_gives_the_same_bytes(built, part, tmp_path):
    again = build(tmp_path / "again", part)
    assert digest(again / part) == digest(built / part)


def test_a_deploy_that_names_no_environment_goes_nowhere(built):
    """The command of somebody who has credentials and does not know the environments."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_", "PYTHON"))}
    done = subprocess.run(  # noqa: S603 — the project's own deploy, which must not begin
        [SAM, "deploy", "--template-file", built / "template.yaml", "--region", "eu-west-1"],
        cwd=ROOT,
        env={**environment, "SAM_CLI_TELEMETRY": "0", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Missing option '--stack-name'" in done.stderr
