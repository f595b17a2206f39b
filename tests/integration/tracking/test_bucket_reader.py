"""Reading an object of the bucket by our own code: the request, and every way in which it can fail."""

import contextlib
import http.server
import threading
import time

import pytest

from ocello.adapters.hot.s3 import BucketReader
from ocello.domain.common.errors import Unavailable

ENVIRONMENT = {
    "AWS_REGION": "eu-south-1",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "session",
}


class Bucket(http.server.BaseHTTPRequestHandler):
    """Answers by the last part of the path."""

    protocol_version = "HTTP/1.1"
    asked: list = []  # noqa: RUF012 — the tests look at it

    def do_GET(self):
        self.asked.append((self.path, dict(self.headers)))
        what = self.path.rpartition("/")[2]
        if what == "slow":
            time.sleep(1)
        if what == "closed":
            self.close_connection = True
            return
        body = b"table" if what in ("here", "slow") else b"<Error/>"
        self.send_response(int(what) if what.isdecimal() else 200)
        self.send_header("Content-Length", str(len(body) + (9 if what == "short" else 0)))
        self.end_headers()
        with contextlib.suppress(OSError):  # the caller did not wait
            self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def reader():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint = {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.server_port}"}
    yield BucketReader.from_environment("some-bucket", ENVIRONMENT | endpoint)
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_object_is_read_with_a_signed_request(reader):
    assert reader.get_object("networks/here", 5) == b"table"
    path, headers = Bucket.asked[-1]
    assert path == "/some-bucket/networks/here"
    told = {name.lower(): value for name, value in headers.items()}
    assert told["x-amz-security-token"] == "session"
    signed = "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"
    assert signed in told["authorization"]


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_not_there_is_none(reader, status):
    assert reader.get_object(f"networks/{status}", 5) is None


@pytest.mark.parametrize("what", ["500", "503", "301", "closed", "short"])
def test_any_other_answer_is_a_bucket_that_does_not_answer(reader, what):
    with pytest.raises(Unavailable):
        reader.get_object(what, 5)


def test_a_slow_answer_is_not_waited_for(reader):
    with pytest.raises(Unavailable):
        reader.get_object("slow", 0.2)


def test_a_bucket_that_cannot_be_reached_does_not_answer():
    reader = BucketReader.from_environment("b", ENVIRONMENT | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    with pytest.raises(Unavailable):
        reader.get_object("networks/current", 1)
