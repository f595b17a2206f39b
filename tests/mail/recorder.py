"""Stands between a client and a server, and keeps what the client says in the clear."""

import contextlib
import socket
import socketserver
import threading


class Recorder(socketserver.ThreadingTCPServer):
    """Passes bytes on to a port of loopback; `said` is what clients sent."""

    daemon_threads = True

    def __init__(self, port):
        """Listen on a free port, for the server on `port`."""
        super().__init__(("127.0.0.1", 0), _Between)
        self.behind, self.said = port, b""

    @property
    def port(self):
        return self.server_address[1]


class _Between(socketserver.BaseRequestHandler):
    server: Recorder

    def handle(self):
        with socket.create_connection(("127.0.0.1", self.server.behind)) as behind:
            back = threading.Thread(target=self._back, args=[behind], daemon=True)
            back.start()
            while piece := self._heard():
                self.server.said += piece
                behind.sendall(piece)
            with contextlib.suppress(OSError):
                behind.shutdown(socket.SHUT_WR)
            back.join(10)

    def _heard(self):
        try:
            return self.request.recv(65_536)
        except OSError:
            return b""

    def _back(self, behind):
        with contextlib.suppress(OSError):
            while piece := behind.recv(65_536):
                self.request.sendall(piece)
            self.request.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def recorded(port):
    """Run a recorder before a port for the length of a block."""
    with Recorder(port) as recorder:
        thread = threading.Thread(target=recorder.serve_forever)
        thread.start()
        try:
            yield recorder
        finally:
            recorder.shutdown()
            thread.join(10)
