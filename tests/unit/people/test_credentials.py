"""What accounts sign in with comes back as it was written, and what was ever written is read for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.people.credentials import AccessToken, OAuthTokens, Password, parse, serialize

TEXTS = st.text(max_size=60)
SECRETS = st.builds(Password, TEXTS) | st.builds(
    OAuthTokens,
    provider=st.sampled_from(["google", "microsoft"]),
    access=TEXTS,
    refresh=TEXTS,
    expires_at=st.integers(),
    scopes=st.lists(TEXTS, max_size=4).map(tuple),
    granted_at=st.integers(),
)


@given(SECRETS)
def test_a_secret_comes_back_as_it_was(secret):
    assert parse(serialize(secret)) == secret


def test_what_the_first_release_wrote_is_read():
    assert parse(b'{"format": 1, "password": "hush"}') == Password("hush")
    written = (
        b'{"format": 1, "provider": "google", "access": "a", "refresh": "r", "expires_at": 7, '
        b'"scopes": ["x", "y"], "granted_at": 5}'
    )
    assert parse(written) == OAuthTokens("google", "a", "r", 7, ("x", "y"), 5)


@pytest.mark.parametrize("data", [b'{"format": 2, "password": "hush"}', b'{"password": "hush"}', b"[]", b"hush", b"{"])
def test_what_is_not_known_here_is_refused_without_its_content(data):
    with pytest.raises(ValueError, match=r".") as refused:
        parse(data)
    assert "hush" not in str(refused.value)


def test_a_provider_that_gives_no_new_refresh_token_leaves_the_old_one():
    first = OAuthTokens("google", "a", "r", 7, (), 5)
    assert first.renewed("b", 9) == OAuthTokens("google", "b", "r", 9, (), 5)
    assert first.renewed("b", 9, "s").refresh == "s"


@pytest.mark.parametrize(
    "secret", [Password("hush"), AccessToken("hush"), OAuthTokens("google", "hush", "hush", 7, (), 5)]
)
def test_no_secret_is_in_a_text_about_it(secret):
    assert "hush" not in repr(secret)
