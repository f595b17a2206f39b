"""After a restart, is everything that was sent and tracked still there, and does tracking continue?"""

import os
import signal

import pytest

from infra.local.api import wait
from infra.local.mailbox import clients
from tests.local.conftest import Run

GMAIL, BROWSER = clients.CLIENTS["gmail"], clients.CLIENTS["browser"]
LINK = "https://example.com/kept"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_mail_and_opens_outlive_a_restart_and_go_on_counting(run, number):
    who = f"kept-{number}@customer.test"
    message = run.api().send(
        to=[who], subject="Kept", html=f"<p><a href='{LINK}'>kept</a></p>", track={"opens": True, "clicks": True}
    )
    copy = run.tracked(who, message)
    clients.load_image(GMAIL, copy.pixels[0])
    assert wait(lambda: run.api().message(message["id"])["opens"]["count"]) == 1
    facts = run.facts

    assert run.stop(number) == 0
    assert not run.where.run_file.exists()
    run.start()

    assert run.facts == facts
    told = [one["subject"] for one in run.api().get("/v1/messages?limit=200")["items"]]
    assert told.count("Delivery dates") == 1, "the team's story is told once"
    assert run.api().message(message["id"])["opens"]["count"] == 1
    assert run.copy_of(who, message).exists()
    assert clients.open_link(BROWSER, copy.links[0]).headers["location"] == LINK
    assert wait(lambda: run.api().message(message["id"])["clicks"]["count"]) == 1


def test_a_hit_in_the_last_moment_is_counted_after_the_restart(run):
    who = "late@customer.test"
    message = run.api().send(to=[who], subject="Late", html="<p>Late</p>", track={"opens": True, "clicks": True})
    pixel = run.tracked(who, message).pixels[0]
    clients.load_image(GMAIL, pixel)
    assert run.stop() == 0
    run.start()
    assert wait(lambda: run.api().message(message["id"])["opens"]["count"]) == 1


def test_after_its_engine_was_killed_a_run_starts_again_with_what_was_saved_and_says_what_is_gone(run):
    who = "saved@customer.test"
    message = run.api().send(to=[who], subject="Saved", html="<p>Saved</p>", track={"opens": True, "clicks": False})
    run.copy_of(who, message)
    state = run.where.state / "dynamodb.json"
    assert wait(lambda: message["id"] in state.read_text(), 60), "the state is saved while the engine runs"
    facts = run.facts

    os.kill(int((run.home / "engine.pid").read_text()), signal.SIGKILL)
    assert run.ended() == 1
    run.start()

    assert run.facts == facts
    assert run.api().message(message["id"])["subject"] == "Saved"
    assert "The engine was killed. What was sent, opened or changed after" in run.said.read_text()
    again = run.api().send(to=[who], subject="Again", html="<p>Again</p>", track={"opens": True, "clicks": False})
    clients.load_image(GMAIL, run.tracked(who, again).pixels[0])
    assert wait(lambda: run.api().message(again["id"])["opens"]["count"]) == 1


def test_an_engine_that_is_killed_before_it_saved_anything_is_no_end(tmp_path_factory):
    """As on a first start: the run then ignores what it stored beside the engine."""
    run = Run(tmp_path_factory.mktemp("killed"))
    run.start()
    os.kill(int((run.home / "engine.pid").read_text()), signal.SIGKILL)
    assert run.ended() == 1
    for file in run.where.state.glob("*.json"):  # as if it had been killed before the first save
        file.unlink()
    run.start()
    try:
        assert "starts anew" in run.said.read_text()
        assert run.api().get("/v1/messages?limit=1")["items"]
    finally:
        assert run.stop() == 0
