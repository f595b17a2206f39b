"""The capture function as it is deployed: in a process of its own, with servers that fail in every way."""

import base64
import contextlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.tools.operate import replay_logs
from ocello.domain.tracking.pools import pool_token
from ocello.domain.tracking.tokens import ASK, CLICK, OPEN, Keyring, Token, sign_token

KEYS = "2:" + "n" * 40 + ",1:" + "o" * 40
MESSAGE = "01936c3e-7a10-7c4f-9b21-0123456789ab"
TARGET = "https://example.com/a?x=1#z"
AT = 1_764_000_000_123
DRIVE = """
import json, sys
from functions.capture.app import handler
for event in json.load(sys.stdin):
    print("ANSWER " + json.dumps(handler(event, None)))
"""
HANGS = "hangs"
THROTTLES = (400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}')
BREAKS = (500, b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}')
GARBAGE = (200, b"<html>")
WORKS = (200, b"{}")
CLOSED = (200, b'{"Item":{"pk":{"S":"x"}}}')


class Storage:
    """DynamoDB and SQS on one port; `says` has what each operation does."""

    def __init__(self, says):
        self.says = says
        self.request: list[tuple[str, dict[str, Any]]] = []
        self.over = threading.Event()
        storage = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                operation = self.headers["x-amz-target"].partition(".")[2]
                storage.request.append((operation, body))
                answer = storage.says.get(operation, WORKS)
                if answer == HANGS:
                    storage.over.wait(10)
                    self.close_connection = True
                    return
                status, raw = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def items(self, operation):
        bodies = [body for request, body in self.request if request == operation]
        return [body["Item"] if operation == "PutItem" else json.loads(body["MessageBody"]) for body in bodies]


@pytest.fixture
def storage():
    with contextlib.ExitStack() as stack:

        def start(**says):
            made = Storage(says)
            stack.callback(made.close)
            return made

        yield start


def environment(url):
    return {
        "PYTHONPATH": os.pathsep.join([".", "layers/core"]),
        "HITS_TABLE": "hits",
        "APP_TABLE": "app",
        "SPILL_QUEUE_URL": "https://queue",
        "TOKEN_KEYS": KEYS,
        "HIT_TTL_DAYS": "400",
        "AWS_REGION": "eu-south-1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "session",
        "AWS_ENDPOINT_URL": url,
    }


def event(token, purpose, request, at=AT):
    return {
        "rawPath": f"/{purpose}/{token}",
        "headers": {"user-agent": "Agent/1"},
        "requestContext": {
            "http": {"method": "GET", "sourceIp": "192.0.2.7"},
            "requestId": request,
            "timeEpoch": at,
        },
    }


def an_open(request, flags=0):
    return event(sign_token(Keyring.parse(KEYS), Token(OPEN, MESSAGE, 2, 1_764_000_000, flags)), OPEN, request)


def a_click(request):
    token = Token(CLICK, MESSAGE, 2, 1_764_000_000, 0, 4, TARGET)
    return event(sign_token(Keyring.parse(KEYS), token), CLICK, request)


def run(url, *events, **more):
    """Return the answers, and the log's lines."""
    done = subprocess.run(  # noqa: S603 — our own program
        [sys.executable, "-c", DRIVE],
        env=environment(url) | more,
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = done.stdout.splitlines()
    answers = [json.loads(line.removeprefix("ANSWER ")) for line in lines if line.startswith("ANSWER ")]
    return answers, [json.loads(line) for line in lines if not line.startswith("ANSWER ")]


def outcomes(lines):
    return [line["outcome"] for line in lines if line["message"] == "request answered"]


def are_right(answers):
    pixel, click = answers
    assert pixel["statusCode"] == 200
    assert base64.b64decode(pixel["body"]).startswith(b"GIF89a")
    assert (click["statusCode"], click["headers"]["Location"]) == (302, TARGET)
    return True


def test_hits_are_stored_by_one_conditional_write_each(storage):
    made = storage()
    answers, lines = run(made.url, an_open("a"), a_click("b"))
    assert are_right(answers)
    assert outcomes(lines) == ["stored", "stored"]
    assert [operation for operation, _ in made.request] == ["PutItem", "PutItem"]
    assert [item["sk"]["S"] for item in made.items("PutItem")] == [f"{AT}#a", f"{AT}#b"]


@pytest.mark.parametrize("failure", [HANGS, THROTTLES, BREAKS, GARBAGE], ids=["hangs", "throttles", "fails", "garbage"])
def test_answers_are_right_and_hits_go_to_the_queue_where_the_table_fails(storage, failure):
    made = storage(PutItem=failure)
    answers, lines = run(made.url, an_open("a"), a_click("b"))
    assert are_right(answers)
    assert outcomes(lines) == ["spilled", "spilled"]
    assert [item["sk"]["S"] for item in made.items("SendMessage")] == [f"{AT}#a", f"{AT}#b"]


@pytest.mark.parametrize("failure", [HANGS, THROTTLES, GARBAGE, None], ids=["hang", "throttle", "garbage", "refuse"])
def test_answers_are_right_and_hits_go_to_the_log_where_the_queue_fails_too(storage, failure):
    made = storage(PutItem=failure, SendMessage=failure)
    if failure is None:
        made.close()
    answers, lines = run(made.url, an_open("a"), a_click("b"))
    assert are_right(answers)
    assert outcomes(lines) == ["logged", "logged"]
    kept = [line["hit"] for line in lines if line["message"] == "hit spilled to log"]
    assert [item["sk"]["S"] for item in kept] == [f"{AT}#a", f"{AT}#b"]


def a_stack(hit_ttl_days):
    """Return what CloudFormation says of a stack."""
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in [("HitsTable", "hits"), ("AppTable", "app")]]
    parameters = [{"ParameterKey": "HitTtlDays", "ParameterValue": str(hit_ttl_days)}]
    return {"Outputs": outputs, "Parameters": parameters}


