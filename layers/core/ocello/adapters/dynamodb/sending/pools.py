"""Pools in the app table: their recipients' number, and the counters that capture adds to."""

from collections import Counter
from collections.abc import Mapping, Sequence

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from ocello.adapters.dynamodb import keys, models, pool_keys
from ocello.adapters.dynamodb.conditions import Attempt, absent
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.common.times import day_of
from ocello.domain.tracking import pools
from ocello.domain.tracking.loads import LOAD_CLASSES, LoadClass, expires
from ocello.domain.tracking.pools import Pool
from ocello.services.statistics.ports import FoundPool


class PoolRow(models.Row, discriminator="Pool"):
    """A pool, and how many people its mail went to."""

    pool = UnicodeAttribute()
    week = UnicodeAttribute()
    recipients = NumberAttribute()


class PoolReaderRow(models.Row, discriminator="PoolReader"):
    """That a recipient is counted in a pool; it is deleted soon after the pool's week."""


class PoolDayRow(models.Row, discriminator="PoolDay"):
    """The loads of a pool on a day, by whom; `adapters/hot/load_sinks.py` adds to them."""

    person = NumberAttribute(default=0, attr_name="open_person")
    machine = NumberAttribute(default=0, attr_name="open_machine")
    unknown = NumberAttribute(default=0, attr_name="open_unknown")


class DynamoPoolStore:
    """PoolStore."""

    @unavailable
    def add_recipient(self, pool: Pool, digest: str) -> None:
        """Write the recipient's row; if it is new, add one. If the process ends between the two, one too few is counted."""
        reader = PoolReaderRow(*pool_keys.pool_reader(pool.id, digest), ttl=pools.forgets(pool.week))
        with Attempt() as attempt:
            reader.save(absent())
        if attempt.succeeded:
            row = PoolRow(*pool_keys.pool(pool.week, pool.id))
            monday = day_of(pools.week_start(pool.week) * 1000)
            row.update(
                [
                    PoolRow.recipients.add(1),
                    PoolRow.pool.set(pool.id),
                    PoolRow.week.set(pool.week),
                    PoolRow.ttl.set(expires(monday)),
                    models.kind_of(PoolRow),
                ]
            )

    @unavailable
    def between(self, first: str, last: str) -> Sequence[FoundPool]:
        """Query the pools by their weeks."""
        bounds = models.Row.sk.between(
            pool_keys.pool(first, "").sk, keys.beginning_with(pool_keys.pool(last, "").sk).last
        )
        rows = PoolRow.query(pool_keys.POOLS, bounds, scan_index_forward=False)
        return [FoundPool(Pool(row.pool, row.week), int(row.recipients)) for row in rows]

    @unavailable
    def loads(self, pool: str, last_day: str) -> Mapping[LoadClass, int]:
        """Query the counters by their days."""
        bounds = models.Row.sk.between(keys.DAYS, pool_keys.pool_day(pool, last_day).sk)
        found: Counter[LoadClass] = Counter()
        for row in PoolDayRow.query(pool_keys.pool_day(pool, last_day).pk, bounds):
            for by in LOAD_CLASSES:
                found[by] += int(getattr(row, by))
        return found
