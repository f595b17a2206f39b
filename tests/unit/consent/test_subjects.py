"""Subjects: who is behind an address, and which of that person's copies were tracked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common.errors import Invalid
from ocello.domain.consent.subjects import key_of, normalised, subject_of
from ocello.domain.mail import addresses
from tests.fakes import SUBJECT_KEY


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("Ann.Lee@Customer.TEST", "ann.lee@customer.test"),
        (" ann@customer.test ", "ann@customer.test"),
        ("ann@customer.test.", "ann@customer.test"),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@XN--bcher-KVA.example", "ann@xn--bcher-kva.example"),
        ('"ann"@customer.test', "ann@customer.test"),
        ('"ann.\\lee"@customer.test', "ann.lee@customer.test"),
        ('"ann lee"@customer.test', '"ann lee"@customer.test'),
        ('"ann@home"@customer.test', '"ann@home"@customer.test'),
        ("Zoe\u0308@customer.test", "zo\u00eb@customer.test"),
        ("ann@[192.0.2.1]", "ann@[192.0.2.1]"),
        ("ann@[IPv6:2001:DB8::1]", "ann@[ipv6:2001:db8::1]"),
    ],
)
def test_an_address_has_one_spelling(written, one):
    assert normalised(written) == one
    assert subject_of(written, SUBJECT_KEY) == subject_of(one, SUBJECT_KEY)


@pytest.mark.parametrize("other", ["ann+news@customer.test", "a.nn@customer.test", "ann@mail.customer.test"])
def test_another_mailbox_is_another_person(other):
    assert subject_of(other, SUBJECT_KEY) != subject_of("ann@customer.test", SUBJECT_KEY)


def test_the_digest_is_what_the_stored_rows_have():
    """Worked out with openssl; it must never change, since rows are found by it."""
    assert subject_of("Ann@Customer.test", b"s" * 32) == "uRSph2vlyE2Rr7qbl5bSlbw4TgpD_CELsF2KZdlhKYs"


def test_with_another_key_nothing_can_be_compared():
    assert subject_of("ann@customer.test", b"t" * 32) != subject_of("ann@customer.test", b"s" * 32)


@given(st.from_regex(r"[^\x00-\x20@<>()]{1,20}@[a-zA-Zäöüß0-9.-]{1,20}", fullmatch=True))
def test_what_is_normalised_stays_as_it_is(text):
    try:
        address = addresses.parse("to", text).address
    except Invalid:
        return
    assert normalised(normalised(address)) == normalised(address)
    assert normalised(addresses.parse("to", normalised(address)).address) == normalised(address)


def test_a_key_shorter_than_the_digest_is_none():
    assert key_of("s" * 32) == b"s" * 32
    with pytest.raises(ValueError, match="fewer than 32"):
        key_of("s" * 31)
