"""What a person asks for on their page begins by the link of a mail, once: looking at it changes nothing."""

import re
from dataclasses import replace

import pytest

from ocello.domain.common.errors import NotFound
from ocello.domain.common.times import DAY_MS
from ocello.domain.retention.jobs import export_name
from ocello.domain.retention.tickets import FETCH_MS, GOOD_FOR_MS, RightsTicket, RightsWish, digest_of
from ocello.domain.tracking.tokens import ASK, GRANTS, PRIVACY, SEVERAL, Token
from ocello.services.retention.jobs import record
from tests.fakes.engagement.tracking import MESSAGE
from tests.fakes.privacy import ANN, PrivacyStage

SECRET = "s3cret_of-the-link"
RIGHTS = pytest.mark.parametrize("do", ["export", "erase"])


@pytest.fixture
def stage():
    return PrivacyStage()


@pytest.fixture
def link(stage):
    return f"/p/{stage.token()}"


def mailed(stage, do, secret=SECRET):
    """Write down what a mail's link stands for, and return the link."""
    ticket = RightsTicket(digest_of(secret), "subject", do, MESSAGE.id, 0, "sealed", stage.clock.now)
    stage.tickets.put(ticket)
    return f"/p/{stage.token()}?lang=en&ticket={secret}"


def ended(stage):
    """Let the one job be done."""
    (job,) = stage.jobs.jobs.values()
    record(stage.jobs, replace(job, state="done", sealed="", exported=job.do == "export"), job, stage.clock.now)


@RIGHTS
@pytest.mark.parametrize("flags", [ASK, ASK | GRANTS])
def test_asking_is_received_by_every_link_and_begins_nothing(stage, do, flags):
    seen = stage.post(f"/p/{stage.token(flags=flags)}?lang=it", do)
    assert seen.status == 202
    assert "un'e-mail con un link è in arrivo" in seen.text
    assert stage.subject_queue.wishes == [RightsWish(MESSAGE.id, 0, do, "it", stage.clock.now)]
    assert (stage.jobs.jobs, stage.subject_queue.queued, stage.ledger.entries) == ({}, [], [])
    assert ANN not in repr(stage.subject_queue.wishes)


def test_asking_again_is_answered_the_same_way(stage, link):
    first, second = (stage.post(link, "export") for _ in range(2))
    assert (first.status, first.text) == (second.status, second.text)


def test_asking_needs_the_pages_form(stage, link):
    assert stage.post(link, "export", "wrong").status == 403
    assert stage.subject_queue.wishes == []


def test_while_the_database_is_out_asking_waits_in_the_queue_and_where_that_is_out_the_page_says_so(stage, link):
    stage.recipients.down = True
    assert stage.post(link, "erase").status == 202
    assert len(stage.subject_queue.wishes) == 1
    stage.subject_queue.down = True
    seen = stage.post(link, "erase")
    assert (seen.status, "privacy@rossi.test" in seen.text) == (503, True)
    assert "on its way" not in seen.text


def test_a_mail_that_is_not_kept_or_went_to_several_cannot_ask(stage):
    for recipient in (9, SEVERAL):
        with pytest.raises(NotFound):
            stage.rights.ask(Token(PRIVACY, MESSAGE.id, recipient, 0, ASK), "export", "en")
    assert stage.subject_queue.wishes == []


@RIGHTS
def test_get_head_and_fifty_prefetches_of_a_mails_link_begin_nothing(stage, do):
    path = mailed(stage, do)
    before = dict(stage.tickets.tickets)
    for method in ("GET", "HEAD"):
        for _ in range(50):
            seen = stage.get(path, method=method, **{"sec-purpose": "prefetch"})
            assert seen.status == 200
    assert "Opening this page changes nothing" in stage.get(path).text
    assert stage.get(path).buttons == [do]
    assert (stage.tickets.tickets, stage.jobs.jobs, stage.subject_queue.queued) == (before, {}, [])


@RIGHTS
def test_its_button_begins_one_job_however_often_it_is_pressed(stage, do):
    path = mailed(stage, do)
    form = stage.get(path).form
    for _ in range(3):
        seen = stage.post(path, do, form)
        assert seen.status == 200
        assert "It has begun" in seen.text
    ((name, job),) = stage.jobs.jobs.items()
    assert {*stage.subject_queue.queued} == {name}
    assert (job.do, job.subject, job.sealed, job.actor) == (do, "subject", "sealed", "")
    assert job.source == f"/p/ {MESSAGE.id} 0"
    assert seen.buttons == []


