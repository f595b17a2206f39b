"""The small HTTP client and answers of every framing, also in TLS, with a fake clock where time matters."""

import contextlib
import socket
import ssl
import threading

import pytest

from ocello.adapters.hot import http1
from ocello.adapters.hot.http1 import Closed, Malformed, Wire
from tests import certificates

REQUEST = b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture
def serve():
    """Answer each request of one connection with its pieces, then hang up; return the port."""
    with contextlib.ExitStack() as stack:

        def start(*answers, context=None):
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            thread = threading.Thread(target=talk, args=(listening, answers, context))
            thread.start()
            stack.callback(thread.join)
            return listening.getsockname()[1]

        yield start


def talk(listening, answers, context):
    listening.settimeout(5)
    with contextlib.suppress(OSError):
        peer, _ = listening.accept()
        with peer:
            peer.settimeout(5)
            peer = context.wrap_socket(peer, server_side=True) if context else peer
            with peer:
                for pieces in answers:
                    peer.recv(65_536)
                    for piece in pieces if isinstance(pieces, list) else [pieces]:
                        peer.sendall(piece)


@pytest.fixture
def connect():
    with contextlib.ExitStack() as stack:

        def to(port, left=lambda: 5.0, host="127.0.0.1", secure=False):
            made = Wire(host, port, secure, left)
            stack.callback(made.close)
            return made

        yield to


FRAMINGS = {
    "a length": ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], True),
    "a length, byte by byte": ([bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello"], True),
    "chunks": (
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: v\r\n\r\n"],
        True,
    ),
    "fields that look alike": (
        [b"HTTP/1.1 200 OK\r\nX-Content-Length: 9\r\nContent-Length: 5\r\nContent-Length-Of: 7\r\n\r\nhello"],
        True,
    ),
    "no length": ([b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo"], False),
    "the wish to close": ([b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 5\r\n\r\nhello"], False),
    "an older version": ([b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"], False),
    "an interim answer": ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], True),
    "more than was asked": ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n"], False),
}


@pytest.mark.parametrize(("pieces", "keeps"), FRAMINGS.values(), ids=FRAMINGS.keys())
def test_an_answer_is_read_whole_in_every_framing(serve, connect, pieces, keeps):
    made = connect(serve(pieces))
    assert made.exchange(REQUEST) == (200, b"hello")
    assert made.keeps is keeps


def test_a_kept_connection_keeps_answers_apart(serve, connect):
    answers = [f"HTTP/1.1 {status} X\r\nContent-Length: 3\r\n\r\n{status}".encode() for status in (200, 400, 503)]
    made = connect(serve(*answers))
    assert [made.exchange(REQUEST) for _ in answers] == [(200, b"200"), (400, b"400"), (503, b"503")]


GARBAGE = {
    "another protocol": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "no status": b"HTTP/1.1 \r\n\r\n",
    "a signed status": b"HTTP/1.1 +20 OK\r\n\r\n",
    "a signed length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\nhello",
    "too large a length": b"HTTP/1.1 200 OK\r\nContent-Length: 8000001\r\n\r\n",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
    "a chunk of no size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "a chunk without an end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_answer_is_malformed(serve, connect, answer):
    with pytest.raises(Malformed):
        connect(serve(answer)).exchange(REQUEST)


def test_a_connection_that_was_closed_says_so(serve, connect):
    with pytest.raises(Closed):
        connect(serve(b"")).exchange(REQUEST)


def test_bytes_that_drip_in_do_not_lengthen_the_time(serve, connect):
    """Each call of the clock takes a second; a thousand bytes that arrive one by one would take a thousand seconds."""
    samples = iter([5.0, 5.0, 5.0, 4.0, 3.0, 2.0, 1.0])

    def left():
        try:
            return next(samples)
        except StopIteration:
            raise TimeoutError from None

    made = connect(serve([b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"]), left)
    receive, made._socket = made._socket, Dripping(made._socket)
    with pytest.raises(TimeoutError):
        made.exchange(REQUEST)
    assert receive.fileno() >= 0


class Dripping:
    """A socket that gives one byte at a time."""

    def __init__(self, real):
        self.real = real

    def recv(self, _size):
        return self.real.recv(1)

    def __getattr__(self, name):
        return getattr(self.real, name)


@pytest.mark.parametrize("trusted", [True, False])
def test_only_a_trusted_certificate_is_spoken_to(serve, connect, tmp_path, monkeypatch, trusted):
    files = certificates.make(tmp_path, "127.0.0.1")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
    monkeypatch.setattr(http1, "_trust", None)  # as in a new process
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    port = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", context=context)
    if trusted:
        assert connect(port, secure=True).exchange(REQUEST) == (200, b"hello")
    else:
        with pytest.raises(ssl.SSLCertVerificationError):
            connect(port, secure=True)
