"""Starts and stops ministack, the engine in place of AWS, with all its unsafe features switched off."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from infra.local import place as place_
from infra.local.place import REGION, ROOT, Keys, Place
from infra.local.steps import Trouble

STACK = ROOT / ".venv" / "stack"
MAIN = Path(__file__).with_name("ministack_main.py")
_PATIENCE_S = 60
_STOP_S = 30


class Engine:
    """A running engine: `url` answers the AWS APIs."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str, place: Place) -> None:
        self._process = process
        self._place = place
        self.url = url

    def save_from_now_on(self) -> None:
        """Let the engine save its state every few seconds from now on."""
        _switch(self._place).touch()

    def ended(self) -> bool:
        """Return whether the engine has ended."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ask the engine to save its state and end; after half a minute, kill it and the functions that it started."""
        if not self.ended():
            self._process.terminate()
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            else:
                _unsaved(self._place).unlink(missing_ok=True)
        _pid_file(self._place).unlink(missing_ok=True)


def _pid_file(place: Place) -> Path:
    return place.home / "engine.pid"


def _switch(place: Place) -> Path:
    return place.home / "save"


def _unsaved(place: Place) -> Path:
    """Return the file that exists from an engine's start until its clean stop."""
    return place.home / "unsaved"


def environment(place: Place, port: int, keys: Keys) -> dict[str, str]:
    """Return the engine's whole environment. Functions inherit it, so nothing of the caller's environment is in it."""
    return {
        "PATH": f"{STACK / 'bin'}:/usr/bin:/bin",
        "HOME": str(place.home / "home"),
        "TMPDIR": str(place.home / "tmp"),
        "LANG": "C.UTF-8",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": "true",
        "COGNITO_EMAIL_ENABLED": "false",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(place.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(place.state / "s3"),
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_WARM_TTL_SECONDS": "604800",  # a function that was started once then answers at once
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
    }


def start(place: Place, port: int, keys: Keys) -> Engine:
    """Start the engine on its last saved state. Raises Trouble if it does not answer within a minute."""
    for folder in ("home", "tmp", "state"):
        (place.home / folder).mkdir(parents=True, exist_ok=True)
    _reread_streams(place.state / "lambda.json")
    _switch(place).unlink(missing_ok=True)
    _unsaved(place).touch()
    with place.log.open("ab") as log:
        process = subprocess.Popen(
            [STACK / "bin" / "python", "-P", MAIN, _switch(place)],
            cwd=place.home,
            env=environment(place, port, keys),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us: the engine is stopped last, by its process id
        )
    _pid_file(place).write_text(str(process.pid))
    engine = Engine(process, f"http://127.0.0.1:{port}", place)
    until = time.monotonic() + _PATIENCE_S
    while not _answers(engine.url):
        if engine.ended() or time.monotonic() > until:
            engine.stop()
            raise Trouble(
                "The engine did not start.",
                f"Its last words are in {place.named(place.log)}; `make run FRESH=1` may help.",
            )
        time.sleep(0.1)
    return engine


def stop_orphan(place: Place) -> bool:
    """Stop the engine of a run that was killed, and return whether there was one. The caller must hold the directory."""
    pid_file = _pid_file(place)
    if not pid_file.exists():
        return False
    pid = int(pid_file.read_text() or 0)
    named = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    alive = pid > 1 and str(STACK) in named and "ministack" in named
    if alive:
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + _STOP_S
        while _exists(pid) and time.monotonic() < until:
            time.sleep(0.1)
        if not _exists(pid):
            _unsaved(place).unlink(missing_ok=True)
    pid_file.unlink()
    return alive


def recovered(place: Place) -> str | None:
    """Repair the directory after an engine that was killed; return what was lost, None if nothing. The caller must hold it."""
    deployed, kept = place.home / "deployed.json", place.state / "cloudformation.json"
    if not _unsaved(place).exists() and (kept.exists() or not deployed.exists()):
        return None
    if not kept.exists():
        place_.forget(place)
        return "The engine was killed before it had saved anything: all that it had is gone, and this run starts anew."
    deployed.unlink(missing_ok=True)  # what was deployed since the last save is lost too
    _unsaved(place).unlink(missing_ok=True)
    saved = time.strftime("%H:%M:%S on %d %B", time.localtime((place.state / "dynamodb.json").stat().st_mtime))
    return (
        f"The engine was killed. What was sent, opened or changed after {saved} is gone, though the mailbox may still show it;\n"
        "what was being sent then may be delivered twice."
    )


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2) as answer:  # noqa: S310 — our own address # nosec B310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _reread_streams(file: Path) -> None:
    """Reset the stream mappings. ministack 1.5.33 saves how many stream records it had read, but not the records.

    After a restart it would skip as many new ones.
    """
    if file.exists():
        kept = json.loads(file.read_text())
        if kept.get("payload", {}).pop("dynamodb_stream_positions", None) is not None:
            file.write_text(json.dumps(kept))
