"""What cuts and deletes rows that were kept long enough."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.engagement.counters import CountedHit
from ocello.domain.messages.alerts import Alert
from ocello.domain.people.audit import AuditEntry
from ocello.domain.retention.jobs import SubjectJob
from ocello.domain.retention.log import Deleted, Deletion, RetentionRun
from ocello.domain.retention.tickets import PAUSE_MS, RightsTicket
from ocello.domain.tracking.hits import Hit, Source
from ocello.domain.verdicts.outcomes import Outcome
from tests.fakes.engagement.settling import BORN, MESSAGE, a_hit, counted_row

OTHER = "0199a000-0000-7000-8000-00000000000f"


def put(stores, *hits):
    for hit in hits:
        stores.hit_sink.put(hit, 2.0)


def every(stores, limit):
    found: list[Hit] = []
    cursor, pages = "", 0
    while True:
        page = stores.hit_archive.page(limit, cursor)
        found, pages = [*found, *page.hits], pages + 1
        if not (cursor := page.next):
            return found, pages


def read(stores, message=MESSAGE):
    return [hit for page in stores.hits.pages(message, None, None) for hit in page]


def test_all_hits_of_all_messages_are_read_page_by_page_and_each_once(stores):
    hits = [a_hit(at, f"r{at}", message=message) for message in (MESSAGE, OTHER) for at in range(5)]
    put(stores, *hits)
    found, pages = every(stores, 3)
    assert sorted(found, key=str) == sorted(hits, key=str)
    assert pages >= 3
    together = [hit.message for hit in found]
    assert together in ([MESSAGE] * 5 + [OTHER] * 5, [OTHER] * 5 + [MESSAGE] * 5)


def test_a_shortened_hit_has_its_network_and_nothing_else_changed(stores):
    hit = a_hit(address="192.0.2.77", headers={"dnt": "1"})
    put(stores, hit, a_hit(1, "s"))
    cut = hit._replace(address="192.0.2.0/24", source=Source("consumer", 17, 4, "session"))
    stores.hit_archive.shorten(cut)
    assert read(stores) == [cut, a_hit(1, "s")]


def test_what_was_no_address_is_shortened_to_nothing(stores):
    hit = a_hit(address="unknown")
    put(stores, hit)
    cut = hit._replace(address="", source=Source("unknown", 17, 0, ""))
    stores.hit_archive.shorten(cut)
    assert read(stores) == [cut]


def test_a_hit_that_is_gone_is_not_made_again(stores):
    put(stores, a_hit())
    stores.hits.remove([a_hit()])
    stores.hit_archive.shorten(a_hit()._replace(address="203.0.113.0/24", source=Source("unknown", 1, 1, "")))
    assert read(stores) == []


def test_a_run_is_read_as_it_was_written_last(stores):
    assert stores.retention.run() is None
    run = RetentionRun(20_000, BORN, "engagement", "a cursor", Deleted(3, 2, 1), BORN - 9, BORN - 8, BORN - 7)
    stores.retention.save(RetentionRun(20_000, BORN))
    stores.retention.save(run)
    assert stores.retention.run() == run


def test_messages_are_due_by_their_day_until_they_are_done(stores):
    for message, day in ((OTHER, 20_500), (MESSAGE, 20_400), (MESSAGE, 20_400), (MESSAGE, 20_501)):
        stores.retention.note_due(message, day)
    assert stores.retention.due(20_399, 10) == []
    assert stores.retention.due(20_500, 1) == [(MESSAGE, 20_400)]
    assert stores.retention.due(20_500, 10) == [(MESSAGE, 20_400), (OTHER, 20_500)]
    stores.retention.done(MESSAGE, 20_400)
    assert stores.retention.due(20_501, 10) == [(OTHER, 20_500), (MESSAGE, 20_501)]


def test_the_log_lists_newest_first_and_an_entry_is_never_changed(stores):
    first = Deletion(BORN + 5, "retention", Deleted(hits=7), BORN)
    second = Deletion(BORN + 900, "erasure", Deleted(hits=1), BORN + 800, "s" * 43, "asked for by mail")
    stores.deletions.add(first)
    stores.deletions.add(second)
    stores.deletions.add(first._replace(deleted=Deleted()))
    page = stores.deletions.page(1, None)
    assert page.items == (second,)
    assert stores.deletions.page(1, page.next).items == (first,)
    with pytest.raises(Invalid):
        stores.deletions.page(1, "no cursor of ours")


def test_alerts_of_hits_before_a_time_are_deleted_and_no_others(stores):
    alerts = [Alert(owner, MESSAGE, BORN + at, "o0", "open", "S", "a@b.test", None) for owner in "uv" for at in (0, 9)]
    for alert in alerts:
        stores.alerts.put(alert, withdrawn=False)
    assert stores.old_alerts.delete_before("u", BORN + 9, 10) == 1
    assert stores.old_alerts.delete_before("u", BORN + 9, 10) == 0
    assert [stores.alerts.kept(alert) is None for alert in alerts] == [True, False, False, False]


def test_an_engagement_row_is_deleted_unless_it_was_written_meanwhile(stores):
    packed = counted_row(0, [CountedHit(BORN, "open", 0, None, Outcome.COUNTED)])
    assert stores.engagement_rows.write(MESSAGE, packed, 0)
    assert not stores.engagement_rows.delete(MESSAGE, 2)
    assert stores.engagement_rows.read(MESSAGE) is not None
    assert stores.engagement_rows.delete(MESSAGE, 1)
    assert stores.engagement_rows.read(MESSAGE) is None
    assert not stores.engagement_rows.delete(MESSAGE, 1)


JOB = SubjectJob("0199a000-0000-7000-8000-0000000000a1", "s1", "erase", BORN, reason="asked", sealed="x")
LATER = replace(JOB, id="0199a000-0000-7000-8000-0000000000a2", at=BORN + 1)


def test_a_job_is_written_once_read_back_and_listed_newest_first(stores):
    assert stores.subject_jobs.get(JOB.id) is None
    assert stores.subject_jobs.write(JOB, None)
    assert stores.subject_jobs.write(LATER, None)
    assert not stores.subject_jobs.write(JOB, None)
    assert stores.subject_jobs.get(JOB.id) == JOB
    page = stores.subject_jobs.page(1, None)
    assert page.items == (LATER,)
    assert stores.subject_jobs.page(1, page.next).items == (JOB,)


def test_a_job_that_another_call_has_written_is_not_overwritten(stores):
    stores.subject_jobs.write(JOB, None)
    fault = Text("given up after %(tries)s tries", tries=8)
    done = replace(JOB, state="failed", deleted=Deleted(hits=3), cursor="c", fault=fault, version=1)
    assert stores.subject_jobs.write(done, JOB)
    assert not stores.subject_jobs.write(replace(done, version=1), JOB)
    read = stores.subject_jobs.get(JOB.id)
    assert read == done
    assert read.fault.values == {"tries": 8}


def test_a_job_is_written_with_its_entry_of_the_trail_or_not_at_all(stores):
    note = AuditEntry("0199a000-0000-7000-8000-0000000000b1", "subject.erase", "admin@x.test", JOB.id)
    stores.subject_jobs.write(JOB, None, [note])
    assert not stores.subject_jobs.write(JOB, None, [replace(note, id="0199a000-0000-7000-8000-0000000000b2")])
    assert stores.trail.page(9, None).items == (note,)


TICKET = RightsTicket("d" * 64, "s1", "export", MESSAGE, 0, "sealed", BORN)


def test_what_a_mails_link_stands_for_is_read_back_and_written_over(stores):
    assert stores.rights_tickets.get(TICKET.digest) is None
    stores.rights_tickets.put(TICKET)
    assert stores.rights_tickets.get(TICKET.digest) == TICKET
    stores.rights_tickets.put(TICKET._replace(job=JOB.id))
    assert stores.rights_tickets.get(TICKET.digest).job == JOB.id


def test_one_mail_a_day_is_claimed_for_each_person_and_thing_and_the_same_wish_may_claim_again(stores):
    claim = stores.rights_tickets.claim
    assert [claim("s1", "export", BORN) for _ in range(2)] == [True, True]
    assert not claim("s1", "export", BORN + PAUSE_MS - 1)
    assert claim("s1", "erase", BORN + 1)
    assert claim("s2", "export", BORN + 1)
    assert claim("s1", "export", BORN + PAUSE_MS)
    assert not claim("s1", "export", BORN), "a message that comes late"
