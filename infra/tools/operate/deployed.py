"""Reads what a deployed stack says of itself, for an operator's command that names it."""

import argparse
import contextlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError, NoRegionError, WaiterError

_CONFIG = Path(__file__).resolve().parents[3] / "samconfig.toml"
PRODUCTION = str(tomllib.loads(_CONFIG.read_text())["prod"]["global"]["parameters"]["stack_name"])


class Deployed(NamedTuple):
    """A stack's outputs and parameters, by their names in the template."""

    outputs: dict[str, str]
    parameters: dict[str, str]


def command(program: str, description: str | None) -> argparse.ArgumentParser:
    """Return the parser of a command that works on a stack, with its options --stack and --region."""
    parser = argparse.ArgumentParser(prog=program, description=(description or "").partition("\n")[0])
    parser.add_argument("--stack", default=PRODUCTION, help=f"the stack's name, {PRODUCTION} if not given")
    parser.add_argument("--region", help="where it is deployed; the environment's or profile's if not given")
    return parser


@contextlib.contextmanager
def ending(parser: argparse.ArgumentParser, stack: str, failure: str = "cannot be read") -> Iterator[None]:
    """End the command with a sentence if AWS fails, no region is known, or an earlier version is deployed."""
    try:
        yield
    except NoRegionError:
        parser.error("no region is known: give REGION=…")
    except (BotoCoreError, ClientError, WaiterError) as error:
        parser.error(f"the stack {stack} {failure}: {error}")
    except KeyError as missing:
        parser.error(f"the stack {stack} has no {missing}: deploy this version first")


def read(cloudformation: Any, name: str) -> Deployed:
    """Read a deployed stack. Raises botocore's ClientError where it is not there."""
    (described,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return Deployed(
        {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]},
        {each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", ())},
    )
