"""Reads, renews and seals what accounts sign in with: each account's secret is one sealed row.

Earlier versions kept passwords in the account's own row, or in a secret store. They are read there, and move into a row
of their own when the account is saved; out of the secret store, which costs money, also when they are used.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ocello.domain.common.errors import Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.messages.delivery import Rejected
from ocello.domain.people import credentials
from ocello.domain.people.credentials import AccessToken, Credential, OAuthTokens, Password, Provider, Secret
from ocello.domain.people.users import Account
from ocello.services.accounts.ports import (
    AccountStore,
    CredentialSeal,
    CredentialStore,
    SealedCredential,
    SecretStore,
    TokenIssuer,
)
from ocello.services.common.ports import Clock

_ENDED = Text("The access that this account was given has ended. Connect it again.")


@dataclass(frozen=True, slots=True)
class AccountCredentials:
    """Where secrets are, and who renews tokens."""

    rows: CredentialStore
    seal: CredentialSeal
    secret_store: SecretStore
    clock: Clock
    issuers: Mapping[Provider, TokenIssuer] = field(default_factory=dict)

    def read(self, account: Account) -> Secret:
        """Return an account's secret; an empty password where none is stored. Raises Unavailable."""
        before = self._of_before(account)
        kept = self.rows.get(account.user, account.address) if before is None else None
        return self._open(account, kept) if kept is not None else before or Password("")

    def use(self, account: Account, accounts: AccountStore) -> Credential:
        """Return what an account's server is to be shown; renew tokens that end. Raises Rejected and Unavailable."""
        before = self._of_before(account)
        if before is not None:
            self._move(account, before, accounts)
            return before
        kept = self.rows.get(account.user, account.address)
        if kept is None:
            return Password("")
        secret = self._open(account, kept)
        return secret if isinstance(secret, Password) else self._access(account, secret, kept)

    def sealed(self, account: Account, secret: Secret) -> SealedCredential:
        """Return a secret sealed, as the successor of the account's present row. Raises Unavailable."""
        kept = self.rows.get(account.user, account.address)
        return self._sealed(account, secret, 0 if kept is None else kept.version)

    def forget_before(self, account: Account) -> None:
        """Delete what an earlier version stored for an account outside of its rows. Raises Unavailable."""
        if account.smtp is not None and account.smtp.secret:
            self.secret_store.delete(account.smtp.secret)

    def _access(self, account: Account, tokens: OAuthTokens, kept: SealedCredential) -> AccessToken:
        """Return an access token that lasts. Of two who renew at once the first writes, and the other takes what it wrote."""
        if tokens.usable(self.clock()):
            return AccessToken(tokens.access)
        issuer = self.issuers.get(tokens.provider)
        if issuer is None:
            raise Rejected(_ENDED)
        renewed = issuer.renew(tokens)
        if self.rows.replace(account.user, account.address, self._sealed(account, renewed, kept.version)):
            return AccessToken(renewed.access)
        newer = self.read(account)
        if not isinstance(newer, OAuthTokens):
            raise Rejected(_ENDED)
        return AccessToken(newer.access)

    def _move(self, account: Account, password: Password, accounts: AccountStore) -> None:
        """Move a password out of the secret store. If that fails, the next use tries again."""
        if account.smtp is None or not account.smtp.secret:
            return
        moved = replace(account, smtp=replace(account.smtp, secret=""))
        with suppress(Unavailable):  # the mail is sent all the same
            if accounts.write(moved, account, secret=self.sealed(account, password)):
                self.forget_before(account)

    def _of_before(self, account: Account) -> Password | None:
        """Return a password that an earlier version stored; this version leaves none in an account that it writes."""
        smtp = account.smtp
        if smtp is not None and smtp.sealed:
            return Password(self.seal.open_password(account.user, account.address, smtp.sealed))
        return Password(self.secret_store.read(smtp.secret)) if smtp is not None and smtp.secret else None

    def _open(self, account: Account, kept: SealedCredential) -> Secret:
        try:
            return credentials.parse(self.seal.open(account.user, account.address, kept.sealed))
        except ValueError as error:
            raise Unavailable("credential: a format of a later version") from error

    def _sealed(self, account: Account, secret: Secret, before: int) -> SealedCredential:
        content = self.seal.close(account.user, account.address, credentials.serialize(secret))
        return SealedCredential(content, before + 1)
