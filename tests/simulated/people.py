"""People who read a mail: when they open it, which links they follow, from where, and how. Times are ms after delivery."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple, TypedDict

from tests.simulated.clients import CLIENTS, Headers, MailClient
from tests.simulated.places import address_in

LINKS = 4
_OFFICE = ("new Outlook", "classic Outlook", "webmail in Chrome", "webmail in Firefox", "Electron", "new Outlook, bare")
_DESKS = (*_OFFICE, "Mac Mail", "Outlook for Mac", "Outlook on the web", "Gmail", "Yahoo", "Thunderbird")


class Hit(TypedDict):
    """A hit in the form that `make judge` reads, with what is expected of it and whose it is beside."""

    offset_ms: int
    kind: str
    link: int | None
    method: str
    agent: str
    ip: str
    headers: Headers
    recipient: int
    expected: str
    who: str


class Reader(NamedTuple):
    """One person: the client, where they are, whose copy they read, and how often headers are stripped on the way."""

    client: MailClient
    address: str
    recipient: int = 0
    stripped: bool = False


def hit(
    who: str, expected: str, at: float, kind: str, link: int | None, agent: str, address: str, headers: Headers
) -> Hit:
    """Return one hit."""
    return {
        "offset_ms": round(at),
        "kind": kind,
        "link": link,
        "method": "GET",
        "agent": agent,
        "ip": address,
        "headers": headers,
        "recipient": 0,
        "expected": expected,
        "who": who,
    }


def reads(reader: Reader, opened: float, clicks: list[tuple[float, int]], random: Random) -> list[Hit]:
    """Return what a person's reading leaves: an open, and `clicks` as time after the open and link."""
    client, hits = reader.client, []
    shows = client.shows(random) if client.shows else None
    follows = shows if client.same and shows else client.follows(random)
    if shows:
        address = address_in(client.proxy, random) if client.proxy else reader.address
        # fetched ahead, it is a machine's, and of no person's reading
        at, expected = (random.uniform(1_000, 30_000), "machine") if client.ahead else (opened, "counted")
        who = "ahead" if client.ahead else "person"
        hits.append(hit(who, expected, at, "open", None, shows.agent, address, shows.shows()))
    for after, link in clicks:
        headers = follows.follows(client.site)
        hits.append(hit("person", "counted", opened + after, "click", link, follows.agent, reader.address, headers))
    for each in hits:
        each["recipient"] = reader.recipient
        if reader.stripped and not (client.proxy and each["kind"] == "open"):
            each["headers"] = {name: value for name, value in each["headers"].items() if not name.startswith("sec-")}
    return hits


def a_reader(
    random: Random, name: str | None = None, place: str | None = None, recipient: int = 0, stripped: float = 0
) -> Reader:
    """Return a random person, with the named or any client, in the named place or one of the client's."""
    client = CLIENTS[name or random.choice(list(CLIENTS))]
    address = address_in(place or client.place, random)
    return Reader(client, address, recipient, random.random() < stripped)


def _some_clicks(random: Random, first: tuple[float, float], between: tuple[float, float]) -> list[tuple[float, int]]:
    number, at = random.choices((0, 1, 2, 3), (1, 6, 2, 1))[0], random.uniform(*first)
    clicks = []
    for link in random.sample(range(LINKS), number):
        clicks.append((at, link))
        at += random.uniform(*between)
    return clicks


def _opened(random: Random) -> float:
    """Return a random time of opening: some at once, half within the hour, the rest within two days."""
    return random.choice((random.uniform(4e3, 9e4), random.uniform(9e4, 3.6e6), random.uniform(3.6e6, 1.7e8)))


def ordinary(random: Random, opened: float | None = None, **who: Any) -> list[Hit]:
    """Return an ordinary person's hits, of an open at `opened` or any time."""
    reader = a_reader(random, **who)
    return reads(reader, opened or _opened(random), _some_clicks(random, (2e3, 6e4), (4e3, 2e5)), random)


