"""Bulk imports: what is read, what is refused, and that a batch can be repeated."""

import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.imports import handler
from ocello.domain.common.errors import Invalid, NotFound, Unavailable
from ocello.domain.crm.items import ItemInput
from ocello.domain.imports import imports as lines
from ocello.domain.imports.files import parse_file
from ocello.domain.imports.imports import Refusal
from ocello.domain.imports.items import ITEM_LINES, ItemLine
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.users import User
from ocello.services.imports import imports
from ocello.services.imports.imports import BulkImports
from tests.fakes.imports import MemoryImportQueue, MemoryImportStore, runner
from tests.fakes.items import MemoryItemStore
from tests.fakes.people.people import MemoryUserStore
from tests.fakes.sending.mail import MemoryMailStore
from tests.fakes.world import Clock, PredictableBytes, TimeLeft
from tests.structure.conftest import ROOT, read

REP = User("u-rep", "rep@example.test", "Rep")
CSV = """\ufefftype,id,title,addresses,visibility
person,7,"Lee, Ann",ann@customer.test; lee@customer.test,company
deal,42,"Two
lines",,
deal,43
offer,1,None,,
person,8,Bob,not an address,
"""


def parsed(raw, kind):
    return parse_file(raw, kind, ITEM_LINES)


def test_csv_is_read_with_its_marks_quotes_and_wrong_lines():
    found = list(parsed(CSV.encode(), "csv"))
    assert found == [
        ItemLine(
            2,
            ItemRef("person", "7"),
            ItemInput("Lee, Ann", visibility="company", addresses=("ann@customer.test", "lee@customer.test")),
        ),
        ItemLine(4, ItemRef("deal", "42"), ItemInput("Two\nlines")),
        Refusal(5, "", "has 2 columns, not 5"),
        Refusal(6, "type", "must be one of deal, lead, project, person, organization"),
        ItemLine(7, ItemRef("person", "8"), ItemInput("Bob", addresses=("not", "an", "address"))),
    ]


SPREADSHEETS = {
    "commas, Unix": "type,id,title\ndeal,1,Città\nlead,2,\n",
    "commas, Windows, with a mark": "\ufefftype,id,title\r\ndeal,1,Città\r\nlead,2,\r\n",
    "semicolons, as Excel writes in Italy and France": "\ufefftype;id;title\r\ndeal;1;Città\r\nlead;2;\r\n",
    "semicolons in quotes": '"type";"id";"title"\r\n"deal";"1";"Città"\r\n"lead";"2";""\r\n',
    "semicolons, without an end": "type;id;title\r\ndeal;1;Città\r\nlead;2;",
    "tabs": "type\tid\ttitle\ndeal\t1\tCittà\nlead\t2\t\n",
    "cells that were emptied": "type;id;title;;\r\ndeal;1;Città;;\r\nlead;2;;;\r\n;;;;\r\n;;;;\r\n",
    "old Macintosh": "type,id,title\rdeal,1,Città\rlead,2,\r",
}


@pytest.mark.parametrize("text", SPREADSHEETS.values(), ids=SPREADSHEETS)
def test_a_csv_is_read_as_spreadsheets_write_it(text):
    deal, lead = ItemLine(2, ItemRef("deal", "1"), ItemInput("Città")), ItemLine(3, ItemRef("lead", "2"), ItemInput(""))
    assert list(parsed(text.encode(), "csv")) == [deal, lead]


def test_a_line_that_names_the_divider_is_none_of_the_lines_but_is_counted():
    found = list(parsed(b"sep=;\r\ntype;id;title\r\ndeal;1;A, or B\r\n", "csv"))
    assert found == [ItemLine(3, ItemRef("deal", "1"), ItemInput("A, or B"))]


def test_a_comma_in_a_title_divides_nothing_where_semicolons_do():
    raw = b"type;id;title;addresses\nperson;7;Lee, Ann, and others, all of them;a@x.test,b@x.test\n"
    (found,) = parsed(raw, "csv")
    assert isinstance(found, ItemLine)
    assert found.item_input == ItemInput("Lee, Ann, and others, all of them", addresses=("a@x.test", "b@x.test"))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("Citt\u00e0".encode("cp1252"), "CSV UTF-8"),
        (b"type,id,title,Title\n", "twice"),
        (b"type;id;colour;title\n", "colour"),
        (b"type;id\n", "title"),
    ],
)
def test_what_is_wrong_with_a_whole_file_is_named(raw, words):
    with pytest.raises(Invalid) as refused:
        list(parsed(raw, "csv"))
    assert words in refused.value.reason


