"""SES is asked once by a client of botocore's own, over real HTTP: a second try might send twice."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ocello.adapters.aws import clients
from ocello.adapters.ses.transport import SesTransport
from ocello.domain.messages.delivery import Deferred, NotTried, OutcomeUnknown
from ocello.domain.people.users import Account

ACCOUNT = Account("user-1", "rep@example.test", "", "ses", verified=True)
TAGS = {"message": "m", "recipient": "0"}


class SesServer(ThreadingHTTPServer):
    """A service that answers everything with `answer` (a status and the kind of error), and records the requests."""

    answer: tuple[int, str]

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Ses)
        self.requests: list[str] = []


class Ses(BaseHTTPRequestHandler):
    server: SesServer

    def do_POST(self):
        self.server.requests.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        status, code = self.server.answer
        body = b'{"message": "not now"}'
        self.send_response(status)
        self.send_header("x-amzn-ErrorType", code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Log nothing."""


@pytest.fixture
def ses(monkeypatch):
    server = SesServer()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-south-1")
    clients._session.cache_clear()
    yield server
    clients._session.cache_clear()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((503, "ServiceUnavailable"), Deferred),
        ((500, "InternalFailure"), OutcomeUnknown),
        ((429, "TooManyRequestsException"), NotTried),
        ((400, "ThrottlingException"), NotTried),
    ],
)
def test_ses_is_asked_once_whatever_it_answers(ses, answer, outcome):
    ses.answer = answer
    with pytest.raises(outcome):
        SesTransport("", "eu-south-1").send(ACCOUNT, "b@customer.test", b"raw", TAGS)
    assert len(ses.requests) == 1
