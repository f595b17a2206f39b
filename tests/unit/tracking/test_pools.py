"""The pool's token: the same text for everybody's mail of a week, by docs/contract.md."""

import datetime as dt
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.tracking import tokens
from ocello.domain.tracking.pools import pool_of, pool_token, week_of, week_start
from ocello.domain.tracking.tokens import EVERYONE, OPEN, POOLED, Keyring, Token, sign_token, verify

SECRET = "a" * 40
KEYRING = Keyring.parse(f"3:{SECRET}")
MONDAY = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)  # of the week 2026-W48
WEEK_MS = 7 * 86_400_000

moments = st.integers(345_600_000, 4_000_000_000_000)  # from the first Monday of 1970 to the year 2096


def ms(moment):
    return int(moment.timestamp() * 1000)


def text_at(at, keyring=KEYRING):
    return sign_token(keyring, pool_token(keyring, at))


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2026-11-23", "2026-W48"),
        ("2026-11-29", "2026-W48"),
        ("2026-11-30", "2026-W49"),
        ("2027-01-03", "2026-W53"),
        ("2027-01-04", "2027-W01"),
        ("2024-12-30", "2025-W01"),
    ],
)
def test_weeks_are_those_of_iso_8601(day, week):
    assert week_of(ms(dt.datetime.fromisoformat(f"{day}T12:00:00+00:00"))) == week


def test_a_pools_token_says_what_the_contract_says_by_hand():
    mac = hmac.new(SECRET.encode(), b"ocello token 2 mac", hashlib.sha256).digest()
    named = hmac.new(mac, b"pool2026-W48", hashlib.sha256).digest()[:16].hex()
    said = pool_token(KEYRING, ms(MONDAY) + 3 * 86_400_000)
    assert said.message.replace("-", "") == named
    assert said == Token(OPEN, said.message, 0xFFFF, 1_795_392_000, 4)
    assert dt.datetime.fromtimestamp(1_795_392_000, dt.UTC) == MONDAY


@given(moments, moments)
def test_two_moments_have_one_token_where_they_share_a_week_and_else_two(one, other):
    same = (
        dt.datetime.fromtimestamp(one // 1000, dt.UTC).isocalendar()[:2]
        == (dt.datetime.fromtimestamp(other // 1000, dt.UTC).isocalendar()[:2])
    )
    assert (text_at(one) == text_at(other)) == same


@given(moments)
def test_a_pools_token_verifies_and_names_neither_a_mail_nor_a_reader_nor_its_hour(at):
    said = verify(KEYRING, text_at(at), OPEN)
    assert (said.recipient, said.flags, said.link, said.target) == (EVERYONE, POOLED, None, None)
    assert not said.flags & tokens.ASK
    monday = dt.datetime.fromtimestamp(said.issued_at, dt.UTC)
    assert (monday.isoweekday(), monday.time()) == (1, dt.time())
    assert 0 <= at - said.issued_at * 1000 < WEEK_MS


def test_a_new_key_begins_a_new_pool_in_the_same_week_and_the_old_ones_token_goes_on():
    turned = Keyring.parse(f"4:{'b' * 40},3:{SECRET}")
    before, after = pool_of(KEYRING, ms(MONDAY)), pool_of(turned, ms(MONDAY))
    assert before.week == after.week
    assert before.id != after.id
    assert verify(turned, text_at(ms(MONDAY)), OPEN).message == before.id


@pytest.mark.parametrize("week", ["", "2026-48", "2026-W54", "2026-W00", "2026-W48-2", "x"])
def test_what_is_no_week_has_no_start(week):
    with pytest.raises(ValueError, match=r"."):
        week_start(week)


@given(moments)
def test_a_weeks_start_is_in_that_week(at):
    assert week_of(week_start(week_of(at)) * 1000) == week_of(at)
