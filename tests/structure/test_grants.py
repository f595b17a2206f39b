"""No role allows more than its function's code asks for: grants are compared with the code's syntax trees.

The code is read generously (a method counts as called where anything of its name is), so that what is refused here is surely
unused. That nothing is missing is what the local run proves, whose engine enforces the policies.
"""

import ast
import re
from functools import cache

import pytest

from tests.structure.conftest import ROOT
from tests.structure.test_template import listed, mappings, queue_of, roles, statements, text

CORE = ROOT / "layers" / "core" / "ocello"
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
CALLS = {  # of botocore's clients, and what IAM calls them
    "put_object": {"s3:PutObject"},
    "get_object": {"s3:GetObject"},
    "head_object": {"s3:GetObject"},
    "delete_object": {"s3:DeleteObject"},
    "generate_presigned_url": {"s3:GetObject"},
    "generate_presigned_post": {"s3:PutObject"},
    "send_email": {"ses:SendEmail", "ses:SendRawEmail"},
    "create_email_identity": {"ses:CreateEmailIdentity"},
    "get_email_identity": {"ses:GetEmailIdentity"},
    "send_message": {"sqs:SendMessage"},
    "send_message_batch": {"sqs:SendMessage"},
    "change_message_visibility": {"sqs:ChangeMessageVisibility"},
    "put_events": {"events:PutEvents"},
    "create_secret": {"secretsmanager:CreateSecret"},
    "put_secret_value": {"secretsmanager:PutSecretValue"},
    "get_secret_value": {"secretsmanager:GetSecretValue"},
    "delete_secret": {"secretsmanager:DeleteSecret"},
    "batch_get": {"dynamodb:BatchGetItem"},
    "batch_write": {"dynamodb:BatchWriteItem"},
    "admin_create_user": {"cognito-idp:AdminCreateUser"},
    "encrypt": {"kms:Encrypt"},
    "sign": {"kms:Sign"},
    "get_public_key": {"kms:GetPublicKey"},
    "condition_check": {"dynamodb:ConditionCheckItem"},
}
ROWS = {"get": "dynamodb:GetItem", "query": "dynamodb:Query", "count": "dynamodb:Query"}  # of a model or an index
WRITES = {"save": "dynamodb:PutItem", "update": "dynamodb:UpdateItem", "delete": "dynamodb:DeleteItem"}
ALWAYS = {
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "kms:Decrypt",
}
STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
QUEUE = {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
GO_WITH = {  # what AWS asks for beside a call
    "s3:GetObject": {"s3:ListBucket"},  # tells what is missing from what is forbidden
    "s3:PutObject": {"kms:GenerateDataKey"},
}


class Code:
    """The functions and methods of our package, by name, each with the names that it uses."""

    def __init__(self, folders):
        self.bodies: dict[str, list[tuple[str, ast.FunctionDef]]] = {}
        for folder in folders:
            for path in sorted(folder.rglob("*.py")):
                self._read(ast.parse(path.read_text()))

    def _read(self, tree):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                self.bodies.setdefault(node.name, []).append(("", node))
            elif isinstance(node, ast.ClassDef):
                for each in node.body:
                    if isinstance(each, ast.FunctionDef):
                        self.bodies.setdefault(each.name, []).append((node.name, each))

    def reached(self, start):
        """Return the bodies that may run where the names of `start` are used."""
        bodies: list[ast.FunctionDef] = []
        names = set(start)
        known = set()
        while True:
            new = [
                (owner, node)
                for name in names
                for owner, node in self.bodies.get(name, ())
                if id(node) not in known and (not owner or owner in names)
            ]
            # Constructors, and what Python calls by itself, run where their class is named.
            new += [
                (owner, node)
                for name in self.bodies
                if name.startswith("__")
                for owner, node in self.bodies[name]
                if owner in names and id(node) not in known
            ]
            if not new:
                return bodies
            known |= {id(node) for _, node in new}
            bodies += [node for _, node in new]
            names |= {name for _, node in new for name in names_in(node)}


def names_in(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


@cache
def package():
    return Code([folder for folder in CORE.iterdir() if folder.is_dir() and folder.name != "wiring"])


@cache
def parts():
    """Return the bodies of the composition root by the part's name; one that every wiring runs has the name ''."""
    found: dict[str, list[ast.FunctionDef]] = {}
    for path in sorted((CORE / "wiring").glob("*.py")):
        for owner in ast.parse(path.read_text()).body:
            for node in owner.body if isinstance(owner, ast.ClassDef) else ():
                if isinstance(node, ast.FunctionDef):
                    found.setdefault("" if node.name == "__init__" else node.name, []).append(node)
    return found


def wired(app):
    """Return the bodies of the parts that an `app.py` asks its `_wiring` for, and of those that they ask for.

    What it hands in by keyword is its own part, and never made.
    """
    asked, bodies = {"", *attributes_of("_wiring", app)}, []
    makers = [node for node in ast.walk(app) if isinstance(node, ast.Call) and last_name(node).endswith("Wiring")]
    done = {keyword.arg for node in makers for keyword in node.keywords}
    while new := asked - done:
        done |= new
        bodies += [node for name in new for node in parts().get(name, ())]
        asked |= {name for node in bodies for name in attributes_of("self", node)}
    return bodies


def attributes_of(name, tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            yield node.attr


def last_name(node):
    """Return the last name of what a method is called on: of `models.Row` `Row`, of `_persons(x)` `_persons`."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def actions_of_call(node):
    """Return the actions that one call asks for."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return set()
    name, on = node.func.attr, last_name(node.func.value)
    if name in CALLS:
        return CALLS[name]
    if name in ("call", "once") and node.args and isinstance(node.args[0], ast.Constant):
        action = ast.literal_eval(node.args[0]).removeprefix("AmazonSQS.")
        return {f"sqs:{action}" if action == "SendMessage" else f"dynamodb:{action}"}
    if name in ROWS and (on.endswith("Row") or on.startswith("by_gsi") or on == "index"):
        return {ROWS[name]}
    if name in WRITES and on not in ("batch", "ids", "names"):
        return {WRITES[name]}
    return set()


@cache
def actions(function):
    """Return the actions that a function's code may ask for."""
    own = [ast.parse(path.read_text()) for path in sorted((ROOT / "functions" / function).rglob("*.py"))]
    own += wired(ast.parse((ROOT / "functions" / function / "app.py").read_text()))
    bodies = [*own, *package().reached({name for tree in own for name in names_in(tree)})]
    return {action for body in bodies for node in ast.walk(body) for action in actions_of_call(node)}


def started_by(transformed, function):
    """Return what Lambda asks for in a function's name: of its queues and streams, and for what failed."""
    found: dict[str, set[str]] = {}
    for name, one in mappings(transformed).items():
        if one["FunctionName"]["Ref"] == f"{function.capitalize()}Function":
            found.setdefault(queue_of(one["EventSourceArn"]), set()).update(
                STREAM if "StartingPosition" in one else QUEUE
            )
            if "DestinationConfig" in one:
                found.setdefault(queue_of(one["DestinationConfig"]["OnFailure"]["Destination"]), set()).add(
                    "sqs:SendMessage"
                )
        assert name
    for resource in transformed["Resources"].values():
        if resource["Type"] == "AWS::Lambda::EventInvokeConfig":
            one = resource["Properties"]
            if one["FunctionName"]["Ref"] == f"{function.capitalize()}Function":
                end = queue_of(one["DestinationConfig"]["OnFailure"]["Destination"])
                found.setdefault(end, set()).add("sqs:SendMessage")
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_role_may_do_what_its_function_never_asks_for(function, nested, transformed):
    own, started = actions(function), started_by(transformed, function)
    own = own | {more for action in own for more in GO_WITH.get(action, ())}
    unused = []
    for statement in statements(roles(nested)[function]):
        for action in listed(statement["Action"]):
            lambdas = {
                each
                for resource in listed(statement["Resource"])
                if isinstance(resource, dict) and "Ref" in resource
                for each in started.get(queue_of(resource), ())
            }
            if action not in own | lambdas | ALWAYS:
                unused.append(f"{statement['Sid']}: {action}")
    assert unused == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_queue_or_table_that_a_role_names_is_one_of_its_functions_settings(function, nested, functions, transformed):
    """A grant on something that is not among the function's settings is of no use to it."""
    given = text(functions[function]["Environment"]["Variables"])
    told = set(re.findall(r"Outputs\.(\w+)", given)) | set(started_by(transformed, function))
    for statement in statements(roles(nested)[function]):
        for resource in listed(statement["Resource"]):
            for name in re.findall(r"\b(\w+(?:Table|Queue|Bucket|Bus|Failures|Stream))Arn\b", text(resource)):
                assert name in told, f"{statement['Sid']}: {name}"


def test_hits_are_added_queried_deleted_of_who_has_withdrawn_and_changed_by_retention_alone(nested):
    allowed = {
        "dynamodb:PutItem": {"capture", "replay"},
        "dynamodb:Query": {"privacy", "settle", "api", "web", "withdrawals", "subjects", "retention"},
        "dynamodb:DeleteItem": {
            "privacy",
            "settle",
            "api",
            "withdrawals",
            "subjects",
            "retention",
        },  # of people who withdrew, or old
        "dynamodb:Scan": {"retention"},
        "dynamodb:UpdateItem": {"retention"},
    }
    for function, role in roles(nested).items():
        for statement in statements(role):
            if {"Ref": "HitsTableArn"} in listed(statement["Resource"]):
                for action in listed(statement["Action"]):
                    assert function in allowed.get(action, ()), f"{function}: {action}"


def test_the_ledgers_key_signs_heads_for_the_nightly_function_alone_and_proofs_have_another(nested):
    signing = {
        (function, text(statement["Resource"]))
        for function, role in roles(nested).items()
        for statement in statements(role)
        if "kms:Sign" in listed(statement["Action"])
    }
    proving = {(function, text({"Ref": "ProofKeyArn"})) for function in ("api", "web")}
    assert signing == {("nightly", text({"Ref": "LedgerKeyArn"})), *proving}
    for function in ("api", "web"):
        keeping = [one for one in statements(roles(nested)[function]) if "s3:PutObject" in listed(one["Action"])]
        assert keeping
        assert "ledger/" not in text([one["Resource"] for one in keeping])


def test_the_nightly_function_adds_to_the_ledger_and_deletes_open_questions_alone(nested):
    keys = {
        action: statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for statement in statements(roles(nested)["nightly"])
        for action in listed(statement["Action"])
        if action in ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
    }
    assert keys == {"dynamodb:PutItem": ["LEDGER*", "SUBJECT#*"], "dynamodb:DeleteItem": ["QUESTIONS#*"]}


def test_the_code_is_read_as_it_is_meant():
    assert {"dynamodb:PutItem", "dynamodb:GetItem", "sqs:SendMessage"} <= actions("capture")
    assert "dynamodb:BatchWriteItem" not in actions("replay")
    assert "secretsmanager:GetSecretValue" in actions("deliver")
    assert {"dynamodb:Query", "sqs:SendMessage", "s3:PutObject"} <= actions("web")
    assert "events:PutEvents" in actions("alerts")
    assert "events:PutEvents" not in actions("web")
    assert "s3:PutObject" not in actions("alerts")
