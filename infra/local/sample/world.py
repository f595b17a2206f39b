"""Writes the story of `story.py` into a run's own stores, once, with the dates of that time."""

import json
import time
from collections.abc import Sequence

from infra.local import place as places
from infra.local.engine.cloud import Cloud
from infra.local.place import Place
from infra.local.sample import seed, story
from ocello.adapters.dynamodb import keys, paging
from ocello.adapters.hot import hit_item
from ocello.domain.people.users import User
from ocello.domain.tracking.hits import Hit, seconds_to_live
from ocello.services.sending.deliver import deliver
from ocello.services.sending.pace import Pace
from ocello.services.sending.ports import StoredMessage
from ocello.services.sending.turns import Turns


class _Dial:
    """A clock that the story sets."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def set(self, now: int) -> None:
        """Set the time."""
        self.now = now


class _NoQueue:
    """A DeliveryQueue for mail that the story delivers by itself, at its own time."""

    def enqueue(self, message: str, indexes: Sequence[int], owner: str) -> Sequence[int]:  # noqa: ARG002 — the port's signature
        """Queue nothing; all copies count as queued."""
        return ()

    def redeliver_after(self, receipt: str, seconds: int) -> None:
        """Do nothing: no message is received here."""


def write_once(place: Place, cloud: Cloud) -> int:
    """Write the story if it is not written yet; return the number of its mails, 0 if it was written before."""
    mark = place.home / "story.json"
    progress = json.loads(mark.read_text()) if mark.exists() else {"now": time.time_ns() // 1_000_000, "whole": False}
    if progress["whole"]:
        return 0
    places.write_private(
        mark, json.dumps(progress)
    )  # with the same dates, writing it again after a stop changes nothing
    sent = story.tell(progress["now"], _world(cloud))
    places.write_private(mark, json.dumps(progress | {"whole": True}))
    return len(sent)


def _world(cloud: Cloud) -> story.World:
    """Return the stores of the run, as the deliver function has them; mail goes to the mailbox at once."""
    dial = _Dial()
    ours = {"clock": dial, "delivery_queue": _NoQueue(), "turns": Turns(), "own_users": None, "pace": Pace()}
    wiring = seed.wiring_of(cloud, **ours)
    capture = cloud.settings["CaptureFunction"]
    table, ttl = capture["HITS_TABLE"], seconds_to_live(int(capture["HIT_TTL_DAYS"]))
    database = cloud.client("dynamodb")

    def send_out(stored: StoredMessage) -> None:
        for recipient in stored.recipients:
            deliver(stored.message.id, recipient.index, wiring.delivery)

    def record(hit: Hit) -> None:
        database.put_item(TableName=table, Item=hit_item.to_item(hit, ttl))

    def read_alerts(user: User, until: int) -> None:
        mark = keys.alert(user.id, until, "", "")
        wiring.alert_panel.mark_read_up_to(user.id, paging.encode(mark.pk, mark.sk))

    return story.World(
        sending=wiring.sending,
        users=wiring.users,
        drafts=wiring.drafts,
        consents=wiring.consents,
        set_clock=dial.set,
        deliver=send_out,
        record=record,
        read_alerts=read_alerts,
    )
