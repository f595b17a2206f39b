"""With storage out: what a recipient says is received, and written down with its own time; what reaches a log names nobody."""

import contextlib
import datetime as dt
import time
import uuid

from infra.local.api import wait
from infra.local.mailbox import clients
from ocello.adapters.hot.hit_sinks import LAST_RESORT
from tests.local.consent.test_footer import Person, look, post

NOWHERE = "http://127.0.0.1:9"  # the port of RFC 863: nobody listens
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Outage/1.0"
ADDRESS = "198.51.100.77"


@contextlib.contextmanager
def without(run, function, *services):
    """Let a function find nobody where these services are."""
    client = run.client("lambda")
    (found,) = [one for one in client.list_functions()["Functions"] if f"{function}Function" in one["FunctionName"]]
    name, true = found["FunctionName"], found["Environment"]["Variables"]
    gone = {f"AWS_ENDPOINT_URL_{service}": NOWHERE for service in services}
    client.update_function_configuration(FunctionName=name, Environment={"Variables": true | gone})
    try:
        yield found["LoggingConfig"]["LogGroup"]
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": true})


def ms(rfc3339):
    return dt.datetime.fromisoformat(rfc3339).timestamp() * 1000


def test_a_refusal_while_the_database_is_out_is_received_and_afterwards_in_the_ledger_with_its_own_time(strict):
    person = Person(strict)
    person.open()
    assert wait(lambda: person.counts() == (1, 0))
    with without(strict, "Privacy", "DYNAMODB"):
        assert look(person.page).status == 200, "the page can be used"
        before = time.time() * 1000
        answer = post(person.page, "stop_both")
        after = time.time() * 1000
        assert answer.status == 202
        assert b"Received. What you chose takes effect within minutes." in answer.body
        assert b"Done." not in answer.body
    assert wait(lambda: person.said()["opens"]["state"] == "refused", 120), person.said()
    said = [each for each in person.said()["history"] if each["event"] == "refused"]
    assert sorted(each["purpose"] for each in said) == ["links", "opens"]
    for each in said:
        assert before - 1 <= ms(each["at"]) <= after
        assert ms(each["recorded_at"]) >= ms(each["at"])
        assert (each["channel"], each["notice"]["id"]) == ("page", "page")
    person.open()
    person.click()
    later = Person(strict)
    later.open()
    assert wait(lambda: later.counts() == (1, 0), 60), "what came after these is counted"
    assert person.counts() == (1, 0)


def test_with_the_queue_out_too_it_says_that_nothing_was_done(strict):
    person = Person(strict)
    before = person.said()
    with without(strict, "Privacy", "DYNAMODB", "SQS"):
        answer = post(person.page, "stop_both")
        assert answer.status == 503
        assert b"Done." not in answer.body
        assert b"Nothing was changed." in answer.body
    assert person.said() == before
    assert post(person.page, "stop_both").status == 200


def test_the_line_that_keeps_a_hit_when_all_else_is_out_has_neither_address_nor_agent(run):
    who = f"logged-{uuid.uuid4().hex[:8]}@customer.test"
    message = run.api().send(to=[who], subject="Offer", html="<p>Hello</p>", track={"opens": True, "clicks": False})
    (pixel,) = run.tracked(who, message).pixels
    began = int(time.time() * 1000)
    with without(run, "Capture", "DYNAMODB", "SQS") as group:
        answer = clients.request("GET", pixel, {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS})
        assert (answer.status, len(answer.body)) == (200, 43)

        def lines():
            pages = run.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, startTime=began)
            return [event["message"] for page in pages for event in page["events"]]

        assert wait(lambda: any(LAST_RESORT in line and message["id"] in line for line in lines()), 30), lines()
    told = "\n".join(lines())
    for what in (AGENT, "Outage/1.0", ADDRESS, "198.51.100"):
        assert what not in told
    assert run.api().message(message["id"])["opens"]["count"] == 0
