"""Export holds one person alone; erased means erased, and what others did stays as it was."""

import json
import zipfile
from io import BytesIO

import pytest

from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.subjects import subject_of
from ocello.domain.engagement.summary import unpack
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.mailboxes.received import MailRef
from ocello.domain.messages.alerts import Alert, answer_alert
from ocello.domain.messages.message import Mailbox, Message, Recipient, Report
from ocello.domain.retention.log import Deleted
from ocello.domain.verdicts.context import Context, CopyFacts
from ocello.services.consent.consents import Said
from ocello.services.consent.ports import SubjectCopy
from ocello.services.consent.withdraw import CopyCloser
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.settle import Judge, Settled
from ocello.services.retention.rights import Rights
from ocello.services.sending.ports import StoredMessage
from tests import fakes
from tests.fakes.engagement.settling import (
    BORN,
    MESSAGE,
    MemoryAlertStore,
    MemoryEngagementStore,
    MemoryHitStore,
    MemorySurroundings,
    a_hit,
)
from tests.fakes.mailboxes import MemoryReceivedMails
from tests.fakes.people.consent import MemoryCopyGates, MemorySubjectIndex
from tests.fakes.retention import MemoryDeletionLog
from tests.fakes.world import Clock

ANN, BOB = "ann@customer.test", "bob@customer.test"
DAY = 86_400_000


class World:
    """One mail to Ann and Bob, that both opened, and Ann's word."""

    def __init__(self, *, objecting=False):
        self.clock = Clock(BORN + 10 * DAY)
        self.consents, self.ledger = fakes.consents(self.clock)
        self.keys = self.consents.keys
        self.subjects = {name: subject_of(name, fakes.SUBJECT_KEY) for name in (ANN, BOB)}
        copies = {SubjectCopy(self.subjects[name], MESSAGE, index, "u1") for index, name in enumerate((ANN, BOB))}
        self.index, self.messages, self.alerts = (
            MemorySubjectIndex(copies),
            fakes.MemoryMessageStore(),
            MemoryAlertStore(),
        )
        self.rows, self.hits, self.log = MemoryEngagementStore(self.messages), MemoryHitStore(), MemoryDeletionLog()
        self.messages.create(
            StoredMessage(
                Message(
                    MESSAGE, "u1", "<1@x.test>", "c", Mailbox("rep@x.test", "Rep"), "An offer", BORN, track_opens=True
                ),
                (
                    Recipient(0, Mailbox(ANN, "Ann"), "to", "sent"),
                    Recipient(1, Mailbox(BOB, "Bob"), "bcc", "sent"),
                ),
                Report(()),
                None,
            ),
            None,
        )
        facts = {index: CopyFacts(BORN - DAY) for index in (0, 1)}
        self.judge = Judge(self.hits, self.rows, MemorySurroundings(copies=facts), Context(), NothingUnderWay())
        self.gates = MemoryCopyGates()
        self.received = MemoryReceivedMails()
        self.progress: list[int] = []
        self.rights = Rights(
            consents=self.consents,
            index=self.index,
            messages=self.messages,
            hits=self.hits,
            closer=CopyCloser(self.gates, self.judge),
            alerts=self.alerts,
            log=self.log,
            received=self.received,
            done=self.progress.append,
            objecting=objecting,
        )
        self.hit(0, recipient=0, address="203.0.113.77")
        self.hit(9_000_000, recipient=1, address="198.51.100.9")
        self.hit(2 * DAY, recipient=0, address="203.0.113.78")
        self.consents.record(Said(ANN, {"opens": "refused"}, "page", BORN))
        for hit in self.hits.hits:
            name = (ANN, BOB)[hit.recipient]
            self.alerts.put(
                Alert("u1", MESSAGE, hit.at, f"o{hit.recipient}", "open", "An offer", name, None), withdrawn=False
            )

    def hit(self, at, **other):
        hit = a_hit(at, f"r{at}", **other)
        self.hits.hits.append(hit)
        return self.judge.settle(MESSAGE, [hit])

    @property
    def shown(self):
        return unpack(self.rows.rows[MESSAGE].packed)


def unzipped(packed):
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_an_export_has_all_that_is_held_of_the_person():
    world = World()
    files = unzipped(world.rights.export(" Ann@Customer.test"))
    assert set(files) == {"data.json", "README.txt"}
    assert ANN in files["README.txt"]
    data = json.loads(files["data.json"])
    assert data["address"] == ANN
    assert data["consent"]["opens"]["state"] == "refused"
    assert data["consent"]["links"]["state"] == "unknown"
    assert [(line["event"], line["purpose"]) for line in data["ledger"]] == [("refused", "opens")]
    [mail] = data["mails"]
    assert (mail["subject"], mail["to"], mail["opens"]["count"], len(mail["opens"]["times"])) == ("An offer", ANN, 2, 2)
    assert [hit["network"] for hit in mail["hits"]] == ["203.0.113.0/24"] * 2
    assert world.progress == [1]


