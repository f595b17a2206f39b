"""Sending accounts in the app table, and whose the addresses are that they send from."""

from collections.abc import Sequence
from typing import Any, cast

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.people.trail import note as add_notes
from ocello.adapters.dynamodb.people.trail import stands, was_lost
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import Account, Security, SmtpServer, TransportName


class DynamoAccountStore:
    """AccountStore."""

    @unavailable
    def of(self, user: str) -> Sequence[Account]:
        """List a user's accounts by address."""
        accounts = models.Row.sk.startswith(keys.ACCOUNTS)
        rows = models.AccountRow.query(keys.user(user).pk, accounts, consistent_read=True)
        return [self._account(row) for row in rows]

    @staticmethod
    def _account(row: models.AccountRow) -> Account:
        server = None
        if row.transport == "smtp":
            security = cast("Security", row.security)
            server = SmtpServer(row.host, int(row.port), security, row.username, row.secret, row.sealed or b"")
        transport = cast("TransportName", row.transport)
        known = bool(row.claimed)
        return Account(row.user, row.address, row.name, transport, row.verified, server, int(row.version), known)

    @unavailable
    def write(self, account: Account, before: Account | None, note: AuditEntry | None = None) -> bool:
        """Write an account over `before`, and note it; False where that is not what stands."""
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
        expected = models.Row.pk.does_not_exist() if before is None else self._is(before)
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.save(row, expected)
                if account.verified:
                    self._own(transaction, account, models.OwnAddressRow.users.add({account.user}))
                elif before is not None and before.verified:
                    self._own(transaction, account, models.OwnAddressRow.users.delete({account.user}))
                add_notes(transaction, [] if note is None else [note])
        except TransactWriteError as error:
            if was_lost(error):
                return False
            raise
        return True

    @staticmethod
    def _is(account: Account) -> Any:
        return models.Row.pk.exists() & stands(models.AccountRow.version, account.version)

    @unavailable
    def delete(self, account: Account) -> bool:
        """Delete an account; False where it is not what stands."""
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.delete(models.AccountRow(*keys.account(account.user, account.address)), self._is(account))
                self._own(transaction, account, models.OwnAddressRow.users.delete({account.user}))
        except TransactWriteError as error:
            if was_lost(error):
                return False
            raise
        return True

    @unavailable
    def claim(self, account: Account) -> None:
        """Note that the address of an account of an earlier version is one of ours; nothing where it changed meanwhile."""
        row = models.AccountRow(*keys.account(account.user, account.address))
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.update(row, [models.AccountRow.claimed.set(True)], self._is(account))
                self._own(transaction, account, models.OwnAddressRow.users.add({account.user}))
        except TransactWriteError as error:
            if not was_lost(error):
                raise

    @staticmethod
    def _own(transaction: TransactWrite, account: Account, change: Action) -> None:
        row = models.OwnAddressRow(*keys.own_address(account.address))
        transaction.update(row, [models.OwnAddressRow.cls.set(models.OwnAddressRow), change])
