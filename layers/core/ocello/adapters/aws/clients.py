"""Makes botocore clients with explicit short timeouts, and converts their errors to the domain's *Unavailable*.

The library's own timeouts are longer than a Lambda may run.
"""

import contextlib
import functools
from collections.abc import Collection, Iterator
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ocello.domain.common.errors import Unavailable

CONNECT_SECONDS = 2


@functools.cache
def _session() -> botocore.session.Session:
    """Return the one session, which caches loaders and credentials; region and endpoint come from AWS's own variables."""
    return botocore.session.get_session()


def client(service: str, *, read_seconds: int = 5, tries: int = 3) -> Any:
    """Return a client for `service` that waits `read_seconds` for an answer and tries `tries` times in all."""
    session = _session()
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"total_max_attempts": tries, "mode": "standard"},
        # With another endpoint (in the local run), buckets have no host names of their own.
        s3={"addressing_style": "path" if session.get_config_variable("endpoint_url") else "virtual"},
        signature_version="s3v4" if service == "s3" else None,
    )
    return session.create_client(service, config=config)


class _Late:
    def __init__(self, **named: Any) -> None:
        self._named = named

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if "made" not in self.__dict__:
            self.made = client(**self._named)
        return getattr(self.made, name)


def late(service: str, *, read_seconds: int = 5, tries: int = 3) -> Any:
    """Return a proxy for `client` with the same arguments; the client is made (in 5 to 80 ms) at its first use."""
    return _Late(service=service, read_seconds=read_seconds, tries=tries)


def code_of(error: Exception) -> str:
    """Return a failure's code for a log line or an answer: the service's code, or the error's type; never any data."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "ClientError"))
    return type(error).__name__


FAILURES = (BotoCoreError, ClientError)


@contextlib.contextmanager
def unavailable(service: str, expected: Collection[str] = ()) -> Iterator[None]:
    """Make a block of calls raise Unavailable if `service` fails; the text holds the failure's code, and no data.

    After a failure with one of the `expected` codes the block ends, and what follows it goes on.
    """
    try:
        yield
    except FAILURES as error:
        code = code_of(error)
        if code not in expected:
            raise Unavailable(f"{service}: {code}") from error
