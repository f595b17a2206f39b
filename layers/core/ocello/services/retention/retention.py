"""Cuts addresses short, deletes what was kept long enough, and writes down what it deleted.

A run goes through all hits page by page, then through the engagement rows that are due, through the mail that has become
old enough to have such a row of which nothing was noted, and through the alerts of each user. How far it has come is written
after each page, so that the next call goes on from there; each step may be done twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from ocello.domain.common import ids
from ocello.domain.common.times import DAY_MS
from ocello.domain.engagement import row as rows
from ocello.domain.engagement.settle import OpenRow
from ocello.domain.engagement.summary import Engagement
from ocello.domain.retention.log import STAGES, Deleted, Deletion, RetentionRun
from ocello.domain.retention.periods import Periods
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.traces import without_address
from ocello.services.common.ports import Clock
from ocello.services.engagement.ports import HitStore
from ocello.services.engagement.settle import Judge
from ocello.services.inbox.inbox import refresh_engagement
from ocello.services.inbox.ports import InboxStore
from ocello.services.people.ports import UserStore
from ocello.services.retention.ports import DeletionLog, EngagementRows, HitArchive, OldAlerts, RetentionStore
from ocello.services.sending.ports import MessageStore
from ocello.services.statistics.ports import MessageDays

HITS_AT_ONCE, ROWS_AT_ONCE, USERS_AT_ONCE, ALERTS_AT_ONCE = 500, 100, 20, 500
RESERVE_MS = 60_000  # of a call's time, in which no more pages are begun


@dataclass(frozen=True, kw_only=True)
class Retention:
    """The night's work, with the stores that it was given."""

    archive: HitArchive
    hits: HitStore
    judge: Judge
    engagement: EngagementRows
    messages: MessageStore
    mails: MessageDays
    inbox: InboxStore
    users: UserStore
    alerts: OldAlerts
    store: RetentionStore
    log: DeletionLog
    periods: Periods
    clock: Clock

    def go_on(self, left: Callable[[], int]) -> RetentionRun:
        """Begin the day's run, or go on with one, while there are milliseconds `left`; return how far it has come.

        A run that is not done goes on before another one begins. Raises Unavailable; what was done stays done.
        """
        now = self.clock()
        run = self.store.run()
        if run is None or (run.stage == "done" and run.day < now // DAY_MS):
            counted, looked = (0, 0) if run is None else (run.counting, run.looked)
            counting = self.periods.counts_before(now)
            run = RetentionRun(now // DAY_MS, now, counted=counted, counting=counting, looked=looked)
        while run.stage != "done" and left() > RESERVE_MS:
            run = self._step(run)
            if run.stage == "done":
                self.log.add(Deletion(self.clock(), "retention", run.deleted, run.began))
            self.store.save(run)
        return run

    def _step(self, run: RetentionRun) -> RetentionRun:
        if run.stage == "hits":
            deleted, cursor = self._some_hits(run)
        elif run.stage == "engagement":
            deleted, cursor = self._some_rows(run.day)
        elif run.stage == "mails":
            deleted, cursor = self._some_mails(run)
        else:
            deleted, cursor = self._some_alerts(run.cursor)
        stage = run.stage if cursor else STAGES[STAGES.index(run.stage) + 1]
        looked = self._until(run) if stage == "alerts" else run.looked
        return run._replace(stage=stage, cursor=cursor, deleted=run.deleted.plus(deleted), looked=looked)

    def _some_hits(self, run: RetentionRun) -> tuple[Deleted, str]:
        """Cut and delete what is due of one page of hits."""
        page = self.archive.page(HITS_AT_ONCE, run.cursor)
        done = Deleted()
        for message, found in groupby(page.hits, lambda hit: str(hit.message)):
            done = done.plus(self._of_message(message, list(found), run))
        return done, page.next

    def _of_message(self, message: str, hits: Sequence[Hit], run: RetentionRun) -> Deleted:
        now = self.clock()
        given_up = sum(run.counted <= hit.at < run.counting for hit in hits)
        if given_up:
            # The note comes first: a row without it would be kept for ever, a note without a row harms nothing.
            self.store.note_due(message, self.periods.due_day(now))
            self.judge.keep_counts(message, run.counting)
        gone = [hit for hit in hits if hit.at < self.periods.hits_before(now)]
        if gone:
            self.hits.remove(gone)
        cut = [
            hit
            for hit in hits
            if self.periods.hits_before(now) <= hit.at < self.periods.addresses_before(now)
            and hit.address
            and hit.source is None
        ]
        if cut:
            stored = self.engagement.read(message)
            sessions = () if stored is None else rows.unpack(stored.packed).known.sessions
            context = self.judge.base._replace(sessions=sessions)
            for hit in cut:
                self.archive.shorten(without_address(hit, context))
        return Deleted(addresses=len(cut), hits=given_up)

    def _some_rows(self, day: int) -> tuple[Deleted, str]:
        """Delete engagement rows whose newest hit is old enough; a row that had later ones is noted for later, too."""
        due = self.store.due(day, ROWS_AT_ONCE)
        deleted = 0
        for message, when in due:
            fate, _ = self._expire(message)
            if fate == "changed":
                continue  # a hit came just now; it is looked at again
            deleted += fate == "deleted"
            self.store.done(message, when)
        return Deleted(engagement=deleted), "more" if len(due) == ROWS_AT_ONCE else ""

    def _some_mails(self, run: RetentionRun) -> tuple[Deleted, str]:
        """Look at some mail of one user that has become old enough: its hits may be gone since before anything was noted.

        The cursor is the last mail that was looked at, and the cursor of the user.
        """
        last, _, users = run.cursor.partition(" ")
        page, deleted = self.users.page(1, users or None), 0
        for user in page.items:
            found = self.mails.before(user.id, last or ids.first_at(self._until(run)), ROWS_AT_ONCE)
            old = [mail.id for mail in found if ids.time_of(mail.id) >= run.looked]
            for message in old:
                fate, newest = self._expire(message)
                deleted += fate == "deleted"
                if fate in ("newer", "changed"):
                    self.store.note_due(message, self.periods.day_after(newest))
            if len(old) == ROWS_AT_ONCE:
                return Deleted(engagement=deleted), f"{old[-1]} {users}"
        return Deleted(engagement=deleted), f" {page.next}" if page.next else ""

    def _until(self, run: RetentionRun) -> int:
        """Return up to when (ms) mail was made that a run looks at."""
        return self.periods.engagement_before(run.began)

    def _expire(self, message: str) -> tuple[Literal["none", "newer", "deleted", "changed"], int]:
        """Delete what a message's hits came to, if the newest is old enough; return what was done, and the newest (ms).

        What its readers have closed stays: nothing is recorded of whom has withdrawn, however long ago.
        """
        stored = self.engagement.read(message)
        if stored is None:
            return "none", 0
        row = rows.unpack(stored.packed)
        if OpenRow(row).empty:
            return "none", 0
        if row.newest >= self.periods.engagement_before(self.clock()):
            return "newer", row.newest
        if row.closed:
            kept = rows.pack(OpenRow.without_hits(row.closed).row())
            done = self.engagement.write(message, kept, stored.version)
        else:
            done = self.engagement.delete(message, stored.version)
        if not done:
            return "changed", row.newest
        self._forget_marks(message)
        return "deleted", row.newest

    def _forget_marks(self, message: str) -> None:
        """Take a message out of the lists of what was opened and clicked."""
        stored = self.messages.load(message)
        if stored is not None:
            mail = stored.message
            refresh_engagement(mail.owner, mail.conversation_id, message, Engagement(), self.inbox)

    def _some_alerts(self, cursor: str) -> tuple[Deleted, str]:
        """Delete old alerts of some users."""
        page = self.users.page(USERS_AT_ONCE, cursor or None)
        before, deleted = self.periods.engagement_before(self.clock()), 0
        for user in page.items:
            while found := self.alerts.delete_before(user.id, before, ALERTS_AT_ONCE):
                deleted += found
        return Deleted(alerts=deleted), page.next or ""
