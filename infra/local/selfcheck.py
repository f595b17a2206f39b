"""Checks that the run works: sends a real mail through the API, loads its pixel, and waits until the open is shown."""

import time
from pathlib import Path

from infra.local.api import Api, wait
from infra.local.mailbox import clients, copies
from infra.local.steps import Trouble

_RECIPIENT = "selfcheck@customer.test"
_LOOK = "The functions' words are in engine.log of the run's folder."


def mail_reaches_its_message(api: Api, tracking: str, mail: Path) -> str:
    """Say after how many seconds a sent mail's open shows, or that rules allowed none or a pool's pixel. Raises Trouble."""
    sent = api.send(
        to=[_RECIPIENT],
        subject="Self-check of the local run",
        html="<p>This mail proves that an open reaches its message.</p>",
        track={"opens": True, "clicks": False},
    )
    file = wait(lambda: copies.delivered(mail, _RECIPIENT, sent["message_id"]))
    if file is None:
        raise Trouble(
            f"The self-check's mail was not delivered; the API says: {api.message(sent['id'])['status']}.", _LOOK
        )
    pixels = copies.tracked(file.read_bytes(), tracking).pixels
    mode = sent["recipients"][0]["tracking"]["opens"]
    tracked = mode != "off"
    if len(pixels) != tracked:
        raise Trouble(f"The self-check's mail has {len(pixels)} pixels instead of {int(tracked)}.", _LOOK)
    if not tracked:
        file.unlink()
        return "no consent, so no pixel"
    began = time.monotonic()
    answer = clients.load_image(clients.CLIENTS["gmail"], pixels[0])
    if answer.status != 200 or not answer.body.startswith(b"GIF89a"):
        raise Trouble(f"The self-check's pixel answers {answer.status}.", _LOOK)
    if mode == "pooled":  # no page tells of one load
        file.unlink()
        return "no consent, so the pixel of a pool"
    if not wait(lambda: api.message(sent["id"])["opens"]["count"]):
        raise Trouble("The self-check's open did not reach its message.", _LOOK)
    took = time.monotonic() - began
    file.unlink()
    return f"the open shows after {took:.1f} s"
