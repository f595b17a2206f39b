"""Tokens of both formats, against the bytes that docs/contract.md fixes and against everything that is not one."""

import base64
import hashlib
import hmac
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common.errors import BadToken
from ocello.domain.tracking import tokens
from ocello.domain.tracking.tokens import CLICK, OPEN, PRIVACY, Keyring, Token, sign_token, verify
from tests.tokens_1 import sign_1, spell

OLD, NEW = "a" * 40, "b" * 40
KEYRING = Keyring.parse(f"2:{NEW},1:{OLD}")
MESSAGE = "0192d3c4-0000-7000-8000-000000000001"
TARGET = "https://example.com/a?x=1&y=2#z"

messages = st.uuids().map(str)
targets = st.text(max_size=300).map(lambda text: "https://example.com/" + text.replace("\0", ""))
plain = st.builds(
    Token,
    purpose=st.sampled_from([OPEN, PRIVACY]),
    message=messages,
    recipient=st.integers(0, 0xFFFF),
    issued_at=st.integers(0, 2**32 - 1),
    flags=st.sampled_from([0, tokens.ASK, tokens.POOLED, tokens.ASK | tokens.GRANTS]),
)
clicks = st.builds(
    Token,
    purpose=st.just(CLICK),
    message=messages,
    recipient=st.integers(0, 0xFFFF),
    issued_at=st.integers(0, 2**32 - 1),
    flags=st.sampled_from([0, tokens.ASK]),
    link=st.integers(0, 0xFFFF),
    target=targets.filter(lambda target: len(target.encode()) <= tokens.MAX_TARGET),
)
any_token = plain | clicks
either = pytest.mark.parametrize("signer", [sign_token, sign_1], ids=["format 2", "format 1"])


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forge(body, secret=NEW):
    """Return any bytes with a valid signature, as someone with the key could make."""
    return spell(body + hmac.digest(secret.encode(), body, "sha256")[:16])


def head(version=1, purpose=b"o", key=2, flags=0, recipient=3):
    return bytes([version]) + purpose + bytes([key, flags]) + bytes(16) + struct.pack(">HI", recipient, 1_764_000_000)


def refuse(text, purpose):
    with pytest.raises(BadToken):
        verify(KEYRING, text, purpose)


@either
@given(any_token)
def test_what_was_signed_is_read_back(signer, token):
    assert verify(KEYRING, signer(KEYRING, token), token.purpose) == token


