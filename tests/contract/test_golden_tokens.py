"""Golden tokens of every released format: sent mail cannot be recalled, so these verify for ever."""

import base64
import hashlib
import hmac
import json
import pathlib

import pytest

from ocello.domain.tracking.tokens import Keyring, Token, sign_token, verify

FILES = [pathlib.Path(__file__).parent / name for name in ("golden_tokens.json", "golden_tokens_2.json")]
OF_1, OF_2 = (json.loads(path.read_text()) for path in FILES)
RING = OF_1["keyring"]
SECRETS = {int(key.partition(":")[0]): key.partition(":")[2].encode() for key in RING.split(",")}


def each(*files):
    golden = [golden for file in files for golden in file["tokens"]]
    return pytest.mark.parametrize("golden", golden, ids=lambda golden: golden["name"])


def bytes_of(golden):
    return base64.urlsafe_b64decode(golden["token"] + "=" * (-len(golden["token"]) % 4))


def digest(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def test_all_formats_are_signed_by_the_same_keys():
    assert OF_2["keyring"] == RING


@each(OF_1, OF_2)
def test_a_golden_token_verifies_and_says_what_it_said(golden):
    token = verify(Keyring.parse(RING), golden["token"], golden["says"]["purpose"])
    assert token == Token(**golden["says"])


@each(OF_2)
def test_a_golden_token_of_the_newest_format_is_still_what_we_would_sign(golden):
    says, key = Token(**golden["says"]), bytes_of(golden)[2]
    assert sign_token(Keyring.parse(f"{key}:{SECRETS[key].decode()}"), says) == golden["token"]


@each(OF_1)
def test_a_golden_tokens_bytes_are_the_contracts(golden):
    """Read by offsets out of the contract's table, without the code under test."""
    raw, says = bytes_of(golden), golden["says"]
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
    assert raw[-16:] == digest(SECRETS[raw[2]], raw[:-16])[:16]


@each(OF_2)
def test_the_bytes_of_a_golden_token_of_format_2_are_the_contracts(golden):
    """Read by offsets out of the contract's text, without the code under test."""
    raw, says = bytes_of(golden), golden["says"]
    mac, enc = (digest(SECRETS[raw[2]], f"ocello token 2 {name}".encode()) for name in ("mac", "enc"))
    secret = bytes(a ^ b for a, b in zip(raw[19:44], digest(enc, raw[:19]), strict=False))
    assert raw[0] == 2
    assert chr(raw[1]) == says["purpose"]
    assert secret[0] == says["flags"]
    assert secret[1:17].hex() == says["message"].replace("-", "")
    assert int.from_bytes(secret[17:19], "big") == says["recipient"]
    assert int.from_bytes(secret[19:23], "big") == says["issued_at"]
    assert int.from_bytes(secret[23:25], "big") == (says["link"] or 0)
    assert raw[44:].decode() == (says["target"] or "")
    assert raw[3:19] == digest(mac, raw[:3] + secret + raw[44:])[:16]
