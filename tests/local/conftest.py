"""One local run for all tests of this folder, started and stopped as a person would."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import boto3
import pytest

from infra.local import place
from infra.local.api import Api, wait
from infra.local.mailbox import copies

READY_S = 400  # a first build, beside other work


class Run:
    """A local run in a folder of its own, which may be stopped and started again."""

    def __init__(self, home: Path, rules: str = "") -> None:
        self.home, self.rules = home, rules
        self.said = home.with_name(f"{home.name}.txt")  # outside: a start anew forgets what is in the folder
        self.where = place.Place(home)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        environment = {**os.environ, "OCELLO_LOCAL_DIR": str(self.home), "RULES": self.rules}
        with self.said.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infra.local.run"], cwd=place.ROOT, env=environment, stdout=said, stderr=said
            )
        until = time.monotonic() + READY_S
        while not self.where.run_file.exists():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                pytest.fail(f"the local run did not start:\n{self.said.read_text()}")
            time.sleep(0.2)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it; return its exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self._process.wait(120)

    def ended(self) -> int:
        """Wait until it has ended by itself; return its exit code."""
        assert self._process is not None
        return self._process.wait(120)

    @property
    def facts(self) -> dict:
        return json.loads(self.where.run_file.read_text())

    @property
    def tracking(self) -> str:
        return self.facts["tracking"]

    @property
    def maildir(self) -> Path:
        return place.ROOT / self.facts["maildir"]

    def api(self, who: str = "rep") -> Api:
        key = next(user["api_key"] for user in self.facts["users"] if user["email"] == f"{who}@example.test")
        return Api(self.facts["app"], key)

    def client(self, service: str):
        aws = self.facts["aws"]
        session = boto3.Session(aws["access_key_id"], aws["secret_access_key"], region_name=aws["region"])
        return session.client(service, endpoint_url=aws["endpoint_url"])

    def copy_of(self, recipient: str, message: dict, seconds: float = 60) -> Path:
        """Wait for the copy that a recipient gets."""
        file = wait(lambda: copies.delivered(self.maildir, recipient, message["message_id"]), seconds)
        assert file, f"nothing came for {recipient}: {self.api().message(message['id'])['recipients']}"
        return file

    def exported(self, address: str) -> dict:
        """Return what an administrator gets of a person who asks for all that is held, but for the time of making it."""
        admin = self.api("admin")
        answer = admin.ask("POST", "/v1/subjects", {"address": address, "do": "export", "reason": "asked by mail"})
        assert answer.status == 202, answer.body
        job = f"/v1/subjects/{json.loads(answer.body)['id']}"
        assert wait(lambda: admin.get(job)["state"] == "done", 60), admin.get(job)
        with urllib.request.urlopen(admin.get(job)["export"]["url"]) as fetched:  # noqa: S310 — of the local run
            packed = fetched.read()
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            data = json.loads(archive.read("data.json"))
        del data["at"]
        return dict(data)

    def tracked(self, recipient: str, message: dict) -> copies.Tracked:
        return copies.tracked(self.copy_of(recipient, message).read_bytes(), self.tracking)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("local"))
    run.start()
    yield run
    assert run.stop(signal.SIGTERM) == 0, run.said.read_text()
    assert not run.where.run_file.exists()


@pytest.fixture(scope="session")
def strict(tmp_path_factory):
    """A local run of its own, under the strictest rules."""
    run = Run(tmp_path_factory.mktemp("strict"), "eu-strict")
    run.start()
    yield run
    run.stop()
