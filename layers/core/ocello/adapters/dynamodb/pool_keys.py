"""The keys of pools, of their recipients and of their counters."""

from ocello.adapters.dynamodb.keys import DAYS, Key


def pool(week: str, identifier: str) -> Key:
    """Return the key of a pool, which knows how many people its mail went to; pools sort by their ISO week."""
    return Key(POOLS, f"{week}#{identifier}")


POOLS = "POOLS"


def pool_reader(pool: str, digest: str) -> Key:
    """Return the key of the row by which a recipient of a pool is counted once."""
    return Key(f"POOL#{pool}", f"READER#{digest}")


def pool_day(pool: str, day: str) -> Key:
    """Return the key of the counters of a pool on a UTC day (YYYY-MM-DD)."""
    return Key(f"POOL#{pool}", f"{DAYS}{day}")
