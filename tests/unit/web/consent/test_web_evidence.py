"""Administrators see what proves how consent is dealt with, page by page, and have exported or erased what is held of people."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from ocello.domain.consent.heads import SignedHead
from ocello.domain.consent.ledger import Head
from ocello.domain.consent.subjects import subject_of
from ocello.domain.retention.jobs import export_name
from ocello.services.consent.consents import Said
from ocello.services.consent.heads import LAST_HEAD
from ocello.services.consent.ports import RulesPeriod, SubjectCopy, WorkspaceSetting
from ocello.services.retention import evidence
from tests import fakes
from tests.fakes.web import ADMIN

ANN = "ann@customer.test"


@pytest.fixture
def admin(stage):
    return stage.browser(ADMIN)


def words(answer):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def say(stage, address, event, at=0, **more):
    stage.consents.record(Said(address, {"opens": event}, "page", stage.clock.now - at, **more))


def test_before_anything_was_said_the_page_says_so(admin):
    seen = words(admin.get("/app/privacy"))
    assert "not yet: it is done each night" in seen
    assert "No mail has been decided on yet." in seen
    assert "make verify-ledger" in seen


def test_the_page_names_the_head_the_signed_one_the_rules_and_every_text(stage, admin):
    say(stage, ANN, "refused")
    head = stage.consents.reader.head()
    signed = SignedHead(Head(1, "ab"), stage.clock.now, b"key", b"signature").document()
    stage.mail.put(LAST_HEAD, signed.encode(), "application/json")
    periods = (
        RulesPeriod(1, "none/1", "individual", "individual", footers=False),
        RulesPeriod(2, "eu-strict/1", "individual", "off", footers=True, actor=ADMIN.address),
    )
    stage.workspace.write(WorkspaceSetting(periods=periods), [])
    page = admin.get("/app/privacy")
    seen = words(page)
    assert head.hash in seen
    assert "line 1, at 2026-09-21T14:13:20.000Z" in seen
    assert seen.index("eu-strict/1") < seen.index("none/1"), "newest first"
    assert ADMIN.address in seen
    assert "a deploy" in seen
    for text in ("page", "footer", "asking", "rights"):
        assert f'<th scope="row">{text}</th>' in page.text
    assert {link for link in re.findall(r'href="(/app/privacy/[^"]+)"', page.text) if "cursor" not in link} >= {
        "/app/privacy/ledger?after=0",
        "/app/privacy/head",
        "/app/privacy/papers/record.md",
        "/app/privacy/papers/assessment.md",
    }
    assert json.loads(admin.get("/app/privacy/head").text)["hash"] == "ab"
    assert "Rossi S.p.A., [contact]" in admin.get("/app/privacy/papers/record.md").text
    assert admin.get("/app/privacy/papers/nothing.md").status == 404


def test_many_periods_come_in_pages(stage, admin, monkeypatch):
    monkeypatch.setattr(evidence, "_PERIODS", 2)
    periods = tuple(RulesPeriod(each, f"rules-{each}", "off", "off", footers=False) for each in range(5))
    stage.workspace.write(WorkspaceSetting(periods=periods), [])
    found, address = [], "/app/privacy"
    while address:
        page = admin.get(address).text
        found += re.findall(r"rules-(\d)", page)
        more = re.search(r'href="(/app/privacy\?cursor=\d+)"', page)
        address = more[1] if more else ""
    assert found == ["4", "3", "2", "1", "0"]


def test_a_part_of_the_ledger_is_handed_over_as_an_export_has_it(stage, admin, monkeypatch):
    monkeypatch.setattr(evidence, "PART", 2)
    for number in range(3):
        say(stage, f"a{number}@customer.test", "refused")
    first, second = (admin.get(f"/app/privacy/ledger?after={after}") for after in (0, 2))
    lines = (first.text + second.text).splitlines()
    assert lines == [*stage.consents.reader.lines(0, 9)]
    assert 'filename="ledger-1-2.ndjson"' in first.headers["content-disposition"]
    assert 'filename="ledger-3-3.ndjson"' in second.headers["content-disposition"]
    for wrong in ("x", "-1", "4", "²"):
        assert admin.get(f"/app/privacy/ledger?after={wrong}").status == 422


def test_how_copies_were_tracked_is_shown_by_day_with_its_basis(stage, admin):
    stage.mode_days.add("2026-11-25", ["opens_off", "links_off"])
    for _ in range(1_200):
        stage.mode_days.add("2026-11-26", ["opens_individual_consent", "links_off"])
    seen = words(admin.get("/app/privacy/counts"))
    assert "each reader by themself (with consent): 1,200" in seen
    assert seen.index("26") < seen.rindex("25")


def test_who_said_no_is_shown_without_names_with_how_long_it_took(stage, admin):
    say(stage, ANN, "refused", at=4_200)
    stage.consents.record(Said("yes@customer.test", {"links": "requested"}, "api", stage.clock.now))
    page = admin.get("/app/privacy/closings")
    seen = words(page)
    assert "Refused Opens on the page of a mail 4.2 s" in seen
    assert "Lines 1 to 2 of the ledger were looked at. None of them was changed, and none is missing." in seen
    assert "customer.test" not in page.text
    assert re.findall(r'<tr><th scope="row">(\d+)', page.text) == ["1"]


def test_a_line_that_was_changed_is_told(stage, admin):
    for number in range(3):
        say(stage, f"a{number}@customer.test", "refused")
    stage.ledger.entries[1] = replace(stage.ledger.entries[1], source="forged")
    assert "They do not follow one another: line 2 was changed" in words(admin.get("/app/privacy/closings"))


def test_earlier_refusals_are_on_the_next_pages(stage, admin, monkeypatch):
    monkeypatch.setattr(evidence, "AT_ONCE", 2)
    for number in range(5):
        say(stage, f"a{number}@customer.test", "refused")
    found, address = [], "/app/privacy/closings"
    while address:
        page = admin.get(address)
        found += re.findall(r'<tr><th scope="row">(\d)', page.text)
        assert "none is missing" in words(page)
        more = re.search(r'href="(/app/privacy/closings\?cursor=\d+)"', page.text)
        address = more[1] if more else ""
    assert found == ["5", "4", "3", "2", "1"]


def look_up(admin, address=ANN):
    return admin.post("/app/privacy/person", {"address": address})


def ask(admin, do, reason="", **more):
    return admin.post("/app/privacy/person/ask", {"address": ANN, "do": do, "reason": reason, **more})


def test_a_person_is_looked_up_by_a_form_that_leaves_the_address_out_of_every_link(stage, admin):
    say(stage, ANN, "refused")
    copies = [SubjectCopy(subject_of(ANN, fakes.SUBJECT_KEY), f"m{each}", 0, "u1") for each in range(3)]
    stage.index.add(copies)
    page = look_up(admin, "Ann@Customer.test")
    seen = words(page)
    assert f"{ANN} Opens refused" in seen
    assert "Clicks not known Tracked mails 3" in seen
    assert not any("ann" in link.lower() for link in re.findall(r'(?:href|action)="([^"]+)"', page.text))
    assert "Address: must be a plain e-mail address" in words(look_up(admin, "nobody"))
    assert look_up(admin, "nobody").status == 422


def test_an_export_is_begun_and_its_page_leads_to_the_file_when_it_is_done(stage, admin):
    answer = ask(admin, "export")
    place = answer.headers["location"]
    (job,) = stage.subject_jobs.jobs.values()
    assert (answer.status, place, stage.subject_queue.queued) == (303, f"/app/privacy/people/{job.id}", [job.id])
    assert "Status waiting" in words(admin.get(place))
    stage.subject_jobs.jobs[job.id] = replace(job, state="done", exported=True, changed_at=stage.clock.now)
    page = admin.get(place)
    assert export_name(job.id) in page.text
    assert ANN not in page.text
    assert "This link works for five minutes" in words(page)


def test_an_erasure_needs_a_reason_and_is_confirmed_on_a_page_of_its_own(stage, admin):
    refused = ask(admin, "erase", " ")
    assert (refused.status, "Reason: must say why" in words(refused)) == (422, True)
    asked = ask(admin, "erase", "asked by mail")
    assert (asked.status, f"Erase what is held of {ANN}?" in words(asked)) == (200, True)
    assert "cannot be undone" in words(asked)
    assert (stage.subject_jobs.jobs, stage.subject_queue.queued) == ({}, [])
    assert ask(admin, "erase", "asked by mail", confirmed="yes").status == 303
    (job,) = stage.subject_jobs.jobs.values()
    assert (job.do, job.reason, job.actor) == ("erase", "asked by mail", ADMIN.address)
    assert "Erasure of what is held of a person" in words(admin.get("/app/privacy/people"))
    assert stage.users.trail[-1].action == "subject.erase"
    assert "Erasure of what is held of a person asked for" in words(admin.get("/app/audit"))


def test_where_the_queue_is_out_nothing_is_said_to_be_begun(stage, admin):
    stage.subject_queue.down = True
    answer = ask(admin, "export", "asked")
    assert answer.status == 503
    assert "failed" in words(admin.get("/app/privacy/people"))


def test_what_people_asked_for_themselves_is_listed_without_an_actor(stage, admin):
    ask(admin, "export")
    (job,) = stage.subject_jobs.jobs.values()
    stage.subject_jobs.jobs[job.id] = replace(job, actor="", reason="asked for on the recipient's page")
    assert "the person, on their page" in words(admin.get("/app/privacy/people"))


def test_italian_words_are_all_there(stage, admin):
    stage.mode_days.add("2026-11-26", ["opens_individual_consent", "links_off"])
    say(stage, ANN, "refused")
    for path in ("/app/privacy", "/app/privacy/counts", "/app/privacy/closings", "/app/privacy/people"):
        italian = admin.ask("GET", path, headers={"accept-language": "it"})
        assert '<html lang="it"' in italian.text
        assert "Prove del consenso" in words(italian)
