"""Judges hits from a file, as `make judge FILE=hits.jsonl` does: what settling and alerting would make of each mail.

Each line is a JSON object for one mail; each answer is one line, in the same order. docs/verdicts.md describes the
format. With it an operator can try changed rules on exported hits. It runs the same functions that settle hits and ring
alerts, on stores in memory.
"""

import argparse
import json
import math
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from infra.tools.judge_world import START, Arrived, PlayedMail  # noqa: E402 — after the path
from ocello.adapters.networks.builtin import builtin  # noqa: E402
from ocello.domain.messages.message import Link, Mailbox, Message, Recipient, Report  # noqa: E402
from ocello.domain.tracking.hits import Hit  # noqa: E402
from ocello.domain.tracking.tokens import SEVERAL  # noqa: E402
from ocello.domain.verdicts.context import Context, CopyFacts  # noqa: E402
from ocello.domain.verdicts.networks import ClassOf, nothing_known  # noqa: E402
from ocello.domain.verdicts.traces import place_of  # noqa: E402
from ocello.domain.verdicts.verdict import sentence  # noqa: E402
from ocello.services.alerts.alert import AlertPorts, alert, release  # noqa: E402
from ocello.services.engagement.hits import JudgedHit, context_of, list_hits  # noqa: E402
from ocello.services.engagement.ports import NothingUnderWay  # noqa: E402
from ocello.services.engagement.settle import Judge  # noqa: E402

type Json = dict[str, Any]

MESSAGE = "00000000-0000-7000-8000-000000000000"
_HIGHEST_INDEX = 0xFFFF  # of a recipient and of a link, as tokens have them
_LATEST = 10**13  # ms since 1970, from which on times do not sort as the table's keys do
_PAGE = 200


def play(mail: Mapping[str, Any], shuffle: int | None = None, class_of: ClassOf = nothing_known) -> Json:
    """Play one mail's hits as they would arrive, and return the verdict of each and the alerts that rang.

    They arrive in the order of time, or in an order drawn from `shuffle`; holds end at their time. The same mail gives
    the same answer. Raises ValueError for an invalid mail.
    """
    world, hits = _read(mail)
    stored = Arrived()
    judge = Judge(stored, world.rows, world, Context(class_of=class_of), NothingUnderWay())
    ports = AlertPorts(
        messages=world,  # type: ignore[arg-type] # only its reading methods are used
        settings=world,  # type: ignore[arg-type]
        preferences=world,  # type: ignore[arg-type] # asked for in quiet hours alone, which nobody has here
        alerts=world,  # type: ignore[arg-type] # nobody withdraws
        queue=world,  # type: ignore[arg-type]
        days=world,  # type: ignore[arg-type]
        inbox=world,  # type: ignore[arg-type]
        external=frozenset(),
        under_way=NothingUnderWay(),
        received=world,  # type: ignore[arg-type]
    )
    order = sorted(hits, key=place_of)
    if shuffle is not None:
        random.Random(shuffle).shuffle(order)
    for hit in order:
        _release(world, ports, max(world.now, hit.at))
        stored.arrived.append(hit)
        before = world.engagement
        judge.settle(MESSAGE, [hit])
        alert(MESSAGE, before, world.engagement, world.now, ports)
    _release(world, ports, None)
    judged = _hits(hits, world, stored, class_of)
    return {"case": mail.get("case"), "hits": judged, "alerts": _alerts(hits, judged, world)}


def _release(world: PlayedMail, ports: AlertPorts, until: int | None) -> None:
    """End the holds that end by `until` (None: all), each at its time, and set the time to `until`."""
    while world.holds:
        at, held = min(world.holds, key=lambda each: each[0])
        if until is not None and at > until:
            break
        world.holds.remove((at, held))
        world.now = max(world.now, at)
        release(held, world.now, ports)
    world.now = world.now if until is None else until


def _read(mail: Mapping[str, Any]) -> tuple[PlayedMail, list[Hit]]:
    delivered = _time(mail, "delivered_at_ms", START + 86_400_000)
    hits = [_hit(each, place, delivered) for place, each in enumerate(mail.get("hits", []))]
    given = mail.get("recipients") or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given) or len(given) > SEVERAL:
        raise ValueError(f"recipients is a list of objects, {SEVERAL} at most")
    count = max([len(given), *(hit.recipient + 1 for hit in hits if hit.recipient < SEVERAL)], default=0)
    recipients, known = list[Recipient](), dict[int, CopyFacts]()
    for index in range(count):
        said = given[index] if index < len(given) else {}
        address = str(said.get("address") or f"recipient-{index}@example.com")
        recipients.append(Recipient(index, Mailbox(address), "to", "sent", sent_at=delivered))
        known[index] = CopyFacts(delivered, own=bool(said.get("own")), mx=str(said.get("mx") or ""))
    said_links = _number(mail, "links", 0, _HIGHEST_INDEX + 1)
    links = max([said_links, *(hit.link + 1 for hit in hits if hit.link is not None)])
    message = Message(
        id=MESSAGE,
        owner="owner",
        message_id="<played@example.com>",
        conversation_id="played",
        sender=Mailbox("sender@example.com"),
        subject="",
        created_at=delivered,
        track_opens=True,
        track_clicks=True,
    )
    report = Report(tuple(Link(index, f"https://example.com/{index}", "") for index in range(links)))
    return PlayedMail(message, tuple(recipients), report, known), hits