@pytest.mark.parametrize(
    ("name", "kind"), [("a.CSV", "csv"), ("x.y.json", "json"), ("a.jsonl", "jsonl"), ("a.ndjson", "jsonl")]
)
def test_a_files_name_tells_its_format(name, kind):
    assert lines.format_in(name) == kind


@pytest.mark.parametrize("name", ["", "csv.xlsx", "items", "a.csv.txt"])
def test_a_name_that_tells_no_format_is_refused(name):
    with pytest.raises(Invalid):
        lines.format_in(name)


def test_json_and_json_lines_say_the_same():
    records = [
        {"type": "deal", "id": 42, "title": "A"},
        {"type": "deal"},
        7,
        {"type": "deal", "id": "1", "colour": "red"},
    ]
    array = list(parsed(json.dumps(records).encode(), "json"))
    rows = list(parsed("\n".join(map(json.dumps, records)).encode(), "jsonl"))
    assert array == rows
    assert array[0] == ItemLine(1, ItemRef("deal", "42"), ItemInput("A"))
    assert [line.field for line in array[1:] if isinstance(line, Refusal)] == ["id", "", "colour"]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"\xff", "csv"),
        (b"type,id\n", "csv"),
        (b"type,id,title,colour\n", "csv"),
        (b'type,id,title\n"', "csv"),
        (b"{}", "json"),
        (b"[", "json"),
        (b"", "csv"),
        (b"\n".join([b"1"] * 50_001), "jsonl"),
    ],
)
def test_a_file_of_another_kind_is_refused_whole(raw, kind):
    with pytest.raises(Invalid) as refused:
        list(parsed(raw, kind))
    assert refused.value.field == "file"


@given(st.binary(max_size=300), st.sampled_from(lines.FORMATS))
def test_garbage_gives_refusals_and_no_other_error(raw, kind):
    try:
        found = list(parsed(raw, kind))
    except Invalid:
        return
    assert all(isinstance(line, (Refusal, ItemLine)) for line in found)


class Runner:
    def __init__(self):
        self.items, self.users = MemoryItemStore(), MemoryUserStore({REP.id: REP})
        self.mail, self.imports, self.queue = MemoryMailStore(), MemoryImportStore(), MemoryImportQueue()
        self.clock, self.random_bytes = Clock(), PredictableBytes()

    def begin(self, kind, content, upload=None):
        return BulkImports(self.imports, self.queue, self.mail, self.clock, self.random_bytes).begin(
            REP, "items", kind, content, upload
        )

    def advance(self, owner, identifier, left=None):
        work = runner(self.items, self.users, self.imports, self.queue, self.mail, self.clock)
        return work.advance(owner, identifier, left=left or TimeLeft())

    def work(self):
        while self.queue.queued:
            self.advance(*self.queue.queued.pop(0))


@pytest.fixture
def sending():
    return Runner()


def test_an_import_is_worked_through_in_stretches_and_gives_its_account(sending):
    rows = [{"type": "deal", "id": str(n), "title": f"Deal {n}"} for n in range(900)]
    rows[500] = {"type": "deal", "id": "x", "title": ""}
    made = sending.begin("json", json.dumps(rows).encode())
    assert (made.status, sending.queue.queued) == ("queued", [(REP.id, made.id)])
    first = sending.advance(*sending.queue.queued.pop(0), TimeLeft(imports.BATCH))
    assert (first.status, first.done, first.written) == ("running", imports.BATCH, imports.BATCH)
    assert (made.total, first.total) == (0, 900), "how many there are is known once the file was read"
    sending.work()
    done = BulkImports(sending.imports, None, None, None, None).read(REP, made.id)
    assert (done.status, done.done, done.written, done.refused) == ("done", 900, 899, 1)
    assert done.refusals == (Refusal(501, "title", "must be 1 to 300 characters"),)
    assert len(sending.items.items) == 899


