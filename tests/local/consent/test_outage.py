"""With storage out: nothing is said to be done that was not, and what reaches a log names nobody."""

import contextlib
import time
import uuid

from infra.local.api import wait
from infra.local.mailbox import clients
from ocello.adapters.hot.hit_sinks import LAST_RESORT
from tests.local.consent.test_footer import Person, post

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
