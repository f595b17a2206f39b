"""Does it work as `sam local start-api`, sharing the local run's tables? Needs Docker; says plainly where it could not run.

Where no engine answers, or SAM's image cannot be had, the whole session ends with exit code 77 and the reason: never a pass.
"""

import json
import os
import platform
import signal
import socket
import subprocess
import time

import pytest

from infra.local import place
from infra.local.api import Api, wait
from infra.local.engine import stack
from infra.local.mailbox import clients

COULD_NOT_RUN = 77
STAND_IN = place.ROOT.parent / "shared" / "tools" / "lambda-image" / "build"
IMAGE = f"public.ecr.aws/lambda/python:3.13-{stack.architecture()}"


def says_yes(*command):
    try:
        return subprocess.run(command, capture_output=True, timeout=300, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="module")
def runtime_image():
    """Make sure that Docker and the runtime's image are there, or end the session with the reason."""
    if not says_yes("docker", "image", "inspect", IMAGE):
        made = STAND_IN.exists() and os.geteuid() == 0 and platform.system() == "Linux" and says_yes(str(STAND_IN))
        if not made and not (says_yes("docker", "info") and says_yes("docker", "pull", IMAGE)):
            reason = f"no Docker engine answers, or {IMAGE} cannot be had"
            pytest.exit(f"test-sam-local COULD NOT RUN: {reason}. Nothing is proven.", returncode=COULD_NOT_RUN)
    return IMAGE


def endpoint_of(run):
    return json.loads((run.home / "sam-env.json").read_text())["CaptureFunction"]["AWS_ENDPOINT_URL"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url):
    try:
        return clients.request("GET", url, {}).status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def sam(run, runtime_image):
    """Start `sam local start-api` as docs/run.md says, on a port of its own; return its origin."""
    assert (
        subprocess.run(["docker", "image", "inspect", runtime_image], capture_output=True, check=False).returncode == 0
    )
    assert wait(lambda: "127.0.0.1:" not in endpoint_of(run)), "the run did not notice that Docker is there"
    port = free_port()
    command = [
        *(str(place.ROOT / ".venv" / "sam" / "bin" / "sam"), "local", "start-api"),
        *("--docker-network", "host", "--env-vars", str(run.home / "sam-env.json")),
        *("--port", str(port), "--warm-containers", "LAZY", "--skip-pull-image"),
    ]
    lines = (run.home / "aws.env").read_text().splitlines()
    keys = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    with (run.home / "sam-local.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=place.ROOT, env=stack.sam_environment(keys), stdout=said, stderr=said)
        try:
            origin = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 300
            while not answers(f"{origin}/about"):
                words = (run.home / "sam-local.txt").read_text()
                assert process.poll() is None, words
                assert time.monotonic() < until, words
                time.sleep(1)
            yield origin
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(120)


def test_an_open_and_a_click_answered_in_docker_reach_the_message(run, sam):
    who = "docker@customer.test"
    message = run.api().send(
        to=[who], subject="Docker", html="<a href='https://example.com/d'>d</a>", track={"opens": True, "clicks": True}
    )
    copy = run.tracked(who, message)
    pixel = clients.load_image(clients.CLIENTS["gmail"], copy.pixels[0].replace(run.tracking, sam))
    click = clients.open_link(clients.CLIENTS["browser"], copy.links[0].replace(run.tracking, sam))
    assert (pixel.status, pixel.headers["content-type"], len(pixel.body)) == (200, "image/gif", 43)
    assert (click.status, click.headers["location"]) == (302, "https://example.com/d")

    def seen():
        now = run.api().message(message["id"])
        return (now["opens"]["count"], now["clicks"]["count"]) == (1, 1)

    assert wait(seen), run.api().message(message["id"])


def test_the_api_in_docker_sends_and_answers_from_the_same_tables(run, sam):
    who = "docker-api@customer.test"
    inside = Api(sam, run.api().key)
    message = inside.send(to=[who], subject="From Docker", html="<p>x</p>", track={"opens": True, "clicks": False})
    run.copy_of(who, message)
    assert run.api().message(message["id"])["subject"] == "From Docker"
    assert inside.message(message["id"])["id"] == message["id"]


def test_the_api_in_docker_asks_who_is_there(sam):
    assert clients.request("GET", f"{sam}/v1/messages", {}).status == 401


def test_a_bad_token_in_docker_is_no_redirect(sam):
    click = clients.open_link(clients.CLIENTS["browser"], f"{sam}/c/x")
    assert (click.status, "location" in click.headers) == (404, False)
