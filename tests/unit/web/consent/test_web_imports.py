"""The administrators' page that imports consent: it says what a file must hold, and reports line by line."""

import re

import pytest

from ocello.domain.imports.consents import CONSENT_LINES, ConsentLine
from ocello.domain.imports.files import parse_file
from ocello.domain.people.preferences import Preferences
from tests.fakes.web import ADMIN, Stage

PAGE = "/app/consents/import"
HEAD = "address,opens,links,at,source,notice\n"
ANN = "ann@customer.test,granted,granted,2026-01-31T09:30:00Z,fair,You may\n"


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
def admin(stage):
    return stage.browser(ADMIN)


def work(stage):
    while stage.import_queue.queued:
        stage.advance_import()


def upload(admin, text, name="consents.csv"):
    return admin.upload(PAGE, {}, "file", name, text.encode()).headers["location"]


def test_a_file_is_taken_worked_through_and_reported(stage, admin):
    page = upload(admin, HEAD + ANN + "bob@customer.test,granted,,,fair,You may\n")
    assert page.startswith(f"{PAGE}/")
    assert "The file waits for its turn." in admin.get(page).text
    work(stage)
    report = admin.get(page).text
    assert re.findall(r"<dd>(\d+)</dd>", report) == ["1", "0", "1"]
    assert re.search(r'<th scope="row">3</th><td>at</td><td>must be a time with its zone', report)
    assert stage.consents.state("ann@customer.test").known(stage.clock.now) == ("granted", "granted")
    assert "consent" in admin.get(PAGE).text.lower()
    assert page in admin.get(PAGE).text


def test_its_report_is_read_without_a_script(admin):
    page = upload(admin, HEAD + ANN)
    assert f'<a href="{page}">Refresh</a>' in admin.get(page).text


@pytest.mark.parametrize(("language", "divider"), [("en", ","), ("it", ";")])
def test_the_example_is_taken_as_it_is_given(stage, admin, language, divider):
    stage.preferences.write(ADMIN.id, Preferences(language=language))
    sample = admin.get(f"{PAGE}/sample.csv")
    assert sample.raw.startswith(f"\ufeffaddress{divider}opens{divider}".encode())
    assert all(isinstance(line, ConsentLine) for line in parse_file(sample.raw, "csv", CONSENT_LINES))
    upload(admin, sample.raw.decode())
    work(stage)
    (made,) = stage.imports.kept.values()
    assert (made.kind, made.status, made.written, made.refusals) == ("consents", "done", 2, ())


def test_each_column_of_a_file_is_explained(admin):
    text = admin.get(PAGE).text
    for column in CONSENT_LINES.fields:
        assert f"<code>{column}</code>" in text


def test_an_import_of_one_kind_is_not_at_the_address_of_the_other(admin):
    page = upload(admin, HEAD)
    assert admin.get(page.replace("/app/consents/", "/app/items/")).status == 404
    assert admin.get(page).status == 200


def test_the_rules_page_leads_to_it(admin):
    assert f'href="{PAGE}"' in admin.get("/app/rules").text
