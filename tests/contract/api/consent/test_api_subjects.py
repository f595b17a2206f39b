"""Administrators have exported or erased what is held of a person."""

from dataclasses import replace

import pytest

from ocello.domain.retention.jobs import EXPORT_MS
from tests.contract.api.conftest import ADMIN, REP

PATH = "/v1/subjects"
ANN = "ann@customer.test"


@pytest.fixture
def admin(api):
    api.users.create(ADMIN)
    return api.key_of(ADMIN, ["consent:write"])


def ask(api, auth, **changes):
    return api.call("POST", PATH, {"address": ANN, "do": "export", "reason": "asked by mail", **changes}, auth=auth)


def test_a_request_is_taken_queued_and_can_be_followed(api, admin):
    answer = ask(api, admin)
    assert answer.status == 202
    assert (answer.json["do"], answer.json["state"], answer.json["copies"]) == ("export", "queued", 0)
    assert api.subject_queue.queued == [answer.json["id"]]
    assert api.call("GET", f"{PATH}/{answer.json['id']}", auth=admin).json == answer.json


@pytest.mark.parametrize("do", ["export", "erase"])
def test_no_answer_no_stored_row_and_no_entry_of_the_trail_has_the_address(api, admin, do):
    answer = ask(api, admin, do=do)
    (job,) = api.subject_jobs.jobs.values()
    assert ANN not in answer.raw.decode() + repr(job) + repr(api.users.trail)
    assert api.consents.keys.open(job.subject, job.sealed) == ANN
    entry = api.users.trail[-1]
    assert (entry.action, entry.actor, entry.target) == (f"subject.{do}", ADMIN.address, job.id)
    assert (entry.after, entry.by_key) == ("asked by mail", True)


@pytest.mark.parametrize("address", ["a/b@customer.test", "a?b@customer.test", "a#b@customer.test"])
def test_an_address_that_no_path_can_carry_is_taken(api, admin, address):
    assert ask(api, admin, address=address).status == 202
    (job,) = api.subject_jobs.jobs.values()
    assert api.consents.keys.open(job.subject, job.sealed) == address


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": "nobody"}, "address"),
        ({"do": "sell"}, "do"),
        ({"do": "erase", "reason": " "}, "reason"),
        ({"do": "erase", "reason": "x" * 501}, "reason"),
        ({"why": "x"}, "why"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_taken(api, admin, changes, field):
    answer = ask(api, admin, **changes)
    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert (api.subject_jobs.jobs, api.subject_queue.queued) == ({}, [])


def test_an_export_needs_no_reason(api, admin):
    assert api.call("POST", PATH, {"address": ANN, "do": "export"}, auth=admin).status == 202


def test_nobody_else_may_do_this_whatever_their_key_says(api, admin):
    job = ask(api, admin).json["id"]
    for auth in (api.rep, api.key_of(ADMIN, ["consent:read", "read", "send", "settings"])):
        assert api.call("POST", PATH, {"nonsense": 1}, auth=auth).status == 403, "before the body is looked at"
        assert api.call("GET", f"{PATH}/{job}", auth=auth).status == 403
    assert "administrator" in ask(api, api.key_of(REP)).json["detail"]


def test_a_request_that_cannot_be_queued_is_said_to_have_failed(api, admin):
    api.subject_queue.down = True
    assert ask(api, admin).status == 503
    (job,) = api.subject_jobs.jobs.values()
    answer = api.call("GET", f"{PATH}/{job.id}", auth=admin).json
    assert (answer["state"], answer["fault"]) == ("failed", "could not be queued: try again")


def test_an_unknown_job_is_404(api, admin):
    for job in ("x", "0198c0de-0000-7000-8000-000000000099"):
        assert api.call("GET", f"{PATH}/{job}", auth=admin).status == 404


def test_an_export_that_is_done_can_be_fetched_for_seven_days(api, admin):
    identifier = ask(api, admin).json["id"]
    job = api.subject_jobs.jobs[identifier]
    api.subject_jobs.jobs[identifier] = replace(job, state="done", exported=True, sealed="", changed_at=api.clock())
    export = api.call("GET", f"{PATH}/{identifier}", auth=admin).json["export"]
    assert f"subjects/{identifier}/export.zip" in export["url"]
    api.clock.now += EXPORT_MS
    assert api.call("GET", f"{PATH}/{identifier}", auth=admin).json["export"] is None
