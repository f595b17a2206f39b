"""Forwards requests from ports of our own to the engine, streaming in both directions.

Each origin has a loopback port that leads to its HTTP API. The engine finds an API by the Host, a name that not every
machine resolves, or by the path. We use the path, so that no request to an origin can reach the engine's own addresses.
"""

import asyncio
import contextlib
import re
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import NamedTuple

_HEAD_LIMIT = 65_536
_CHUNK = 65_536
_IDLE_S = 60.0
_LONE_SEGMENT = re.compile(rb"^(/[^/?]+)/(?=\?|$)")
_HOP = (b"connection", b"keep-alive", b"proxy-connection", b"host")


class Way(NamedTuple):
    """A port that leads to the engine: where it listens, the prefix of each path, and which request heads may pass."""

    host: str
    port: int
    prefix: str
    admits: Callable[[bytes], bool] = lambda _head: True


def to_api(port: int, api: str) -> Way:
    """Return the route from a loopback port to one HTTP API."""
    return Way("127.0.0.1", port, f"/_aws/execute-api/{api}/$default")


def forwarded(head: bytes, prefix: str, engine_port: int) -> bytes | None:
    """Return a request's head (up to its blank line) rewritten; None if it is not an HTTP/1.1 request to a path.

    The path gets the prefix. The Host becomes the engine's. The connection is closed after the answer. A slash after a
    path's only segment is removed: for API Gateway `/c/` and `/c` are one route, for the engine two. All other headers,
    such as `X-Forwarded-For`, stay as they are.
    """
    lines = head.split(b"\r\n")
    words = lines[0].split(b" ")
    if len(words) != 3 or not words[1].startswith(b"/") or not words[2].startswith(b"HTTP/1."):
        return None
    path = _LONE_SEGMENT.sub(rb"\1", words[1]) if prefix else words[1]
    kept = [line for line in lines[1:] if line and line.split(b":", 1)[0].strip().lower() not in _HOP]
    first = b" ".join((words[0], prefix.encode() + path, b"HTTP/1.1"))
    added = [f"Host: 127.0.0.1:{engine_port}".encode(), b"Connection: close"]
    return b"\r\n".join([first, *added, *kept]) + b"\r\n\r\n"


def _plain(status: str, words: str) -> bytes:
    body = words.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await source.read(_CHUNK):
            sink.write(chunk)
            await sink.drain()


class Gateway:
    """The ports that lead to the engine, which listens on `engine_port`."""

    def __init__(self, ways: Sequence[Way], engine_port: int) -> None:
        self._ways = tuple(ways)
        self._engine_port = engine_port
        self._serving: set[asyncio.Task[None] | None] = set()  # the loop itself holds only weak references to its tasks
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateway", daemon=True)

    def start(self) -> None:
        """Listen. Raises OSError if a port is in use."""
        self._thread.start()
        self._run(self._listen())

    def stop(self) -> None:
        """Stop listening and close what is still open."""
        self._run(self._drop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, work: Coroutine[object, object, None]) -> None:
        waiting: Future[None] = asyncio.run_coroutine_threadsafe(work, self._loop)
        waiting.result(10)

    async def _listen(self) -> None:
        for way in self._ways:
            await asyncio.start_server(self._connection_handler(way), way.host, way.port, limit=_HEAD_LIMIT)

    async def _drop(self) -> None:
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()

    def _connection_handler(self, way: Way) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            self._serving.add(task)
            with contextlib.suppress(ConnectionError, TimeoutError, asyncio.CancelledError):
                await self._serve(way, reader, writer)
            writer.close()
            self._serving.discard(task)

        return serve

    async def _serve(self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _IDLE_S)
        except asyncio.IncompleteReadError:
            return
        except asyncio.LimitOverrunError:
            writer.write(_plain("431 Request Header Fields Too Large", "The headers are too long.\n"))
            await writer.drain()
            return
        if not way.admits(head):
            writer.write(_plain("403 Forbidden", "This way is for the local run's own functions.\n"))
            await writer.drain()
            return
        request = forwarded(head[:-2], way.prefix, self._engine_port)
        if request is None:
            writer.write(_plain("400 Bad Request", "This is no HTTP/1.1 request.\n"))
            await writer.drain()
            return
        try:
            answer, onward = await asyncio.open_connection("127.0.0.1", self._engine_port)
        except OSError:
            writer.write(_plain("502 Bad Gateway", "The engine is not running.\n"))
            await writer.drain()
            return
        onward.write(request)
        body = asyncio.create_task(_pump(reader, onward))
        try:
            await _pump(answer, writer)
        finally:
            body.cancel()
            onward.close()
