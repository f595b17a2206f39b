"""What a recipient says on the page of their mail: recorded at once, or received and recorded later with its own time."""

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.withdrawals.handler import answer
from ocello.adapters.aws.sqs_withdrawals import SqsWithdrawalQueue, parse, to_text
from ocello.domain.common.errors import NotFound, Unavailable
from ocello.domain.consent.ledger import Confirmation, ConsentNotice
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.subjects import subject_of
from ocello.services.consent.ports import Statement
from ocello.services.consent.received import Statements
from tests import fakes
from tests.fakes.messages import messages_of
from tests.fakes.people.consent import SUBJECT_KEY, consents
from tests.ports.examples import stored

HOUR = 3_600_000
SAID_AT = fakes.Clock().now - HOUR
SAID = Statement(
    stored().message.id,
    stored().recipients[0].index,
    {"opens": "withdrawn", "links": "refused"},
    SAID_AT,
    "https://t.test/p/",
    ConsentNotice("stop", "1", "it", "0" * 64),
    Confirmation("r1", "192.0.2.0/24", "Firefox"),
)
ADDRESS = stored().recipients[0].mailbox.address


class Sqs:
    """SQS, which keeps what is sent."""

    def __init__(self):
        self.bodies: list[str] = []

    def send_message(self, **message: Any) -> None:
        self.bodies.append(message["MessageBody"])


class Queue:
    """StatementQueue over SQS's bodies, that can be down."""

    def __init__(self):
        self.sqs, self.down = Sqs(), False

    def keep(self, statement):
        if self.down:
            raise Unavailable("withdrawal queue: down")
        SqsWithdrawalQueue("https://sqs.test/q", self.sqs).keep(statement)


class World:
    """The page's use case with a ledger, and the consumer of the queue."""

    def __init__(self):
        self.clock = fakes.Clock()
        self.closed: list[tuple[str, frozenset[Axis]]] = []
        made, self.ledger = consents(self.clock, lambda subject, axes: self.closed.append((subject, axes)))
        self.queue = Queue()
        self.statements = Statements(messages_of(stored()), made.record, self.queue)

    def consume(self):
        """Let the function take what waits; return how many must come again."""
        records = [
            {"messageId": str(number), "body": body, "eventSource": "aws:sqs"}
            for number, body in enumerate(self.queue.sqs.bodies)
        ]
        answered = answer(
            {"Records": records}, lambda _subject, _at: True, self.statements.recorded, lambda: self.clock.now
        )
        return len(answered["batchItemFailures"])

    def kept(self):
        return [(each.event, each.purpose, each.at, each.channel) for each in self.ledger.entries]


BOTH = [("withdrawn", "opens", SAID_AT, "page"), ("refused", "links", SAID_AT, "page")]


def test_with_everything_up_it_is_recorded_at_once_and_closes_the_persons_copies():
    world = World()
    assert world.statements.take(SAID) == "recorded"
    assert world.kept() == BOTH
    assert world.closed == [(subject_of(ADDRESS, SUBJECT_KEY), frozenset({"opens", "links"}))]
    assert world.queue.sqs.bodies == []


def test_with_the_database_out_it_is_received_and_later_recorded_with_its_own_time():
    world = World()
    world.ledger.down = True
    assert world.statements.take(SAID) == "received"
    assert world.consume() == 1, "it comes again while the database is out"
    world.ledger.down = False
    assert world.consume() == 0
    assert world.kept() == BOTH
    assert all(each.recorded_at >= SAID_AT + HOUR for each in world.ledger.entries)
    assert world.ledger.entries[0].notice == SAID.notice
    assert world.ledger.entries[0].confirmation == SAID.confirmation
    assert world.closed[-1] == (subject_of(ADDRESS, SUBJECT_KEY), frozenset({"opens", "links"}))


def test_what_comes_twice_is_one_entry_for_each_purpose():
    world = World()
    world.ledger.down = True
    world.statements.take(SAID)
    world.statements.take(SAID)
    world.ledger.down = False
    world.consume()
    world.consume()
    world.statements.take(SAID)
    assert world.kept() == BOTH


def test_copies_that_could_not_be_closed_are_closed_by_the_queue():
    world, failing = World(), [True]
    made, ledger = consents(world.clock, lambda *_: fail_once(failing))
    statements = replace(world.statements, record=made.record)
    assert statements.take(SAID) == "received"
    assert statements.recorded(SAID).closed() == {"opens", "links"}
    assert len(ledger.entries) == 2


def fail_once(failing):
    if failing.pop() if failing else False:
        raise Unavailable("database: down")


def test_with_the_queue_out_too_it_is_an_error_and_nothing_is_said_to_be_received():
    world = World()
    world.ledger.down = world.queue.down = True
    with pytest.raises(Unavailable):
        world.statements.take(SAID)


def test_a_grant_does_not_wait_in_a_queue():
    world = World()
    world.ledger.down = True
    with pytest.raises(Unavailable):
        world.statements.take(SAID._replace(events={"opens": "granted"}))
    assert world.queue.sqs.bodies == []
    with pytest.raises(ValueError, match="neither"):
        parse(to_text(SAID._replace(events={"opens": "granted"})))


def test_a_statement_of_a_mail_or_recipient_that_is_not_known_is_none():
    world = World()
    for wrong in (SAID._replace(recipient=77), SAID._replace(message="0199a000-0000-7000-8000-00000000ffff")):
        with pytest.raises(NotFound):
            world.statements.take(wrong)


def test_no_address_waits_in_the_queue_or_stands_in_the_line(capsys):
    world = World()
    world.ledger.down = True
    world.statements.take(SAID)
    (body,) = world.queue.sqs.bodies
    assert parse(body) == SAID
    assert ADDRESS not in body
    world.ledger.down = False
    world.consume()
    said = capsys.readouterr().out
    assert json.loads(said.splitlines()[-1])["recorded"] == 1
    assert ADDRESS not in said
    assert SAID.message not in said


@pytest.mark.parametrize(
    "body",
    [
        '{"message":"m","recipient":0,"events":{"opens":"withdrawn"},"at":1,"notice":null,"confirmation":null,"more":1}',
        '{"message":"m","recipient":0,"events":{"bounces":"withdrawn"},"at":1}',
        '{"message":"m"}',
        "[]",
    ],
)
def test_what_is_no_statement_is_refused(body):
    with pytest.raises(ValueError, match=r"not a statement|neither"):
        parse(body)