def keen(random: Random) -> list[Hit]:
    """Return a person who opens the mail as soon as it arrives, and clicks within seconds."""
    return reads(
        a_reader(random), random.uniform(2e3, 4e4), [(random.uniform(1_200, 9e3), random.randrange(LINKS))], random
    )


def slow(random: Random) -> list[Hit]:
    """Return a person who reads days later."""
    return reads(a_reader(random), random.uniform(1e8, 6e8), _some_clicks(random, (1e4, 3e5), (3e4, 9e5)), random)


def three_tabs(random: Random) -> list[Hit]:
    """Return one who opens three links in three tabs of a desktop's browser within 1.7 s."""
    links = random.sample(range(LINKS), 3)
    clicks = [
        (5e3 + gap, link)
        for gap, link in zip((0, random.uniform(400, 900), random.uniform(1_000, 1_700)), links, strict=True)
    ]
    return reads(a_reader(random, random.choice(_DESKS)), random.uniform(5e3, 1e7), clicks, random)


def four_links(random: Random) -> list[Hit]:
    """Return one who follows all four links within a minute."""
    at, clicks = random.uniform(3e3, 9e3), []
    for link in random.sample(range(LINKS), LINKS):
        clicks.append((at, link))
        at += random.uniform(5e3, 1.6e4)
    return reads(a_reader(random), random.uniform(5e3, 1e7), clicks, random)


def phone_then_desktop(random: Random) -> list[Hit]:
    """Return one who opens the mail on the phone, and goes on at a desk."""
    opened = _opened(random)
    later = opened + random.uniform(6e4, 2e7)
    desk = a_reader(random, random.choice(("new Outlook", "Thunderbird", "webmail in Chrome", "classic Outlook")))
    phone = a_reader(random, random.choice(("iPhone Mail", "Android mail app", "Samsung Email")))
    return [
        *reads(phone, opened, [], random),
        *reads(desk, later, _some_clicks(random, (2e3, 6e4), (5e3, 1e5)), random),
    ]


def three_colleagues(random: Random) -> list[Hit]:
    """Return three recipients behind their office's one address, who follow a link within 10 s."""
    address, opened, hits = address_in("consumer", random), random.uniform(1e4, 3e6), []
    for recipient in range(3):
        client = CLIENTS[random.choice(("new Outlook", "classic Outlook", "webmail in Chrome", "Electron"))]
        at = opened + random.uniform(0, 6e3)
        hits += reads(
            Reader(client, address, recipient), at, [(random.uniform(1e3, 4e3), random.randrange(LINKS))], random
        )
    return hits


def virtual_desktop(random: Random) -> list[Hit]:
    """Return a person whose desktop is a machine in a data centre, and who reads after the scanners."""
    return ordinary(random, random.uniform(6.1e5, 1.7e8), name=random.choice(_OFFICE), place="hosting")


def virtual_desktop_early(random: Random) -> list[Hit]:
    """Return the same person, reading while scanners are at work: from a data centre, much like one of them."""
    return ordinary(random, random.uniform(4e3, 5.5e5), name=random.choice(_OFFICE), place="hosting")


def office_gateway(random: Random) -> list[Hit]:
    """Return a person whose company's browsers all go through a gateway's addresses."""
    return ordinary(random, name=random.choice(_OFFICE), place="office_gateway")


def stripped(share: float) -> Callable[[Random], list[Hit]]:
    """Return people of whom `share` come through a proxy that takes headers away."""
    return lambda random: ordinary(random, stripped=share)


BEHAVIOURS: dict[str, Callable[[Random], list[Hit]]] = {
    "keen": keen,
    "slow": slow,
    "three links in three tabs in 1.7 s": three_tabs,
    "all four links within a minute": four_links,
    "phone, then desktop": phone_then_desktop,
    "three colleagues behind one address": three_colleagues,
    "virtual desktop in a data centre, after ten minutes": virtual_desktop,
    "virtual desktop in a data centre, in the first ten": virtual_desktop_early,
    "office gateway": office_gateway,
    "5 % stripped of headers": stripped(0.05),
    "20 % stripped of headers": stripped(0.20),
}