def test_a_stretch_that_is_repeated_is_counted_once_and_writes_nothing_new(sending):
    made = sending.begin("csv", b"type,id,title\ndeal,1,One\n")
    before = sending.imports.get(REP.id, made.id)
    sending.advance(REP.id, made.id)
    written = sending.items.get(ItemRef("deal", "1"))
    assert sending.advance(REP.id, made.id) is None
    sending.imports.kept[REP.id, made.id] = before  # as if the process had died before the progress was stored
    again = sending.advance(REP.id, made.id)
    assert (again.written, again.unchanged) == (0, 1)
    assert sending.items.get(ItemRef("deal", "1")) is written


class SlowItemStore(MemoryItemStore):
    """A store in which each write takes its time, on the runner's clock."""

    clock: Clock

    def put(self, item, before, notes=(), notify=""):
        self.clock.pass_by(0.035)
        return super().put(item, before, notes, notify)


def test_fifty_thousand_lines_take_a_few_calls_and_show_their_progress(sending):
    """Lambda ends a chain of about 16 calls; a note of progress stands every few seconds, for who looks on or goes on."""
    call_ms = read(ROOT / "template.yaml")["Resources"]["ImportsFunction"]["Properties"]["Timeout"] * 1000
    sending.items = SlowItemStore()
    sending.items.clock = sending.clock
    rows = "".join(f"deal,{n},Deal {n}\n" for n in range(lines.MAX_LINES))
    made = sending.begin("csv", f"type,id,title\n{rows}".encode())
    notes = []
    keep = sending.imports.write

    def write(after, before):
        notes.append((sending.clock.now, after.done))
        return keep(after, before)

    sending.imports.write = write
    calls = 0
    while sending.queue.queued:
        calls += 1
        end = sending.clock.now + call_ms
        sending.advance(*sending.queue.queued.pop(0), lambda end=end: end - sending.clock.now)
        assert sending.clock.now <= end - imports.RESERVE_MS / 2, "a call ends before Lambda ends it"
    done = sending.imports.get(REP.id, made.id)
    assert (done.status, done.written) == ("done", lines.MAX_LINES)
    assert calls <= 5
    times = [at for at, _ in notes]
    assert max(b - a for a, b in itertools.pairwise(times)) <= 10_000, "somebody looks on"
    assert [lines_done for _, lines_done in notes] == sorted(lines_done for _, lines_done in notes)


def test_a_call_that_dies_is_gone_on_with_from_its_last_note(sending):
    rows = "".join(f"deal,{n},Deal {n}\n" for n in range(3 * imports.BATCH))
    made = sending.begin("csv", f"type,id,title\n{rows}".encode())

    request = iter(range(imports.BATCH + 100))

    def left():
        if next(request, None) is None:
            raise MemoryError
        return 900_000

    with pytest.raises(MemoryError):
        sending.advance(REP.id, made.id, left)
    assert sending.imports.get(REP.id, made.id).done == imports.BATCH
    done = sending.advance(REP.id, made.id)
    assert (done.status, done.done, done.written + done.unchanged) == ("done", 3 * imports.BATCH, 3 * imports.BATCH)


def test_who_is_disabled_while_an_import_runs_writes_no_further_stretch(sending):
    rows = "".join(f"deal,{n},Deal {n}\n" for n in range(3 * imports.BATCH))
    made = sending.begin("csv", f"type,id,title\n{rows}".encode())

    def left():
        if len(sending.items.items) == imports.BATCH:
            sending.users.users[REP.id] = replace(REP, disabled=True)
        return 900_000

    assert sending.advance(REP.id, made.id, left).status == "failed"
    assert len(sending.items.items) == imports.BATCH


def test_a_call_that_loses_its_account_to_another_stops(sending):
    rows = "".join(f"deal,{n},Deal {n}\n" for n in range(3 * imports.BATCH))
    made = sending.begin("csv", f"type,id,title\n{rows}".encode())
    assert sending.imports.write(replace(made, version=7), made)

    class Overtaken(MemoryImportStore):
        def write(self, after, before):
            return False

    sending.imports = Overtaken(sending.imports.kept)
    assert sending.advance(REP.id, made.id) is None
    assert len(sending.items.items) == imports.BATCH


def test_items_of_others_are_refused_line_by_line(sending):
    other = User("u-other", "other@example.test")
    sending.users.create(other)
    made = BulkImports(sending.imports, sending.queue, sending.mail, sending.clock, sending.random_bytes).begin(
        other, "items", "csv", b"type,id,title\ndeal,1,Theirs\n", None
    )
    sending.work()
    mine = sending.begin("csv", b"type,id,title\ndeal,1,Mine\ndeal,2,Mine\n")
    sending.work()
    assert sending.imports.get(other.id, made.id).status == "done"
    done = sending.imports.get(REP.id, mine.id)
    assert (done.written, done.refusals) == (1, (Refusal(2, "id", "is an item that you may not change"),))
    with pytest.raises(NotFound):
        BulkImports(sending.imports, None, None, None, None).read(other, mine.id)


