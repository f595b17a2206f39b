"""The small AWS client against a server that answers, hangs, breaks off, or talks nonsense."""

import contextlib
import json
import socket
import threading
import time

import pytest

from ocello.adapters.hot.aws_http import IDLE_SECONDS, Connection, ServiceRefused
from ocello.adapters.hot.dynamodb import ConditionFailed, DynamoClient
from ocello.adapters.hot.hit_sinks import DynamoConsentGate, DynamoHitSink, SqsHitSink
from ocello.adapters.hot.load_sinks import DynamoLoadSink
from ocello.adapters.hot.sigv4 import Credentials
from ocello.domain.common.errors import Unavailable, Uncertain
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.loads import Load

LOAD = Load("41e9c8e9-a5a3-1d53-3eb3-e7e10c507426", "2026-11-24", "open", "person")
HIT = Hit("m", 1_764_000_000_000, "r=", "open", 0, None, "GET", "192.0.2.1", "Agent é", {}, 0)


def http(status, body, extra=""):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(raw)}\r\n{extra}\r\n".encode() + raw


OK = http(200, {})
HANG, BREAK, RESET = object(), object(), object()  # say nothing; close after the request; close before it


class Server:
    """Answers each connection's requests by a script: one list of answers for each connection, in order."""

    def __init__(self, *connections):
        self.script, self.requests, self.connections = list(connections), [], 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        for answers in self.script:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            with peer, contextlib.suppress(OSError):
                peer.settimeout(5)
                self._talk(peer, answers)

    def _talk(self, peer, answers):
        reader = peer.makefile("rb")
        for answer in answers:
            if answer is RESET:
                return
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = reader.readline()
                if not line:
                    return
                head += line
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            self.requests.append((head.decode(), json.loads(reader.read(length))))
            if answer is BREAK:
                return
            if answer is HANG:
                reader.read(1)  # until the client gives up
                return
            peer.sendall(answer)

    def close(self):
        self._listening.close()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", int(self.url.rpartition(":")[2])), 0.1).close()
        self._thread.join()


@pytest.fixture
def serve():
    started = []

    def start(*connections):
        started.append(Server(*connections))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def connect(serve):  # noqa: ARG001 — made after it, so that connections are closed before their servers
    made = []

    def to(server, clock=time.monotonic, service="dynamodb"):
        made.append(Connection(service, "eu-south-1", Credentials("id", "secret", "session"), server.url, clock))
        return made[-1]

    yield to
    for connection in made:
        connection.close()


def add(connection, seconds=2.0):
    DynamoLoadSink(DynamoClient(connection), "app").add(LOAD, seconds)


def test_a_load_is_one_addition_that_holds_pool_day_kind_and_class_alone(connect, serve):
    server = serve([OK])
    add(connect(server))
    head, body = server.requests[0]
    assert "x-amz-target: DynamoDB_20120810.UpdateItem\r\n" in head
    midnight = {"N": str(1_795_478_400 + 760 * 86_400)}
    assert body == {
        "TableName": "app",
        "Key": {"pk": {"S": f"POOL#{LOAD.pool}"}, "sk": {"S": "DAY#2026-11-24"}},
        "UpdateExpression": "ADD open_person :one SET cls = :cls, #ttl = :ttl",
        "ExpressionAttributeNames": {"#ttl": "ttl"},
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":cls": {"S": "PoolDay"}, ":ttl": midnight},
    }


@pytest.mark.parametrize(
    "answer", [BREAK, HANG, http(200, b"<html>"), http(500, {"__type": "x#InternalServerError"}), b"nonsense\r\n\r\n"]
)
def test_an_addition_that_may_have_been_made_is_sent_once(connect, serve, answer):
    server = serve([OK, answer], [OK])
    connection = connect(server)
    add(connection)
    with pytest.raises(Uncertain):
        add(connection, 0.3)
    assert len(server.requests) == 2


def test_an_addition_that_was_surely_not_made_says_so(connect, serve):
    throttled = http(400, {"__type": "x#ThrottlingException"})
    with pytest.raises(ServiceRefused):
        add(connect(serve([throttled])))
    nowhere = Connection("dynamodb", "eu-south-1", Credentials("id", "secret", ""), "http://127.0.0.1:9")
    with pytest.raises(Unavailable) as refused:
        add(nowhere)
    assert not isinstance(refused.value, Uncertain)


def put(connection, seconds=2.0):
    DynamoHitSink(DynamoClient(connection), "hits", 60).put(HIT, seconds)


def test_a_put_is_one_conditional_signed_request(connect, serve):
    server = serve([OK])
    put(connect(server))
    head, body = server.requests[0]
    assert head.startswith("POST / HTTP/1.1\r\n")
    assert "x-amz-target: DynamoDB_20120810.PutItem\r\n" in head
    assert "x-amz-security-token: session\r\n" in head
    assert "/eu-south-1/dynamodb/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;" in head
    assert body["ConditionExpression"] == "attribute_not_exists(pk)"
    assert body["Item"]["sk"] == {"S": "1764000000000#r="}


