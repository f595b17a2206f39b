"""What the documents say can be done, can be done: commands exist, links lead somewhere, named tests are there."""

import pathlib
import re

import pytest

from infra.local import first_sign_in
from ocello.services.authenticate import Admission

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
NEEDS_AWS = "Needs AWS"  # stands in the paragraph before a block that no test here can run
RUN_ELSEWHERE = {  # by the test that is named
    "curl -s $APP": "tests/local/test_readme.py",
    ". .local/aws.env": "tests/local/test_sam_local.py",
    ".venv/sam/bin/sam local start-api": "tests/local/test_sam_local.py",
}

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def commands(text):
    """Give each command of each `sh` block with the paragraph that stands before the block."""
    for block in BLOCK.finditer(text):
        before = text[: block.start()].rstrip().rpartition("\n\n")[2]
        for line in block[1].replace("\\\n", " ").splitlines():
            command = line.partition("  #")[0].strip()
            if command:
                yield command, before


@each_document
def test_every_command_is_run_by_a_test_or_says_that_it_needs_aws(document):
    for command, before in commands(document.read_text()):
        if NEEDS_AWS in before:
            continue
        if command.startswith("make "):
            assert command.split()[1] in TARGETS, command
        else:
            place = next((test for start, test in RUN_ELSEWHERE.items() if command.startswith(start)), None)
            assert place, f"{command}: no test runs it"
            assert (ROOT / place).is_file(), place


@each_document
def test_every_link_to_a_file_leads_to_one(document):
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text()):
        assert (document.parent / target).exists(), target


def test_every_test_that_security_names_is_there():
    names = re.findall(r"`(?:tests/[a-z]+/)?(test_[a-z0-9_*]+(?:\.py)?)`", (ROOT / "SECURITY.md").read_text())
    assert names
    for name in names:
        assert list(ROOT.glob(f"tests/*/{name if name.endswith(('.py', '*')) else name + '*'}")), name


def test_every_make_target_is_described_or_internal():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    assert set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)) == set(phony)


def test_the_deploying_page_names_every_parameter():
    template = (ROOT / "template.yaml").read_text()
    names = re.findall(r"^  (\w+):\n    Type: ", template[: template.index("\nGlobals:")], re.MULTILINE)
    assert len(names) > 30
    told = (ROOT / "docs" / "deploy.md").read_text()
    assert [name for name in names if f"`{name}`" not in told] == []


def test_the_documented_commands_make_an_administrator_whom_sign_in_lets_in():
    """Cognito leaves `email_verified` unset where nobody sets it, which the engine of the local run does not know."""
    page = (ROOT / "docs" / "deploy.md").read_text()
    told = dict(first_sign_in.commands(page))
    assert list(told) == ["admin_create_user", "admin_add_user_to_group"]
    made, grouped = told["admin_create_user"], told["admin_add_user_to_group"]
    attributes = {each["Name"]: each["Value"] for each in made["UserAttributes"]}
    assert attributes == {"email": made["Username"], "email_verified": "true"}
    assert "MessageAction" not in made, "the first password goes out by mail"
    signin = (ROOT / "infra" / "signin.yaml").read_text()
    assert f"GroupName: {grouped['GroupName']}" in signin
    assert Admission().admin_group == grouped["GroupName"]
    assert grouped["Username"] == made["Username"]
    aws = [line for block in BLOCK.finditer(page) for line in block[1].splitlines() if line.startswith("aws ")]
    assert len(aws) == 2
    assert all("--region" in line for line in aws)
