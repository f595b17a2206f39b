"""Requests to export or erase are worked through in portions, each of which may be done twice."""

import json
from dataclasses import replace

import pytest

from functions.subjects.handler import MOST_TRIES, answer
from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.subjects import subject_of
from ocello.domain.people.users import SCOPES, Principal, User
from ocello.domain.retention.jobs import EXPORT_MS, export_name
from ocello.domain.retention.log import Deleted
from ocello.services.consent.ports import SubjectCopy
from ocello.services.retention.jobs import AT_ONCE, ERASED, SubjectJobRunner, SubjectRequests
from tests import fakes
from tests.fakes.retention import MemorySubjectJobs, MemorySubjectQueue
from tests.unit.retention.test_rights import ANN, BOB, World, unzipped

ADMIN = Principal(User("u9", "admin@x.test", admin=True), frozenset(SCOPES), by_key=False)


class Office:
    """A world with jobs, and a runner."""

    def __init__(self, *, objecting=False):
        self.world = World(objecting=objecting)
        self.jobs, self.queue, self.mail = MemorySubjectJobs(), MemorySubjectQueue(), fakes.MemoryMailStore()
        self.requests = SubjectRequests(
            self.jobs,
            self.queue,
            self.world.keys,
            self.mail,
            fakes.SUBJECT_KEY,
            self.world.clock,
            fakes.PredictableBytes(),
        )
        self.runner = SubjectJobRunner(self.world.rights, self.jobs, self.queue, self.mail)

    def begin(self, do, address=ANN):
        return self.requests.begin(ADMIN, address, do, "asked by mail")

    def run(self, job, left=600_000):
        return self.runner.advance(job.id, lambda: left)

    def many(self, number):
        """Send the person more mail, of which nothing is stored any more."""
        subject = subject_of(ANN, fakes.SUBJECT_KEY)
        self.world.index.add(
            [SubjectCopy(subject, f"0199b000-0000-7000-8000-{place:012d}", 0, "u1") for place in range(number)]
        )

    def events(self):
        return {(each.event, each.purpose, each.channel) for each in self.world.consents.history(ANN, 99).items}


def test_an_export_ends_in_a_zip_and_leaves_neither_address_nor_portions():
    office = Office()
    job = office.begin("export")
    done = office.run(job)
    assert (done.state, done.copies, done.sealed) == ("done", 1, "")
    assert [*office.mail.files] == [export_name(job.id)]
    data = json.loads(unzipped(office.mail.files[export_name(job.id)])["data.json"])
    assert (data["address"], len(data["mails"]), data["mails"][0]["opens"]["count"]) == (ANN, 1, 2)
    assert BOB not in repr(data)


def test_an_erasure_refuses_both_first_and_destroys_the_key_last():
    office = Office()
    done = office.run(office.begin("erase"))
    assert (done.state, done.deleted, done.sealed) == ("done", Deleted(hits=2, engagement=1), "")
    assert office.events() == {("refused", "opens", "page"), ("refused", "links", "api")}
    assert [hit.recipient for hit in office.world.hits.hits] == [1]
    sealed = office.world.consents.history(ANN, 1).items[0].sealed
    assert office.world.keys.open(done.subject, sealed) is None
    (entry,) = office.world.log.page(9, None).items
    assert (entry.subject, entry.reason, entry.began) == (done.subject, "asked by mail", done.at)


def test_where_rules_need_no_consent_an_erasure_is_an_objection():
    office = Office(objecting=True)
    office.run(office.begin("erase"))
    assert ("objected", "links", "api") in office.events()


@pytest.mark.parametrize("do", ["export", "erase"])
def test_a_long_job_is_done_in_portions_and_queued_in_between(do):
    office = Office()
    office.many(2 * AT_ONCE)
    job = office.begin(do)
    office.queue.queued.clear()
    states = [office.run(job, left=0) for _ in range(3)]
    assert [each.state for each in states] == ["running", "running", "done"]
    assert [each.copies for each in states] == [AT_ONCE, 2 * AT_ONCE, 2 * AT_ONCE + 1]
    assert office.queue.queued == [job.id] * 2
    assert office.run(job) is None, "a message that comes again finds nothing to do"


