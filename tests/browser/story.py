"""The local run's story, written into stores in memory, for screenshots."""

from collections import defaultdict
from dataclasses import replace

from infra.local.sample import story
from ocello.domain.common.times import DAY_MS
from ocello.domain.engagement import row
from ocello.domain.engagement.settle import rebuild
from ocello.domain.engagement.summary import Engagement, unpack
from ocello.domain.imports.imports import Import, Refusal
from ocello.domain.people.audit import Action, new_entry
from ocello.domain.people.users import Account, ApiKey, Scope, User
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.traces import place_of
from ocello.services.alerts.alert import AlertPorts, alert
from ocello.services.alerts.ports import ShownAlert, ShownState
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.inbox import inbox
from tests import fakes
from tests.fakes.engagement.settling import MemoryAlertStore, MemoryNoticeQueue
from tests.fakes.mailboxes import MemoryReceivedMails
from tests.fakes.messages import MemoryDayStats
from tests.fakes.web import ADMIN, OTHER, REP

MATE = User("01900000-0000-7000-8000-000000000004", story.MATE, "Tom Teammate", given_groups=(story.TEAM,))
OUTSIDER = User("01900000-0000-7000-8000-000000000005", story.OUTSIDER, "Olga Outsider")
OFFER = 9  # the place of the mail that begins the conversation worth looking at

IMPORTS = (
    Import(
        "01900000-0000-7000-8000-000000001001", REP.id, "u", "csv", 0, "done", 214, 214, 198, 14, 2,
        (Refusal(17, "title", "must be 1 to 300 characters"), Refusal(90, "", "has 4 columns, not 5")),
    ),
    Import("01900000-0000-7000-8000-000000001002", REP.id, "u", "csv", 0, "running", 3200, 1200, 1200),
    Import(
        "01900000-0000-7000-8000-000000001003", ADMIN.id, "u", "csv", 0, "done", 120, 120, 96, 20, 4,
        (
            Refusal(8, "at", "must be a time with its zone, as RFC 3339 spells it: 2026-01-31T09:30:00Z"),
            Refusal(31, "notice", "must be the text that was shown"),
            Refusal(77, "links", "this person refused or withdrew it themself: only they can allow it"),
            Refusal(102, "at", "is before the year 2000"),
        ), kind="consents",
    ),
    Import(
        "01900000-0000-7000-8000-000000001004", ADMIN.id, "u", "jsonl", 0, "running", 5000, 1800, 1800, kind="consents"
    ),
)  # fmt: skip

# Days ago, by whom, what, of what, before, after.
CHANGES: tuple[tuple[int, User, Action, str, str, str], ...] = (
    (33, ADMIN, "user.invited", MATE.address, "", ""),
    (33, ADMIN, "groups.changed", MATE.address, "", story.TEAM),
    (30, REP, "account.verified", REP.address, "", ""),
    (20, ADMIN, "suppression.lifted", "helga@huber.test", "", ""),
    (12, OTHER, "item.visibility", "deal/1043", f"owner {REP.address}", f"group {story.TEAM}"),
    (2, ADMIN, "item.deleted", "lead/300", f"group {story.TEAM}, owner {MATE.address}", ""),
)
# Name, scopes, days ago: when it was made, when it was used, when it ends (below 0: to come).
KEYS: tuple[tuple[str, tuple[Scope, ...], int, int, int | None], ...] = (
    ("Figures for the board", ("read",), 40, 1, None),
    ("CRM", ("read", "send"), 25, 0, -65),
    ("Trial of the fair", ("send",), 35, 21, 5),
)


def tell(stage):
    """Fill a stage's stores; return the id of the conversation to show."""
    now = stage.clock.now
    stage.users.update(replace(OTHER, given_groups=("leads", story.TEAM)))
    stage.users.update(replace(REP, given_groups=(story.TEAM,)))
    for person in (MATE, OUTSIDER):
        stage.users.create(person)
    stage.accounts.write(Account(MATE.id, MATE.address, MATE.name, "ses", verified=True))
    hits, read_to = defaultdict(list), {}

    def deliver(stored):
        for each in stored.recipients:
            refused = each.mailbox.address.startswith("refuse@")
            told = (
                {"status": "failed", "diagnostic": "550 5.1.1 No such mailbox here"} if refused else {"status": "sent"}
            )
            stage.messages.rows[stored.message.id, each.index] = replace(each, sent_at=stage.clock.now, **told)

    world = story.World(
        sending=stage.context.sending,
        users=stage.users,
        drafts=stage.drafts,
        consents=fakes.consents(stage.clock)[0],
        set_clock=lambda at: setattr(stage.clock, "now", at),
        deliver=deliver,
        record=lambda hit: hits[hit.message].append(hit),
        read_alerts=lambda user, until: read_to.update({user.id: until}),
    )
    sent = story.tell(now, world)
    stage.clock.now = now
    _keep(now, stage)
    for made in IMPORTS:
        stage.imports.write(replace(made, created_at=now - 3_600_000, changed_at=now), None)
    stage.hits.hits = [hit for found in hits.values() for hit in found]
    rung = MemoryAlertStore()
    for stored in sent:
        inbox.add_message(stage.messages.load(stored.message.id), stage.inbox)
        _settle(stored, hits[stored.message.id], now, stage, rung)
    stage.alerts.alerts = defaultdict(list)
    for place, (one, withdrawn) in enumerate(sorted(rung.rows.items(), key=lambda each: each[0].at)):
        state: ShownState = "withdrawn" if withdrawn else "read" if one.at <= read_to.get(one.owner, 0) else "new"
        shown = ShownAlert(
            f"{place:03d}", one.kind, one.at, one.message, one.subject, one.recipient, one.link, state, one.name
        )
        stage.alerts.alerts[one.owner].append(shown)
    return sent[OFFER].message.id


def _keep(now, stage):
    """Keep what was changed, and the rep's keys."""
    for days, person, action, target, before, after in CHANGES:
        stage.users.trail.append(new_entry(now - days * DAY_MS, person, action, target, before, after))
    for place, (name, scopes, made, used, ends) in enumerate(KEYS):
        key = ApiKey(
            f"01900000-0000-7000-8000-00000000200{place}", REP.id, name, scopes, str(place), now - made * DAY_MS,
            now - used * DAY_MS, 0 if ends is None else now - ends * DAY_MS,
        )  # fmt: skip
        stage.keys.create(key, new_entry(key.created_at, REP, "key.made", name, "", ", ".join(scopes)))


def _settle(stored, hits, now, stage, rung):
    """Settle a message's hits in two batches, as the stream may bring them: what looked like a person at first is seen again."""
    message, before = stored.message.id, Engagement()
    ports = AlertPorts(
        stage.messages,
        stage.settings,
        stage.preferences,
        rung,
        MemoryNoticeQueue(),
        MemoryDayStats(),
        stage.inbox,
        frozenset(),
        NothingUnderWay(),
        MemoryReceivedMails(),
    )
    found = sorted(hits, key=place_of)
    for known in (found[:2], found):
        if known:
            after = unpack(row.pack(rebuild([known], Context(len(stored.report.links))).row()))
            stage.messages.engagements[message] = after
            alert(message, before, after, now, ports)
            before = after
