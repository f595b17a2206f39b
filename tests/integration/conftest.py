"""AWS in process: moto, with the tables and the bucket made from our own template."""

import pathlib
import warnings

import boto3
import pytest
from moto import mock_aws

from ocello.adapters.dynamodb import models

REGION = "eu-south-1"
STORAGE = pathlib.Path(__file__).parents[2] / "infra" / "storage.yaml"


@pytest.fixture
def aws(monkeypatch):
    """A fresh AWS account with the storage stack in it; returns the stack's outputs."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        cloudformation = boto3.client("cloudformation")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Tried to parse AWS::S3::BucketPolicy")  # moto does not know it
            parameters = {
                "KeyArn": boto3.client("kms").create_key()["KeyMetadata"]["Arn"],
                "AppOrigin": "https://app.test",
            }
            cloudformation.create_stack(
                StackName="storage",
                TemplateBody=STORAGE.read_text(),
                Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
            )
        outputs = cloudformation.describe_stacks(StackName="storage")["Stacks"][0]["Outputs"]
        yield {output["OutputKey"]: output["OutputValue"] for output in outputs}


@pytest.fixture
def app_table(aws):
    """The app table, bound to the models; returns its name."""
    models.bind(aws["AppTable"], REGION)
    return aws["AppTable"]
