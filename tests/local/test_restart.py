"""Is what was sent and tracked still there at the next start, and does it go on?"""

import signal

import pytest

from infra.local import clients
from infra.local.api import wait

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
