"""Mails with the hits that people and machines leave, in the form that `make judge` reads, with what each hit is beside."""

from collections.abc import Callable, Iterator
from random import Random
from typing import TypedDict

from tests.simulated import people, scanners
from tests.simulated.clients import Headers
from tests.simulated.people import LINKS, Hit
from tests.simulated.scanners import Visit


class Mail(TypedDict):
    """A mail in the form that `make judge` reads."""

    case: str
    links: int
    delivered_at_ms: int
    hits: list[Hit]


type Draw = Callable[[Random], Mail]


def mail(case: str, hits: list[Hit], links: int = LINKS) -> Mail:
    """Return a mail, its hits in the order of time; a mail with fewer links has no others to follow."""
    for hit in hits:
        if hit["link"] is not None:
            hit["link"] = hit["link"] % links
    return {"case": case, "links": links, "delivered_at_ms": 0, "hits": sorted(hits, key=lambda hit: hit["offset_ms"])}


def of_clients() -> Iterator[tuple[str, Draw]]:
    """Return a mail's draw for every client, alone with its reader."""
    for name in people.CLIENTS:

        def draw(random: Random, name: str = name) -> Mail:
            return mail(name, people.ordinary(random, name=name))

        yield name, draw


def of_behaviours() -> Iterator[tuple[str, Draw]]:
    """Return a mail's draw for every way to read."""
    for name, behave in people.BEHAVIOURS.items():

        def draw(random: Random, name: str = name, behave: Callable[[Random], list[Hit]] = behave) -> Mail:
            return mail(name, behave(random))

        yield name, draw


def of_scanners(place: str) -> Iterator[tuple[str, Draw]]:
    """Return a mail's draw for every kind of scanner in places of a class, each with a person who reads the same mail."""
    for name, (links, visit) in scanners.KINDS.items():

        def draw(random: Random, name: str = name, links: int = links, visit: Visit = visit) -> Mail:
            read = people.keen if random.random() < 0.25 else people.ordinary
            return mail(f"{name}, {place}", [*visit(place, random), *read(random)], links)

        yield name, draw


def flood(random: Random) -> Mail:
    """Return a mail of which one address fetches pixel and link a hundred times each in 4 s."""
    reader = people.a_reader(random, "webmail in Chrome")
    shows = reader.client.shows(random)
    opens = [_flooding(at * 40, "open", None, shows.agent, reader.address, shows.shows()) for at in range(100)]
    follows = shows.follows("cross-site")
    clicks = [_flooding(20 + at * 40, "click", 0, shows.agent, reader.address, follows) for at in range(100)]
    return mail("100 opens and 100 clicks in 4 s", [*opens, *clicks])


def _flooding(at: float, kind: str, link: int | None, agent: str, address: str, headers: Headers) -> Hit:
    return people.hit("flood", "unknown", 5e6 + at, kind, link, agent, address, headers)
