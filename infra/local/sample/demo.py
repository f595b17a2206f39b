"""Runs against `make run`: sends some mails, acts as their recipients, and prints what Ocello shows of it."""

import functools
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from infra.local import place
from infra.local.api import Api, Json, Refused, wait
from infra.local.mailbox import clients, copies
from infra.local.steps import Trouble, say, step

_OFFER = """<!doctype html><html><head><title>Offer</title></head><body style="font-family:sans-serif">
<p>Good morning,</p><p>here is <a href="https://example.com/offers/2026-114?v=2&amp;ref=mail#prices">the offer</a> we spoke
of, and <a href="https://example.com/references/foundry">a customer like you</a>. For questions:
<a href="mailto:rep@example.test">write to me</a>.</p></body></html>"""
_BROCHURE = """<html><body><h1>New catalogue</h1><ul>
<li><a href="https://example.com/c/1">Pumps</a><li><a href="https://example.com/c/2">Valves</a>
<li><a href="https://example.com/c/3">Filters</a><li><a href="https://example.com/c/4">Seals</a>
<li><a href="https://example.com/c/5">Service</a></ul></body></html>"""
_NOTE = "<p>Short question: does Thursday at ten suit you? <a href='https://example.com/calendar'>My calendar</a></p>"


class Stage(NamedTuple):
    """What the demo uses: the API with a user's key, the tracking origin, the folder of delivered copies."""

    api: Api
    tracking: str
    mail: Path


class Scene(NamedTuple):
    """A mail to one buyer, and what the buyer does with it."""

    recipient: str
    subject: str
    html: str
    happens: str
    play: Callable[[copies.Tracked], None]


def _gmail(copy: copies.Tracked) -> None:
    clients.load_image(clients.CLIENTS["gmail"], copy.pixels[0])


def _gmail_and_click(copy: copies.Tracked) -> None:
    _gmail(copy)
    clients.open_link(clients.CLIENTS["gmail"], copy.links[0])


def _apple(copy: copies.Tracked) -> None:
    clients.load_image(clients.CLIENTS["apple-private"], copy.pixels[0])


def _click_without_images(copy: copies.Tracked) -> None:
    clients.open_link(clients.CLIENTS["browser"], copy.links[0])


def _scanner(copy: copies.Tracked) -> None:
    clients.scan(copy.pixels, copy.links)


def _preview(copy: copies.Tracked) -> None:
    clients.open_link(clients.CLIENTS["browser"], copy.links[0], method="HEAD")


def _nothing(_copy: copies.Tracked) -> None:
    """Leave the mail unread."""


SCENES = (
    Scene("anna@gmail.test", "Offer 2026-114", _OFFER, "opened in Gmail", _gmail),
    Scene("bruno@gmail.test", "Offer 2026-115", _OFFER, "opened in Gmail, the offer clicked", _gmail_and_click),
    Scene("carla@icloud.test", "A short question", _NOTE, "fetched by Apple's privacy proxy", _apple),
    Scene("dario@customer.test", "Offer 2026-116", _OFFER, "images blocked, the offer clicked", _click_without_images),
    Scene("elena@bank.test", "New catalogue", _BROCHURE, "a gateway scans all links at once", _scanner),
    Scene("fabio@customer.test", "Another short question", _NOTE, "a HEAD request, nobody read it", _preview),
    Scene("gina@customer.test", "Offer 2026-117", _OFFER, "not touched", _nothing),
)


def play(stage: Stage) -> list[tuple[Scene, str]]:
    """Send every mail, wait for its copy, and act as its recipient; return each scene with its message's id."""
    sent = [
        (
            scene,
            stage.api.send(
                to=[scene.recipient], subject=scene.subject, html=scene.html, track={"opens": True, "clicks": True}
            ),
        )
        for scene in SCENES
    ]
    played: list[tuple[Scene, str]] = []
    for scene, message in sent:
        look = functools.partial(copies.delivered, stage.mail, scene.recipient, message["message_id"])
        file = wait(look)
        if file is None:
            raise Trouble(f"The mail to {scene.recipient} was not delivered.", "See its status in the API.")
        found = copies.tracked(file.read_bytes(), stage.tracking)
        if found.pixels and found.links:  # else the run's rules ask for a consent that nobody gave
            scene.play(found)
        played.append((scene, message["id"]))
    return played


def settled(api: Api, identifier: str) -> tuple[Json, list[Json]]:
    """Return a message and its hits once each of them is counted, or after a minute in any case."""
    until = time.monotonic() + 60
    while True:
        hits = api.get(f"/v1/messages/{identifier}/hits?limit=200")["items"]
        message = api.message(identifier)
        counted = sum(message[kind][how] for kind in ("opens", "clicks") for how in ("count", "machine", "unknown"))
        if counted >= len(hits) or time.monotonic() > until:
            return message, hits
        time.sleep(0.2)


def table(api: Api, played: list[tuple[Scene, str]]) -> str:
    """Return mail, recipient, what happened, opens, clicks and verdicts, one line each."""
    rows = [("mail", "recipient", "what happened", "opens", "clicks", "verdicts")]
    for scene, identifier in played:
        message, hits = settled(api, identifier)
        opens, clicks = _count(message["opens"]), _count(message["clicks"])
        untracked = message["recipients"][0]["tracking"]["reason"] != "allowed"
        happens = "not tracked: no consent" if untracked else scene.happens
        rows.append((scene.subject, scene.recipient, happens, opens, clicks, _verdicts(hits)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _count(counts: Json) -> str:
    more = [f"{counts[kind]} {kind}" for kind in ("machine", "unknown") if counts[kind]]
    return f"{counts['count']}" + (f" (+ {', '.join(more)})" if more else "")


def _verdicts(hits: list[Json]) -> str:
    found: dict[str, int] = {}
    for hit in hits:
        found[hit["verdict"]] = found.get(hit["verdict"], 0) + 1
    return (
        ", ".join(f"{number} {verdict}" if number > 1 else verdict for verdict, number in sorted(found.items())) or "-"
    )


def stage_of(environment: Mapping[str, str]) -> Stage:
    """Return the running stack. Raises Trouble if there is none."""
    where = place.find(environment)
    if not where.run_file.exists():
        raise Trouble("No local run answers here.", "Start `make run` in another terminal and wait until it is ready.")
    run: dict[str, Any] = json.loads(where.run_file.read_text())
    rep = next(user for user in run["users"] if user["email"] == "rep@example.test")
    return Stage(Api(run["app"], rep["api_key"]), run["tracking"], place.ROOT / run["maildir"])


def main(environment: Mapping[str, str]) -> int:
    """Run the demo; return the exit code."""
    try:
        stage = stage_of(environment)
        with step(f"{len(SCENES)} mails sent, their recipients played"):
            played = play(stage)
        with step("waiting for the verdicts"):
            shown = table(stage.api, played)
        say(
            f"\n{shown}\n\nA machine's hits are shown, never counted; `GET /v1/messages/{{id}}/hits` gives every reason."
        )
    except (Trouble, Refused) as trouble:
        say(f"\n{trouble}")
        return 1
    except OSError as error:
        say(f"\nThe local run does not answer any more ({error.strerror or error}).\n  → Start `make run` again.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