def cloudformation(stack, monkeypatch):
    """Let boto3's CloudFormation know one stack; return the list of stacks that are asked for."""
    request = []

    class Client:
        def describe_stacks(self, *, StackName):  # noqa: N803 — boto3's name
            request.append(StackName)
            return {"Stacks": [stack]}

    monkeypatch.setattr(boto3.Session, "client", lambda _self, service: {"cloudformation": Client()}[service])
    return request


def test_a_logged_hit_is_brought_back_as_the_item_it_would_have_been(storage, tmp_path, monkeypatch, capsys):
    failing, working = storage(PutItem=BREAKS, SendMessage=BREAKS), storage()
    now = AT + 40_000 * 86_400_000  # far from any limit on how far back a replay may reach
    hits = [an_open("a"), a_click("b")]
    for hit in hits:
        hit["requestContext"]["timeEpoch"] = now
    _, lines = run(failing.url, *hits)
    run(working.url, *hits, HIT_TTL_DAYS="90")
    exported = tmp_path / "lines.json"
    exported.write_text("\n".join(f"2026-11-23T20:00:00.000Z {json.dumps(line)}" for line in lines))
    replaying = storage()
    request = cloudformation(a_stack(hit_ttl_days=90), monkeypatch)
    for name, value in environment(replaying.url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["replay_logs", str(exported)])
    assert replay_logs.main() == 0
    assert "2 written" in capsys.readouterr().out
    assert request == ["ocello"], "the stack of production, unless another is named"
    assert replaying.items("PutItem") == working.items("PutItem")


def test_captures_figures_stand_under_its_stacks_name(storage):
    for more, namespace in [({}, "Ocello"), ({"STACK_NAME": "ocello-dev"}, "Ocello/ocello-dev")]:
        _, (line,) = run(storage().url, an_open("a"), **more)
        assert [one["Namespace"] for one in line["_aws"]["CloudWatchMetrics"]] == [namespace]


def test_a_recipient_who_said_no_leaves_no_hit(storage):
    made = storage(GetItem=CLOSED)
    answers, lines = run(made.url, an_open("a", ASK))
    assert answers[0]["statusCode"] == 200
    assert outcomes(lines) == ["silent"]
    assert [operation for operation, _ in made.request] == ["GetItem"]


def test_a_hit_whose_gate_cannot_be_asked_waits_in_the_queue_with_its_flag(storage):
    made = storage(GetItem=BREAKS)
    _, lines = run(made.url, an_open("a", ASK))
    assert outcomes(lines) == ["spilled"]
    assert [item["flags"]["N"] for item in made.items("SendMessage")] == [str(ASK)]
    assert made.items("PutItem") == []


def test_no_address_and_no_token_reaches_the_log_of_a_hit_that_was_kept(storage):
    opened, clicked = an_open("a"), a_click("b")
    _, lines = run(storage().url, opened, clicked)
    _, spilled = run(storage(PutItem=BREAKS).url, opened, clicked)
    for secret in ("192.0.2.7", opened["rawPath"][3:], clicked["rawPath"][3:], MESSAGE, TARGET):
        assert secret not in json.dumps(lines + spilled)


def test_what_is_left_out_of_one_link_s_hits_is_counted_in_a_figure_and_costs_no_write(storage):
    made = storage()
    answers, lines = run(made.url, *(an_open(f"r{place}") for place in range(63)))
    assert [answer["statusCode"] for answer in answers] == [200] * 63
    assert len(made.items("PutItem")) == 60
    figures = ("Opens", "Clicks", "Spills", "Lost", "LeftOut")
    assert [[line[name] for name in figures] for line in lines] == [[1, 0, 0, 0, 0]] * 60 + [[0, 0, 0, 0, 1]] * 3
    (declared,) = lines[-1]["_aws"]["CloudWatchMetrics"]
    assert {entry["Name"] for entry in declared["Metrics"]} == set(figures)


