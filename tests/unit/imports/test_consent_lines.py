"""An import of consent: each line proves what it says or is refused by name, and nothing is written twice."""

import json

import pytest

from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.subjects import subject_of
from ocello.domain.imports.consents import CONSENT_LINES, ConsentLine
from ocello.domain.imports.files import parse_file
from ocello.domain.imports.imports import MAX_LINES, Refusal
from ocello.domain.people.users import User
from ocello.services.consent.consents import MANY_PATIENCE_MS, Said
from ocello.services.imports.imports import RESERVE_MS, BulkImports
from tests import fakes
from tests.fakes.imports import MemoryImportQueue, MemoryImportStore, runner
from tests.fakes.items import MemoryItemStore
from tests.fakes.people.consent import MemoryShownTexts
from tests.fakes.people.people import MemoryUserStore
from tests.fakes.sending.mail import MemoryMailStore
from tests.fakes.world import Clock, PredictableBytes, TimeLeft

ADMIN = User("u-admin", "admin@example.test", "Ada", admin=True)
NOW = 1_800_000_000_000  # 2027-01-15
ANN = {
    "address": "Ann@customer.test",
    "opens": "granted",
    "links": "granted",
    "at": "2026-01-31T10:30:00+01:00",
    "source": "fair in Milan",
    "notice": "You may see whether I open your mail.",
}
AT = 1_769_851_800_000  # 2026-01-31T09:30:00Z


def parsed(*records):
    return list(parse_file("\n".join(map(json.dumps, records)).encode(), "jsonl", CONSENT_LINES))


def test_a_line_says_who_what_when_where_and_to_which_text():
    assert parsed(ANN) == [
        ConsentLine(
            1,
            "ann@customer.test",
            {"opens": "imported", "links": "imported"},
            AT,
            "fair in Milan",
            "You may see whether I open your mail.",
        )
    ]


def test_a_csv_says_the_same():
    raw = 'address;opens;links;at;source;notice\nann@customer.test;granted;;2026-01-31T09:30:00Z;fair;"Yes; you may"\n'
    (line,) = parse_file(raw.encode(), "csv", CONSENT_LINES)
    assert line == ConsentLine(2, "ann@customer.test", {"opens": "imported"}, AT, "fair", "Yes; you may")


def test_refusals_and_withdrawals_keep_their_names():
    (line,) = parsed(ANN | {"opens": "refused", "links": "withdrawn"})
    assert isinstance(line, ConsentLine)
    assert line.events == {"opens": "refused", "links": "withdrawn"}


WRONG = {
    "no address": ({"address": ""}, "address"),
    "two addresses": ({"address": "a@x.test, b@x.test"}, "address"),
    "nothing said": ({"opens": None, "links": ""}, "opens"),
    "another word": ({"links": "yes"}, "links"),
    "no time": ({"at": ""}, "at"),
    "no zone": ({"at": "2026-01-31T09:30:00"}, "at"),
    "a day alone": ({"at": "2026-01-31"}, "at"),
    "a number": ({"at": 1769851800}, "at"),
    "before 2000": ({"at": "1999-12-31T23:59:59Z"}, "at"),
    "no source": ({"source": "  "}, "source"),
    "a long source": ({"source": "x" * 1_001}, "source"),
    "no notice": ({"notice": None}, "notice"),
    "a long notice": ({"notice": "x" * 20_001}, "notice"),
    "another basis": ({"basis": "legitimate interest"}, "basis"),
    "an unknown field": ({"colour": "red"}, "colour"),
}


@pytest.mark.parametrize(("changed", "field"), WRONG.values(), ids=WRONG)
def test_a_line_that_proves_nothing_is_refused_by_line_and_field(changed, field):
    _, refused = parsed(ANN, ANN | changed)
    assert isinstance(refused, Refusal)
    assert (refused.line, refused.field, bool(refused.reason)) == (2, field, True)


@pytest.mark.parametrize("field", ["at", "source", "notice"])
def test_a_csv_that_lacks_a_column_is_refused_line_by_line(field):
    columns = [name for name in ANN if name != field]
    raw = "\n".join([",".join(columns), ",".join(ANN[name] for name in columns)])
    (refused,) = parse_file(raw.encode(), "csv", CONSENT_LINES)
    assert isinstance(refused, Refusal)
    assert (refused.line, refused.field) == (2, field)


def test_the_first_moment_of_2000_and_a_named_basis_are_taken():
    assert all(
        isinstance(line, ConsentLine) for line in parsed(ANN | {"at": "2000-01-01T00:00:00Z", "basis": "consent"})
    )


@pytest.mark.parametrize("local", ["a?b", "a#b", "a/b", "what?#/"])
def test_an_address_that_no_path_can_carry_is_taken(local):
    (line,) = parsed(ANN | {"address": f"{local}@customer.test"})
    assert isinstance(line, ConsentLine)
    assert line.address == f"{local}@customer.test"