def test_an_export_has_nothing_of_anybody_else():
    text = unzipped(World().rights.export(ANN))["data.json"]
    for theirs in (BOB, "Bob", "198.51.100", "203.0.113.77"):
        assert theirs not in text


def test_of_somebody_unknown_an_export_says_that_nothing_is_held():
    data = json.loads(unzipped(World().rights.export("nobody@customer.test"))["data.json"])
    assert (data["ledger"], data["mails"]) == ([], [])


def test_erasing_deletes_hits_alerts_and_engagement_of_the_person_and_leaves_the_sums():
    world = World()
    assert world.rights.erase(ANN, "asked", "operator").deleted == Deleted(hits=2, engagement=1)
    assert [hit.recipient for hit in world.hits.hits] == [1]
    assert [alert.recipient for alert in world.alerts.rows] == [BOB]
    assert set(world.shown.recipients) == {1}
    assert world.shown.message_opens.count == 3
    assert [ring.recipient for ring in world.shown.alerts] == [1]
    assert 0 not in world.shown.known.copies


def answer(number, who):
    """Return a received mail in answer to the mail of this world."""
    ref, name = MailRef("INBOX", f"1.{number}"), f"{number:040x}"
    return ReceivedMail(
        name, "u1", "rep@example.test", "c", MESSAGE, (), Mailbox(who), BORN + number, "reply", ("no_program",), ref
    )


def test_what_a_person_answered_is_exported_and_erased_with_its_alerts_and_nobody_elses_is():
    world = World()
    for number in range(250):
        who = BOB if number % 5 == 0 else ANN
        mail = answer(number, who)
        world.received.add(mail, subject_of(who, fakes.SUBJECT_KEY), BORN)
        world.alerts.put(answer_alert(mail, "An offer"), withdrawn=False)
    data = json.loads(unzipped(world.rights.export(ANN))["data.json"])
    assert len(data["received"]) == 200
    assert {mail["from"]["address"] for mail in data["received"]} == {ANN}
    world.rights.erase(ANN, "asked", "operator")
    assert {mail.sender.address for mail in world.received.of("c")} == {BOB}
    assert len(world.received.of("c")) == 50
    assert {alert.recipient for alert in world.alerts.rows if alert.kind == "answered"} == {BOB}
    assert json.loads(unzipped(world.rights.export(ANN))["data.json"])["received"] == []


def test_what_was_erased_does_not_come_back_when_the_mail_is_judged_anew():
    world = World()
    world.rights.erase(ANN, "asked", "operator")
    world.judge.base = Context(networks="2026-11-26")
    world.judge.rejudge(MESSAGE)
    assert set(world.shown.recipients) == {1}
    assert (world.shown.message_opens.count, world.shown.recipient(1).opens.count) == (3, 1)


def test_after_erasing_nothing_more_is_recorded_of_the_copy_and_of_others_it_is():
    world = World()
    world.rights.erase(ANN, "asked", "operator")
    assert world.gates.kinds == {(MESSAGE, 0): {"open", "click"}}
    assert world.hit(11 * DAY, recipient=0) is Settled.SILENT
    assert world.hit(12 * DAY, recipient=1) is Settled.WRITTEN
    assert set(world.shown.recipients) == {1}


def test_erasing_destroys_the_key_and_keeps_the_refusal():
    world = World()
    sealed = world.consents.history(ANN, 1).items[0].sealed
    subject = world.subjects[ANN]
    assert world.keys.open(subject, sealed) == ANN
    world.rights.erase(ANN, "asked", "operator")
    assert world.keys.open(subject, sealed) is None
    assert world.consents.state(ANN).opens.state == "refused"


def test_erasing_is_written_into_the_log_without_the_address():
    world = World()
    entry = world.rights.erase(ANN, "asked by mail", "operator")
    assert world.log.page(9, None).items == (entry,)
    assert (entry.kind, entry.subject, entry.reason) == ("erasure", world.subjects[ANN], "asked by mail")
    assert ANN not in repr(entry)


def test_erasing_that_failed_half_way_can_be_done_again():
    world = World()
    world.rows.failing = {MESSAGE}
    with pytest.raises(Unavailable):
        world.rights.erase(ANN, "asked", "operator")
    assert world.log.page(9, None).items == ()
    world.rows.failing = set()
    assert world.rights.erase(ANN, "asked", "operator").deleted.hits == 2
    assert world.rights.erase(ANN, "asked", "operator").deleted == Deleted()


def test_after_a_restore_all_erasures_of_the_log_are_done_again():
    world, restored = World(), World()
    world.rights.erase(ANN, "asked", "operator")
    restored.log.entries = dict(world.log.entries)
    restored.clock.now += DAY
    assert restored.rights.erase_again() == 1
    assert set(restored.shown.recipients) == {1}
    assert [hit.recipient for hit in restored.hits.hits] == [1]
    assert [entry.deleted.hits for entry in restored.log.page(9, None).items] == [2, 2]
