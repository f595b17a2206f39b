"""An OAuth provider's introspection (RFC 7662), where Dovecot asks whose an access token is."""

import contextlib
import http.server
import json
import threading
import urllib.parse


class Introspection:
    """Knows tokens and their users, and keeps what it was asked for."""

    def __init__(self):
        """Listen on a free port of loopback; `served` answers."""
        self.users = {}  # by token
        self.asked = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]

    @contextlib.contextmanager
    def served(self):
        """Answer for the length of a block."""
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(10)

    def _handler(self):
        known = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                token = form.get("token", [""])[0]
                known.asked.append(token)
                user = known.users.get(token)
                answer = {"active": False} if user is None else {"active": True, "email": user, "scope": "mail"}
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                """Say nothing."""

        return Answer