def test_the_gateway_of_sam_local_tells_seconds(storage):
    made = storage()
    hit = an_open("a")
    hit["requestContext"]["timeEpoch"] = 1_764_000_000
    run(made.url, hit)
    assert made.items("PutItem")[0]["sk"]["S"] == "1764000000000#a"


def refusal(monkeypatch, capsys, *arguments, **more):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    nowhere = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    for name, value in (nowhere | more).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["replay_logs", *arguments, os.devnull])
    with pytest.raises(SystemExit) as ended:
        replay_logs.main()
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_a_replay_without_region_or_credentials_says_what_is_missing(monkeypatch, capsys):
    assert "REGION" in refusal(monkeypatch, capsys)
    assert "credentials" in refusal(monkeypatch, capsys, "--region", "eu-west-1").lower()


def test_a_replay_into_a_stack_that_is_not_there_says_so(monkeypatch, capsys):
    with mock_aws():
        said = refusal(
            monkeypatch,
            capsys,
            "--stack",
            "other",
            "--region",
            "eu-west-1",
            AWS_ACCESS_KEY_ID="a",
            AWS_SECRET_ACCESS_KEY="b",
        )
    assert "the stack other cannot be read" in said


WEEK = pool_token(Keyring.parse(KEYS), AT)
SPILLED_LOAD = {
    "pool": WEEK.message,
    "day": "2025-11-24",
    "kind": "open",
    "class": "machine",
}  # "Agent" is on the crawler list


def a_load(request):
    return event(sign_token(Keyring.parse(KEYS), WEEK), OPEN, request)


def test_a_pooled_pixel_leaves_one_addition_and_a_line_that_names_neither_pool_token_nor_address(storage):
    made = storage()
    answers, lines = run(made.url, a_load("a"), a_load("b"), an_open("c"))
    assert answers[0] == answers[2], "the same answer as to any other pixel"
    assert outcomes(lines) == ["stored"] * 3
    assert [operation for operation, _ in made.request] == ["UpdateItem", "UpdateItem", "PutItem"]
    assert made.request[0] == made.request[1], "no time, request or client by which two loads differ"
    told = json.dumps(lines)
    for secret in (WEEK.message, a_load("a")["rawPath"][3:], "192.0.2.7", "Agent", '"a"'):
        assert secret not in told


@pytest.mark.parametrize("failure", [HANGS, BREAKS, GARBAGE], ids=["hangs", "fails", "garbage"])
def test_an_addition_of_which_nobody_knows_is_left_at_that(storage, failure):
    made = storage(UpdateItem=failure)
    answers, lines = run(made.url, a_load("a"))
    assert answers[0]["statusCode"] == 200
    assert outcomes(lines) == ["uncertain"]
    assert [operation for operation, _ in made.request] == ["UpdateItem"]


def test_a_load_that_was_surely_not_counted_waits_in_the_queue_or_in_the_log_with_nothing_but_its_counter(storage):
    made = storage(UpdateItem=THROTTLES)
    assert outcomes(run(made.url, a_load("a"))[1]) == ["spilled"]
    assert made.items("SendMessage") == [SPILLED_LOAD]
    _, lines = run(storage(UpdateItem=THROTTLES, SendMessage=THROTTLES).url, a_load("a"))
    assert outcomes(lines) == ["logged"]
    assert lines[0] == {"level": "ERROR", "message": "load spilled to log", "load": SPILLED_LOAD}


@pytest.mark.parametrize(("more", "told", "added"), [([], "1 loads left", 0), (["--loads"], "1 counted", 1)])
def test_loads_in_a_log_are_added_only_when_that_is_asked_for(
    storage, tmp_path, monkeypatch, capsys, more, told, added
):
    now = AT + 40_000 * 86_400_000
    load = a_load("a")
    load["requestContext"]["timeEpoch"] = now
    _, lines = run(storage(UpdateItem=THROTTLES, SendMessage=THROTTLES).url, load)
    exported = tmp_path / "lines.json"
    exported.write_text("\n".join(map(json.dumps, lines)))
    replaying = storage()
    cloudformation(a_stack(hit_ttl_days=90), monkeypatch)
    for name, value in environment(replaying.url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["replay_logs", *more, str(exported)])
    assert replay_logs.main() == 0
    assert told in capsys.readouterr().out
    assert [operation for operation, _ in replaying.request] == ["TransactWriteItems"] * added