class Runner:
    """Imports of consent on ports in memory."""

    def __init__(self):
        self.clock = Clock(NOW)
        self.closed: list[tuple[str, frozenset[Axis]]] = []
        self.consents, self.ledger = fakes.consents(self.clock, lambda *closed: self.closed.append(closed))
        self.texts, self.users = MemoryShownTexts(), MemoryUserStore({ADMIN.id: ADMIN})
        self.imports, self.queue, self.mail = MemoryImportStore(), MemoryImportQueue(), MemoryMailStore()
        self.random_bytes = PredictableBytes()

    def begin(self, *records):
        content = "\n".join(map(json.dumps, records)).encode()
        imports = BulkImports(self.imports, self.queue, self.mail, self.clock, self.random_bytes)
        return imports.begin(ADMIN, "consents", "jsonl", content, None)

    def advance(self, left=None):
        work = runner(
            MemoryItemStore(),
            self.users,
            self.imports,
            self.queue,
            self.mail,
            self.clock,
            self.consents,
            self.texts,
        )
        return work.advance(*self.queue.queued.pop(0), left=left or TimeLeft())

    def work(self, *records):
        made = self.begin(*records)
        while self.queue.queued:
            self.advance()
        return self.imports.get(ADMIN.id, made.id)


@pytest.fixture
def sending():
    return Runner()


def test_a_consent_is_imported_with_who_noted_it_its_source_and_its_text(sending):
    done = sending.work(ANN)
    assert (done.status, done.written, done.refused) == ("done", 1, 0)
    entry = sending.ledger.entries[0]
    assert (entry.event, entry.channel, entry.basis, entry.at) == ("imported", "import", "consent", AT)
    assert (entry.actor, entry.source, entry.notice.id) == (ADMIN.address, "fair in Milan", "elsewhere")
    assert sending.texts.of(entry.notice.sha256) == ANN["notice"]
    assert sending.consents.state("ann@customer.test").known(NOW) == ("granted", "granted")


def test_the_same_file_twice_adds_nothing(sending):
    people = [ANN | {"address": f"p{number}@customer.test"} for number in range(40)]
    first = sending.work(*people)
    entries = list(sending.ledger.entries)
    second = sending.work(*people)
    assert (first.written, second.written, second.unchanged, second.refused) == (40, 0, 40, 0)
    assert sending.ledger.entries == entries


def test_the_same_line_twice_in_one_file_is_written_once(sending):
    done = sending.work(ANN, ANN)
    assert (done.written, done.unchanged, len(sending.ledger.entries)) == (1, 1, 2)


@pytest.mark.parametrize("at", ["2027-01-15T08:02:00Z", "2030-01-01T00:00:00Z"])
def test_a_time_that_has_not_come_is_refused(sending, at):
    done = sending.work(ANN | {"at": at}, ANN)
    assert (done.written, [refused[:2] for refused in done.refusals]) == (1, [(1, "at")])


def test_nobodys_own_refusal_is_lifted_and_the_line_says_of_what(sending):
    said = Said("ann@customer.test", {"links": "refused"}, "page", AT - 1, source="/p/ m 0")
    sending.consents.record(said)
    done = sending.work(ANN, ANN | {"address": "bob@customer.test"})
    (refused,) = done.refusals
    assert (done.written, refused.line, refused.field) == (1, 1, "links")
    assert "only they can allow it" in str(refused.reason)
    assert sending.consents.state("ann@customer.test").known(NOW) == ("unknown", "refused")


def test_an_imported_refusal_holds_and_is_acted_on(sending):
    done = sending.work(ANN | {"opens": "refused", "links": None})
    assert done.written == 1
    assert sending.consents.state("ann@customer.test").opens.state == "refused"
    assert sending.closed == [(subject_of("ann@customer.test", fakes.SUBJECT_KEY), {"opens"})]


def test_what_is_refused_stands_in_the_order_of_the_file(sending):
    future, bad = ANN | {"at": "2030-01-01T00:00:00Z"}, ANN | {"source": ""}
    done = sending.work(future, bad, ANN, future, bad)
    assert [(refused.line, refused.field) for refused in done.refusals] == [
        (1, "at"),
        (2, "source"),
        (4, "at"),
        (5, "source"),
    ]


def test_five_thousand_people_are_written_in_transactions_of_thirty_with_progress(sending):
    made = sending.begin(*(ANN | {"address": f"p{number}@customer.test"} for number in range(5_000)))
    notes = []
    keep = sending.imports.write

    def write(after, before):
        notes.append(after.done)
        return keep(after, before)

    sending.imports.write = write
    while sending.queue.queued:
        sending.advance()
    done = sending.imports.get(ADMIN.id, made.id)
    assert (done.status, done.written, len(sending.ledger.entries)) == ("done", 5_000, 10_000)
    assert max(sending.ledger.appended) == 30
    assert len(notes) > 10
    assert notes == sorted(notes)


def test_no_lines_are_begun_that_could_outlast_the_call(sending):
    sending.begin(*(ANN | {"address": f"p{number}@customer.test"} for number in range(50)))
    told = sending.advance(lambda: RESERVE_MS + 2 * MANY_PATIENCE_MS)
    assert (told.status, told.done, len(sending.queue.queued)) == ("running", 30, 1)


def test_a_ledger_that_does_not_answer_stops_the_call_and_the_rest_goes_on_later(sending):
    sending.begin(*(ANN | {"address": f"p{number}@customer.test"} for number in range(20)))
    step = sending.queue.queued[0]
    sending.ledger.down = True
    with pytest.raises(Unavailable):
        sending.advance()
    sending.ledger.down = False
    sending.queue.queued.append(step)
    assert sending.advance().written == 20


def test_a_file_may_have_as_many_lines_as_any_import():
    line = json.dumps(ANN).encode()
    assert sum(1 for _ in parse_file(b"\n".join([line] * MAX_LINES), "jsonl", CONSENT_LINES)) == MAX_LINES
