"""Pools: who is counted among their recipients when a copy leaves, and what of a closed pool may be shown."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.times import DAY_MS, day_of
from ocello.domain.consent.subjects import subject_of
from ocello.domain.messages.message import Message, Recipient
from ocello.domain.tracking.loads import KEPT_DAYS
from ocello.domain.tracking.pools import pool_of, week_of
from ocello.domain.tracking.tokens import Keyring
from ocello.services.common.ports import Clock
from ocello.services.statistics.ports import PoolStore

LEAST_RECIPIENTS = 20  # with fewer, a count would tell of few people
LEAST_COUNT = 5  # below it a count is not said
WEEKS = 26  # on one page
_DIGEST_BYTES = 12
_WEEK_MS = 7 * DAY_MS


@dataclass(frozen=True, slots=True)
class PooledMail:
    """What counts the recipients of pools; `key` is that of subjects."""

    store: PoolStore
    keyring: Keyring
    key: bytes

    def note(self, message: Message, recipient: Recipient) -> None:
        """Count a recipient whose copy has a pool's pixel, once for each pool. Raises Unavailable.

        The digest is of this pool alone, so that nobody can be followed from one to another, and is deleted after it.
        """
        pool = pool_of(self.keyring, message.created_at)
        person = f"{pool.id} {subject_of(recipient.mailbox.address, self.key)}"
        digest = hmac.digest(self.key, person.encode(), "sha256")[:_DIGEST_BYTES]
        self.store.add_recipient(pool, base64.urlsafe_b64encode(digest).decode())


class ShownPool(NamedTuple):
    """What is shown of a pool: loads by whom, None where they are fewer than LEAST_COUNT."""

    week: str
    recipients: int
    person: int | None
    machine: int | None
    unknown: int | None


class PoolPage(NamedTuple):
    """Pools of some weeks, newest first; `before` is where the earlier ones begin, if there may be any."""

    pools: tuple[ShownPool, ...]
    before: str | None


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """What is known of closed pools."""

    store: PoolStore
    clock: Clock

    def page(self, before: str | None = None) -> PoolPage:
        """Return the pools of WEEKS closed weeks, those before the week `before`. Raises Invalid and Unavailable.

        Of today nothing is shown yet, so that nobody can watch a count move at a single load.
        """
        now = self.clock()
        weeks = _closed_weeks(now)
        chosen = [week for week in weeks if before is None or week < before]
        shown = chosen[:WEEKS]
        if not shown:
            return PoolPage((), None)
        yesterday = day_of(now - DAY_MS)
        found = self.store.between(shown[-1], shown[0])
        pools = tuple(
            self._shown(each.pool.id, each.pool.week, each.recipients, yesterday)
            for each in found
            if each.recipients >= LEAST_RECIPIENTS
        )
        return PoolPage(pools, shown[-1] if len(chosen) > WEEKS else None)

    def _shown(self, pool: str, week: str, recipients: int, last_day: str) -> ShownPool:
        loads = self.store.loads(pool, last_day)
        person, machine, unknown = (_shown(loads.get(by, 0)) for by in ("person", "machine", "unknown"))
        return ShownPool(week, recipients, person, machine, unknown)


def _shown(count: int) -> int | None:
    return count if count >= LEAST_COUNT else None


def _closed_weeks(now: int) -> Sequence[str]:
    """Return the ISO weeks that are over and still kept, newest first."""
    return [week_of(now - ago * _WEEK_MS) for ago in range(1, KEPT_DAYS // 7)]
