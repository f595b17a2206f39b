"""Ports of settling and alerting that remember."""

from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement.settle import place_of
from ocello.domain.people.users import TrackingSettings
from ocello.services.engagement.ports import StoredRow

MESSAGE = "0199a000-0000-7000-8000-000000000000"
BORN = 1_790_000_000_000
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def a_hit(at=0, request="r", kind="open", recipient=0, link=None, **other):
    from ocello.domain.tracking.hits import Hit  # noqa: PLC0415 — fakes without hits need none

    return Hit(
        **{
            "message": MESSAGE,
            "at": BORN + at,
            "request": request,
            "kind": kind,
            "recipient": recipient,
            "link": (link or 0) if kind == "click" else None,
            "method": "GET",
            "address": "203.0.113.1",
            "agent": CHROME,
            "headers": {},
            "flags": 0,
        }
        | other
    )


class MemoryHitReader:
    """HitReader, with small pages."""

    def __init__(self, *hits):
        self.hits, self.read = list(hits), 0

    def pages(self, message, first, last):
        found = sorted((hit for hit in self.hits if hit.message == message), key=place_of)
        found = [
            hit
            for hit in found
            if (first is None or place_of(hit) >= first) and (last is None or place_of(hit) <= last)
        ]
        for start in range(0, len(found) or 1, 7):
            page = found[start : start + 7]
            self.read += len(page)
            yield page


class MemoryEngagementStore:
    """EngagementStore; `interrupt` runs once between a read and the write that follows."""

    def __init__(self):
        self.rows, self.writes, self.interrupt, self.failing = {}, 0, None, set()

    def read(self, message):
        if message in self.failing:
            raise Unavailable("database: down")
        return self.rows.get(message)

    def write(self, message, packed, version):
        if self.interrupt is not None:
            interrupt, self.interrupt = self.interrupt, None
            interrupt()
        if (self.rows[message].version if message in self.rows else 0) != version:
            return False
        self.rows[message] = StoredRow(packed, version + 1)
        self.writes += 1
        return True


class MemoryLinkCounts:
    """LinkCounts."""

    def __init__(self, count=5):
        self.count = count

    def of(self, message):
        return self.count


class MemoryAlertStore:
    """AlertStore."""

    def __init__(self):
        self.rows = {}

    def state(self, alert):
        if alert not in self.rows:
            return "absent"
        return "withdrawn" if self.rows[alert] else "standing"

    def put(self, alert, *, withdrawn):
        self.rows[alert] = withdrawn


class MemoryNoticeQueue:
    """NoticeQueue, that can be down."""

    def __init__(self):
        self.notices, self.held, self.down = [], [], False

    def hand_over(self, notices):
        if self.down:
            raise Unavailable("alert queue: down")
        self.notices += notices

    def hold(self, held, wait_ms):
        if self.down:
            raise Unavailable("alert queue: down")
        self.held.append((held, wait_ms))


class MemoryMessages:
    """MessageStore, of which only reading is needed."""

    def __init__(self, *stored):
        self.stored = {one.message.id: one for one in stored}

    def load(self, message):
        return self.stored.get(message)


class MemorySettings:
    """SettingsStore, of which only reading is needed."""

    def __init__(self, **settings):
        self.settings = TrackingSettings(**settings)

    def read(self, user):
        return self.settings


class MemoryDays:
    """DayStats, of which only forgetting is needed."""

    def __init__(self):
        self.forgotten = []

    def forget(self, owner, day):
        self.forgotten.append((owner, day))


class MemoryChannel:
    """Channel, that can be down."""

    def __init__(self):
        self.told, self.down = [], False

    def tell(self, notice):
        if self.down:
            raise Unavailable("channel: down")
        self.told.append(notice)
