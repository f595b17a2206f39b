"""A build is deployed for its own processor, and to the environment that the command names."""

import ast
import os
import pathlib
import re
import shutil
import subprocess
import tomllib

import pytest

from infra.local import place, run
from infra.local.engine import stack
from infra.tools import build
from tests.structure.conftest import ROOT, read

CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text())
FOR_AWS = ("dev", "prod")
LAYER = ROOT / "layers" / "vendor"


def make(folder, **environment):
    """Return what make would do for the layer of one processor."""
    command = ["make", "-n", "-f", str(LAYER / folder / "Makefile"), "build-VendorLayer"]
    inherited = {"PATH": os.environ["PATH"], "ARTIFACTS_DIR": "/nowhere"}
    return subprocess.run(  # noqa: S603 — our own makefile
        command, cwd=LAYER, env={**inherited, **environment}, capture_output=True, text=True, check=False
    )


# --- one place decides the processor ------------------------------------------------------------------------------


def test_the_templates_parameter_leads_the_build_to_its_processor(written, functions):
    layer = written["Resources"]["VendorLayer"]
    assert layer["Metadata"]["ContextPath"] == {"Fn::Sub": "layers/vendor/${Architecture}"}
    assert layer["Properties"]["CompatibleArchitectures"] == [{"Ref": "Architecture"}]
    assert all(one["Architectures"] == [{"Ref": "Architecture"}] for one in functions.values())
    folders = {path.parent.name for path in LAYER.glob("*/Makefile")}
    assert folders == set(written["Parameters"]["Architecture"]["AllowedValues"]) == set(build.known())
    assert build.default() == written["Parameters"]["Architecture"]["Default"]


