"""A token key is rotated without breaking a link at any moment."""

import itertools

import boto3
import pytest

from infra.tools.operate import rotate_keys
from ocello.domain.tracking.tokens import OPEN, Keyring, Token, sign_token, verify

FIRST = "1:" + "a" * 64
TOKEN = Token(OPEN, "0199a000-0000-7000-8000-000000000001", 3, 1_790_000_000)


@pytest.fixture
def secret(aws):  # noqa: ARG001 — the account in which the secret is made
    client = boto3.client("secretsmanager")
    client.create_secret(Name="keys", SecretString=rotate_keys.split(FIRST))
    return client


def at(client, version):
    return rotate_keys.joined(client.get_secret_value(SecretId="keys", VersionId=version)["SecretString"])


def test_what_the_stack_generates_is_read_as_a_keyring_of_one():
    assert rotate_keys.joined('{"head": "1:", "key": "' + "a" * 64 + '"}') == FIRST


@pytest.mark.parametrize("keyring", [FIRST, FIRST + ",2:" + "b" * 64, "7:" + "c" * 40 + "," + FIRST + ",2:" + "b" * 64])
def test_splitting_and_joining_a_keyring_changes_nothing(keyring):
    assert rotate_keys.joined(rotate_keys.split(keyring)) == keyring


def test_no_link_breaks_while_functions_are_on_either_side_of_a_deploy(secret):
    later = [at(secret, rotate_keys.rotate(secret, "keys", step)) for step in ("add", "sign", "add", "sign")]
    rings = [Keyring.parse(text) for text in (FIRST, *later)]
    for before, after in itertools.pairwise(rings):
        for signing, verifying in ((before, after), (after, before)):
            assert verify(verifying, sign_token(signing, TOKEN), OPEN) == TOKEN
    assert [ring.newest for ring in rings] == [1, 1, 2, 2, 3]
    assert verify(rings[-1], sign_token(rings[0], TOKEN), OPEN) == TOKEN


def test_a_full_keyring_is_refused_rather_than_cut():
    full = ",".join(f"{number}:{'k' * 64}" for number in range(1, rotate_keys.MOST + 1))
    with pytest.raises(ValueError, match="full"):
        rotate_keys.with_new(full, "x" * 64)
