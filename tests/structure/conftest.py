"""The template as CloudFormation gets it: transformed in process, without network and account."""

import copy
import os
import pathlib
from typing import Any

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).parents[2]
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")  # the transform asks botocore for a region, and calls nobody


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def read(path: pathlib.Path) -> dict[str, Any]:
    return yaml_parse(path.read_text())


@pytest.fixture(scope="session")
def written():
    """The template as it is written."""
    return read(ROOT / "template.yaml")


@pytest.fixture(scope="session")
def transformed(written):
    """The template as the SAM transform leaves it."""
    parameters = {name: one.get("Default", "") for name, one in written["Parameters"].items()}
    local = copy.deepcopy(written)
    for resource in local["Resources"].values():
        for key in ("CodeUri", "ContentUri"):
            if key in resource.get("Properties", {}):
                resource["Properties"][key] = "s3://somewhere/built.zip"
    return transform(local, parameters, _NoManagedPolicies())


@pytest.fixture(scope="session")
def nested():
    """The nested stacks, by the name of their file."""
    return {path.stem: read(path) for path in sorted((ROOT / "infra").glob("*.yaml"))}


@pytest.fixture(scope="session")
def functions(transformed):
    """The transformed functions' properties, by folder name."""
    return {
        name.removesuffix("Function").lower(): resource["Properties"]
        for name, resource in transformed["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function"
    }


def of_type(template, kind):
    """Return a template's resources of one type."""
    return {name: one for name, one in template["Resources"].items() if one["Type"] == kind}
