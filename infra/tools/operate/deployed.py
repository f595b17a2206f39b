"""Reads what a deployed stack says of itself, for an operator's command that names it."""

import argparse
import contextlib
import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError, WaiterError

from ocello.domain.consent.rules import NO_RULES

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


class Stack(NamedTuple):
    """The settings of a deployed stack, as the composition root reads them."""

    stack_name: str
    aws_region: str
    hits_table: str
    app_table: str
    mail_bucket: str
    key_arn: str
    subject_key: str
    own_networks: str = ""
    tracking_rules: str = NO_RULES


def stack_of(cloudformation: Any, secrets: Any, name: str, region: str) -> Stack:
    """Read a deployed stack. Raises botocore's ClientError where it is not there, KeyError for one of earlier commits."""
    outputs, parameters = read(cloudformation, name)
    secret = secrets.get_secret_value(SecretId=outputs["SubjectKeyArn"])["SecretString"]
    return Stack(
        name,
        region,
        outputs["HitsTable"],
        outputs["AppTable"],
        outputs["MailBucket"],
        outputs["KeyArn"],
        str(json.loads(secret)["key"]),
        parameters.get("OwnNetworks", ""),
        parameters.get("TrackingRules", NO_RULES),
    )


def opened(parser: argparse.ArgumentParser, session: boto3.Session, name: str) -> tuple[Stack, dict[str, str]]:
    """Return a stack and the environment to read it with; end the command with a sentence if that fails."""
    with ending(parser, name):
        clients = session.client("cloudformation"), session.client("secretsmanager")
        return stack_of(*clients, name, str(session.region_name)), environment(session)


def environment(session: boto3.Session) -> dict[str, str]:
    """Return the session's region and credentials as Lambda's environment variables, which our DynamoDB client reads."""
    credentials = session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    frozen = credentials.get_frozen_credentials()
    variables = {name: value for name, value in os.environ.items() if name.startswith("AWS_ENDPOINT_URL")}
    variables |= {"AWS_REGION": str(session.region_name), "AWS_ACCESS_KEY_ID": str(frozen.access_key)}
    variables["AWS_SECRET_ACCESS_KEY"] = str(frozen.secret_key)
    return variables | ({"AWS_SESSION_TOKEN": frozen.token} if frozen.token else {})
