"""A mail server that accepts every mail slowly: it pauses before each reply, until it is told to hurry."""

import socketserver
import threading
from contextlib import contextmanager


class SlowServer(socketserver.ThreadingTCPServer):
    """Listens on a port of its own; counts the mails that came to their end, and those that are on their way."""

    daemon_threads, block_on_close = True, False

    def __init__(self, pause):
        """Pause `pause` seconds before each reply."""
        super().__init__(("127.0.0.1", 0), _Talk)
        self.pause, self.hurry = pause, threading.Event()
        self.begun = self.taken = 0
        self.counting = threading.Lock()

    @property
    def port(self):
        return self.server_address[1]


class _Talk(socketserver.StreamRequestHandler):
    server: SlowServer

    def handle(self):
        with self.server.counting:
            self.server.begun += 1
        self.say("220 ready")
        content = False
        for line in self.rfile:
            if content and line != b".\r\n":
                continue
            word = b"." if content else line.split()[0].upper()
            self.say({b"DATA": "354 go on", b"QUIT": "221 bye"}.get(word, "250 fine"))
            content = word == b"DATA"
            if word == b".":
                with self.server.counting:
                    self.server.taken += 1
            if word == b"QUIT":
                return

    def say(self, text):
        self.server.hurry.wait(self.server.pause)
        try:
            self.wfile.write(text.encode() + b"\r\n")
        except OSError:
            self.connection.close()


@contextmanager
def slow_server(pause):
    """Run a slow server; it ends with the block, without waiting for open connections."""
    with SlowServer(pause) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.hurry.set()
            server.shutdown()
