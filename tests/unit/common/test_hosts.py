"""Hosts: their ASCII form, whether they are within a domain, and their registered domain."""

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capture.handler import denied
from ocello.domain.common import hosts, suffixes
from ocello.domain.mail import addresses, rewriting
from ocello.domain.mail.rewriting.links.rules import untracked_reason
from ocello.domain.tracking import redirects
from ocello.services.sending.precheck import aligned
from tests.fakes.engagement.tracking import HOST

ONE_HOST = [
    ("bücher.example", "xn--bcher-kva.example"),
    ("BÜCHER.Example", "xn--bcher-kva.example"),
    ("bu\u0308cher.example", "xn--bcher-kva.example"),
    ("faß.example", "xn--fa-hia.example"),
    ("FAẞ.example", "xn--fa-hia.example"),
    ("ΣΑΣ.example", "xn--mxa9ab.example"),
    ("σας.example", "xn--mxa8ab.example"),
    ("İ.example", "xn--i-9bb.example"),
    ("Ｅｘａｍｐｌｅ。example", "example.example"),
    ("exa\u00admp\u200ble.example", "example.example"),
    ("℡.example", "tel.example"),
    ("例え.example", "xn--r8jz45g.example"),
]


@pytest.mark.parametrize(("host", "expected"), ONE_HOST)
def test_a_host_has_one_ascii_form_wherever_it_is_compared_or_written(host, expected):
    assert hosts.normalized(host) == hosts.host_of(f"https://{host}/") == expected
    assert redirects.location(f"https://{host}/é") == f"https://{expected}/%C3%A9"
    assert denied("", host).hosts == hosts.parse_domains(host) == {expected}
    context = rewriting.TrackingContext(HOST, excluded_domains=hosts.parse_domains(host))
    for spelled in (f"https://{host}/", f"https://shop.{expected}:8443/a"):
        assert untracked_reason(spelled, "x", context, frozenset()) == "excluded-domain"


@pytest.mark.parametrize(("host", "expected"), [pair for pair in ONE_HOST if "\u00ad" not in pair[0]])
def test_mailboxes_spell_their_domains_likewise(host, expected):
    assert addresses.parse("to", f"a@{host}").address.lower() == f"a@{expected}"


LETTERS = st.characters(codec="utf-8", categories=["Ll", "Lu", "Lo", "Nd", "Mn"])


@given(st.text(LETTERS, min_size=1, max_size=12))
def test_the_ascii_form_is_that_of_uts_46(label):
    try:
        expected = idna.encode(label, uts46=True, transitional=False).decode()
    except (idna.IDNAError, IndexError):
        return  # no host: what becomes of it is nobody's matter
    assert hosts.normalized(label) == expected


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.COM./x", "example.com"),
        ("http://user@evil.test:80/", "evil.test"),
        ("http://u@x@evil.test", "evil.test"),
        (r"https:\\evil.test\x", "evil.test"),
        ("https:evil.test", "evil.test"),
        (" https://evil.test?x@y", "evil.test"),
        ("https://ev%69l.test/", "evil.test"),
        ("https://b%C3%BCcher.example#x", "xn--bcher-kva.example"),
        ("https://bücher.example#x", "xn--bcher-kva.example"),
        ("https://[2001:DB8::1]:80/", "[2001:db8::1]"),
        ("mailto:a@b", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address_is_what_a_browser_asks(url, host):
    assert hosts.host_of(url) == host


def test_a_list_of_domains_is_read_however_it_is_spelled():
    assert hosts.parse_domains(
        " Bank.test, *.Bücher.example ,, .dot.test., port.test:8443, https://whole.test/x,[::1]:80"
    ) == {
        "bank.test",
        "port.test",
        "whole.test",
        "[::1]",
        "xn--bcher-kva.example",
        "dot.test",
    }


@pytest.mark.parametrize(
    ("host", "inside"),
    [("bank.test", True), ("www.bank.test", True), ("notbank.test", False), ("bank.test.example", False), ("", False)],
)
def test_a_host_lies_within_a_domain_by_whole_labels(host, inside):
    assert hosts.is_within(host, frozenset({"bank.test", "other.test"})) is inside


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("t.acme.co.uk", "acme.co.uk"),
        ("acme.co.uk", "acme.co.uk"),
        ("co.uk", "co.uk"),
        ("Links.Bücher.example", "xn--bcher-kva.example"),
        ("a.b.c.acme.com", "acme.com"),
        ("a.rosa.github.io", "rosa.github.io"),
        ("a.b.kobe.jp", "a.b.kobe.jp"),
        ("x.city.kobe.jp", "city.kobe.jp"),
        ("x.www.ck", "www.ck"),
        ("a.b.公司.cn", "b.xn--55qx5d.cn"),
        ("a.b.unheard-of", "b.unheard-of"),
        ("localhost", "localhost"),
        ("10.0.0.1", "10.0.0.1"),
        ("[::1]", "[::1]"),
        ("", ""),
        ("x." * 300 + "acme.it", "acme.it"),
    ],
)
def test_the_registrable_domain_stands_above_the_public_suffix(host, expected):
    assert hosts.registrable_domain(host) == expected


def test_the_suffixes_are_in_ascii_and_whole():
    assert len(suffixes.RULES) > 9_000
    assert all(rule.isascii() and rule == rule.lower() for rule in suffixes.RULES)


@pytest.mark.parametrize(
    ("sender", "origin", "expected"),
    [
        ("rosa@acme.co.uk", "https://links.acme.co.uk", True),
        ("rosa@acme.co.uk", "https://other.co.uk:8443", False),
        ("rosa@mail.xn--bcher-kva.example", "https://t.bücher.example", True),
        ("rosa@acme.com", "https://acme.com", True),
    ],
)
def test_a_tracking_origin_is_the_senders_own_within_one_registered_domain(sender, origin, expected):
    assert aligned(sender, origin) is expected
