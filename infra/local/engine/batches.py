"""Allows SQS's batch calls in the engine where the template's policies allow them in AWS.

AWS checks `SendMessageBatch` as `sqs:SendMessage`, and the others likewise. ministack 1.5.33 requires an action with
the call's own name, which AWS does not have. The template stays correct for AWS; the deployed roles are given what the
engine requires.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_BATCHED = {"sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}
_POLICY = "batches-as-the-engine-names-them"


def statements(policies: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return the statements to add to policies (documents) so that each allowed single call is allowed as a batch too."""
    for policy in policies:
        for statement in policy["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            batched = sorted(f"{action}Batch" for action in _BATCHED.intersection(actions))
            if batched and statement["Effect"] == "Allow":
                yield {"Effect": "Allow", "Action": batched, "Resource": statement["Resource"]}


def allow(iam: Any, stack: str) -> None:
    """Add the statements to every role of a stack, once."""
    for role in iam.list_roles(MaxItems=1000)["Roles"]:
        if not role["RoleName"].startswith(f"{stack}-"):
            continue
        names = iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        if _POLICY in names:
            continue
        documents = [
            iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"] for name in names
        ]
        added = list(statements(documents))
        if added:
            document = json.dumps({"Version": "2012-10-17", "Statement": added})
            iam.put_role_policy(RoleName=role["RoleName"], PolicyName=_POLICY, PolicyDocument=document)
