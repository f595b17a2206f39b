"""Lets the containers of `sam local` reach the engine, which listens on loopback only.

SAM 1.170 starts its containers on Docker's bridge, even with `--docker-network host`. So if Docker's bridge exists (on
Linux), a port on the bridge's own address forwards two kinds of request and no others: those signed with this run's
key, and those for the user pool's public keys. On a Mac, Docker itself leads `host.docker.internal` to the host's
loopback.
"""

import re
import socket
import struct
import sys

from infra.local.engine.gateway import Way

_INTERFACE = b"docker0"
_ADDRESS_OF = 0x8915  # SIOCGIFADDR, netdevice(7)
_MAC = "host.docker.internal"


def host() -> str | None:
    """Return the host's name or address as containers see it; None while Docker is not running."""
    if sys.platform == "darwin":
        return _MAC
    if not sys.platform.startswith("linux"):
        return None
    import fcntl  # noqa: PLC0415 — only where there are interfaces to ask

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            answer = fcntl.ioctl(asking.fileno(), _ADDRESS_OF, struct.pack("256s", _INTERFACE))
        except OSError:
            return None
    return socket.inet_ntoa(answer[20:24])


def way(seen: str, port: int, access_key_id: str) -> Way | None:
    """Return the route into the engine for containers; None if they need none. `port` is the engine's own."""
    if seen == _MAC:
        return None
    signed = re.compile(rb"(?:Credential=|X-Amz-Credential=)" + access_key_id.encode() + rb"(?:/|%2F)")
    public = re.compile(rb"GET /[\w-]+/\.well-known/jwks\.json HTTP/1\.[01]\r\n")
    return Way(seen, port, "", lambda head: bool(signed.search(head) or public.match(head)))
