"""The ports of settling and alerting, in memory, for one mail that `make judge` plays."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ocello.domain.engagement.summary import Engagement, unpack
from ocello.domain.messages.alerts import Alert
from ocello.domain.messages.message import Message, Recipient, Report
from ocello.domain.people.users import TrackingSettings
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.context import CopyFacts, DomainHistory
from ocello.services.alerts.ports import HeldAlert, KeptAlert, Notice
from ocello.services.engagement.ports import HitPosition, StoredRow, position_of
from ocello.services.sending.ports import StoredMessage

START = 1_700_000_000_000  # ms; offsets count from a delivery one day after this


class Arrived:
    """A HitStore of the hits that have arrived."""

    def __init__(self) -> None:
        self.arrived: list[Hit] = []

    def pages(self, message: str, first: HitPosition | None, last: HitPosition | None) -> Iterator[Sequence[Hit]]:
        """Return the hits that have arrived, sorted as in the table."""
        del message
        found = sorted(self.arrived, key=position_of)
        yield [
            hit
            for hit in found
            if (first is None or position_of(hit) >= first) and (last is None or position_of(hit) <= last)
        ]

    def remove(self, hits: Sequence[Hit]) -> None:
        """Forget hits."""
        self.arrived = [hit for hit in self.arrived if hit not in hits]


@functools.lru_cache(2)
def _unpacked(packed: bytes) -> Engagement:
    """Return a row's engagement: it is asked for after one hit and again before the next."""
    return unpack(packed)


class OneRow:
    """An EngagementStore of one message."""

    def __init__(self) -> None:
        self.row: StoredRow | None = None

    def read(self, message: str) -> StoredRow | None:
        """Return the row."""
        del message
        return self.row

    def write(self, message: str, packed: bytes, version: int) -> bool:
        """Write the row; no other process does."""
        del message
        self.row = StoredRow(packed, version + 1)
        return True


@dataclass(slots=True)
class Rung:
    """An alert as the answer shows it."""

    at: int
    state: Literal["rung", "withdrawn"] = "rung"


@dataclass(slots=True)
class PlayedMail:
    """All ports of settling and alerting for one mail: what is known of the mail, a clock, alerts and holds."""

    message: Message
    recipients: tuple[Recipient, ...]
    report: Report
    known: Mapping[int, CopyFacts]
    now: int = START
    alerts: dict[Alert, Rung] = field(default_factory=dict)
    holds: list[tuple[int, HeldAlert]] = field(default_factory=list)
    moved: Rung | None = None
    rows: OneRow = field(default_factory=OneRow)

    # Surroundings

    def link_count(self, message: str) -> int:
        """Return the number of the mail's links."""
        del message
        return len(self.report.links)

    def copies(self, message: str, recipients: Iterable[int]) -> Mapping[int, CopyFacts]:
        """Return what the line says of these recipients."""
        del message
        return {index: self.known[index] for index in recipients if index in self.known}

    def learn(self, message: str, lessons: Mapping[int, DomainHistory]) -> None:
        """Learn nothing: a mail that is played stands for itself."""

    def sessions(self, message: str) -> tuple[()]:
        """Return none: a line says nothing of signed-in users."""
        del message
        return ()

    # MessageStore and SettingsStore, only their reading methods

    def load(self, message: str) -> StoredMessage:
        """Return the mail with what is known of it now."""
        del message
        return StoredMessage(self.message, self.recipients, self.report, self.engagement)

    def read(self, user: str) -> TrackingSettings:
        """Return the settings: every alert is wanted."""
        del user
        return TrackingSettings()

    @property
    def engagement(self) -> Engagement:
        """Return the engagement of the hits so far."""
        return Engagement() if self.rows.row is None else _unpacked(self.rows.row.packed)

    # ReceivedMails, only its reading method

    def of(self, conversation: str) -> tuple[()]:
        """Return none: nobody answers a mail that is played."""
        del conversation
        return ()

    # AlertStore and NoticeQueue

    def kept(self, alert: Alert) -> KeptAlert | None:
        """Return whether an alert is withdrawn; None if there is no such alert."""
        found = self.alerts.get(alert)
        return None if found is None else KeptAlert(found.state == "withdrawn")

    def put(self, alert: Alert, *, withdrawn: bool) -> None:
        """Ring an alert, or withdraw it."""
        found = self.alerts.setdefault(alert, Rung(self.now))
        found.state = "withdrawn" if withdrawn else "rung"

    def remove(self, alert: Alert) -> None:
        """Delete an alert that was merged into another."""
        self.alerts.pop(alert, None)

    def enqueue(self, notices: Sequence[Notice]) -> None:
        """Do nothing: there are no channels."""

    def enqueue_delayed(self, held: HeldAlert, delay_ms: int) -> None:
        """Hold an alert."""
        self.holds.append((self.now + delay_ms, held))

    # DayStats and InboxStore: a mail that is played is in no list

    def forget(self, owner: str, day: str) -> None:
        """Do nothing: no figures are stored."""

    def entry(self, owner: str, conversation: str) -> None:
        """Return no entry."""
