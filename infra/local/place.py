"""The directory of a local run, its ports and keys, and the lock that lets only one run use it."""

import fcntl
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from infra.local.steps import Trouble

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-west-1"
_PREFERRED = {"engine": 8040, "tracking": 8041, "app": 8042, "mailbox": 8043, "smtp": 8044}
_KEPT = ("lock",)  # what is kept when earlier mail is deleted


class Ports(NamedTuple):
    """The loopback ports of a run. They are the same at each start, because sent mail names one of them."""

    engine: int
    tracking: int
    app: int
    mailbox: int
    smtp: int


class Keys(NamedTuple):
    """The engine's root keys: random for each directory, and of no use elsewhere."""

    access_key_id: str
    secret_access_key: str


class Place(NamedTuple):
    """One run's directory, `.local` unless OCELLO_LOCAL_DIR names another."""

    home: Path

    @property
    def run_file(self) -> Path:
        """Return the file that says where everything answers."""
        return self.home / "run.json"

    @property
    def mail(self) -> Path:
        """Return the folder of delivered copies."""
        return self.home / "mail"

    @property
    def state(self) -> Path:
        """Return the folder in which the engine keeps its state between starts."""
        return self.home / "state"

    @property
    def log(self) -> Path:
        """Return the file to which the engine and the functions write."""
        return self.home / "engine.log"

    def named(self, path: Path) -> str:
        """Return a path of the run, relative to the project's root."""
        return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def find(environment: Mapping[str, str]) -> Place:
    """Return the directory of the run that `environment` names."""
    return Place((ROOT / environment.get("OCELLO_LOCAL_DIR", ".local")).resolve())


@contextmanager
def held(place: Place) -> Iterator[None]:
    """Hold the directory, so that a second run is refused. The lock ends with the process, however it ends."""
    place.home.mkdir(parents=True, exist_ok=True)
    with (place.home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(
                f"A local run already uses {place.named(place.home)}.",
                "Use that one, or stop it with Ctrl-C; for a second one set OCELLO_LOCAL_DIR to another folder.",
            ) from None
        yield


def forget(place: Place) -> None:
    """Delete everything that earlier runs left in the directory."""
    for entry in place.home.iterdir():
        if entry.name in _KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _choose(taken: set[int], preferred: int) -> int:
    if preferred not in taken and _is_free(preferred):
        return preferred
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port


def ports(place: Place) -> Ports:
    """Return the run's ports: those of its first start, which were free then. Raises Trouble if one is in use now."""
    file = place.home / "ports.json"
    if file.exists():
        kept = Ports(**json.loads(file.read_text()))
        for name, port in kept._asdict().items():
            if not _is_free(port):
                raise Trouble(
                    f"Port {port} ({name}) is used by another program, and mail that this run sent relies on it.",
                    "Stop that program, or start anew with `make run FRESH=1`, which forgets the mail.",
                )
        return kept
    chosen: dict[str, int] = {}
    for name, preferred in _PREFERRED.items():
        chosen[name] = _choose(set(chosen.values()), preferred)
    write_private(file, json.dumps(chosen))
    return Ports(**chosen)


def keys(place: Place) -> Keys:
    """Return the engine's root keys, made at the first start."""
    file = place.home / "keys.json"
    if not file.exists():
        write_private(
            file,
            json.dumps(
                {"access_key_id": "L" + secrets.token_hex(9).upper() + "L", "secret_access_key": secrets.token_hex(20)}
            ),
        )
    return Keys(**json.loads(file.read_text()))


def write_private(file: Path, text: str) -> None:
    """Write a file whole or not at all, readable only by its owner."""
    draft = file.with_name(file.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    draft.replace(file)
