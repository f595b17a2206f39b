"""Golden tokens: sent mail cannot be recalled, so these verify for ever."""

import base64
import hashlib
import hmac
import json
import pathlib

import pytest

from ocello.domain.tracking.tokens import Keyring, Token, sign, verify

GOLDEN = json.loads((pathlib.Path(__file__).parent / "golden_tokens.json").read_text())
SECRETS = {int(key.partition(":")[0]): key.partition(":")[2] for key in GOLDEN["keyring"].split(",")}
each_token = pytest.mark.parametrize("golden", GOLDEN["tokens"], ids=lambda golden: golden["name"])


@each_token
def test_a_golden_token_verifies_and_says_what_it_said(golden):
    token = verify(Keyring.parse(GOLDEN["keyring"]), golden["token"], golden["says"]["purpose"])
    assert token == Token(**golden["says"])


@each_token
def test_a_golden_token_is_still_what_we_would_sign(golden):
    says = Token(**golden["says"])
    key = base64.urlsafe_b64decode(golden["token"][:4])[2]
    assert sign(Keyring.parse(f"{key}:{SECRETS[key]}"), says) == golden["token"]


@each_token
def test_a_golden_tokens_bytes_are_the_contracts(golden):
    """Read by offsets out of the contract's table, without the code under test."""
    text, says = golden["token"], golden["says"]
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert raw[0] == 1
    assert chr(raw[1]) == says["purpose"]
    assert raw[3] == says["flags"]
    assert raw[4:20].hex() == says["message"].replace("-", "")
    assert int.from_bytes(raw[20:22], "big") == says["recipient"]
    assert int.from_bytes(raw[22:26], "big") == says["issued_at"]
    if says["purpose"] == "c":
        assert int.from_bytes(raw[26:28], "big") == says["link"]
        assert raw[28:-16].decode() == says["target"]
    else:
        assert len(raw) == 26 + 16
    assert raw[-16:] == hmac.new(SECRETS[raw[2]].encode(), raw[:-16], hashlib.sha256).digest()[:16]
