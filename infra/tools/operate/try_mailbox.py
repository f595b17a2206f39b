"""Opens a mailbox by IMAP as the stack would, and prints what its server can do and which folders there are.

    make try-mailbox HOST=imap.example.com NAME=rosa@example.com

The password is asked for, with TOKEN=1 an access token. Nothing is changed and no mail is read. It is shown to the
server once: after a refusal nothing else is tried.
"""

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator, Sequence

from ocello.adapters.imap.mailboxes import ImapMailboxes
from ocello.domain.common.errors import OcelloError
from ocello.domain.mailboxes.servers import ImapServer
from ocello.domain.people.credentials import AccessToken, Credential, Password

# What reading a mailbox makes use of where it is offered.
_USED = ("LIST-STATUS", "SPECIAL-USE", "UIDPLUS", "CONDSTORE", "AUTH=XOAUTH2", "AUTH=PLAIN")


def report(server: ImapServer, credential: Credential, mailboxes: ImapMailboxes) -> Iterator[str]:
    """Yield the lines about a mailbox. Raise Rejected and Deferred."""
    with mailboxes.open(server, credential) as mailbox:
        capabilities = mailbox.capabilities
        yield f"{server.username} is signed in at {server.host}:{server.port} ({server.security})"
        for name in _USED:
            yield f"{name:14}{'yes' if name in capabilities else 'no'}"
        for folder in sorted(mailbox.folders()):
            flags = " ".join(sorted(folder.flags))
            yield f"{folder.name}: next number {folder.uid_next}, valid for {folder.uid_validity} {flags}".rstrip()


def main(
    words: Sequence[str] | None = None,
    mailboxes: ImapMailboxes | None = None,
    ask: Callable[[str], str] = getpass.getpass,
) -> int:
    """Print the report, or why there is none; return the exit status."""
    parser = argparse.ArgumentParser(prog="make try-mailbox", description=__doc__)
    parser.add_argument("host")
    parser.add_argument("name", help="the user's name at the server, mostly the address")
    parser.add_argument("--port", type=int, default=993)
    parser.add_argument("--security", choices=["tls", "starttls"], default="tls")
    parser.add_argument("--token", action="store_true", help="ask for an access token")
    chosen = parser.parse_args(words)
    server = ImapServer(chosen.host, chosen.port, chosen.security, chosen.name)
    credential = AccessToken(ask("Access token: ")) if chosen.token else Password(ask("Password: "))
    try:
        for line in report(server, credential, mailboxes or ImapMailboxes()):
            print(line)
    except OcelloError as error:
        print(error.text, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