def _whole(found: Mapping[str, Any], name: str) -> int:
    value = found.get(name) or 0
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is a number")
    return int(value)


def _number(found: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = _whole(found, name)
    if not least <= value <= most:
        raise ValueError(f"{name} is a number from {least} to {most}")
    return value


def _time(found: Mapping[str, Any], name: str, since: int) -> int:
    return since + _number(found, name, -since, _LATEST - since)


def _hit(found: Any, place: int, delivered: int) -> Hit:
    if not isinstance(found, dict) or not isinstance(found.get("headers") or {}, dict):
        raise ValueError("a hit is an object, and so are its headers")  # noqa: TRY004 — as above
    kind = found.get("kind", "open")
    if kind not in ("open", "click"):
        raise ValueError("a hit's kind is open or click")
    return Hit(
        message=MESSAGE,
        at=_time(found, "offset_ms", delivered),
        request=f"hit-{place:06}",
        kind=kind,
        recipient=_number(found, "recipient", 0, _HIGHEST_INDEX),
        link=_number(found, "link", 0, _HIGHEST_INDEX) if kind == "click" else None,
        method=str(found.get("method") or "GET").upper(),
        address=str(found.get("ip") or ""),
        agent=str(found.get("agent") or ""),
        headers={str(name).lower(): str(value) for name, value in (found.get("headers") or {}).items()},
        flags=0,
    )


def _hits(hits: Sequence[Hit], world: PlayedMail, stored: Arrived, class_of: ClassOf) -> list[Json]:
    context = context_of(world.load(MESSAGE), Context(class_of=class_of))
    found: dict[str, JudgedHit] = {}
    cursor: str | None = None
    while True:
        page = list_hits(MESSAGE, context, _PAGE, cursor, stored)
        found |= {each.hit.request: each for each in page.items}
        if page.next is None:
            break
        cursor = page.next
    return [_hit_json(found[hit.request]) for hit in hits]


def _hit_json(judged: JudgedHit) -> Json:
    verdict = judged.verdict
    outcome = "counted" if verdict.outcome.counts else verdict.outcome.name.lower()
    return {
        "verdict": verdict.kind,
        "confidence": verdict.confidence,
        "outcome": outcome,
        "folded": judged.folded,
        "reasons": [{"code": reason.code, "text": sentence(reason)} for reason in verdict.reasons],
    }


def _alerts(hits: Sequence[Hit], judged: Sequence[Json], world: PlayedMail) -> list[Json]:
    """Spell the alerts in the order in which they rang.

    Of several hits of one millisecond that an alert may be of, it names that which counts most surely; then the first.
    """
    alerts: list[Json] = []
    by_name: dict[tuple[int, str], list[int]] = {}
    for place, hit in enumerate(hits):
        by_name.setdefault((hit.at, _mark(hit)), []).append(place)
    for each, rung in sorted(world.alerts.items(), key=lambda pair: (pair[1].at, pair[0].at, pair[0].mark)):
        place = min(by_name[each.at, each.mark], key=lambda found: _rank(judged[found]))
        alerts.append(
            {
                "kind": each.kind,
                "recipient": hits[place].recipient,
                "link": hits[place].link,
                "hit": place,
                "rung_at_ms": rung.at - world.message.created_at,
                "state": rung.state,
            }
        )
    return alerts


def _rank(hit: Json) -> tuple[bool, bool, float]:
    return hit["outcome"] != "counted", bool(hit["folded"]), -float(hit["confidence"])


def _mark(hit: Hit) -> str:
    return f"o{hit.recipient}" if hit.kind == "open" else f"c{hit.recipient}.{hit.link}"


def lines(source: BinaryIO) -> Iterator[tuple[int, Json]]:
    """Yield the number and the mail of each line (UTF-8) that is not empty. Raise ValueError that names the line."""
    for number, line in enumerate(source, start=1):
        if line.strip():
            try:
                mail = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except UnicodeDecodeError as error:
                raise ValueError(f"line {number} is no UTF-8: {error}") from None
            except (ValueError, RecursionError) as error:
                raise ValueError(f"line {number} is no JSON: {error}") from None
            if not isinstance(mail, dict) or not isinstance(mail.get("hits", []), list):
                raise ValueError(f"line {number} is no mail: an object with a list of hits")
            yield number, mail


def run(source: BinaryIO, out: BinaryIO, shuffle: int | None, class_of: ClassOf) -> None:
    """Write an answer to each line of `source`."""
    for number, mail in lines(source):
        try:
            answer = play(mail, shuffle, class_of)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        out.write(json.dumps(answer).encode() + b"\n")


def networks() -> ClassOf:
    """Return the classes of networks from the built-in table."""
    return builtin().class_of


def main(arguments: Sequence[str] | None = None, load: Callable[[], ClassOf] = networks) -> int:
    """Judge the named file, or standard input for `-`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="a file of JSON lines, or - for standard input")
    parser.add_argument("--shuffle", type=int, help="let hits arrive in an order drawn from this seed")
    wanted = parser.parse_args(arguments)
    try:
        if wanted.file == "-":
            run(sys.stdin.buffer, sys.stdout.buffer, wanted.shuffle, load())
        else:
            with Path(wanted.file).open("rb") as source:
                run(source, sys.stdout.buffer, wanted.shuffle, load())
    except (OSError, ValueError) as problem:
        print(f"judge: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
