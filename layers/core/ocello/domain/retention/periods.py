"""How long what is recorded of people is kept."""

from typing import NamedTuple

from ocello.domain.common.times import DAY_MS

ADDRESS_MS = 2 * DAY_MS  # after that a hit's address is cut; a run a day makes it three days at most
# Days before hits are deleted, from which on what they came to stays as it is. DynamoDB may delete from one day before on.
COUNT_AHEAD = 3
ENGAGEMENT_DAYS = 396  # thirteen months


class Periods(NamedTuple):
    """For how many days hits are kept, and what they came to after the newest of them; alerts live as long as that."""

    hits: int
    engagement: int = ENGAGEMENT_DAYS

    def addresses_before(self, now: int) -> int:
        """Return of hits of which time (ms) the address is to be cut by now."""
        return now - ADDRESS_MS

    def counts_before(self, now: int) -> int:
        """Return up to when (ms) the counters are to outlive their hits."""
        return now - (self.hits - COUNT_AHEAD) * DAY_MS

    def hits_before(self, now: int) -> int:
        """Return up to when (ms) hits are to be deleted."""
        return now - self.hits * DAY_MS

    def may_be_gone_before(self, now: int) -> int:
        """Return up to when (ms) hits may be deleted already: the database begins a day early."""
        return self.hits_before(now) + DAY_MS

    def kept_until(self, at: int) -> int:
        """Return until when (ms) a hit of a time (ms) is surely there."""
        return at + (self.hits - 1) * DAY_MS

    def engagement_before(self, now: int) -> int:
        """Return up to when (ms) the newest hit of what is to be deleted came."""
        return now - self.engagement * DAY_MS

    def due_day(self, now: int) -> int:
        """Return the day, since 1970, on which an engagement row is to be looked at whose hits are deleted about now."""
        return now // DAY_MS + self.engagement - self.hits + COUNT_AHEAD + 1

    def day_after(self, newest: int) -> int:
        """Return the day, since 1970, on which an engagement row is old enough whose newest hit came at `newest` (ms)."""
        return newest // DAY_MS + self.engagement + 1