@pytest.mark.parametrize("do", ["export", "erase"])
def test_a_portion_that_was_not_written_down_is_done_again(do):
    """The call ends after the work and before its record."""
    office, lost = Office(), Unavailable("database: down")
    office.many(AT_ONCE + 1)
    job = office.begin(do)
    failing = [True, False, True]

    def fail(_after, _before):
        if failing and failing.pop(0):
            raise lost

    office.jobs.before_write = fail
    for _ in range(2):
        with pytest.raises(Unavailable):
            office.run(job)
    done = office.run(job)
    assert (done.state, done.copies) == ("done", AT_ONCE + 2)
    if do == "erase":
        assert len(office.world.consents.history(ANN, 99).items) == 2
        assert len(office.world.log.page(9, None).items) == 1
        assert [hit.recipient for hit in office.world.hits.hits] == [1]
    else:
        assert len(json.loads(unzipped(office.mail.files[export_name(job.id)])["data.json"])["mails"]) == 1


def test_of_two_calls_at_one_job_one_gives_way_and_comes_again():
    office = Office()
    job = office.begin("export")

    def overtake(_after, before):
        office.jobs.jobs[before.id] = replace(before, version=7)

    office.jobs.before_write = overtake
    with pytest.raises(Unavailable, match="another call"):
        office.run(job)


def test_an_erasure_takes_away_what_was_exported_before():
    office = Office()
    exported = office.run(office.begin("export"))
    other = office.run(office.begin("export", BOB))
    assert office.requests.fetchable(exported) is not None
    office.run(office.begin("erase"))
    assert office.requests.fetchable(office.jobs.get(exported.id)) is None
    assert [*office.mail.files] == [export_name(other.id)]


def test_an_export_of_somebody_who_was_erased_meanwhile_fails_and_says_why():
    office = Office()
    waiting = office.begin("export")
    office.run(office.begin("erase"))
    failed = office.run(waiting)
    assert (failed.state, failed.fault) == ("failed", ERASED)
    assert office.mail.files == {}


def test_erasing_again_changes_nothing_and_is_in_the_log_again():
    office = Office()
    office.run(office.begin("erase"))
    office.world.clock.now += 1
    again = office.run(office.begin("erase"))
    assert (again.state, again.deleted) == ("done", Deleted())
    assert len(office.world.consents.history(ANN, 99).items) == 2
    assert len(office.world.log.page(9, None).items) == 2


def test_an_export_can_be_fetched_for_seven_days():
    office = Office()
    done = office.run(office.begin("export"))
    office.world.clock.now += EXPORT_MS - 1
    assert office.requests.fetchable(done).until == done.changed_at + EXPORT_MS
    office.world.clock.now += 1
    assert office.requests.fetchable(done) is None


def event(job, tries):
    record = {
        "messageId": "m",
        "body": json.dumps({"job": job.id}),
        "attributes": {"ApproximateReceiveCount": str(tries)},
    }
    return {"Records": [record]}


def test_the_last_try_says_that_the_job_failed_and_a_message_put_back_goes_on(capsys):
    office = Office()
    job = office.begin("export")

    def handled(tries):
        found = answer(
            event(job, tries),
            lambda _name: office.run(job),
            office.runner.give_up,
            lambda _wish: "sent",
            office.world.clock,
        )
        return found["batchItemFailures"], office.jobs.get(job.id).state

    office.mail.down = True
    assert handled(MOST_TRIES - 1) == ([{"itemIdentifier": "m"}], "queued")
    assert handled(MOST_TRIES) == ([{"itemIdentifier": "m"}], "failed")
    office.mail.down = False
    assert handled(1) == ([], "done")
    assert ANN not in capsys.readouterr().out
