"""The key that signs the ledger's heads, in memory and of KMS: what it signs is verified by anybody who has its public key."""

import boto3
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from moto import mock_aws

from ocello.adapters.aws.kms_sign import KmsSigner
from ocello.domain.common.errors import Unavailable
from tests import fakes, tables


def of_kms():
    with tables.environment(), mock_aws():
        client = boto3.client("kms")
        key = client.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        yield KmsSigner(key, client)
        client.close()


def of_memory():
    yield fakes.MemoryDocumentSigner()


@pytest.fixture(params=[of_memory, of_kms])
def signer(request):
    yield from request.param()


def test_what_it_signs_is_verified_by_its_public_key_and_nothing_else_is(signer):
    signature = signer.sign(b"a statement")
    public = load_der_public_key(signer.public_key())
    assert isinstance(public, RSAPublicKey)
    assert public.key_size == 2_048
    public.verify(signature, b"a statement", PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"another", PKCS1v15(), SHA256())


def test_a_key_that_is_not_there_is_unavailable():
    with tables.environment(), mock_aws():
        client = boto3.client("kms")
        signer = KmsSigner("arn:aws:kms:eu-south-1:123456789012:key/none", client)
        for each in (lambda: signer.sign(b"x"), signer.public_key):
            with pytest.raises(Unavailable, match="key service: NotFoundException"):
                each()
        client.close()
