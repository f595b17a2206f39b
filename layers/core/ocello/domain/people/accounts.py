"""What may be entered of a user and of a sending account: how long it may be, and of which characters."""

from typing import NamedTuple

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.people.users import Security

LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3
LONGEST_NAME = 200
LONGEST_HOST = 253  # RFC 1035, section 2.3.4, as text
LONGEST_USERNAME = 320
LONGEST_PASSWORD = 1_000
HIGHEST_PORT = 65_535


class Server(NamedTuple):
    """An SMTP server as a person entered it; a `password` of None means the stored one."""

    host: str
    port: int
    security: Security
    username: str
    password: str | None


def plain_address(field: str, text: str) -> str:
    """Return a plain address in lower case. Raise Invalid that names `field`."""
    local, at, domain = text.strip().rpartition("@")
    bad = not local or not at or "." not in domain or len(text) > LONGEST_ADDRESS
    if bad or any(character.isspace() or character in '<>,;"()' or not character.isprintable() for character in text):
        raise Invalid(field, "must be a plain e-mail address")
    return text.strip().lower()


def check_length(field: str, text: str, longest: int) -> None:
    """Raise Invalid if a text has more than `longest` characters."""
    if len(text) > longest:
        raise Invalid(field, Text("must be at most %(most)s characters", most=longest))


def check_account_name(name: str) -> None:
    """Raise Invalid unless a name can stand in the From of a mail."""
    check_length("name", name, LONGEST_NAME)
    if not name.isprintable():
        raise Invalid("name", "must have no control characters")


def check_server(server: Server) -> None:
    """Raise Invalid for a host, a port, a user name or a password that no server has."""
    host, user, password = server.host, server.username, server.password or ""
    check_length("smtp.host", host, LONGEST_HOST)
    if not host or not host.isascii() or any(not char.isalnum() and char not in ".-:" for char in host):
        raise Invalid("smtp.host", "must be a host name")
    if not 1 <= server.port <= HIGHEST_PORT:
        raise Invalid("smtp.port", "must be a port number")
    check_length("smtp.username", user, LONGEST_USERNAME)
    check_length("smtp.password", password, LONGEST_PASSWORD)
    if not (user + password).isprintable():
        raise Invalid("smtp.username", "user name and password must have no control characters")
