"""Many write into the one chain at once: nothing is lost, nothing forks, and a page's word comes before an import's."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger
from ocello.adapters.dynamodb.consent.states import DynamoConsentStates
from ocello.adapters.dynamodb.consent.subject_keys import DynamoSubjectKeys
from ocello.domain.consent.ledger import ConsentNotice, verify
from ocello.services.consent.consents import Consents, Said
from tests import fakes, tables

NOTICE = ConsentNotice("form", "1", "it", "ab" * 32)
PEOPLE, ROWS = 24, 240


@pytest.fixture
def consents(app_table):
    with tables.environment():
        models.bind(app_table["TableName"], "eu-south-1", tables.LOCAL_URL)
        ledger = DynamoConsentLedger()
        keys = DynamoSubjectKeys(fakes.MemoryKeySeal(), secrets.token_bytes)
        yield Consents(
            DynamoConsentStates(),
            ledger,
            ledger,
            keys,
            fakes.SUBJECT_KEY,
            clock=lambda: 1_700_000_001_000,  # it stands still, so that nobody gives up on a slow machine
            wait=time.sleep,
        )


def stop(number):
    return Said(f"page{number}@customer.test", {"opens": "withdrawn"}, "page", 1_700_000_000_000 + number)


def imported(number):
    return Said(
        f"row{number}@customer.test", {"opens": "imported"}, "import", 1_700_000_000_000, source="a.csv", notice=NOTICE
    )


def whole(consents, count):
    head = consents.reader.head()
    assert head.number == count
    return verify(consents.reader.lines(0, count), head)


def test_words_of_many_people_at_once_are_all_written_in_one_chain(consents):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: consents.record(stop(number)), range(PEOPLE)))
    assert whole(consents, PEOPLE) is None


def test_the_same_word_from_many_requests_at_once_is_one_entry(consents):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(consents.record, [stop(1)] * 8))
    assert whole(consents, 1) is None


def test_pages_are_heard_while_an_import_runs_and_the_import_loses_nothing(consents):
    with ThreadPoolExecutor(8) as pool:
        importing = pool.submit(consents.record_all, [imported(number) for number in range(ROWS)])
        list(pool.map(lambda number: consents.record(stop(number)), range(PEOPLE)))
        outcomes = importing.result()
    assert [each.added for each in outcomes] == [1] * ROWS
    assert whole(consents, ROWS + PEOPLE) is None
