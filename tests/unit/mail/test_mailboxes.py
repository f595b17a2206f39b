"""Mailboxes: what RFC 5322 allows is read; what could inject a header or has no valid host is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common.errors import Invalid
from ocello.domain.mail import addresses
from ocello.domain.messages.message import Mailbox

READ = [
    ("buyer@customer.test", Mailbox("buyer@customer.test")),
    ("  buyer@customer.test ", Mailbox("buyer@customer.test")),
    ("<buyer@customer.test>", Mailbox("buyer@customer.test")),
    ("Ann Buyer <buyer@customer.test>", Mailbox("buyer@customer.test", "Ann Buyer")),
    ("J. Doe <j@customer.test>", Mailbox("j@customer.test", "J. Doe")),
    ('"Buyer, Ann" <buyer@customer.test>', Mailbox("buyer@customer.test", "Buyer, Ann")),
    (r'"Ann \"B\" Buyer" <a@customer.test>', Mailbox("a@customer.test", 'Ann "B" Buyer')),
    ('"<x>" <a@customer.test>', Mailbox("a@customer.test", "<x>")),
    ("Zoë Müller <z@customer.test>", Mailbox("z@customer.test", "Zoë Müller")),
    ("Ann (of Sales (North)) <a@customer.test> (work)", Mailbox("a@customer.test", "Ann")),
    ('"(not a comment)" <a@customer.test>', Mailbox("a@customer.test", "(not a comment)")),
    ("first.last+tag@customer.test", Mailbox("first.last+tag@customer.test")),
    ('"odd name"@customer.test', Mailbox('"odd name"@customer.test')),
    ("Ann@Customer.Test", Mailbox("Ann@Customer.Test")),
    ("a@[192.0.2.1]", Mailbox("a@[192.0.2.1]")),
    ("a@[IPv6:2001:db8::1]", Mailbox("a@[IPv6:2001:db8::1]")),
    ("info@bücher.test", Mailbox("info@xn--bcher-kva.test")),
    ("info@Straße.test", Mailbox("info@xn--strae-oqa.test")),  # IDNA 2008: not strasse
    ("info@例え。test", Mailbox("info@xn--r8jz45g.test")),
    ("用户@customer.test", Mailbox("用户@customer.test")),
]

REFUSED = [
    "",
    "   ",
    "Ann",
    "@customer.test",
    "a@",
    "a@b@c.test",
    "a b@customer.test",
    "a@customer..test",
    "a@.test",
    "a@-customer.test",
    "a@customer_x.test",
    "a@[300.1.1.1]",
    "a..b@customer.test",
    ".a@customer.test",
    "a@customer.test, b@customer.test",
    "Buyer, Ann <a@customer.test>",
    "Ann <a@customer.test",
    "Ann <<a@customer.test>>",
    'Ann" <a@customer.test>',
    "Ann (open <a@customer.test>",
    "Ann) <a@customer.test>",
    "group: a@customer.test;",
    "a@customer.test\r\nBcc: b@customer.test",
    "Ann\nX: y <a@customer.test>",
    "a\0@customer.test",
    "Ann\u2028B <a@customer.test>",
    "a@" + "b" * 64 + ".test",
    "a" * 65 + "@customer.test",
    "x" * 1000 + "@customer.test",
    "a@\u200bcustomer.test",
]


@pytest.mark.parametrize(("text", "mailbox"), READ)
def test_a_mailbox_is_read(text, mailbox):
    assert addresses.parse("to[0]", text) == mailbox


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_mailbox_is_refused_and_named(text):
    with pytest.raises(Invalid) as refused:
        addresses.parse("to[2]", text)
    assert refused.value.field == "to[2]"


@given(st.text(max_size=60))
def test_whatever_is_read_holds_no_control_character_and_one_host(text):
    try:
        mailbox = addresses.parse("to[0]", text)
    except Invalid:
        return
    spelled = mailbox.address + mailbox.name
    assert not any(ord(char) < 32 or ord(char) == 127 for char in spelled)
    assert addresses.domain_of(mailbox.address).isascii()


@given(st.text(alphabet='()"\\<>@ a.', max_size=998))
def test_brackets_and_quotes_cost_no_more_than_their_length(text):
    try:
        mailbox = addresses.parse("to[0]", text)
    except Invalid:
        return
    assert "@" in mailbox.address
