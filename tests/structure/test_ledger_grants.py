"""Nobody who controls a function can change the ledger of consent, and few can add to it: the roles' policies are evaluated.

By the rules of IAM: a request is allowed if a statement allows it and none denies it. The local engine knows no
`dynamodb:LeadingKeys`, so it is not the place to see this.
"""

import ast
from fnmatch import fnmatchcase

import pytest

from tests.structure.conftest import ROOT, of_type
from tests.structure.test_grants import FUNCTIONS, names_in, wired
from tests.structure.test_template import listed, roles, statements

TABLE = {"Ref": "AppTableArn"}
CHANGES = {
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:UpdateItem",
}
ADDS = "dynamodb:PutItem"  # it overwrites too: that it must not is a condition in the code
LEDGER = ["LEDGER", "LEDGER#" + "A" * 43]  # the head, and a person's lines
MATCHES = {"ForAllValues:StringLike": all, "ForAnyValue:StringLike": any}


def policies(nested, name):
    """Return all statements that hold for a role: its own, and those of policies that name it."""
    shared = of_type(nested["access"], "AWS::IAM::ManagedPolicy").values()
    named = [one["Properties"] for one in shared if {"Ref": f"{name.capitalize()}Role"} in one["Properties"]["Roles"]]
    return statements(roles(nested)[name]) + [each for one in named for each in one["PolicyDocument"]["Statement"]]


def applies(statement, action, keys):
    if not any(fnmatchcase(action, pattern) for pattern in listed(statement["Action"])):
        return False
    if TABLE not in listed(statement["Resource"]):
        return False
    for operator, tests in statement.get("Condition", {}).items():
        for name, patterns in tests.items():
            assert name == "dynamodb:LeadingKeys"
            if not MATCHES[operator](any(fnmatchcase(key, one) for one in patterns) for key in keys):
                return False
    return True


def may(nested, name, action, *keys):
    """Return whether a role may do something with rows of these partitions of the app table."""
    found = [each["Effect"] for each in policies(nested, name) if applies(each, action, keys)]
    return "Allow" in found and "Deny" not in found


@pytest.mark.parametrize("key", LEDGER)
def test_no_function_can_change_or_delete_what_stands_in_the_ledger(nested, key):
    able = {
        (name, action)
        for name in roles(nested)
        for action in CHANGES
        if may(nested, name, action, key) or may(nested, name, action, "USER#u1", key)
    }
    assert able == set()


def functions_with_the_ledger():
    """Return the functions whose parts are put together with the ledger."""
    apps = {name: ast.parse((ROOT / "functions" / name / "app.py").read_text()) for name in FUNCTIONS}
    return {name for name, app in apps.items() if any("DynamoConsentLedger" in names_in(each) for each in wired(app))}


@pytest.mark.parametrize("key", LEDGER)
def test_the_functions_that_have_the_ledger_may_add_to_it_and_no_others(nested, key):
    able = {name for name in roles(nested) if may(nested, name, ADDS, key)}
    assert able == functions_with_the_ledger()
    assert {"api", "privacy"} <= able
    assert not {"capture", "settle", "alerts"} & able


def test_every_role_that_writes_the_table_is_denied_the_ledger_by_name_and_not_by_luck(nested):
    """Today's conditions keep many from it; a grant that comes later may have none."""
    ruled = {
        each["Ref"].removesuffix("Role").lower()
        for each in of_type(nested["access"], "AWS::IAM::ManagedPolicy")["LedgerIsNeverChanged"]["Properties"]["Roles"]
    }
    writing = {
        name
        for name, role in roles(nested).items()
        for statement in statements(role)
        if TABLE in listed(statement["Resource"]) and ({*CHANGES, ADDS} & set(listed(statement["Action"])))
    }
    assert len(writing) > 10
    assert writing <= ruled


def test_what_is_denied_of_the_ledger_is_allowed_elsewhere(nested):
    assert may(nested, "api", "dynamodb:UpdateItem", "USER#u1")
    assert may(nested, "alerts", "dynamodb:DeleteItem", "USER#u1#ALERTS")
    assert may(nested, "privacy", "dynamodb:BatchWriteItem", "GATE#m")
    assert not may(nested, "privacy", "dynamodb:BatchWriteItem", "GATE#m", "LEDGER")
