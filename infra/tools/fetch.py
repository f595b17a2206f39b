"""Fetches published packages for tests and tools, by their ordinary clients, checked by pinned hashes, into `.cache/`."""

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache"


class Unfetched(Exception):  # noqa: N818 — a state, not an error of the program
    """A package could not be fetched; the text says what and what to do, in one line."""


def npm(name: str, version: str, integrity: str) -> Path:
    """Return the unpacked folder of an npm package; `integrity` is its `sha512-…` as npm writes it. Raises Unfetched."""

    def same(archive: bytes) -> bool:
        return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode() == integrity

    return _fetched(f"{name}@{version}", ["npm", "pack", "--silent", f"{name}@{version}"], same)


def sdist(name: str, version: str, sha256: str) -> Path:
    """Return the unpacked folder of a source distribution from PyPI; `sha256` in hexadecimal. Raises Unfetched."""

    def same(archive: bytes) -> bool:
        return hashlib.sha256(archive).hexdigest() == sha256

    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-binary",
        ":all:",
    ]
    return _fetched(f"{name}=={version}", [*pip, f"{name}=={version}"], same)


def debian(package: str) -> Path:
    """Return the unpacked folder of a Debian package; apt checks it against the signed archive. Raises Unfetched."""
    home = CACHE / package
    if home.is_dir():
        return home
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        for command in (["apt-get", "-q", "download", package], ["sh", "-c", "dpkg-deb -x ./*.deb unpacked"]):
            if shutil.which(command[0]) is None:
                raise Unfetched(f"{package}: {command[0]} is missing, which fetches it")
            if subprocess.run(command, cwd=scratch, check=False, capture_output=True).returncode:
                raise Unfetched(f"{package}: `{' '.join(command)}` failed; is a Debian mirror reachable?")
        Path(scratch, "unpacked").rename(home)
    return home


def _fetched(what: str, command: Sequence[str], same: Callable[[bytes], bool]) -> Path:
    """Return the folder of a package: from the cache, or fetched, checked and unpacked; whole or not at all."""
    home = CACHE / re.sub(r"[^A-Za-z0-9.\-]+", "-", what)
    if home.is_dir():
        return home
    if shutil.which(command[0]) is None:
        raise Unfetched(f"{what}: {command[0]} is missing, which fetches it")
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        done = subprocess.run(command, cwd=scratch, check=False, capture_output=True)
        archives = [path for path in Path(scratch).iterdir() if path.name.endswith((".tgz", ".tar.gz"))]
        if done.returncode or len(archives) != 1:
            words = done.stderr.decode(errors="replace").strip().splitlines() or ["no archive came"]
            raise Unfetched(f"{what}: fetching failed ({words[-1][:200]}); is its registry reachable?")
        if not same(archives[0].read_bytes()):
            raise Unfetched(f"{what}: what came is not the archive that is pinned: its hash differs")
        unpacked = Path(scratch, "unpacked")
        with tarfile.open(archives[0]) as packed:
            packed.extractall(unpacked, filter="data")
        if not home.is_dir():
            unpacked.rename(home)
    return home
