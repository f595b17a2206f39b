"""Renames the sign-in page of a deployed stack: takes the old address away, then makes the new one.

A user pool has one such address at a time, and CloudFormation makes a new one before it takes the old one away, so one
update cannot do it (decision 0045). Between the two nobody can sign in; sessions go on. Run it again if it is stopped.
"""

from typing import Any

import boto3

from infra.tools.operate import deployed

PARAMETER, NONE = "SignInPrefix", "none"
_MAY = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


def steps(now: str, wanted: str) -> tuple[str, ...]:
    """Return the values that the parameter takes one after the other."""
    if now == wanted:
        return ()
    return (wanted,) if NONE in (now, wanted) else (NONE, wanted)


def rename(cloudformation: Any, stack: str, wanted: str) -> tuple[str, ...]:
    """Update the stack until its sign-in page has the address; return the values that were set.

    Everything else stays as it is. Raises botocore's ClientError, and WaiterError where an update was rolled back.
    """
    parameters = deployed.read(cloudformation, stack).parameters
    done = steps(parameters[PARAMETER], wanted)
    for value in done:
        print(f"{PARAMETER}={value} …", flush=True)
        others = [{"ParameterKey": name, "UsePreviousValue": True} for name in parameters if name != PARAMETER]
        cloudformation.update_stack(
            StackName=stack,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": PARAMETER, "ParameterValue": value}, *others],
            Capabilities=list(_MAY),
        )
        cloudformation.get_waiter("stack_update_complete").wait(StackName=stack)
    return done


def main() -> int:
    """Rename what the arguments name."""
    parser = deployed.command("make rename-sign-in", __doc__)
    parser.add_argument("prefix", help="first label of the new address")
    chosen = parser.parse_args()
    with deployed.ending(parser, chosen.stack, "could not be changed, run this again when the cause is gone"):
        cloudformation = boto3.Session(region_name=chosen.region).client("cloudformation")
        done = rename(cloudformation, chosen.stack, chosen.prefix)
    print("done" if done else "nothing to do: the page has this address")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