@RIGHTS
def test_two_who_press_at_once_start_one_job(stage, do):
    path = mailed(stage, do)
    form, (unused,) = stage.get(path).form, stage.tickets.tickets.values()
    stage.post(path, do, form)
    stage.tickets.put(unused)  # as the second one has read it
    stage.post(path, do, form)
    assert len(stage.jobs.jobs) == 1


def test_after_a_day_a_link_begins_nothing_any_more(stage):
    path = mailed(stage, "erase")
    form = stage.get(path).form
    stage.clock.now += GOOD_FOR_MS
    assert stage.get(path).buttons == ["erase"]
    stage.clock.now += 1
    seen = stage.get(path)
    assert (seen.status, seen.buttons) == (200, [])
    assert "good for 24 hours" in seen.text
    assert stage.post(path, "erase", form).status == 403
    assert stage.post(path, "erase", seen.form).status == 403
    assert stage.jobs.jobs == {}


def test_a_link_for_one_thing_does_not_do_the_other_nor_choose_for_anybody(stage):
    path = mailed(stage, "export")
    form = stage.get(path).form
    assert stage.post(path, "erase", form).status == 403
    assert stage.post(path, "stop_both", form).status == 400
    assert (stage.jobs.jobs, stage.ledger.entries) == ({}, [])


def test_a_wrong_secret_or_anothers_link_leads_nowhere(stage):
    mailed(stage, "export")
    for path in (f"/p/{stage.token()}?ticket=wrong", f"/p/{stage.token(recipient=1)}?ticket={SECRET}"):
        assert stage.get(path).status == 404
        assert stage.post(path, "export", stage.get(f"/p/{stage.token()}").form).status in (403, 404)
    assert stage.jobs.jobs == {}


def test_an_export_is_fetched_by_the_same_page_for_a_day(stage):
    path = mailed(stage, "export")
    stage.post(path, "export")
    ended(stage)
    shown = stage.get(path)
    assert "ready" in shown.text
    assert "bucket" not in shown.body, "who only looks gets no file"
    for _ in range(2):
        seen = stage.post(path, "export")
        (address,) = re.findall(r'href="(https://bucket[^"]+)"', seen.body)
        (job,) = stage.jobs.jobs
        assert export_name(job) in address
    stage.clock.now += FETCH_MS
    late = stage.post(path, "export")
    assert "https://bucket" not in late.body
    assert "can no longer be fetched" in late.text


def test_who_was_erased_is_told_what_backups_keep(stage):
    path = mailed(stage, "erase")
    stage.post(path, "erase")
    ended(stage)
    seen = stage.get(path)
    assert "was erased" in seen.text
    assert "35 days" in seen.text
    assert seen.buttons == []


def test_while_storage_is_out_a_mails_link_says_so_and_begins_nothing(stage):
    path = mailed(stage, "export")
    form = stage.get(path).form
    stage.tickets.down = True
    assert "cannot be read" in stage.get(path).text
    assert stage.post(path, "export", form).status == 503
    stage.tickets.down, stage.subject_queue.down = False, True
    assert stage.post(path, "export", form).status == 503
    assert stage.get(path).buttons == ["export"], "not used up"
    stage.subject_queue.down = False
    assert stage.post(path, "export", form).status == 200
    assert len(stage.jobs.jobs) == 1


@pytest.mark.parametrize("language", ["it", "fr", "en"])
@RIGHTS
def test_the_link_keeps_its_secret_from_language_to_language(stage, do, language):
    seen = stage.get(mailed(stage, do).replace("lang=en", f"lang={language}"))
    assert f'<html lang="{language}">' in seen.body
    assert seen.body.count(f"&amp;ticket={SECRET}") == 3, "two languages and the form"
    assert seen.headers["Referrer-Policy"] == "no-referrer"


def test_no_line_of_the_log_has_the_secret(stage, capsys):
    path = mailed(stage, "export")
    stage.post(path, "export")
    stage.clock.now += DAY_MS
    assert SECRET not in capsys.readouterr().out
