"""Reads what a deployed stack says of itself."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

_CONFIG = Path(__file__).resolve().parents[3] / "samconfig.toml"
PRODUCTION = str(tomllib.loads(_CONFIG.read_text())["prod"]["global"]["parameters"]["stack_name"])


class Deployed(NamedTuple):
    """A stack's outputs and parameters, by their names in the template."""

    outputs: dict[str, str]
    parameters: dict[str, str]


def read(cloudformation: Any, name: str) -> Deployed:
    """Read a deployed stack. Raises botocore's ClientError where it is not there."""
    (told,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return Deployed(
        {each["OutputKey"]: each["OutputValue"] for each in told["Outputs"]},
        {each["ParameterKey"]: each["ParameterValue"] for each in told.get("Parameters", ())},
    )
