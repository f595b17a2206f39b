"""How far users' mailboxes were read, in the app table, and the rounds on which they are looked at."""

from typing import cast

from ocello.adapters.dynamodb import mailbox_keys as keys
from ocello.adapters.dynamodb import models, paging
from ocello.adapters.dynamodb.conditions import Attempt, absent
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.mailboxes import MailboxRow
from ocello.domain.common import texts
from ocello.domain.mailboxes.kept import LookPace, MailboxState
from ocello.services.common.ports import Page


def _state(row: MailboxRow) -> MailboxState:
    return MailboxState(
        owner=row.owner,
        address=row.address,
        connected_at=int(row.connected_at),
        place=row.place,
        pace=cast("LookPace", row.pace),
        last_read=int(row.last_read),
        failing_since=int(row.failing_since),
        failures=int(row.failures),
        not_before=int(row.not_before),
        refused=row.refused,
        diagnostic="" if row.diagnostic is None else texts.parse(row.diagnostic),
        version=int(row.version),
    )


class DynamoMailboxStates:
    """MailboxStates."""

    @unavailable
    def read(self, owner: str, address: str) -> MailboxState | None:
        """Return the state of a mailbox by a consistent read."""
        try:
            return _state(MailboxRow.get(*keys.mailbox(owner, address), consistent_read=True))
        except MailboxRow.DoesNotExist:
            return None

    @unavailable
    def write(self, state: MailboxState, before: MailboxState | None) -> bool:
        """Write a state over `before`; False where another is stored."""
        row = MailboxRow(
            *keys.mailbox(state.owner, state.address),
            owner=state.owner,
            address=state.address,
            connected_at=state.connected_at,
            place=state.place,
            pace=state.pace,
            last_read=state.last_read,
            failing_since=state.failing_since,
            failures=state.failures,
            not_before=state.not_before,
            refused=state.refused,
            diagnostic=texts.serialize(state.diagnostic) if state.diagnostic else None,
            version=state.version,
        )
        if not state.refused:
            row.gsi1pk, row.gsi1sk = keys.round_of(state.pace), keys.round_sort(state.owner, state.address)
        with Attempt() as attempt:
            row.save(absent() if before is None else MailboxRow.version == before.version)
        return attempt.succeeded

    @unavailable
    def delete(self, owner: str, address: str) -> None:
        """Delete the state of a mailbox, if there is one."""
        MailboxRow(*keys.mailbox(owner, address)).delete()

    @unavailable
    def on_round(self, pace: LookPace, limit: int, cursor: str | None) -> Page[MailboxState]:
        """Return a page of the mailboxes that are looked at at a pace."""
        rows, following = paging.read(models.Row.by_gsi1.query, keys.round_of(pace), models.Gsi1.gsi1sk, limit, cursor)
        return Page(tuple(_state(row) for row in rows if isinstance(row, MailboxRow)), following)
