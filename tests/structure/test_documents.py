"""Commands, options, files, links, headings, tests and alarms that the documents name exist."""

import pathlib
import re
import shlex
import tomllib

import botocore.session
import pytest
from botocore import xform_name

from infra.local import first_sign_in
from infra.tools.operate import rotate_keys
from ocello.adapters.dynamodb import consent_keys, item_keys, keys, mailbox_keys, pool_keys, retention_keys
from ocello.domain.messages.untracked import REASONS
from ocello.services.people.authenticate import AdmissionPolicy

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
READ = {path: path.read_text() for path in DOCUMENTS}
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
    """Return each command of each `sh` block with the paragraph that stands before the block."""
    for block in BLOCK.finditer(text):
        before = " ".join(text[: block.start()].rstrip().rpartition("\n\n")[2].split())
        for line in block[1].replace("\\\n", " ").splitlines():
            command = line.partition("  #")[0].strip()
            if command:
                yield command, before


@each_document
def test_every_command_is_run_by_a_test_or_says_that_it_needs_aws(document):
    for command, before in commands(document.read_text()):
        if command.startswith("make "):
            assert command.split()[1] in TARGETS, command
        elif NEEDS_AWS not in before:
            place = next((test for start, test in RUN_ELSEWHERE.items() if command.startswith(start)), None)
            assert place, f"{command}: no test runs it"
            assert (ROOT / place).is_file(), place


def spoken(document):
    """Return the words of each command of a document, without what a shell does around it."""
    for command, _ in commands(document.read_text()):
        words = shlex.split(command)
        while words and re.fullmatch(r"\w+=.*", words[0]):
            words.pop(0)
        yield words[: words.index(">")] if ">" in words else words


def options(words):
    return {word.removeprefix("--") for word in words if word.startswith("--")}


@each_document
def test_every_command_that_asks_aws_names_its_region(document):
    """A newcomer's profile may name another region."""
    for words in spoken(document):
        if words[0] == "aws" or words[1:2] == ["deploy"] or any("rotate_keys" in word for word in words):
            assert words[words.index("--region") + 1] == "eu-west-1", words
        if words[:2] == ["make", "replay-logs"]:
            assert "REGION=eu-west-1" in words


@each_document
def test_every_call_of_the_aws_command_is_one_that_there_is(document):
    session = botocore.session.get_session()
    for _, service, operation, *words in (words for words in spoken(document) if words[0] == "aws"):
        model = session.get_service_model({"s3api": "s3"}.get(service, service))
        known = {xform_name(name, "-"): name for name in model.operation_names}
        assert operation in known, operation
        shape = model.operation_model(known[operation]).input_shape
        members = {xform_name(name, "-") for name in shape.members}
        assert options(words) - {"region"} <= members, words
        assert {xform_name(name, "-") for name in shape.required_members} <= options(words), words


@each_document
def test_every_deploy_names_an_environment_and_parameters_that_there_are(document):
    known = set(tomllib.loads((ROOT / "samconfig.toml").read_text()))
    template = (ROOT / "template.yaml").read_text()
    for words in (words for words in spoken(document) if words[1:2] == ["deploy"]):
        assert words[words.index("--config-env") + 1] in known
        if "--parameter-overrides" in words:
            for override in words[words.index("--parameter-overrides") + 1 :]:
                name, given, _ = override.partition("=")
                assert given, override
                assert f"\n  {name}:\n    Type: " in template, override


def test_the_documented_steps_of_a_rotation_are_taken_as_they_stand(monkeypatch, capsys):
    taken = []

    def rotate(_client, name, step):
        taken.append((name, step))
        return "version"

    monkeypatch.setattr(rotate_keys, "rotate", rotate)
    for words in spoken(ROOT / "docs" / "operate.md"):
        if any("rotate_keys" in word for word in words):
            monkeypatch.setattr("sys.argv", words[1:])
            assert rotate_keys.main() == 0
    assert taken == [("TOKEN_KEYS_ARN", "add"), ("TOKEN_KEYS_ARN", "sign")]
    assert "TokenKeysVersion=version" in capsys.readouterr().out


