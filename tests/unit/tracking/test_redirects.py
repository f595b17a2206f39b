import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.tracking.redirects import location


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://example.com/a?x=1&y=2#z", "https://example.com/a?x=1&y=2#z"),
        ("HTTPS://Example.com", "HTTPS://Example.com"),
        ("https://example.com/caffè?q=più#qua", "https://example.com/caff%C3%A8?q=pi%C3%B9#qua"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
        ("https://faß.de/", "https://xn--fa-hia.de/"),  # UTS 46, non-transitional, as browsers do
        ("https://例え。jp/x", "https://xn--r8jz45g.jp/x"),
        ("https://Ｅｘａｍｐｌｅ.com/", "https://example.com/"),
        ("https://ü:ß@bücher.example:8443/", "https://%C3%BC:%C3%9F@xn--bcher-kva.example:8443/"),
        ("https://example.com/a b\t", "https://example.com/a%20b%09"),
        ("https://example.com/100%25", "https://example.com/100%25"),
        ("https://[2001:db8::1]/é", "https://[2001:db8::1]/%C3%A9"),
        ("https://example.com?é", "https://example.com?%C3%A9"),
        ("https://example.com/😀", "https://example.com/%F0%9F%98%80"),
    ],
)
def test_a_redirect_leads_where_the_browser_would_have_gone(target, expected):
    assert location(target) == expected


@given(st.text(min_size=1))
def test_a_location_holds_visible_ascii_only(rest):
    spelled = location("https://" + rest)
    assert spelled.isascii()
    assert not any(character <= " " or character == "\x7f" for character in spelled)