def test_a_file_that_goes_wrong_at_its_end_writes_nothing(sending):
    rows = "".join(f"deal,{n},Deal {n}\n" for n in range(imports.BATCH + 1))
    made = sending.begin("csv", f'type,id,title\n{rows}deal,x,"open'.encode())
    sending.work()
    assert sending.imports.get(REP.id, made.id).status == "failed"
    assert not sending.items.items


def test_an_import_of_exactly_one_stretch_ends_with_it(sending):
    rows = "".join(f"deal,{n},Deal {n}\n" for n in range(imports.BATCH))
    made = sending.begin("csv", f"type,id,title\n{rows}".encode())
    assert sending.advance(*sending.queue.queued.pop(0)).status == "done"
    assert (sending.queue.queued, sending.imports.get(REP.id, made.id).done) == ([], imports.BATCH)


def test_an_import_that_the_queue_does_not_take_does_not_wait_for_ever(sending):
    sending.queue.down = True
    with pytest.raises(Unavailable):
        sending.begin("csv", b"type,id,title\n")
    (made,) = sending.imports.kept.values()
    assert (made.status, made.reason != "") == ("failed", True)


def test_imports_are_listed_newest_first_to_whose_they_are(sending):
    made = []
    for _ in range(3):
        sending.clock.pass_by(1)
        made.append(sending.begin("csv", b"type,id,title\n").id)
    first = BulkImports(sending.imports, None, None, None, None).page(REP, 2, None)
    assert [each.id for each in first.items] == [made[2], made[1]]
    assert [
        each.id for each in BulkImports(sending.imports, None, None, None, None).page(REP, 2, first.next).items
    ] == [made[0]]
    assert (
        BulkImports(sending.imports, None, None, None, None).page(User("u-other", "other@example.test"), 2, None).items
        == ()
    )


@pytest.mark.parametrize("trouble", ["disabled", "expired", "not csv"])
def test_an_import_that_cannot_go_on_says_why(sending, trouble):
    made = sending.begin("csv", b"type,id,title\n" if trouble != "not csv" else b"\xff")
    if trouble == "disabled":
        sending.users.update(replace(REP, disabled=True))
    if trouble == "expired":
        sending.mail.files.clear()
    sending.work()
    failed = sending.imports.get(REP.id, made.id)
    assert (failed.status, failed.reason != "") == ("failed", True)


def test_only_an_upload_that_arrived_is_taken(sending):
    for upload in (None, "../x", "0198c0de-0000-7000-8000-000000000001"):
        with pytest.raises(Invalid):
            sending.begin("csv", None, upload)
    sending.mail.put(f"uploads/{REP.id}/0198c0de-0000-7000-8000-000000000001", b"type,id,title\n", "text/csv")
    assert sending.begin("csv", None, "0198c0de-0000-7000-8000-000000000001").status == "queued"


def test_the_door_takes_each_record_alone_and_gives_back_what_failed(sending, capsys):
    made = sending.begin("csv", b"type,id,title\ndeal,1,One\n")

    def advance(owner, identifier):
        if identifier == "down":
            raise Unavailable("database: down")
        return sending.advance(owner, identifier)

    event = {
        "Records": [
            {
                "messageId": name,
                "receiptHandle": f"receipt of {name}",
                "eventSource": "aws:sqs",
                "body": json.dumps(body),
            }
            for name, body in [
                ("good", {"owner": REP.id, "id": made.id}),
                ("down", {"owner": REP.id, "id": "down"}),
                ("odd", {"owner": 1}),
            ]
        ]
    }
    answer = handler.answer(event, advance, sending.queue, sending.clock)
    assert {failure["itemIdentifier"] for failure in answer["batchItemFailures"]} == {"down", "odd"}
    assert sending.queue.delayed == [("receipt of down", handler.AGAIN_S)], "an outage is not waited out for an hour"
    assert sending.imports.get(REP.id, made.id).status == "done"
    assert '"steps":1' in capsys.readouterr().out.replace(" ", "")