ALARM_SECTION = re.compile(
    r"### (.+)\n\n\*\*Means\.\*\* \S(?:.|\n)+?\n\n\*\*Look\.\*\* \S(?:.|\n)+?\n\n\*\*Mend\.\*\* \S(?:.|\n)+"
)


def test_every_alarm_has_a_section_that_says_what_it_means_how_to_look_and_how_to_mend():
    told = (ROOT / "docs" / "operate.md").read_text()
    part = re.search(r"^## Alarms\n\n(.+?)^## ", told, re.MULTILINE | re.DOTALL)[1]
    sections = [
        ALARM_SECTION.fullmatch(section.strip()) for section in re.split(r"^(?=### )", part, flags=re.MULTILINE)[1:]
    ]
    assert all(sections), "a section without one of the three"
    named = [name for section in sections for name in section[1].split(", ")]
    templates = [(ROOT / "template.yaml").read_text(), *(path.read_text() for path in ROOT.glob("infra/*.yaml"))]
    alarms = [
        name
        for template in templates
        for name in re.findall(r"^  (\w+):\n    Type: AWS::CloudWatch::\w*Alarm$", template, re.MULTILINE)
    ]
    assert len(alarms) > 20
    assert sorted(named) == sorted(alarms)


def test_an_alarm_that_a_section_refers_to_is_one():
    told = (ROOT / "docs" / "operate.md").read_text()
    headings = {name for line in re.findall(r"^### (.+)$", told, re.MULTILINE) for name in line.split(", ")}
    assert set(re.findall(r"\*([A-Z][a-z]+[A-Z]\w+)\*", told)) <= headings


def heading_anchors(text):
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document
def test_every_link_leads_to_a_file_and_a_heading_that_there_are(document):
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)", READ[document]):
        target, _, anchor = link.partition("#")
        there = (document.parent / target).resolve() if target else document
        assert there.exists(), link
        if anchor:
            assert anchor in heading_anchors(there.read_text()), link


