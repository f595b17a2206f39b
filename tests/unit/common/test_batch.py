"""A batch of a queue or a stream: a record that fails comes again, and the others do not."""

import pytest

from ocello.adapters.aws.batch import take_queue, take_stream
from ocello.domain.common.errors import Unavailable

MESSAGES = {"Records": [{"messageId": f"id-{number}", "body": str(number)} for number in range(4)]}
CHANGES = {"Records": [{"eventID": "e", "dynamodb": {"SequenceNumber": str(number)}} for number in range(4)]}


class Taker:
    """Records what it was called with, and raises for some of it."""

    def __init__(self, *fails, error=None):
        self.taken, self.fails, self.error = [], fails, error or Unavailable("down")

    def __call__(self, record):
        self.taken.append(record)
        if len(self.taken) - 1 in self.fails:
            raise self.error


@pytest.mark.parametrize("fails", [(), (1,), (0, 3), (0, 1, 2, 3)])
def test_a_message_that_fails_is_named_by_its_id_and_every_message_is_taken(fails):
    taker = Taker(*fails)
    assert take_queue(MESSAGES, taker) == {"batchItemFailures": [{"itemIdentifier": f"id-{one}"} for one in fails]}
    assert taker.taken == MESSAGES["Records"]


@pytest.mark.parametrize("fails", [(), (2,), (0, 1, 2, 3)])
def test_a_change_that_fails_is_named_by_its_sequence_number_and_every_change_is_taken(fails):
    taker = Taker(*fails)
    assert take_stream(CHANGES, taker) == {"batchItemFailures": [{"itemIdentifier": str(one)} for one in fails]}
    assert taker.taken == CHANGES["Records"]


def test_an_error_that_nobody_expected_fails_its_record_alone():
    assert take_queue(MESSAGES, Taker(2, error=RuntimeError())) == {"batchItemFailures": [{"itemIdentifier": "id-2"}]}


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(1)])
def test_what_stops_the_process_stops_the_batch(stop):
    with pytest.raises(type(stop)):
        take_stream(CHANGES, Taker(1, error=stop))


def test_an_event_without_records_is_an_error():
    with pytest.raises(KeyError):
        take_queue({"detail": {}}, Taker())
