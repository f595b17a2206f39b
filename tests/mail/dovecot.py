"""A Dovecot of a test's own: IMAP, LMTP and submission on free ports of loopback, all its files in one folder.

It runs as a user without rights, reads nothing of /etc, and is stopped by its process id. Passwords are in a file,
access tokens are asked of `introspection.py`, and what is submitted is relayed to a server that keeps it.
"""

import contextlib
import getpass
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from aiosmtpd.controller import Controller

from tests import certificates
from tests.mail.introspection import Introspection

PACKAGES = ("dovecot-imapd", "dovecot-lmtpd", "dovecot-submissiond")  # of Debian 12
HOST = "mail.example.test"  # the name in its certificate
_PROGRAMS = "/usr/lib/dovecot"
_PATHS = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
_START_SECONDS = 30
_PORTS = ("imap", "imaps", "submission", "submissions", "lmtp", "relay")

_CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/state
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
protocols = imap lmtp submission
listen = 127.0.0.1
hostname = {host}
ssl = yes
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
disable_plaintext_auth = no
log_path = {home}/dovecot.log
auth_verbose = yes
auth_failure_delay = 0
mail_home = {home}/mail/%u
mail_location = maildir:~/Maildir
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = {uid}
first_valid_gid = {gid}
auth_mechanisms = plain login xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/oauth.ext
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {home}/users
  default_fields = uid={uid} gid={gid} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {submission}
  }}
  inet_listener submissions {{
    port = {submissions}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

_OAUTH = """
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
username_attribute = email
active_attribute = active
active_value = true
"""


def program():
    """Return the path of Dovecot, or None where it or one of its protocols is not installed."""
    wanted = ("imap-login", "lmtp", "submission-login")
    there = all(Path(_PROGRAMS, name).exists() for name in wanted)
    return shutil.which("dovecot", path=_PATHS) if there else None


class Relay:
    """Keeps what Dovecot relays: envelope and content."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 — aiosmtpd's name
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


class Dovecot:
    """A running Dovecot. `ports` are those of its protocols."""

    def __init__(self, home, user):
        """Write its files into `home`, which belongs to `user` then."""
        self.home, self.relay, self.tokens = home, Relay(), Introspection()
        self.ports = free_ports(_PORTS)
        self.files = certificates.make(home, HOST)
        self._passwords = {}
        names = {"user": user.pw_name, "group": grp.getgrgid(user.pw_gid).gr_name, "host": HOST}
        numbers = {"uid": user.pw_uid, "gid": user.pw_gid}
        configuration = _CONFIGURATION.format(home=home, **names, **numbers, **self.ports)
        (home / "dovecot.conf").write_text(configuration)
        (home / "oauth.ext").write_text(_OAUTH.format(port=self.tokens.port))
        (home / "users").write_text("")
        for path in (home, *home.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)

    def set_password(self, address, password):
        """Let a user sign in with this password, and with no other from now on."""
        if self._passwords.get(address) == password:
            return
        self._passwords[address] = password
        lines = [f"{each}:{{PLAIN}}{text}:::::\n" for each, text in self._passwords.items()]
        (self.home / "users").write_text("".join(lines))
        until = time.monotonic() + _START_SECONDS
        while not self._knows(address, password):  # it looks at the file once a second
            assert time.monotonic() < until, self.log
            time.sleep(0.1)

    def _knows(self, address, password):
        with imaplib.IMAP4("127.0.0.1", self.ports["imap"]) as client:
            try:
                client.authenticate("PLAIN", lambda _: f"\0{address}\0{password}".encode())
            except imaplib.IMAP4.error:
                return False
            return True

    @property
    def log(self):
        """Return what it has written into its log so far."""
        path = self.home / "dovecot.log"
        return path.read_text() if path.exists() else ""

    def logged(self, words, after=""):
        """Wait until its log has a line with these words, beyond the text `after`; return that line."""
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            for line in self.log.removeprefix(after).splitlines():
                if words in line:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"not in the log: {words}\n{self.log}")

    def answers(self):
        """Return whether all of its ports take connections."""
        for name in ("imap", "imaps", "submission", "submissions", "lmtp"):
            try:
                socket.create_connection(("127.0.0.1", self.ports[name]), 1).close()
            except OSError:
                return False
        return True


def free_ports(names):
    """Return a port of loopback for each name that nobody listens on."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}


@contextlib.contextmanager
def running():
    """Run a Dovecot in a new folder; stop it and delete the folder at the end."""
    privileged = os.geteuid() == 0
    user = pwd.getpwnam("nobody" if privileged else getpass.getuser())
    uid, gid = (user.pw_uid, user.pw_gid) if privileged else (None, None)
    with tempfile.TemporaryDirectory(prefix="ocello-mail-") as folder:  # a short path: sockets' may have 107 bytes
        dovecot = Dovecot(Path(folder), user)
        relay = Controller(dovecot.relay, hostname="127.0.0.1", port=dovecot.ports["relay"])
        words = [program(), "-F", "-c", str(dovecot.home / "dovecot.conf")]
        with (
            dovecot.tokens.served(),
            subprocess.Popen(words, user=uid, group=gid, extra_groups=[] if privileged else None) as process,  # noqa: S603 — Dovecot's own program
        ):
            try:
                relay.start()
                until = time.monotonic() + _START_SECONDS
                while not dovecot.answers():
                    assert process.poll() is None, dovecot.log
                    assert time.monotonic() < until, dovecot.log
                    time.sleep(0.05)
                yield dovecot
            finally:
                relay.stop()
                process.terminate()
                process.wait(20)