FOLDERS = ("docs", "functions", "infra", "layers", "requirements", "tests")
FILES = [*ROOT.glob("*"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
PLACES = {f"/{path.relative_to(ROOT)}" for path in FILES if "__pycache__" not in path.parts}
LIKE_A_FILE = re.compile(r"[a-z_][\w./*-]*\.(?:py|md|yaml|toml|json|in|txt|po|mk)")
LIKE_A_FOLDER = re.compile(rf"(?:{'|'.join(FOLDERS)}|domain|services|adapters|ocello)/[\w./*-]+")
MADE = ("event.json", "out.json")  # by a command of the document


def named_paths(text):
    """Return what stands in backticks and looks like a file or folder of the repository, or like the end of its path."""
    for word in re.findall(r"`([^`\s]+)`", text):
        if (LIKE_A_FILE.fullmatch(word) or LIKE_A_FOLDER.fullmatch(word)) and not word.endswith(MADE):
            yield word.rstrip("/")


@each_document
def test_every_path_that_a_document_names_is_there(document):
    for path in named_paths(READ[document]):
        ends = {f"/{path}", f"/{path}.py"}
        if "*" in path:
            assert list(ROOT.glob(path)) or list(ROOT.glob(f"layers/core/{path}")), path
        else:
            assert any(place.endswith(tuple(ends)) for place in PLACES), path


@each_document
def test_every_make_command_is_a_target_and_takes_the_values_it_is_given(document):
    makefile = (ROOT / "Makefile").read_text()
    said = re.findall(r"`((?:[A-Z]+=\S+ )?make [a-z][^`]*)`", READ[document])
    for words in [
        *(command.split() for command in said),
        *(command.split() for command, _ in commands(READ[document])),
    ]:
        if "make" in words[:2]:
            assert words[words.index("make") + 1] in TARGETS, words
            for name in re.findall(r"(?<=\s)([A-Z]+)=", " ".join(["", *words])):
                assert re.search(rf"\b{name}\b", makefile), name


@each_document
def test_every_option_of_a_program_of_ours_is_one_that_it_knows(document):
    for words in spoken(document):
        for program in (word for word in words if word.startswith(("infra/", "tests/")) and word.endswith(".py")):
            source = (ROOT / program).read_text()
            assert all(f'"--{option}"' in source for option in options(words)), words


def test_the_page_on_rewriting_explains_every_reason_and_no_other():
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| ", (ROOT / "docs" / "rewriting.md").read_text(), re.MULTILINE)
    assert sorted(name for row in rows for name in re.findall(r"`([a-z-]+)`", row)) == sorted(REASONS)


def test_every_test_that_security_names_is_there():
    names = re.findall(r"`(?:tests/[a-z]+/)?(test_[a-z0-9_*]+(?:\.py)?)`", (ROOT / "SECURITY.md").read_text())
    assert names
    for name in names:
        assert list(ROOT.glob(f"tests/**/{name if name.endswith(('.py', '*')) else name + '*'}")), name


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
    assert AdmissionPolicy().admin_group == grouped["GroupName"]
    assert grouped["Username"] == made["Username"]
    aws = [line for block in BLOCK.finditer(page) for line in block[1].splitlines() if line.startswith("aws cognito")]
    assert len(aws) == 2
    assert all("--region" in line for line in aws)


def test_every_place_of_the_map_is_there():
    rows = re.findall(r"^\| [^|]+\? \| `([^`]+)` \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert len(rows) >= 30
    assert [place for place in rows if not (ROOT / place).is_file()] == []


def test_every_document_and_decision_that_code_cites_is_there():
    sources = [ROOT / "template.yaml", ROOT / "Makefile", ROOT / "samconfig.toml", *ROOT.glob("infra/*.yaml")]
    sources += [path for folder in ("functions", "layers", "infra", "tests") for path in ROOT.glob(f"{folder}/**/*.py")]
    sources += ROOT.glob("**/requirements*/*.in")
    cited = {
        name
        for path in sources
        for name in re.findall(r"\b(docs/[a-z/-]+\.md|[A-Z]{4,}\.md|docs/decisions/\d{4})\b", path.read_text())
    }
    assert any(name.startswith("docs/decisions/") for name in cited), "else this looks at nothing"
    assert [
        name for name in sorted(cited) if not list(ROOT.glob(name + ("" if name.endswith(".md") else "-*.md")))
    ] == []


def test_the_list_of_access_patterns_names_every_key_and_no_other():
    text = READ[ROOT / "ARCHITECTURE.md"]
    rows = re.findall(r"^\| .+ \| (?:hits|app|gsi1|gsi2|stream) \| (.+) \|$", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    modules = (keys, consent_keys, item_keys, mailbox_keys, pool_keys, retention_keys)
    spelled = {name for each in modules for name in vars(each) if not name.startswith("_")}
    spelled -= {"Key", "Bounds", "namedtuple", "keys", "RECIPIENTS", "just_after", "beginning_with"}
    assert named == spelled


def test_every_class_of_the_glossary_is_one_of_the_code():
    code = [path.read_text() for folder in ("layers/core", "functions") for path in ROOT.glob(f"{folder}/**/*.py")]
    classes = set(re.findall(r"^ *class (\w+)|^(\w+) = namedtuple\(", "\n".join(code), re.MULTILINE))
    named = re.findall(r"`([A-Z]\w+)`", READ[ROOT / "docs" / "glossary.md"])
    assert named
    assert set(named) <= {name for pair in classes for name in pair}


def test_terms_of_the_glossary_stand_in_order_and_once():
    for part in READ[ROOT / "docs" / "glossary.md"].split("\n## ")[1:]:
        terms = [term.lower() for term in re.findall(r"^\| (\w[^|]*) \| ", part, re.MULTILINE)[1:]]
        assert terms == sorted(set(terms))
