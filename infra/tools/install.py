"""Installs an environment of the project, `.venv/NAME`, from its lock, and prints the progress: `install.py NAME`.

`make` runs it with any Python 3.13, so it uses only the standard library.
"""

import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SAID_EVERY_SECONDS = 10  # if the output is not a terminal
_LAST_LINES = 15


def locked(lock: str) -> int:
    """Return the number of packages in a lock; some are only for other systems."""
    return len(re.findall(r"^[A-Za-z0-9][\w.-]*==", lock, re.MULTILINE))


def progress(lines: Iterable[str], most: int, tell: Callable[[str], None]) -> list[str]:
    """Report what pip is doing, from the lines that it prints; return the last ones."""
    last: deque[str] = deque(maxlen=_LAST_LINES)
    fetched = 0
    for line in lines:
        last.append(line.rstrip())
        if line.startswith("Collecting "):
            fetched += 1
            name = re.split(r"[\s=<>;\[]", line.removeprefix("Collecting "))[0]
            tell(f"package {fetched} of {max(most, fetched)}: {name}")
        elif line.startswith("Installing collected packages"):
            tell(f"unpacking {fetched} packages")
    return list(last)


def _teller(name: str) -> Callable[[str], None]:
    """Return a function that prints a line over the one before on a terminal, or a line every few seconds otherwise."""
    live, said = sys.stdout.isatty(), [0.0]

    def tell(words: str) -> None:
        if live:
            print(f"\r\033[K  ·  .venv/{name}: {words}", end="", flush=True)
        elif time.monotonic() - said[0] >= _SAID_EVERY_SECONDS or words.startswith("unpacking"):
            said[0] = time.monotonic()
            print(f"  ·  .venv/{name}: {words}", flush=True)

    return tell


def install(name: str) -> int:
    """Install the environment from scratch; return pip's exit code."""
    folder, lock = ROOT / ".venv" / name, ROOT / "requirements" / f"{name}.txt"
    most, began, tell = locked(lock.read_text()), time.monotonic(), _teller(name)
    print(f"Installing .venv/{name}, some {most} packages; this is done once and takes a minute or two …", flush=True)
    if folder.is_symlink():
        folder.unlink()  # an environment that is shared stays as it is
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    command: list[str | Path] = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
    ]
    command += ["--require-hashes", "-r", lock]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        last = progress(pip.stdout or (), most, tell)
    start = "\r\033[K" if sys.stdout.isatty() else ""
    if pip.returncode:
        print(start + "\n".join([*last, f"  ✗  .venv/{name} could not be installed"]), file=sys.stderr)
    else:
        (folder / ".ready").touch()
        print(f"{start}  ✓  .venv/{name}  {time.monotonic() - began:.0f} s", flush=True)
    return pip.returncode


if __name__ == "__main__":
    sys.exit(install(sys.argv[1]))
