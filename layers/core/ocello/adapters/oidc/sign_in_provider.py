"""The authorization code flow with PKCE, with an OpenID Connect provider (by Authlib).

Authlib, requests and PyJWT are imported only when a user signs in: most requests come from users who are signed in already.
"""

import urllib.parse
from typing import TYPE_CHECKING, Any

from ocello.domain.common.errors import Unauthenticated, Unavailable
from ocello.services.people.ports import Tokens

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

TIMEOUT_SECONDS = 5


class OidcProvider:
    """SignInProvider. Its addresses are settings, since in a local run the server uses other host names than the browser."""

    def __init__(
        self, client: str, secret: str, *, authorize_url: str, token_url: str, logout_url: str, home: str, callback: str
    ) -> None:
        self._client, self._secret = client, secret
        self._authorize, self._token, self._logout = authorize_url, token_url, logout_url
        self._home, self._callback = home, callback

    def address_to_sign_in(self, state: str, nonce: str, verifier: str) -> str:
        """Return the address to which a browser is sent to sign in."""
        session = self._session()
        address, _ = session.create_authorization_url(
            self._authorize, state=state, nonce=nonce, code_verifier=verifier, response_type="code"
        )
        return str(address)

    def redeem(self, code: str, verifier: str) -> Tokens:
        """Return the tokens for an authorization code."""
        return self._ask(grant_type="authorization_code", code=code, code_verifier=verifier)

    def refresh(self, token: str) -> Tokens:
        """Return new tokens for a refresh token."""
        return self._ask(grant_type="refresh_token", refresh_token=token)

    def address_to_sign_out(self) -> str:
        """Return the address that ends the provider's session, with the parameters of OpenID and those of Cognito."""
        request = {"client_id": self._client, "logout_uri": self._home, "post_logout_redirect_uri": self._home}
        return f"{self._logout}?{urllib.parse.urlencode(request)}"

    def nonce_of(self, identity: str) -> str:
        """Return the nonce in an ID token, which must have been verified."""
        import jwt  # noqa: PLC0415 — see above

        claims = jwt.decode(identity, options={"verify_signature": False})
        nonce = claims.get("nonce")
        return nonce if isinstance(nonce, str) else ""

    def _session(self) -> "OAuth2Session":
        from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415 — see above

        return OAuth2Session(
            self._client,
            self._secret or None,
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
            scope="openid email profile",
            redirect_uri=self._callback,
            code_challenge_method="S256",
        )

    def _ask(self, **request: str) -> Tokens:
        from authlib.integrations.base_client.errors import OAuthError  # noqa: PLC0415 — see above
        from requests import RequestException  # noqa: PLC0415 — see above

        session = self._session()
        session.trust_env = False  # ignore proxies and .netrc
        try:
            answer: dict[str, Any] = session.fetch_token(self._token, timeout=TIMEOUT_SECONDS, **request)
        except OAuthError:
            raise Unauthenticated("the identity provider did not accept this sign-in: please try again") from None
        except (RequestException, ValueError) as error:
            raise Unavailable("the identity provider does not answer") from error
        identity = str(answer.get("id_token") or "")
        if not identity and request["grant_type"] == "authorization_code":
            raise Unauthenticated("the identity provider gave no ID token")
        return Tokens(identity, str(answer.get("refresh_token") or ""))
