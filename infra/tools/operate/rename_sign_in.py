"""Renames the sign-in page of a deployed stack: takes the old address away, then makes the new one.

A user pool has one such address at a time, and CloudFormation makes a new one before it takes the old one away, so one
update cannot do it (decision 0045). Between the two nobody can sign in; sessions go on. Run it again if it is stopped.
"""

import argparse
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError, WaiterError

from infra.tools.operate import deployed
from infra.tools.operate.deployed import PRODUCTION

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
    parser = argparse.ArgumentParser(prog="make rename-sign-in", description=__doc__.partition("\n")[0])
    parser.add_argument("prefix", help="first label of the new address")
    parser.add_argument("--stack", default=PRODUCTION, help=f"the stack's name, {PRODUCTION} if not given")
    parser.add_argument("--region", help="where it is deployed; the environment's or profile's if not given")
    chosen = parser.parse_args()
    try:
        cloudformation = boto3.Session(region_name=chosen.region).client("cloudformation")
        done = rename(cloudformation, chosen.stack, chosen.prefix)
    except NoRegionError:
        parser.error("no region is known: give REGION=…")
    except (BotoCoreError, ClientError, WaiterError) as error:
        parser.error(f"the stack {chosen.stack} could not be changed, run this again when the cause is gone: {error}")
    print("done" if done else "nothing to do: the page has this address")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