@either
@given(any_token, st.data())
def test_a_token_with_any_bit_flipped_is_bad(signer, token, data):
    good = raw(signer(KEYRING, token))
    place = data.draw(st.integers(0, len(good) * 8 - 1))
    flipped = bytearray(good)
    flipped[place // 8] ^= 1 << place % 8
    for purpose in (OPEN, CLICK, PRIVACY):
        refuse(spell(bytes(flipped)), purpose)


@either
@given(any_token, st.data())
def test_a_token_cut_short_or_lengthened_is_bad(signer, token, data):
    good = signer(KEYRING, token)
    refuse(good[: data.draw(st.integers(0, len(good) - 1))], token.purpose)
    refuse(good[data.draw(st.integers(1, len(good))) :], token.purpose)
    refuse(good + data.draw(st.text(alphabet="Aa0-_=", min_size=1, max_size=5)), token.purpose)


@either
@given(any_token)
def test_a_token_serves_its_own_purpose_only(signer, token):
    for purpose in {OPEN, CLICK, PRIVACY} - {token.purpose}:
        refuse(signer(KEYRING, token), purpose)


@given(st.text(max_size=200))
def test_text_that_nobody_signed_is_bad(text):
    for purpose in (OPEN, CLICK, PRIVACY):
        refuse(text, purpose)


def test_a_key_that_is_still_listed_verifies_and_one_that_is_not_does_not():
    token = Token(OPEN, MESSAGE, 0, 1)
    by_old = sign_token(Keyring.parse(f"1:{OLD}"), token)
    assert verify(KEYRING, by_old, OPEN) == token
    with pytest.raises(BadToken):
        verify(Keyring.parse(f"2:{NEW}"), by_old, OPEN)
    with pytest.raises(BadToken):
        verify(Keyring.parse(f"1:{NEW}"), by_old, OPEN)  # the same id, another secret
    assert raw(sign_token(KEYRING, token))[2] == 2  # the first listed signs


def test_only_the_canonical_spelling_is_read():
    token = sign_token(KEYRING, Token(CLICK, MESSAGE, 0, 1, 0, 0, "https://example.com"))  # 63 bytes: no spare bits
    click = sign_token(KEYRING, Token(CLICK, MESSAGE, 0, 1, 0, 0, "https://example.com/"))  # 64 bytes: four spare bits
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = click[:-1] + alphabet[alphabet.index(click[-1]) ^ 1]
    assert raw(spare) == raw(click)
    refuse(spare, CLICK)
    for text in (token + "=", token + "\n", " " + token, token[:9] + " " + token[9:], token + "===="):
        refuse(text, CLICK)
    for seed in range(200):
        signed = sign_token(KEYRING, Token(OPEN, MESSAGE, seed, seed))
        if "-" in signed or "_" in signed:
            refuse(signed.replace("-", "+").replace("_", "/"), OPEN)
            break
    else:
        pytest.fail("no token with - or _ to try")


@pytest.mark.parametrize(
    ("body", "purpose"),
    [
        (head(version=2), OPEN),
        (head(version=3), OPEN),
        (head(version=0), OPEN),
        (head(key=9), OPEN),
        (head() + b"x", OPEN),
        (head(purpose=b"x"), "x"),
        (head(purpose=b"c"), CLICK),
        (head(purpose=b"c") + b"\0\0", CLICK),
        (head(purpose=b"c") + b"\0", CLICK),
        (head(purpose=b"c") + b"\0\0javascript:alert(1)", CLICK),
        (head(purpose=b"c") + b"\0\0//example.com", CLICK),
        (head(purpose=b"c") + b"\0\0https:", CLICK),
        (head(purpose=b"c") + b"\0\0https://\xff", CLICK),
        (head(purpose=b"c") + b"\0\0https://example.com/" + b"x" * 1481, CLICK),
        (head()[:-1], OPEN),
        (b"", OPEN),
    ],
)
def test_even_a_signed_token_must_have_the_form(body, purpose):
    if purpose == "x":
        with pytest.raises(BadToken):
            verify(KEYRING, forge(body), OPEN)
    else:
        refuse(forge(body), purpose)


def test_a_target_of_1500_bytes_is_the_longest():
    longest = "https://example.com/" + "é" * 740
    assert len(longest.encode()) == 1500
    token = Token(CLICK, MESSAGE, 0, 1, 0, 0, longest)
    assert verify(KEYRING, sign_token(KEYRING, token), CLICK).target == longest
    for target in (longest + "x", "ftp://example.com", "https://", ""):
        with pytest.raises(ValueError, match="target"):
            sign_token(KEYRING, token._replace(target=target))


def test_in_aggregate_mode_a_token_of_format_1_names_nobody_and_no_new_one_is_written():
    token = Token(OPEN, MESSAGE, 7, 1, tokens.AGGREGATE)
    assert verify(KEYRING, sign_1(KEYRING, token), OPEN).recipient == tokens.EVERYONE
    with pytest.raises(ValueError, match="aggregate"):
        sign_token(KEYRING, token)


def test_the_bytes_are_those_of_the_contract():
    """The layout written again, by hand, from the contract's text on format 2."""
    for token in (
        Token(CLICK, MESSAGE, 3, 1_764_000_000, tokens.ASK, 7, TARGET),
        Token(OPEN, MESSAGE, 49, 1_764_000_001, tokens.ASK),
    ):
        target = (token.target or "").encode()
        head = b"\x02" + token.purpose.encode() + b"\x02"
        plain = bytes([token.flags]) + bytes.fromhex(MESSAGE.replace("-", "")) + token.recipient.to_bytes(2, "big")
        plain += token.issued_at.to_bytes(4, "big") + (token.link or 0).to_bytes(2, "big")
        mac, enc = (digest(NEW.encode(), f"ocello token 2 {name}".encode()) for name in ("mac", "enc"))
        check = digest(mac, head + plain + target)[:16]
        hidden = bytes(a ^ b for a, b in zip(plain, digest(enc, head + check), strict=False))
        assert raw(sign_token(KEYRING, token)) == head + check + hidden + target


def digest(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


@given(any_token)
def test_a_token_is_at_most_two_bytes_longer_than_one_of_format_1(token):
    assert len(raw(sign_token(KEYRING, token))) <= len(raw(sign_1(KEYRING, token))) + 2


@given(any_token)
def test_the_same_token_is_always_the_same_text(token):
    assert sign_token(KEYRING, token) == sign_token(Keyring.parse(f"2:{NEW}"), token)


@given(messages, st.integers(0, 0xFFFD), st.integers(0, 0xFFFD), st.integers(0, 2**32 - 1))
def test_two_tokens_of_one_mail_share_no_eight_bytes_but_the_head_and_the_clear_target(message, one, other, issued):
    first = Token(CLICK, message, one, issued, tokens.ASK, 0, TARGET)
    rest = [
        first._replace(recipient=other),
        first._replace(link=1),
        Token(OPEN, message, one, issued, tokens.ASK),
        Token(PRIVACY, message, one, issued, tokens.ASK),
    ]
    secret = raw(sign_token(KEYRING, first))[3:44]
    for token in rest:
        if token != first:
            beside = raw(sign_token(KEYRING, token))[3:44]
            assert not {secret[at : at + 8] for at in range(34)} & {beside[at : at + 8] for at in range(34)}


def test_nothing_of_mail_or_recipient_can_be_read_in_a_token():
    digits = bytes.fromhex(MESSAGE.replace("-", ""))
    text = raw(sign_token(KEYRING, Token(CLICK, MESSAGE, 3, 1_764_000_000, tokens.ASK, 7, TARGET)))
    assert digits[:6] not in text
    assert (1_764_000_000).to_bytes(4, "big") not in text
    assert text.endswith(TARGET.encode())  # so that a reader's link can be saved without our keys


def seal(purpose=b"o", key=2, link=0, target=b"", secret=NEW):
    """Return a token of format 2 made of any parts, as someone with the key could make."""
    head, plain = b"\x02" + purpose + bytes([key]), bytes(1 + 16 + 2 + 4) + struct.pack(">H", link)
    mac, enc = (digest(secret.encode(), f"ocello token 2 {name}".encode()) for name in ("mac", "enc"))
    check = digest(mac, head + plain + target)[:16]
    return spell(head + check + bytes(a ^ b for a, b in zip(plain, digest(enc, head + check), strict=False)) + target)


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        (seal(key=9), OPEN),
        (seal(secret=OLD), OPEN),
        (seal(link=1), OPEN),
        (seal(target=b"x"), OPEN),
        (seal(purpose=b"x"), OPEN),
        (seal(purpose=b"c"), CLICK),
        (seal(purpose=b"c", target=b"javascript:alert(1)"), CLICK),
        (seal(purpose=b"c", target=b"//example.com"), CLICK),
        (seal(purpose=b"c", target=b"https://\xff"), CLICK),
        (seal(purpose=b"c", target=b"https://example.com/" + b"x" * 1481), CLICK),
        (seal(purpose=b"p", target=b"https://example.com/"), PRIVACY),
        (spell(raw(seal())[:-1]), OPEN),
        (spell(b"\x03" + raw(seal())[1:]), OPEN),
    ],
)
def test_even_a_sealed_token_must_have_the_form(text, purpose):
    refuse(text, purpose)


def test_a_sealed_token_of_the_form_is_read():
    assert verify(KEYRING, seal(), OPEN) == Token(OPEN, "00000000-0000-0000-0000-000000000000", 0, 0)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1:short", f"x:{OLD}", f"256:{OLD}", f"-1:{OLD}", f"1:{OLD},1:{NEW}", OLD, f"1:{OLD},{NEW}", f"1;{OLD}"],
)
def test_a_malformed_keyring_is_refused_without_showing_a_secret(text):
    with pytest.raises(ValueError, match=r".") as refused:
        Keyring.parse(text)
    assert OLD not in str(refused.value)
    assert "short" not in str(refused.value)