def test_the_layer_keeps_the_description_of_each_service_that_a_function_speaks_to():
    kept = set(re.search(r"^SERVICES := (.*)$", (LAYER / "layer.mk").read_text(), re.MULTILINE)[1].split())
    sources = [path for folder in ("layers/core/ocello", "functions") for path in (ROOT / folder).rglob("*.py")]
    calls = [node for path in sources for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    clients = [call for call in calls if ast.unparse(call.func) in ("clients.client", "clients.late")]
    named = {ast.literal_eval(call.args[0]) for call in clients}
    assert "cognito-idp" in named
    assert kept - named == {"dynamodb", "sts"}, "those of pynamodb and of the X-Ray SDK"
    assert named <= kept, "without it the first call of that service fails, on AWS and in the local run"


@pytest.mark.parametrize(("folder", "machine"), [("x86_64", "x86_64"), ("arm64", "aarch64")])
@pytest.mark.parametrize("own", ["x86_64", "aarch64", "arm64"])
def test_the_builders_own_processor_decides_nothing(tmp_path, folder, machine, own):
    uname = tmp_path / "uname"
    uname.write_text(f"#!/bin/sh\necho {own}\n")
    uname.chmod(0o755)
    said = make(folder, PATH=f"{tmp_path}:{os.environ['PATH']}").stdout
    platforms = {word for word in said.split() if word.startswith("manylinux")}
    assert platforms
    assert all(platform.endswith(machine) for platform in platforms)


@pytest.mark.parametrize(("folder", "wanted"), [("x86_64", "arm64"), ("arm64", "x86_64")])
def test_a_build_for_another_processor_than_the_templates_stops_with_one_line(folder, wanted):
    done = make(folder, ARCHITECTURE=wanted)
    assert done.returncode != 0
    (line,) = done.stderr.strip().splitlines()
    assert f"ARCHITECTURE is {wanted}" in line
    assert f"Architecture is {folder}" in line
    assert make(folder, ARCHITECTURE=folder).returncode == 0


@pytest.mark.parametrize("processor", ["x86_64", "arm64"])
def test_what_was_built_is_deployed_for_no_other_processor(tmp_path, processor):
    shutil.copy(ROOT / "template.yaml", tmp_path)
    build.pin(tmp_path, processor)
    pinned, before = read(tmp_path / "template.yaml"), read(ROOT / "template.yaml")
    own = {"Type": "String", "Default": processor, "AllowedValues": [processor]}
    assert pinned == {**before, "Parameters": {**before["Parameters"], "Architecture": own}}


def test_a_processor_that_there_is_none_of_is_named(capsys):
    assert build.main({"ARCHITECTURE": "riscv"}) == 1
    assert "ARCHITECTURE is riscv" in capsys.readouterr().err


def test_a_template_without_the_parameter_is_not_pinned(tmp_path):
    (tmp_path / "template.yaml").write_text("Parameters: {}\n")
    with pytest.raises(ValueError, match="Architecture"):
        build.pin(tmp_path, "arm64")


# --- where a deploy goes ------------------------------------------------------------------------------------------


def deploy(environment):
    return CONFIG[environment].get("deploy", {}).get("parameters", {})


def stack_name(environment):
    return CONFIG[environment].get("global", {}).get("parameters", {}).get("stack_name")


def test_a_deploy_that_names_no_environment_has_no_stack_and_asks_first():
    assert stack_name("default") is None
    assert "stack_name" not in deploy("default")
    assert deploy("default")["confirm_changeset"] is True


def test_each_environment_is_a_stack_of_its_own():
    names = {
        environment: stack_name(environment) for environment in CONFIG if environment not in ("version", "default")
    }
    assert set(names) == {*FOR_AWS, stack.ENVIRONMENT}
    assert len(set(names.values())) == len(names)
    assert names[stack.ENVIRONMENT] == stack.NAME


def test_what_is_deployed_to_aws_is_shown_first_and_refuses_plain_http():
    for environment in FOR_AWS:
        assert deploy(environment)["confirm_changeset"] is True
        assert "RequireTls=true" in deploy(environment)["parameter_overrides"], "whatever an earlier deploy said"


@pytest.mark.parametrize("command", ["deploy", "local_start_api"])
@pytest.mark.parametrize("environment", ["default", *FOR_AWS])
def test_every_environment_names_the_strictest_rules_of_tracking(environment, command):
    overrides = CONFIG[environment][command]["parameters"]["parameter_overrides"]
    assert [one for one in overrides if one.startswith("TrackingRules")] == ["TrackingRules=eu-strict"]


def test_the_local_run_names_its_own_rules_of_tracking():
    ports = place.Ports(1, 2, 3, 4, 5)
    assert run.parameters(ports)["TrackingRules"] == "none"
    assert run.parameters(ports, "it-284-2026")["TrackingRules"] == "it-284-2026"


def test_no_environment_holds_what_only_the_local_run_may(written):
    ports = place.Ports(1, 2, 3, 4, 5)
    loose = {
        name: value for name, value in run.parameters(ports).items() if name not in ("Architecture", "TrackingRules")
    }
    assert all(value != written["Parameters"][name]["Default"] for name, value in loose.items())
    given = {
        one
        for environment in CONFIG
        if environment != "version"
        for one in deploy(environment).get("parameter_overrides", [])
    }
    assert not {one for one in given if one.split("=")[0] in loose} - {"RequireTls=true"}


class Engine:
    """What of CloudFormation the local run asks."""

    def __init__(self, *names):
        self.names = names

    def describe_stacks(self):
        return {"Stacks": [{"StackName": name} for name in self.names]}


@pytest.mark.parametrize(
    ("there", "name"),
    [
        ((), stack.NAME),
        (("aws-sam-cli-managed-default",), stack.NAME),
        (("ocello", "ocello-Keys-1"), "ocello"),
        ((stack.NAME,), stack.NAME),
        (("ocello", stack.NAME), stack.NAME),
    ],
)
def test_a_run_of_an_earlier_version_goes_on_under_its_own_name(there, name):
    assert stack.name(Engine(*there)) == name


def test_the_run_sends_sam_into_its_own_environment(tmp_path, monkeypatch):
    request = []
    monkeypatch.setattr(stack, "_sam", lambda arguments, *_: request.append(arguments))
    where = place.Place(pathlib.Path(tmp_path))
    assert stack.deploy(
        where, "some-name", "http://127.0.0.1:1", place.Keys("a", "b"), "digest", {"RequireTls": "false"}
    )
    (arguments,) = request
    assert arguments[arguments.index("--config-file") + 1] == str(ROOT / "samconfig.toml")
    assert arguments[arguments.index("--config-env") + 1] == stack.ENVIRONMENT
    assert arguments[arguments.index("--stack-name") + 1] == "some-name"
