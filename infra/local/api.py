"""A client of the JSON API, as a user's own program would have one: JSON in, JSON out, a key in the header."""

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from infra.local.mailbox.clients import Answer, request

Json = Any


class Refused(Exception):  # noqa: N818 — an answer, not an error of the program
    """The API answered with an error; it holds the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status}: {answer.body.decode('utf-8', 'replace')[:500]}")
        self.answer = answer


class Api(NamedTuple):
    """The API at `origin`, asked with `key`."""

    origin: str
    key: str

    def ask(self, method: str, path: str, body: Json = None, **headers: str) -> Answer:
        """Send a request and return the answer as it is."""
        content = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return request(method, self.origin + path, {"Authorization": f"Bearer {self.key}", **kind, **named}, content)

    def get(self, path: str) -> Json:
        """Return JSON. Raises Refused."""
        return _json(self.ask("GET", path))

    def send(self, **message: Json) -> Json:
        """Send a message and return what the API answers. Raises Refused."""
        return _json(self.ask("POST", "/v1/messages", message))

    def message(self, identifier: str) -> Json:
        """Return one message. Raises Refused."""
        return self.get(f"/v1/messages/{identifier}")


def _json(answer: Answer) -> Json:
    if not 200 <= answer.status < 300:
        raise Refused(answer)
    return json.loads(answer.body)


def wait[T](look: Callable[[], T], seconds: float = 20.0) -> T:
    """Call `look` again and again until its result is true; return the last result, true or not, after `seconds`."""
    until = time.monotonic() + seconds
    seen = look()
    while not seen and time.monotonic() < until:
        time.sleep(0.1)
        seen = look()
    return seen