@pytest.mark.parametrize(
    ("answer", "closed"),
    [
        ({}, False),
        ({"Item": {"pk": {"S": "GATE#m"}}}, True),  # of an earlier release: it closes all
        ({"Item": {"pk": {"S": "GATE#m"}, "kinds": {"SS": ["open"]}}}, True),
        ({"Item": {"pk": {"S": "GATE#m"}, "kinds": {"SS": ["click"]}}}, False),
    ],
)
def test_the_gate_is_one_read_of_one_row_whatever_its_key_holds(connect, serve, answer, closed):
    server = serve([http(200, answer)])
    assert DynamoConsentGate(DynamoClient(connect(server)), "app").closed('m"\\é', 7, "open", 2.0) is closed
    head, body = server.requests[0]
    assert "x-amz-target: DynamoDB_20120810.GetItem\r\n" in head
    key = {"pk": {"S": 'GATE#m"\\é'}, "sk": {"S": "RCPT#00007"}}
    assert body == {"TableName": "app", "Key": key, "ProjectionExpression": "pk,kinds"}


def test_each_operation_of_one_connection_is_signed_under_its_own_name(connect, serve):
    server = serve([http(200, {}), OK, http(200, {})])
    client = DynamoClient(connect(server))
    for operation in ("GetItem", "PutItem", "GetItem"):
        client.once(operation, "{}", 2.0)
    targets = [head.partition("x-amz-target: DynamoDB_20120810.")[2][:7] for head, _ in server.requests]
    assert targets == ["GetItem", "PutItem", "GetItem"]
    signatures = {head.partition("Signature=")[2].partition("\r")[0] for head, _ in server.requests}
    assert len(signatures) > 1


def test_one_connection_serves_many_calls(connect, serve):
    server = serve([OK] * 3)
    connection = connect(server)
    for _ in range(3):
        put(connection)
    assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("ending", [BREAK, RESET], ids=["breaks off", "was closed"])
def test_a_kept_connection_that_broke_is_opened_anew_at_once(connect, serve, ending):
    server = serve([OK, ending], [OK])
    connection = connect(server)
    put(connection)
    time.sleep(0.05)  # so that a close has arrived
    put(connection)
    assert server.connections == 2


def test_an_idle_connection_is_opened_anew(connect, serve):
    server = serve([OK], [OK])
    now = [0.0]
    connection = connect(server, lambda: now[0])
    put(connection)
    now[0] += IDLE_SECONDS + 1
    put(connection)
    assert server.connections == 2


def test_a_write_that_was_repeated_is_no_failure(connect, serve):
    server = serve([http(400, {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"})])
    put(connect(server))
    assert len(server.requests) == 1


GARBAGE = {
    "no JSON": http(200, b"<html>"),
    "no object": http(200, []),
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "throttled": http(400, {"__type": "x#ThrottlingException"}),
    "an error without a name": http(500, b""),
    "an error of another type": http(400, {"__type": 7}),
    "a broken connection": BREAK,
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_whatever_is_no_success_is_unavailable_and_the_next_call_works(connect, serve, answer):
    server = serve([answer], [OK], [OK])
    connection = connect(server)
    with pytest.raises(Unavailable):
        put(connection, 0.5)
    connection.close()
    put(connection)


def test_a_server_that_says_nothing_is_given_up(connect, serve):
    """Without a deadline this test would never end: the server waits for the client to go."""
    server = serve([HANG])
    with pytest.raises(Unavailable):
        put(connect(server), 0.15)
    assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_unavailable(connect, serve):
    server = serve()
    server.close()
    with pytest.raises(Unavailable):
        put(connect(server))


def test_a_call_that_settle_makes_is_tried_again_where_that_may_help(connect, serve):
    throttled = http(400, {"__type": "x#ThrottlingException"})
    server = serve([throttled, throttled, http(200, {"Item": {}})])
    connection = connect(server)
    assert DynamoClient(connection).call("GetItem", {}) == {"Item": {}}
    server = serve([http(400, {"__type": "x#ValidationException"}), OK])
    connection = connect(server)
    with pytest.raises(ServiceRefused, match="ValidationException"):
        DynamoClient(connection).call("GetItem", {})
    server = serve([http(400, {"__type": "x#ConditionalCheckFailedException"})])
    with pytest.raises(ConditionFailed):
        DynamoClient(connect(server)).call("PutItem", {})


def test_a_spilled_hit_goes_to_the_queue_as_the_item_it_would_have_been(connect, serve):
    server = serve([http(200, {"MessageId": "1"})])
    SqsHitSink(connect(server, service="sqs"), "https://queue", 60).put(HIT, 1.0)
    head, body = server.requests[0]
    assert "x-amz-target: AmazonSQS.SendMessage\r\n" in head
    assert body["QueueUrl"] == "https://queue"
    assert json.loads(body["MessageBody"])["ua"] == {"S": "Agent é"}
