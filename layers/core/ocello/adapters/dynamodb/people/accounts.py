"""Sending accounts in the app table, and the users of each sending address."""

from collections.abc import Sequence
from typing import cast

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt, absent, has_version, present
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.people import CredentialRow
from ocello.adapters.dynamodb.people import credentials
from ocello.adapters.dynamodb.people.trail import add_notes
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import Account, Security, SmtpServer, TransportName
from ocello.services.accounts.ports import SealedCredential


class DynamoAccountStore:
    """AccountStore."""

    @unavailable
    def of(self, user: str) -> Sequence[Account]:
        """Return a user's accounts, sorted by address."""
        accounts = models.Row.sk.startswith(keys.ACCOUNTS)
        rows = models.AccountRow.query(keys.user(user).pk, accounts, consistent_read=True)
        return [self._account(row) for row in rows]

    @staticmethod
    def _account(row: models.AccountRow) -> Account:
        server = None
        if row.transport == "smtp":
            server = SmtpServer(
                host=row.host,
                port=int(row.port),
                security=cast("Security", row.security),
                username=row.username,
                secret=row.secret,
                sealed=row.sealed or b"",
            )
        transport = cast("TransportName", row.transport)
        known = bool(row.claimed)
        return Account(
            user=row.user,
            address=row.address,
            name=row.name,
            transport=transport,
            verified=row.verified,
            smtp=server,
            version=int(row.version),
            claimed=known,
        )

    @unavailable
    def write(
        self,
        account: Account,
        before: Account | None,
        note: AuditEntry | None = None,
        secret: SealedCredential | None = None,
    ) -> bool:
        """Replace the account `before` and its secret, and add a note; return False if another of them is stored."""
        row = models.AccountRow(
            *keys.account(account.user, account.address),
            user=account.user,
            address=account.address,
            name=account.name,
            transport=account.transport,
            verified=account.verified,
            version=before.version + 1 if before else 1,
            claimed=account.verified,
        )
        if account.smtp is not None:
            row.host, row.port, row.security = account.smtp.host, account.smtp.port, account.smtp.security
            row.username, row.secret = account.smtp.username, account.smtp.secret
            row.sealed = account.smtp.sealed or None
        with Attempt() as attempt, models.transaction() as transaction:
            transaction.save(row, absent() if before is None else self._is(before))
            if account.verified:
                self._own(transaction, account, models.OwnAddressRow.users.add({account.user}))
            elif before is not None and before.verified:
                self._own(transaction, account, models.OwnAddressRow.users.delete({account.user}))
            if secret is not None:
                credential = credentials.row_of(account.user, account.address, secret)
                transaction.save(credential, credentials.after_its_predecessor(secret))
            elif account.smtp is None or not account.smtp.username:
                transaction.delete(CredentialRow(*keys.credential(account.user, account.address)))
            add_notes(transaction, [] if note is None else [note])
        return attempt.succeeded

    @staticmethod
    def _is(account: Account) -> Condition:
        stands: Condition = present() & has_version(models.AccountRow.version, account.version)
        return stands

    @unavailable
    def delete(self, account: Account) -> bool:
        """Delete an account and its secret; return False if another version is stored."""
        with Attempt() as attempt, models.transaction() as transaction:
            transaction.delete(models.AccountRow(*keys.account(account.user, account.address)), self._is(account))
            self._own(transaction, account, models.OwnAddressRow.users.delete({account.user}))
            transaction.delete(CredentialRow(*keys.credential(account.user, account.address)))
        return attempt.succeeded

    @unavailable
    def claim(self, account: Account) -> None:
        """Register the address of an account that an early release stored; do nothing if the account has changed since."""
        row = models.AccountRow(*keys.account(account.user, account.address))
        with Attempt(), models.transaction() as transaction:
            transaction.update(row, [models.AccountRow.claimed.set(True)], self._is(account))
            self._own(transaction, account, models.OwnAddressRow.users.add({account.user}))

    @staticmethod
    def _own(transaction: TransactWrite, account: Account, change: Action) -> None:
        row = models.OwnAddressRow(*keys.own_address(account.address))
        transaction.update(row, [models.kind_of(models.OwnAddressRow), change])
