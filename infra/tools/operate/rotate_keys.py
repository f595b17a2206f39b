"""Adds a new token key to a stack's keyring, in two steps with a deploy after each, so that no link breaks meanwhile.

`add` puts a new key last: after the deploy every function verifies with it, and none signs with it. `sign` puts the
last key first: after the next deploy new links are signed with it, and all older links still verify. Each step prints
the version to pin, and never a key.
"""

import argparse
import json
import secrets
import sys
from typing import Any

import boto3

from ocello.domain.tracking.tokens import Keyring

LENGTH = 48  # random bytes of a key, 64 characters
MOST = 30  # keys: all environment variables of a function together may have 4 KB


def joined(secret: str) -> str:
    """Return the keyring from the secret's text, `{"head": …, "key": …}`, whose two parts are written one after the other."""
    parts = json.loads(secret)
    return str(parts["head"]) + str(parts["key"])


def split(keyring: str) -> str:
    """Return the secret's text for a keyring: the last key's secret is `key`, everything before it is `head`."""
    head, colon, key = keyring.rpartition(":")
    return json.dumps({"head": head + colon, "key": key})


def with_new(keyring: str, secret: str) -> str:
    """Return the keyring with a new key at its end, with the first free number. Raises ValueError if it is full."""
    known = Keyring.parse(keyring).secrets
    if len(known) >= MOST:
        raise ValueError("the keyring is full: links signed by its oldest keys would have to be given up")
    number = next(number for number in range(1, 256) if number not in known)
    return f"{keyring},{number}:{secret}"


def with_last_first(keyring: str) -> str:
    """Return the keyring with its last key first."""
    rest, _, last = keyring.rpartition(",")
    return f"{last},{rest}" if rest else last


def rotate(client: Any, name: str, step: str) -> str:
    """Take one step in the secret called `name`; return the id of the version that holds it."""
    keyring = joined(client.get_secret_value(SecretId=name)["SecretString"])
    changed = with_new(keyring, secrets.token_urlsafe(LENGTH)) if step == "add" else with_last_first(keyring)
    Keyring.parse(changed)
    return str(client.put_secret_value(SecretId=name, SecretString=split(changed))["VersionId"])


def main() -> int:
    """Take one step and print what to do next."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["add", "sign"])
    parser.add_argument("secret", help="the stack's output TokenKeysArn")
    parser.add_argument("--region", help="where the stack is; the environment's or profile's if not given")
    arguments = parser.parse_args()
    version = rotate(boto3.client("secretsmanager", region_name=arguments.region), arguments.secret, arguments.step)
    print(f"Now deploy with TokenKeysVersion={version}")
    if arguments.step == "add":
        print("When that deploy is done, take the step `sign`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
