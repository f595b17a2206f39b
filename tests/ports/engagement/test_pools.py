"""Pools: their recipients' number, and the counters to which capture adds."""

from ocello.domain.consent.ladder import COUNTERS
from ocello.domain.tracking.loads import Load
from ocello.domain.tracking.pools import Pool
from ocello.services.statistics.ports import FoundPool

ONE = Pool("41e9c8e9-a5a3-1d53-3eb3-e7e10c507426", "2026-W48")
OTHER = Pool("cb23cb33-479b-ecec-9cb5-95349f9ea674", "2026-W48")  # of another key
LATER = Pool("00000000-479b-ecec-9cb5-95349f9ea674", "2027-W01")
LOAD = Load(ONE.id, "2026-11-24", "open", "person")
SECONDS = 5.0


def add(stores, load, times=1):
    for _ in range(times):
        stores.load_sink.add(load, SECONDS)


def test_loads_of_a_pool_are_added_up_by_class_to_a_day(stores):
    add(stores, LOAD, 3)
    add(stores, LOAD._replace(by="machine"))
    add(stores, LOAD._replace(day="2026-11-30", by="unknown"), 2)
    add(stores, LOAD._replace(day="2026-12-01"), 9)
    add(stores, LOAD._replace(pool=OTHER.id), 5)
    assert dict(stores.pools.loads(ONE.id, "2026-11-30")) == {"person": 3, "machine": 1, "unknown": 2}
    assert stores.pools.loads(ONE.id, "2026-12-01")["person"] == 12
    assert sum(stores.pools.loads(ONE.id, "2026-11-23").values()) == 0


def test_a_recipient_is_counted_once_in_each_pool(stores):
    for pool, who in [(ONE, "ann"), (ONE, "bob"), (ONE, "ann"), (LATER, "ann")]:
        stores.pools.add_recipient(pool, who)
    assert stores.pools.between("2026-W48", "2027-W01") == [FoundPool(LATER, 1), FoundPool(ONE, 2)]


def test_pools_are_listed_by_their_weeks_newest_first_with_both_ends(stores):
    for pool in (ONE, OTHER, LATER):
        stores.pools.add_recipient(pool, "ann")
    assert [each.pool.week for each in stores.pools.between("2026-W48", "2026-W53")] == ["2026-W48", "2026-W48"]
    assert [each.pool for each in stores.pools.between("2026-W49", "2027-W01")] == [LATER]
    assert stores.pools.between("2026-W49", "2026-W53") == []


def test_a_recipients_row_and_a_day_of_loads_are_no_pools_of_their_own(stores):
    add(stores, LOAD)
    assert stores.pools.between("2026-W01", "2027-W53") == []
    stores.pools.add_recipient(ONE, "ann")
    assert stores.pools.loads(ONE.id, "2026-12-31")["person"] == 1


def test_how_copies_were_tracked_is_added_up_by_day_and_listed_newest_first(stores):
    stores.modes.add("2026-11-25", ["opens_pooled_none", "links_off"])
    for _ in range(2):
        stores.modes.add("2026-11-26", ["opens_individual_consent", "links_off"])
    stores.modes.add("2026-11-26", ["opens_off", "links_off"])
    page = stores.mode_days.page(1, None)
    today = {"opens_individual_consent": 2, "opens_off": 1, "links_off": 3}
    assert [(each.day, dict(each.counts)) for each in page.items] == [("2026-11-26", today)]
    rest = stores.mode_days.page(9, page.next)
    assert [(each.day, dict(each.counts)) for each in rest.items] == [
        ("2026-11-25", {"opens_pooled_none": 1, "links_off": 1})
    ]


def test_every_counter_that_a_decision_can_name_is_read_back(stores):
    stores.modes.add("2026-11-26", COUNTERS)
    assert dict(stores.mode_days.page(1, None).items[0].counts) == dict.fromkeys(COUNTERS, 1)
