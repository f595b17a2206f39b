"""The parts by which people sign in, and requests are authenticated."""

from functools import cached_property
from typing import TYPE_CHECKING

from ocello.wiring.rights import RightsWiring

if TYPE_CHECKING:
    from ocello.services.people.authenticate import Authenticator
    from ocello.services.people.ports import Directory, SignInVerifier
    from ocello.services.people.sign_in import WebSignIn


def _several(text: str) -> frozenset[str]:
    """Return the values of a comma-separated list."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())


class SignInWiring(RightsWiring):
    """The parts of sign-in, above those of consent and of people's rights."""

    @cached_property
    def directory(self) -> "Directory | None":
        """The user pool; None where the identity provider is not the stack's own."""
        from ocello.adapters.oidc.cognito_directory import CognitoDirectory

        return CognitoDirectory(self._settings.user_pool) if self._settings.user_pool else None

    @cached_property
    def verifier(self) -> "SignInVerifier":
        """The verifier of the identity provider's tokens."""
        from ocello.adapters.oidc.tokens import KeySet, OidcVerifier

        settings, keys = self._settings, KeySet(self._settings.oidc_jwks_url, self.clock)
        return OidcVerifier(settings.oidc_issuer, settings.oidc_audience, keys, self.clock)

    @cached_property
    def authenticator(self) -> "Authenticator":
        """The authenticator of requests."""
        from ocello.domain.common.hosts import parse_domains
        from ocello.services.people.authenticate import AdmissionPolicy, Authenticator

        settings = self._settings
        admission = AdmissionPolicy(
            parse_domains(settings.oidc_allowed_domains), _several(settings.oidc_allowed_groups), settings.admin_group
        )
        return Authenticator(self.verifier, self.users, self.keys, admission, self.clock, self.random_bytes)

    def web_sign_in(self, home: str, callback: str) -> "WebSignIn":
        """Return the web sign-in; `home` and `callback` are the paths that the provider may redirect to."""
        from ocello.adapters.networks.builtin import class_of
        from ocello.adapters.oidc.sealing import AesSeal
        from ocello.adapters.oidc.sign_in_provider import OidcProvider
        from ocello.domain.verdicts.signed_in import is_shared, source_digest
        from ocello.services.people.sign_in import WebSignIn

        settings = self._settings
        provider = OidcProvider(
            settings.oidc_audience,
            settings.oidc_client_secret,
            authorize_url=settings.oidc_authorize_url,
            token_url=settings.oidc_token_url,
            logout_url=settings.oidc_logout_url,
            home=f"{settings.app_origin}{home}",
            callback=f"{settings.app_origin}{callback}",
        )
        return WebSignIn(
            provider,
            self.authenticator,
            self.users,
            self.sessions,
            self.sign_in_sources,
            lambda address: source_digest(address, self.subject_key),
            lambda address: is_shared(address, class_of),
            AesSeal(),
            self.clock,
            self.random_bytes,
        )

    @cached_property
    def provider_origins(self) -> tuple[str, ...]:
        """The origins of the identity provider's pages."""
        from urllib.parse import urlsplit

        pages = map(urlsplit, (self._settings.oidc_authorize_url, self._settings.oidc_logout_url))
        return tuple(dict.fromkeys(f"{page.scheme}://{page.netloc}" for page in pages))
