"""Addresses in a written mail: which stand as text, and which links show their address."""

import pytest

from ocello.domain.mail.link_texts import bare_addresses, links_showing_address


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>See https://example.com/a?x=1&amp;y=2.</p>", ("https://example.com/a?x=1&y=2",)),
        ("<p>See <b>www.example.com</b>, or (example.com/offer)!</p>", ("www.example.com", "example.com/offer")),
        (
            "<div>example.com</div><div>acme.co.uk, docs.acme.io/x</div>",
            ("example.com", "acme.co.uk", "docs.acme.io/x"),
        ),
        ("<p>https://exa<b>mple.com</b>/a</p>", ("https://example.com/a",)),
        ('<a href="https://example.com/a">https://example.com/a</a> and <a href="https://b.test">b.test</a>', ()),
        ("<p>ann@example.com, offer.pdf, e.g. this, 3.14, and Mr.Smith</p>", ()),
        ("<p>https://</p>", ()),
        ("<p>a.test</p><p>a.test</p>", ("a.test",)),
    ],
)
def test_addresses_that_are_no_links_are_found(html, found):
    assert bare_addresses(html) == found


def test_links_that_show_a_full_address_are_found():
    html = (
        '<a href="https://a.test/x?y=1&amp;z=2"> https://a.test/x </a><a href="https://b.test/">b.test</a>'
        '<a href="https://c.test/">the offer at https://c.test</a><a href="https://d.test/"><b>HTTP://d.test</b></a>'
    )
    assert links_showing_address(html) == ("https://a.test/x?y=1&z=2", "https://d.test/")


def test_a_long_list_is_cut_and_hostile_text_costs_little():
    assert len(bare_addresses(" ".join(f"https://a{n}.test" for n in range(500)))) == 20
    assert bare_addresses("a." * 50_000) == ()
    assert bare_addresses("<a " * 20_000) == ()
